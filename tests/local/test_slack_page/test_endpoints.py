"""The page's own endpoints: what they show, whom they let act, and how they keep other websites out."""

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from local.slack import ADA, OLLI, AppAnswer, RunningWorkspace, SignedRequest, running_workspace

BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "Approve"}, "action_id": "approve", "value": "r1"}
ACTIONS = {"type": "actions", "block_id": "decide", "elements": [BUTTON]}
STATIC = Path(__file__).parents[3] / "local" / "slack" / "page" / "static"


@pytest.fixture
def ws() -> Iterator[RunningWorkspace]:
    with running_workspace(lambda _request: AppAnswer(200, b"taken")) as workspace:
        yield workspace


def ask(
    ws: RunningWorkspace, path: str, body: object = None, headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """One request with exactly these headers; a body makes it a POST of JSON."""
    connection = http.client.HTTPConnection(urlsplit(ws.base_url).netloc)
    try:
        sent = {"Content-Type": "application/json", **(headers or {})}
        method, content = ("GET", None) if body is None else ("POST", json.dumps(body))
        connection.request(method, path, content, sent)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def act(ws: RunningWorkspace, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
    status, answer = ask(ws, path, body)
    return status, json.loads(answer)


def state(ws: RunningWorkspace) -> dict[str, Any]:
    shown = json.loads(ask(ws, "/_local/state")[1])
    assert isinstance(shown, dict)
    return shown


def test_the_page_and_everything_it_loads_come_from_this_server(ws: RunningWorkspace) -> None:
    status, page = ask(ws, "/")
    assert status == 200
    for name in (STATIC.name + "/" + file.name for file in STATIC.iterdir()):
        assert ask(ws, f"/{name}")[0] == 200
    sources = [*STATIC.glob("*.js"), *STATIC.glob("*.css"), STATIC / "index.html"]
    for source in sources:
        assert "//cdn" not in source.read_text() and "@import" not in source.read_text()
    assert b"/static/main.js" in page


def test_message_text_never_becomes_markup() -> None:
    for script in STATIC.glob("*.js"):
        for shortcut in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert shortcut not in script.read_text()


def test_the_page_may_run_nothing_but_its_own_files(ws: RunningWorkspace) -> None:
    connection = http.client.HTTPConnection(urlsplit(ws.base_url).netloc)
    connection.request("GET", "/")
    policy = connection.getresponse().headers["Content-Security-Policy"]
    connection.close()
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_the_state_shows_messages_and_each_persons_private_answers(ws: RunningWorkspace) -> None:
    ws.say(ADA, "a <b> & c")
    ws.client().chat_postEphemeral(channel=ws.channel, user=OLLI.id, text="psst")
    shown = state(ws)
    assert [each["text"] for each in shown["messages"]] == ["a &lt;b&gt; &amp; c"]
    assert [each["text"] for each in shown["ephemerals"]["U0OLLI"]] == ["psst"]
    assert shown["ephemerals"]["U0ADA"] == []
    assert shown["actors"] == ["U0ADA", "U0BEA", "U0OLLI"]


def test_a_command_typed_on_the_page_reaches_the_app(ws: RunningWorkspace) -> None:
    assert act(ws, "/_local/command", user="U0OLLI", text="/clients")[1]["ok"]
    assert ws.ephemerals(OLLI)[0].text == "taken"


def test_a_button_pressed_on_the_page_reaches_the_app(ws: RunningWorkspace) -> None:
    ts = ws.client().chat_postMessage(channel=ws.channel, text="x", blocks=[ACTIONS])["ts"]
    assert act(ws, "/_local/press", user="U0ADA", ts=ts, label="Approve")[1]["ok"]
    assert act(ws, "/_local/press", user="U0ADA", ts=ts, block_id="decide", action_id="approve")[1]["ok"]
    assert act(ws, "/_local/press", user="U0ADA", ts=ts, label=["Approve"])[0] == 400
    for chosen in ("data", {"teams": "data"}, {"teams": [7]}):
        assert act(ws, "/_local/press", user="U0ADA", ts=ts, label="Approve", chosen=chosen)[0] == 400
    status, answer = act(ws, "/_local/press", user="U0ADA", ts=ts, label="Deny")
    assert (status, answer["ok"]) == (409, False)


def test_a_message_is_deleted_on_the_page_and_the_app_is_not_told(ws: RunningWorkspace) -> None:
    told: list[SignedRequest] = []

    def app(request: SignedRequest) -> AppAnswer:
        told.append(request)
        return AppAnswer(200)

    ws.connect(app)
    ts = ws.client().chat_postMessage(channel=ws.channel, text="x", blocks=[ACTIONS])["ts"]
    ws.client().chat_postEphemeral(channel=ws.channel, user=ADA.id, text="psst")
    private = ws.ephemerals(ADA)[0].ts
    assert act(ws, "/_local/delete", user="U0OLLI", ts=private)[0] == 404
    assert act(ws, "/_local/delete", user="U0NOBODY", ts=ts)[0] == 400
    assert act(ws, "/_local/delete", user="U0OLLI", ts=ts) == (200, {"ok": True})
    assert act(ws, "/_local/delete", user="U0OLLI", ts=ts)[0] == 404
    assert (ws.messages, told) == ((), [])


def test_a_private_answer_can_be_pressed_only_by_its_person(ws: RunningWorkspace) -> None:
    ws.client().chat_postEphemeral(channel=ws.channel, user=ADA.id, text="x", blocks=[ACTIONS])
    ts = ws.ephemerals(ADA)[0].ts
    assert act(ws, "/_local/press", user="U0OLLI", ts=ts, label="Approve")[0] == 404
    assert act(ws, "/_local/press", user="U0ADA", ts=ts, label="Approve")[0] == 200


def test_a_failing_app_is_reported_with_a_sentence_for_people(ws: RunningWorkspace) -> None:
    ws.connect(lambda _request: AppAnswer(500))
    answer = act(ws, "/_local/command", user="U0ADA", text="/clients")[1]
    assert (answer["ok"], answer["error"]) == (False, "dispatch_failed")
    assert "status code 500" in answer["explanation"]


def test_the_request_url_can_be_set_while_running(ws: RunningWorkspace) -> None:
    assert act(ws, "/_local/request-url", url="http://127.0.0.1:4566/slack/events")[1]["ok"]
    assert state(ws)["request_url"] == "http://127.0.0.1:4566/slack/events"
    for nonsense in ("ftp://x", "http://", "http://[", "/slack/events"):
        assert act(ws, "/_local/request-url", url=nonsense)[0] == 400


def test_in_socket_mode_no_request_url_is_taken_and_none_is_shown(ws: RunningWorkspace) -> None:
    assert act(ws, "/_local/request-url", url="http://127.0.0.1:4566/slack/events")[1]["ok"]
    ws.sockets.switch(True)
    assert act(ws, "/_local/request-url", url="http://127.0.0.1:4566/elsewhere")[0] == 409
    shown = state(ws)
    assert (shown["socket_mode"], shown["request_url"], shown["app"]["connected"]) == (True, None, False)
    ws.sockets.switch(False)
    assert state(ws)["request_url"] == "http://127.0.0.1:4566/slack/events"


def test_a_line_without_a_slash_is_an_ordinary_message(ws: RunningWorkspace) -> None:
    assert act(ws, "/_local/say", user="U0OLLI", text="hello")[1]["ok"]
    assert (ws.messages[0].author, ws.messages[0].text) == ("U0OLLI", "hello")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1"},
    ],
)
def test_other_websites_can_neither_act_nor_look(ws: RunningWorkspace, headers: dict[str, str]) -> None:
    for path in ("/_local/say", "/_local/command", "/_local/press", "/_local/request-url", "/_local/switch"):
        body = {
            "user": "U0ADA",
            "text": "/clients",
            "ts": "1",
            "url": "http://evil.example",
            "label": "Slack is down",
            "on": True,
        }
        assert ask(ws, path, body, headers)[0] == 403
    assert ask(ws, "/_local/state", headers=headers)[0] == 403
    assert ask(ws, "/_local/changes", headers=headers)[0] == 403
    assert not ws.messages


def test_the_page_itself_may_act_under_both_its_names(ws: RunningWorkspace) -> None:
    port = urlsplit(ws.base_url).port
    for host in (f"127.0.0.1:{port}", f"localhost:{port}"):
        headers = {"Host": host, "Origin": f"http://{host}"}
        assert ask(ws, "/_local/say", {"user": "U0ADA", "text": "hi"}, headers)[0] == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_a_foreign_form_could_send_is_refused(ws: RunningWorkspace, kind: str) -> None:
    assert ask(ws, "/_local/say", {"user": "U0ADA", "text": "hi"}, {"Content-Type": kind})[0] == 415


@pytest.mark.parametrize(
    "body", [[], {}, {"user": "U0ADA"}, {"user": "U0NOBODY", "text": "x"}, {"user": "U0ADA", "text": " "}]
)
def test_nonsense_is_refused_with_a_sentence(ws: RunningWorkspace, body: object) -> None:
    status, answer = ask(ws, "/_local/say", body)
    assert status == 400
    assert json.loads(answer)["error"]


def test_every_change_is_announced_to_open_pages(ws: RunningWorkspace) -> None:
    connection = http.client.HTTPConnection(urlsplit(ws.base_url).netloc, timeout=10)
    connection.request("GET", "/_local/changes")
    stream = connection.getresponse()
    first = stream.readline()
    stream.readline()
    ws.say(ADA, "hi")
    second = stream.readline()
    stream.close()
    connection.close()
    assert (first, second) == (b"data: 0\n", b"data: 1\n")


def test_an_open_page_does_not_keep_the_server_from_ending() -> None:
    with running_workspace() as ws:
        connection = http.client.HTTPConnection(urlsplit(ws.base_url).netloc, timeout=10)
        connection.request("GET", "/_local/changes")
        stream = connection.getresponse()
        stream.readline()
    assert stream.read() == b"\n"
    connection.close()


def test_the_program_says_when_its_port_is_taken(ws: RunningWorkspace) -> None:
    port = str(urlsplit(ws.base_url).port)
    ended = subprocess.run(
        [sys.executable, "-m", "local.slack", "--port", port], capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode == 1
    assert f"Port {port} is not free" in ended.stdout


def test_the_program_serves_until_it_is_interrupted() -> None:
    assert _state_of_the_program("--request-url", "http://127.0.0.1:4566/x")["request_url"] == "http://127.0.0.1:4566/x"


def test_the_program_takes_another_manifest(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.yml"
    manifest.write_text("settings: {socket_mode_enabled: true}")
    shown = _state_of_the_program("--manifest", str(manifest))
    assert (shown["socket_mode"], shown["home_tab"]) == (True, False)


def _state_of_the_program(*options: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "local.slack", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        base_url = program.stdout.readline().split()[2]
        connection = http.client.HTTPConnection(urlsplit(base_url).netloc, timeout=10)
        connection.request("GET", "/_local/state")
        shown = json.load(connection.getresponse())
        connection.close()
        program.terminate()
        assert program.wait(timeout=10) == 0
    assert isinstance(shown, dict)
    return shown
