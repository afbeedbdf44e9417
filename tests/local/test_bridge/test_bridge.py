"""The bridge between the local Slack in Socket Mode and an app with a request URL: what reaches whom."""

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import parse_qsl

import pytest

from local.bridge.bridge import LARGEST_FRAME, Bridge, NotConnected
from local.slack import ADA, AppAnswer, Manifest, RunningWorkspace, SignedRequest, running_workspace
from local.slack.app.link import App, HttpApp
from local.slack.app.signing import signature
from local.slack.app.socket_mode import LARGEST_FRAME as TAKEN_BY_SLACK
from local.slack.app.socket_mode import _envelope
from local.slack.workspace import facts
from tests.local.test_slack_app.recorder import Recorder, json_answer, posted

ON = Manifest(home_tab=True, events=("app_home_opened",), socket_mode=True)
SECRET = "0123456789abcdef0123456789abcdef"
MODAL = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Invite"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [
        {
            "type": "input",
            "block_id": "company",
            "label": {"type": "plain_text", "text": "Company"},
            "element": {"type": "plain_text_input", "action_id": "typed"},
        }
    ],
}


@dataclass
class Bridged:
    """A workspace whose app is behind a bridge, and what the bridge has told the developer."""

    ws: RunningWorkspace
    told: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        return "\n".join(self.told)


@contextmanager
def bridged(app: App, patience_seconds: float = 30.0) -> Iterator[Bridged]:
    with running_workspace(manifest=ON, patience_seconds=patience_seconds) as ws:
        world = Bridged(ws)
        seconds = count(time.time())

        def tell(line: str) -> None:
            world.told.append(line)
            ws.sockets.announce()  # whoever waits looks again

        with Bridge(
            ws.app_token,
            app,
            SECRET,
            tell,
            api_url=ws.api_url,
            where="Look at the log.",
            now=lambda: next(seconds),
            patience_seconds=patience_seconds / 2,  # Slack begins to count a little sooner than the bridge
        ):
            yield world
    assert not re.search(r"xox[bp]-|xapp-|ticket=\w", world.words)


@pytest.fixture
def app() -> Recorder:
    return Recorder()


def form(request: SignedRequest) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode(), keep_blank_values=True))


def is_signed(request: SignedRequest) -> bool:
    timestamp = request.headers["X-Slack-Request-Timestamp"]
    return request.headers["X-Slack-Signature"] == signature(request.body, SECRET, timestamp)


def test_a_command_arrives_as_slack_sends_it_over_http_and_its_answer_returns(app: Recorder) -> None:
    app.answer = json_answer(response_type="ephemeral", text="Nobody is called “ä & b=c”.")
    with bridged(app) as world:
        assert world.ws.run_command(ADA, "/clients find ä & b=c").ok
        assert world.ws.ephemerals(ADA)[-1].text == "Nobody is called “ä & b=c”."
    [request] = app.requests
    assert is_signed(request)
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert (form(request)["command"], form(request)["text"]) == ("/clients", "find ä & b=c")
    assert form(request)["response_url"].startswith(world.ws.base_url)
    assert world.told == []


def test_an_answer_in_plain_text_is_shown_too(app: Recorder) -> None:
    app.answer = AppAnswer(200, b"plain", {"Content-Type": "text/plain; charset=utf-8"})
    with bridged(app) as world:
        assert world.ws.run_command(ADA, "/clients").ok
        assert world.ws.ephemerals(ADA)[-1].text == "plain"


def test_a_press_and_an_opened_home_arrive_as_slack_sends_them_over_http(app: Recorder) -> None:
    with bridged(app) as world:
        assert world.ws.press(ADA, posted(world.ws), "Approve").ok
        assert app.payload["actions"][0]["action_id"] == "approve"
        assert world.ws.open_home(ADA).ok
    assert app.requests[-1].headers["Content-Type"] == "application/json"
    assert json.loads(app.requests[-1].body)["event"]["type"] == "app_home_opened"
    assert all(is_signed(request) for request in app.requests)


def test_a_window_gets_what_the_app_answers(app: Recorder) -> None:
    with bridged(app) as world:
        world.ws.run_command(ADA, "/clients invite")
        world.ws.client().views_open(trigger_id=form(app.requests[0])["trigger_id"], view=MODAL)
        app.answer = json_answer(response_action="errors", errors={"company": "There is one of this name."})
        assert world.ws.submit(ADA, Company="Acme").ok
        window = world.ws.window(ADA)
        assert window is not None
        assert window.errors == {"company": "There is one of this name."}
        app.answer = AppAnswer(200)
        assert world.ws.submit(ADA, Company="Acme GmbH").ok
        assert world.ws.window(ADA) is None


def test_a_refreshed_connection_is_renewed_and_nothing_else_changes(app: Recorder) -> None:
    with bridged(app) as world:
        for _ in range(2):
            world.ws.sockets.refresh()
            world.ws.wait_for(lambda: world.ws.sockets.number == 1, 60)
            assert world.ws.run_command(ADA, "/clients").ok
        assert "renewed" in world.words
    assert len(app.requests) == 2


def test_after_a_warning_the_old_connection_gives_way_to_a_new_one(app: Recorder) -> None:
    with bridged(app) as world:
        [old] = world.ws.sockets._connections
        world.ws.sockets.warn()
        world.ws.wait_for(lambda: world.ws.sockets.number == 1 and world.ws.sockets._connections != [old], 60)
        assert world.ws.run_command(ADA, "/clients").ok


def test_switched_off_it_says_so_and_switched_on_it_connects_again(app: Recorder) -> None:
    with bridged(app) as world:
        world.ws.sockets.switch(False)
        world.ws.wait_for(lambda: "Socket Mode is switched off" in world.words, 60)
        world.ws.sockets.switch(True)
        world.ws.wait_for(lambda: world.ws.sockets.number == 1, 60)
        assert world.ws.run_command(ADA, "/clients").ok


@pytest.mark.parametrize("status", [401, 500, 503])
def test_what_the_app_refuses_is_not_acknowledged_and_said(app: Recorder, status: int) -> None:
    app.answer = AppAnswer(status, b"xoxb-should-not-be-quoted")
    with bridged(app, patience_seconds=0.5) as world:
        assert world.ws.run_command(ADA, "/clients secret words").error == "operation_timeout"
        assert f"To the command /clients the app answered with status code {status}. Look at the log." in world.words
        assert "secret words" not in world.words


def test_an_event_that_the_app_refuses_comes_again_as_over_http(app: Recorder) -> None:
    app.answer = AppAnswer(503)
    with bridged(app, patience_seconds=0.5) as world:
        world.ws.open_home(ADA)
    assert [request.headers.get("X-Slack-Retry-Num") for request in app.requests] == [None, "1"]
    assert app.requests[1].headers["X-Slack-Retry-Reason"] == "http_timeout"
    assert all(is_signed(request) for request in app.requests)


def test_an_app_that_is_not_there_is_said() -> None:
    with bridged(HttpApp("http://127.0.0.1:1/"), patience_seconds=0.5) as world:
        assert world.ws.run_command(ADA, "/clients").error == "operation_timeout"
        assert "the app could not be reached (URLError)" in world.words


def test_an_answer_that_comes_too_late_is_said() -> None:
    gave_up = threading.Event()

    def late(_: SignedRequest) -> AppAnswer:
        gave_up.wait(60)
        return AppAnswer(200)

    with bridged(late, patience_seconds=0.2) as world:
        assert world.ws.run_command(ADA, "/clients").error == "operation_timeout"
        gave_up.set()
        world.ws.wait_for(lambda: world.told, 60)
    assert re.search(r"The answer to the command /clients took \d+\.\d s, and Slack waits 0\.1 s\.", world.words)


def test_an_answer_that_is_no_json_is_said(app: Recorder) -> None:
    app.answer = AppAnswer(200, b"{", {"Content-Type": "application/json"})
    with bridged(app, patience_seconds=0.5) as world:
        assert world.ws.run_command(ADA, "/clients").error == "operation_timeout"
        assert "The answer to the command /clients did not reach Slack (JSONDecodeError)" in world.words


def test_an_answer_too_large_for_socket_mode_goes_to_the_response_url(app: Recorder) -> None:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "ä" * 290}}
    app.answer = json_answer(text="many", blocks=[section] * 45)
    with bridged(app) as world:
        assert world.ws.run_command(ADA, "/clients").ok
        [shown] = world.ws.ephemerals(ADA)
        assert len(shown.blocks) == 45
        assert world.ws.sockets.number == 1
        assert world.told == []
    assert LARGEST_FRAME == TAKEN_BY_SLACK


def test_an_answer_that_slack_refuses_at_the_response_url_is_said(app: Recorder) -> None:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}
    app.answer = json_answer(text="many", blocks=[section] * 8)
    with bridged(app, patience_seconds=0.5) as world:
        assert world.ws.run_command(ADA, "/clients").error == "operation_timeout"
        assert "Slack refused the answer to the command /clients (status code 400)." in world.words


def test_a_window_too_large_for_socket_mode_is_said_and_costs_no_connection(app: Recorder) -> None:
    with bridged(app, patience_seconds=0.5) as world:
        world.ws.run_command(ADA, "/clients invite")
        world.ws.client().views_open(trigger_id=form(app.requests[0])["trigger_id"], view=MODAL)
        app.answer = json_answer(response_action="errors", errors={"company": "x" * LARGEST_FRAME})
        assert world.ws.submit(ADA, Company="Acme").error == "operation_timeout"
        assert "Slack takes 20,480 by Socket Mode" in world.words
        assert world.ws.sockets.number == 1


def test_a_command_that_slack_sends_again_is_the_same_request(app: Recorder) -> None:
    """The app tells a second command from the same one by its signature, and Slack gave the first up unanswered."""
    with bridged(app) as world:
        typed = world.ws.command_request(ADA, "/clients invite Acme")
        for _ in range(2):
            connection = world.ws.sockets.next()
            assert connection is not None
            connection.send(_envelope(typed))
        world.ws.wait_for(lambda: world.ws.run_command(ADA, "/clients").ok and len(app.requests) > 2, 60)
    first, second = [request for request in app.requests if "invite" in form(request)["text"]]
    assert first == second


def test_what_switchyard_has_no_use_for_is_said_and_reaches_nobody(app: Recorder) -> None:
    with bridged(app) as world:
        connection = world.ws.sockets.next()
        assert connection is not None
        envelope = _envelope(world.ws.command_request(ADA, "/clients"))
        connection.send(envelope | {"type": "function_executed"})
        world.ws.wait_for(lambda: world.ws.run_command(ADA, "/clients").ok and world.told, 60)
    assert "which Switchyard has no use for" in world.words
    assert len({request.body for request in app.requests}) == len(app.requests)


@pytest.mark.parametrize(
    ("token", "sentence"),
    [
        ("xapp-1-A1-unknown", "Slack does not know SLACK_APP_TOKEN"),
        (facts.BOT_TOKEN, "It starts with xapp-"),
    ],
)
def test_a_token_that_slack_refuses_is_explained_and_not_quoted(app: Recorder, token: str, sentence: str) -> None:
    told: list[str] = []
    with running_workspace(manifest=ON) as ws, pytest.raises(NotConnected, match=sentence) as refused:
        Bridge(token, app, SECRET, told.append, api_url=ws.api_url).__enter__()
    assert token not in str(refused.value) + "".join(told)


def test_a_workspace_without_socket_mode_is_explained(app: Recorder) -> None:
    with running_workspace(manifest=Manifest()) as ws, pytest.raises(NotConnected, match="Is Socket Mode on"):
        Bridge(ws.app_token, app, SECRET, lambda _: None, api_url=ws.api_url).__enter__()


def test_a_scope_that_is_missing_is_explained(app: Recorder) -> None:
    with running_workspace(manifest=ON) as ws:
        ws.faults.refuse("apps.connections.open", "missing_scope")
        with pytest.raises(NotConnected, match="connections:write"):
            Bridge(ws.app_token, app, SECRET, lambda _: None, api_url=ws.api_url).__enter__()


def test_a_slack_that_is_not_there_is_explained(app: Recorder) -> None:
    told: list[str] = []
    with pytest.raises(NotConnected, match="could not be reached"):
        Bridge(facts.APP_TOKEN, app, SECRET, told.append, api_url="http://127.0.0.1:1/api/").__enter__()
    assert facts.APP_TOKEN not in "".join(told)
