"""What the local Slack sends to the app, how it shows the answers, and what people see when the app fails."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, parse_qsl
from urllib.request import Request, urlopen

import pytest
from slack_sdk.signature import SignatureVerifier

from local.slack import ADA, EVE, OLLI, AppAnswer, Message, RunningWorkspace, SignedRequest, running_workspace
from local.slack.elements import NothingToPress

APPROVE = {
    "type": "button",
    "text": {"type": "plain_text", "text": "Approve"},
    "action_id": "approve",
    "value": "r1",
    "style": "primary",
}
MENU = {
    "type": "overflow",
    "action_id": "more",
    "options": [{"text": {"type": "plain_text", "text": "History"}, "value": "history"}],
}
ACTIONS = {"type": "actions", "block_id": "decide", "elements": [APPROVE, MENU]}


@dataclass
class Recorder:
    """An app that keeps what it gets and answers what it is told to."""

    answer: AppAnswer = field(default_factory=lambda: AppAnswer(200))
    requests: list[SignedRequest] = field(default_factory=list)

    def __call__(self, request: SignedRequest) -> AppAnswer:
        self.requests.append(request)
        return self.answer

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.requests[-1].body.decode(), keep_blank_values=True))

    @property
    def payload(self) -> dict[str, Any]:
        payload = json.loads(self.form["payload"])
        assert isinstance(payload, dict)
        return payload


def json_answer(**content: Any) -> AppAnswer:
    return AppAnswer(200, json.dumps(content).encode(), {"Content-Type": "application/json; charset=utf-8"})


@pytest.fixture
def app() -> Recorder:
    return Recorder()


@pytest.fixture
def ws(app: Recorder) -> Iterator[RunningWorkspace]:
    with running_workspace(app) as workspace:
        yield workspace


def posted(ws: RunningWorkspace, **arguments: Any) -> Message:
    answer = ws.client().chat_postMessage(channel=ws.channel, text="Acme?", blocks=[ACTIONS], **arguments)
    return ws.message(str(answer["ts"]))


def answer_through(url: str, **content: Any) -> None:
    with urlopen(Request(url, data=json.dumps(content).encode())) as answer:
        assert answer.read() == b"ok"


def refusal_of(url: str, **content: Any) -> tuple[int, str]:
    with pytest.raises(HTTPError) as refused:
        answer_through(url, **content)
    with refused.value:
        return refused.value.code, json.load(refused.value)["error"]


def test_a_command_carries_all_of_slacks_fields(ws: RunningWorkspace, app: Recorder) -> None:
    assert ws.run_command(ADA, "/clients  invite Acme & Söhne  ").ok
    form = app.form
    assert form.pop("response_url").startswith(f"{ws.base_url}/commands/T0SWITCHYARD/")
    assert len(form.pop("trigger_id").split(".")) == 3
    assert form == {
        "token": "local-verification-token",
        "team_id": "T0SWITCHYARD",
        "team_domain": "switchyard-demo",
        "channel_id": "C0ONBOARDING",
        "channel_name": "onboarding",
        "user_id": "U0ADA",
        "user_name": "ada",
        "command": "/clients",
        "text": "invite Acme & Söhne",
        "api_app_id": "A0SWITCHYARD",
        "is_enterprise_install": "false",
    }


def test_requests_are_signed_as_slack_signs(ws: RunningWorkspace) -> None:
    verifier = SignatureVerifier(ws.signing_secret)
    for request in (ws.command_request(ADA, "/clients"), ws.press_request(ADA, posted(ws), "Approve")):
        assert verifier.is_valid_request(request.body, request.headers)
        assert not verifier.is_valid_request(request.with_body(request.body + b"x").body, request.headers)
        assert not SignatureVerifier("another secret").is_valid_request(request.body, request.headers)


def test_the_signature_carries_the_workspaces_time() -> None:
    with running_workspace(clock=lambda: 1763877954.7) as ws:
        assert ws.command_request(ADA, "/clients").headers["X-Slack-Request-Timestamp"] == "1763877954"


def test_a_press_carries_message_action_and_person(ws: RunningWorkspace, app: Recorder) -> None:
    message = posted(ws, metadata={"event_type": "request", "event_payload": {"id": "r1"}})
    assert ws.press(OLLI, message, "Approve").ok
    payload = app.payload
    assert payload["type"] == "block_actions"
    assert payload["user"] == {"id": "U0OLLI", "username": "olli", "name": "olli", "team_id": "T0SWITCHYARD"}
    assert payload["team"] == {"id": "T0SWITCHYARD", "domain": "switchyard-demo"}
    assert payload["channel"] == {"id": "C0ONBOARDING", "name": "onboarding"}
    assert payload["container"] == {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": "C0ONBOARDING",
        "is_ephemeral": False,
    }
    assert payload["message"] == message.as_slack()
    assert payload["state"] == {"values": {}}
    action = payload["actions"][0]
    assert float(action.pop("action_ts")) > float(message.ts)
    assert action == {"block_id": "decide", **{key: APPROVE[key] for key in APPROVE}}


def test_a_menu_option_is_pressed_by_its_label(ws: RunningWorkspace, app: Recorder) -> None:
    ws.press(ADA, posted(ws), "History")
    action = app.payload["actions"][0]
    assert (action["type"], action["selected_option"]["value"]) == ("overflow", "history")


def test_pressing_what_is_not_there_names_what_is(ws: RunningWorkspace) -> None:
    with pytest.raises(NothingToPress, match=r"Deny.*it has: Approve, History"):
        ws.press(ADA, posted(ws), "Deny")


def test_a_person_who_sees_an_old_message_can_still_press_it(ws: RunningWorkspace, app: Recorder) -> None:
    seen = posted(ws)
    ws.client().chat_update(channel=ws.channel, ts=seen.ts, text="done", blocks=[])
    assert ws.message(seen.ts).buttons == ()
    assert ws.press(OLLI, seen, "Approve").ok
    assert app.payload["actions"][0]["value"] == "r1"


def test_a_guest_keeps_the_id_of_the_workspace_they_come_from(ws: RunningWorkspace, app: Recorder) -> None:
    ws.press(EVE, posted(ws), "Approve")
    assert (app.payload["user"]["team_id"], app.payload["team"]["id"]) == ("T0ELSEWHERE", "T0SWITCHYARD")


def test_a_press_in_a_thread_names_the_thread(ws: RunningWorkspace, app: Recorder) -> None:
    parent = posted(ws)
    ws.press(ADA, posted(ws, thread_ts=parent.ts), "Approve")
    assert app.payload["container"]["thread_ts"] == parent.ts


def test_a_press_in_a_private_answer_carries_no_message(ws: RunningWorkspace, app: Recorder) -> None:
    ws.client().chat_postEphemeral(channel=ws.channel, user=ADA.id, text="x", blocks=[ACTIONS])
    ws.press(ADA, ws.ephemerals(ADA)[0], "Approve")
    assert app.payload["container"]["is_ephemeral"]
    assert "message" not in app.payload


def test_a_plain_text_answer_is_shown_to_the_person_alone(ws: RunningWorkspace, app: Recorder) -> None:
    app.answer = AppAnswer(200, b"No clients yet.", {"content-type": "text/plain"})
    ws.run_command(ADA, "/clients")
    assert [each.text for each in ws.ephemerals(ADA)] == ["No clients yet."]
    assert not ws.ephemerals(OLLI)
    assert not ws.messages


def test_an_in_channel_answer_is_shown_to_everybody(ws: RunningWorkspace, app: Recorder) -> None:
    app.answer = json_answer(response_type="in_channel", text="Hello all")
    ws.run_command(ADA, "/clients")
    assert [each.text for each in ws.channel_messages] == ["Hello all"]


def test_blocks_in_an_answer_are_shown_and_can_be_pressed(ws: RunningWorkspace, app: Recorder) -> None:
    app.answer = json_answer(text="x", blocks=[ACTIONS])
    ws.run_command(ADA, "/clients")
    app.answer = AppAnswer(200)
    assert ws.press(ADA, ws.ephemerals(ADA)[0], "Approve").ok


def test_an_empty_answer_shows_nothing(ws: RunningWorkspace) -> None:
    assert ws.run_command(ADA, "/clients").ok
    assert not ws.ephemerals(ADA)


def test_invalid_blocks_in_an_answer_are_reported_to_the_person(ws: RunningWorkspace, app: Recorder) -> None:
    app.answer = json_answer(blocks=[{"type": "section"}])
    outcome = ws.run_command(ADA, "/clients")
    assert outcome.error == "invalid_blocks"
    assert "missing required field: text or fields" in ws.ephemerals(ADA)[0].text


def test_the_body_of_a_press_answer_means_nothing(ws: RunningWorkspace, app: Recorder) -> None:
    message = posted(ws)
    app.answer = json_answer(text="ignored", replace_original=True)
    assert ws.press(ADA, message, "Approve").ok
    assert ws.messages == (message,)
    assert not ws.ephemerals(ADA)


def test_an_unknown_command_never_reaches_the_app(ws: RunningWorkspace, app: Recorder) -> None:
    assert ws.run_command(ADA, "/deploy now").error == "unknown_command"
    assert not app.requests
    assert "/deploy is not a valid command" in ws.ephemerals(ADA)[0].text


@pytest.mark.parametrize("status", [302, 404, 500])
def test_an_error_status_fails_visibly(ws: RunningWorkspace, app: Recorder, status: int) -> None:
    app.answer = AppAnswer(status, b"secret stack trace")
    assert ws.run_command(ADA, "/clients").error == "dispatch_failed"
    assert ws.press(ADA, posted(ws), "Approve").error == "dispatch_failed"
    shown = ws.ephemerals(ADA)[0].text
    assert "/clients failed with the error “dispatch_failed”" in shown
    assert "secret" not in shown


def test_without_an_app_people_are_told(ws: RunningWorkspace) -> None:
    with running_workspace() as lonely:
        outcome = lonely.run_command(ADA, "/clients")
    assert outcome.error == "dispatch_failed"
    assert "No app is connected yet" in str(outcome.explanation)


def test_an_app_that_is_too_slow_times_out_and_its_answer_is_dropped() -> None:
    enough, finished = threading.Event(), threading.Event()

    def slow(_request: SignedRequest) -> AppAnswer:
        enough.wait(10)
        finished.set()
        return AppAnswer(200, b"too late")

    with running_workspace(slow, patience_seconds=0.05) as ws:
        outcome = ws.run_command(ADA, "/clients")
        enough.set()
        assert finished.wait(10)
        assert outcome.error == "operation_timeout"
        assert [each.text for each in ws.ephemerals(ADA)] == [
            f"/clients failed with the error “operation_timeout”\n{outcome.explanation}"
        ]


def test_an_app_that_crashes_fails_visibly() -> None:
    def crash(_request: SignedRequest) -> AppAnswer:
        raise RuntimeError("boom")

    with running_workspace(crash) as ws:
        assert ws.run_command(ADA, "/clients").error == "dispatch_failed"


@contextmanager
def http_app(status: int, body: bytes = b"") -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    taken: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            taken.append((dict(self.headers), self.rfile.read(length)))
            self.send_response(status)
            self.send_header("Location", self.path)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/slack/events", taken
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_over_http_the_app_gets_exactly_the_signed_bytes(ws: RunningWorkspace) -> None:
    with http_app(200, b"hello") as (url, taken):
        ws.connect(url)
        assert ws.run_command(ADA, "/clients help").ok
    headers, body = taken[0]
    assert SignatureVerifier(ws.signing_secret).is_valid_request(body, headers)
    assert parse_qs(body.decode())["text"] == ["help"]
    assert ws.ephemerals(ADA)[0].text == "hello"


def test_redirects_are_not_followed(ws: RunningWorkspace) -> None:
    with http_app(302) as (url, taken):
        ws.connect(url)
        assert ws.run_command(ADA, "/clients").error == "dispatch_failed"
    assert len(taken) == 1


def test_an_app_nobody_listens_for_is_unreachable(ws: RunningWorkspace) -> None:
    with http_app(200) as (url, _):
        pass
    ws.connect(url)
    outcome = ws.run_command(ADA, "/clients")
    assert outcome.error == "dispatch_failed"
    assert "could not be reached" in str(outcome.explanation)


def command_response_url(ws: RunningWorkspace, app: Recorder) -> str:
    ws.run_command(ADA, "/clients")
    return app.form["response_url"]


def press_response_url(ws: RunningWorkspace, app: Recorder, message: Message) -> str:
    ws.press(ADA, message, "Approve")
    return str(app.payload["response_url"])


def test_a_response_url_answers_privately_unless_told_otherwise(ws: RunningWorkspace, app: Recorder) -> None:
    url = command_response_url(ws, app)
    answer_through(url, text="for Ada")
    answer_through(url, text="for all", response_type="in_channel")
    assert [each.text for each in ws.ephemerals(ADA)] == ["for Ada"]
    assert [each.text for each in ws.messages] == ["for all"]


def test_a_response_url_works_five_times(ws: RunningWorkspace, app: Recorder) -> None:
    url = command_response_url(ws, app)
    for number in range(5):
        answer_through(url, text=str(number))
    assert refusal_of(url, text="once more") == (404, "used_url")
    assert len(ws.ephemerals(ADA)) == 5


@pytest.mark.parametrize(("later", "refused"), [(1800, False), (1801, True)])
def test_a_response_url_works_for_thirty_minutes(app: Recorder, later: int, refused: bool) -> None:
    now = [1_000_000.0]
    with running_workspace(app, clock=lambda: now[0]) as ws:
        url = command_response_url(ws, app)
        now[0] += later
        if refused:
            assert refusal_of(url, text="x") == (404, "expired_url")
        else:
            answer_through(url, text="x")
            assert ws.ephemerals(ADA)


def test_a_guessed_response_url_is_unknown(ws: RunningWorkspace) -> None:
    assert refusal_of(f"{ws.base_url}/actions/T0SWITCHYARD/1/guess", text="x") == (404, "invalid_url")


def test_bad_content_through_a_response_url_is_refused(ws: RunningWorkspace, app: Recorder) -> None:
    url = command_response_url(ws, app)
    assert refusal_of(url) == (400, "no_text")
    assert refusal_of(url, blocks=[{"type": "section"}]) == (400, "invalid_blocks")
    with pytest.raises(HTTPError) as refused:
        urlopen(Request(url, data=b"{"))
    with refused.value:
        assert json.load(refused.value)["error"] == "invalid_payload"


def test_the_pressed_message_can_be_replaced_and_deleted(ws: RunningWorkspace, app: Recorder) -> None:
    message = posted(ws)
    url = press_response_url(ws, app, message)
    answer_through(url, replace_original=True, text="Approved")
    assert (ws.message(message.ts).text, ws.message(message.ts).blocks) == ("Approved", ())
    answer_through(url, delete_original=True)
    assert not ws.messages


def test_a_pressed_private_answer_can_be_replaced(ws: RunningWorkspace, app: Recorder) -> None:
    ws.client().chat_postEphemeral(channel=ws.channel, user=ADA.id, text="page 1", blocks=[ACTIONS])
    url = press_response_url(ws, app, ws.ephemerals(ADA)[0])
    answer_through(url, replace_original=True, text="page 2")
    assert [each.text for each in ws.ephemerals(ADA)] == ["page 2"]
    assert not ws.messages


def test_waiting_ends_as_soon_as_it_is_so(ws: RunningWorkspace) -> None:
    later = threading.Thread(target=posted, args=(ws,))
    later.start()
    ws.wait_for(lambda: ws.messages)
    later.join()
    with pytest.raises(AssertionError, match="the channel shows"):
        ws.wait_for(lambda: len(ws.messages) > 1, seconds=0.01)
