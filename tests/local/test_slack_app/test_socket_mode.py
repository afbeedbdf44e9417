"""Socket Mode of the local Slack, as Slack's own client sees it: connections, envelopes, acknowledgements, refusals."""

import json
import logging
import queue
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.builtin.connection import Connection, ConnectionState

from local.slack import ADA, Manifest, RunningWorkspace, running_workspace
from local.slack.app.link import AppAnswer
from local.slack.app.socket_mode import LARGEST_FRAME
from local.slack.people.acting import Outcome
from local.slack.workspace import facts
from local.slack.workspace.sockets import MOST_CONNECTIONS, TICKET_SECONDS
from tests.local.test_slack_app.recorder import Recorder, posted

ON = Manifest(home_tab=True, events=("app_home_opened",), socket_mode=True)
_SECONDS = 60
_QUIET = logging.Logger("quiet", logging.CRITICAL)


class Opened:
    """One connection, and what came over it."""

    def __init__(self, url: str) -> None:
        self.said: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.closed: queue.SimpleQueue[tuple[int, str | None]] = queue.SimpleQueue()
        self._connection = Connection(
            url,
            _QUIET,
            on_message_listener=lambda text: self.said.put(json.loads(text)),
            on_close_listener=self._note_the_end,
        )
        self._connection.connect()
        self._state = ConnectionState()  # type: ignore[no-untyped-call]
        self._thread = threading.Thread(target=self._connection.run_until_completion, args=(self._state,))
        self._thread.start()

    def _note_the_end(self, code: int, reason: str | None = None) -> None:
        self.closed.put((code, reason))

    def hears(self) -> dict[str, Any]:
        return self.said.get(timeout=_SECONDS)

    def was_closed(self) -> tuple[int, str | None]:
        return self.closed.get(timeout=_SECONDS)

    def says(self, message: object) -> None:
        self._connection.send(message if isinstance(message, str) else json.dumps(message))

    def acknowledges(self, envelope: dict[str, Any], **payload: Any) -> None:
        self.says({"envelope_id": envelope["envelope_id"]} | ({"payload": payload} if payload else {}))

    def leave(self) -> None:
        self._state.terminated = True
        with suppress(OSError, AttributeError):  # it may be closed at this moment
            self._connection.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]
        self._thread.join()
        self._connection.close()


def handshake(url: str) -> int:
    """The status code by which a WebSocket is opened or refused."""
    parts = urlsplit(url)
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    http = HTTPConnection(str(parts.hostname), parts.port, timeout=_SECONDS)
    http.request("GET", f"/link/?{parts.query}", headers=upgrade | {"Sec-WebSocket-Key": "x" * 22 + "=="})
    try:
        return http.getresponse().status
    finally:
        http.close()


class Asking:
    """Somebody acts while the app has yet to answer."""

    def __init__(self, act: Any) -> None:
        self._outcomes: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        threading.Thread(target=lambda: self._outcomes.put(act())).start()

    def outcome(self) -> Outcome:
        return self._outcomes.get(timeout=_SECONDS)


@pytest.fixture
def now() -> list[float]:
    return [1_800_000_000.0]


@pytest.fixture
def ws(now: list[float]) -> Iterator[RunningWorkspace]:
    with running_workspace(manifest=ON, clock=lambda: now[0]) as workspace:
        yield workspace


def address(ws: RunningWorkspace, token: str = facts.APP_TOKEN) -> str:
    answer = WebClient(base_url=ws.api_url).apps_connections_open(app_token=token)
    return str(answer["url"])


@contextmanager
def opened(ws: RunningWorkspace) -> Iterator[Opened]:
    connection = Opened(address(ws))
    try:
        yield connection
    finally:
        connection.leave()


@contextmanager
def greeted(ws: RunningWorkspace) -> Iterator[Opened]:
    with opened(ws) as connection:
        assert connection.hears()["type"] == "hello"
        yield connection


def test_slack_greets_each_connection_and_counts_them(ws: RunningWorkspace) -> None:
    with greeted(ws), opened(ws) as second:
        hello = second.hears()
    assert (hello["type"], hello["num_connections"]) == ("hello", 2)
    assert hello["connection_info"] == {"app_id": facts.APP_ID}


def test_a_command_is_an_envelope_and_its_acknowledgement_the_answer(ws: RunningWorkspace) -> None:
    with greeted(ws) as app:
        typed = Asking(lambda: ws.run_command(ADA, "/clients find a & b=c"))
        envelope = app.hears()
        app.acknowledges(envelope, text="Nobody is called so.")
        assert typed.outcome().ok
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
    assert (envelope["payload"]["command"], envelope["payload"]["text"]) == ("/clients", "find a & b=c")
    assert ws.ephemerals(ADA)[-1].text == "Nobody is called so."


def test_a_press_is_an_envelope_with_the_interaction_as_it_is(ws: RunningWorkspace) -> None:
    message = posted(ws)
    with greeted(ws) as app:
        press = Asking(lambda: ws.press(ADA, message, "Approve"))
        envelope = app.hears()
        app.acknowledges(envelope)
        assert press.outcome().ok
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("interactive", True)
    assert envelope["payload"]["type"] == "block_actions"
    assert envelope["payload"]["actions"][0]["value"] == "r1"


def test_an_event_is_sent_again_when_it_was_not_acknowledged(now: list[float]) -> None:
    with running_workspace(manifest=ON, patience_seconds=0.2) as ws, greeted(ws) as app:
        opening = Asking(lambda: ws.open_home(ADA))
        first, second = app.hears(), app.hears()
        app.acknowledges(second)
        opening.outcome()
    assert (first["type"], first["accepts_response_payload"]) == ("events_api", False)
    assert first["payload"]["event"]["type"] == "app_home_opened"
    assert (first["retry_attempt"], first["retry_reason"]) == (0, "")
    assert (second["retry_attempt"], second["retry_reason"]) == (1, "http_timeout")
    assert second["payload"] == first["payload"]


def test_what_an_app_says_to_an_event_is_ignored(ws: RunningWorkspace) -> None:
    with greeted(ws) as app:
        opening = Asking(lambda: ws.open_home(ADA))
        app.acknowledges(app.hears(), text="not for anybody")
        assert opening.outcome().answer == AppAnswer(200)


def test_a_command_that_is_not_acknowledged_in_time_has_failed(now: list[float]) -> None:
    with running_workspace(manifest=ON, patience_seconds=0.05) as ws, greeted(ws) as app:
        outcome = ws.run_command(ADA, "/clients")
        app.acknowledges(app.hears(), text="too late")
        assert outcome.error == "operation_timeout"
        assert "operation_timeout" in ws.ephemerals(ADA)[-1].text


def test_without_a_connection_nothing_reaches_the_app(ws: RunningWorkspace) -> None:
    assert ws.run_command(ADA, "/clients").error == "dispatch_failed"


def test_payloads_go_to_any_of_the_connections_and_any_may_acknowledge(ws: RunningWorkspace) -> None:
    with greeted(ws) as one, greeted(ws) as other:
        for asked, answering in ((one, other), (other, one)):
            typed = Asking(lambda: ws.run_command(ADA, "/clients"))
            answering.acknowledges(asked.hears(), text="taken")
            assert typed.outcome().ok


@pytest.mark.parametrize("noise", ["hello?", "[1]", "{}", '{"envelope_id": "of nobody"}', '{"envelope_id": ["x"]}'])
def test_what_acknowledges_nothing_is_ignored(ws: RunningWorkspace, noise: str) -> None:
    with greeted(ws) as app:
        typed = Asking(lambda: ws.run_command(ADA, "/clients"))
        envelope = app.hears()
        app.says(noise)
        app.acknowledges(envelope, text="taken")
        assert typed.outcome().ok


def test_an_answer_of_more_than_20_kib_costs_the_connection(ws: RunningWorkspace) -> None:
    empty = len(json.dumps({"envelope_id": "", "payload": {"text": ""}}))
    with greeted(ws) as app:
        typed = Asking(lambda: ws.run_command(ADA, "/clients"))
        envelope = app.hears()
        most = LARGEST_FRAME - empty - len(envelope["envelope_id"])
        app.acknowledges(envelope, text="x" * most)
        assert typed.outcome().ok
        app.acknowledges(envelope, text="x" * (most + 1))
        assert app.was_closed() == (1009, "Max frame length of 20480 has been exceeded.")
    ws.wait_for(lambda: ws.sockets.number == 0, _SECONDS)


def test_a_ticket_opens_one_connection_and_not_for_long(ws: RunningWorkspace, now: list[float]) -> None:
    used, stale = address(ws), address(ws)
    assert [handshake(used), handshake(used)] == [101, 403]
    now[0] += TICKET_SECONDS + 1
    assert [handshake(stale), handshake(address(ws).replace("ticket=", "ticket=x"))] == [403, 403]


def test_the_eleventh_connection_is_ended_and_the_others_stay(ws: RunningWorkspace) -> None:
    connections = [Opened(address(ws)) for _ in range(MOST_CONNECTIONS + 1)]
    said = [each.hears() for each in connections]
    assert [each["type"] for each in said] == ["hello"] * MOST_CONNECTIONS + ["disconnect"]
    assert said[-1]["reason"] == "too_many_websockets"
    assert ws.sockets.number == MOST_CONNECTIONS
    for each in connections:
        each.leave()


@pytest.mark.parametrize(
    ("token", "error"),
    [("", "not_authed"), ("xapp-unknown", "invalid_auth"), (facts.BOT_TOKEN, "not_allowed_token_type")],
)
def test_only_the_apps_own_token_opens_a_connection(ws: RunningWorkspace, token: str, error: str) -> None:
    with pytest.raises(SlackApiError) as refused:
        address(ws, token)
    assert refused.value.response["error"] == error


def test_the_apps_own_token_counts_in_the_header_alone_and_for_nothing_else(ws: RunningWorkspace) -> None:
    bare = WebClient(base_url=ws.api_url)
    with pytest.raises(SlackApiError, match="not_authed"):
        bare.api_call("apps.connections.open", data={"token": facts.APP_TOKEN})
    with pytest.raises(SlackApiError, match="not_allowed_token_type"):
        WebClient(facts.APP_TOKEN, base_url=ws.api_url).auth_test()


def test_a_warning_leaves_the_connection_open_and_a_refresh_ends_it(ws: RunningWorkspace) -> None:
    with greeted(ws) as app:
        ws.sockets.warn()
        assert app.hears()["reason"] == "warning"
        typed = Asking(lambda: ws.run_command(ADA, "/clients"))
        app.acknowledges(app.hears())
        assert typed.outcome().ok
        ws.sockets.refresh()
        assert app.hears()["reason"] == "refresh_requested"
        assert app.was_closed()[0] == 1000
        assert ws.sockets.number == 0


def test_an_app_has_socket_mode_or_a_request_url() -> None:
    over_http = Recorder()
    with running_workspace(over_http, manifest=ON) as ws:
        with greeted(ws) as app:
            typed = Asking(lambda: ws.run_command(ADA, "/clients"))
            app.acknowledges(app.hears())
            assert typed.outcome().ok
            before = address(ws)
            ws.sockets.switch(False)
            assert app.hears()["reason"] == "link_disabled"
            app.was_closed()
            assert handshake(before) == 403
        with pytest.raises(SlackApiError, match="access_denied"):
            address(ws)
        assert over_http.requests == []
        over_http.answer = AppAnswer(200, b"by HTTP again")
        assert ws.run_command(ADA, "/clients").ok
    assert len(over_http.requests) == 1
