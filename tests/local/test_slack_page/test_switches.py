"""The switches: what the page is told of them, and what turning one does, here or in another program."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.request import urlopen

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry import RetryHandler

from local.slack import RunningWorkspace, running_workspace
from local.slack.faults.switches import SLACK_IS_DOWN, THREADS_TAKE_NO_REPLIES, switch_elsewhere
from tests.local.test_slack_page.test_drawing import page
from tests.local.test_slack_page.test_endpoints import act, state

NO_RETRIES: list[RetryHandler] = []


class Elsewhere:
    """Another program with a switch; takes what it is told unless `status` says otherwise."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.status = 200
        self.url = ""


@contextmanager
def another_program() -> Iterator[Elsewhere]:
    elsewhere = Elsewhere()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            elsewhere.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(elsewhere.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    elsewhere.url = f"http://127.0.0.1:{server.server_port}/switch"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield elsewhere
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    with another_program() as program:
        yield program


@pytest.fixture
def ws(elsewhere: Elsewhere) -> Iterator[RunningWorkspace]:
    with running_workspace(
        more_switches=[switch_elsewhere("The moon is full", "Wolves howl.", elsewhere.url)]
    ) as slack:
        yield slack


def positions(ws: RunningWorkspace) -> dict[str, bool]:
    return {switch["label"]: switch["on"] for switch in state(ws)["switches"]}


def test_a_workspace_by_itself_shows_only_its_own_switches() -> None:
    with running_workspace() as alone:
        assert positions(alone) == {"Slack is down": False, "Threads take no replies": False}


def test_the_page_is_told_what_each_switch_does_and_where_it_stands(ws: RunningWorkspace) -> None:
    own, _, handed_in = state(ws)["switches"]
    assert (own["label"], own["on"]) == (SLACK_IS_DOWN, False)
    assert "Presses and commands still reach it" in own["meaning"]
    assert handed_in == {"label": "The moon is full", "meaning": "Wolves howl.", "on": False}


def test_slack_is_down_until_it_is_switched_off(ws: RunningWorkspace) -> None:
    client = ws.client()
    client.retry_handlers = NO_RETRIES
    assert act(ws, "/_local/switch", label=SLACK_IS_DOWN, on=True) == (200, {"ok": True})
    assert positions(ws)[SLACK_IS_DOWN]
    with pytest.raises(SlackApiError) as down:
        client.chat_postMessage(channel=ws.channel, text="x")
    assert down.value.response.status_code == 503
    act(ws, "/_local/switch", label=SLACK_IS_DOWN, on=False)
    assert not positions(ws)[SLACK_IS_DOWN]
    assert client.chat_postMessage(channel=ws.channel, text="x")["ok"]


def test_threads_take_no_replies_until_it_is_switched_off(ws: RunningWorkspace) -> None:
    client = ws.client()
    parent = str(client.chat_postMessage(channel=ws.channel, text="parent")["ts"])
    act(ws, "/_local/switch", label=THREADS_TAKE_NO_REPLIES, on=True)
    assert client.chat_postMessage(channel=ws.channel, text="in the channel")["ok"]
    with pytest.raises(SlackApiError, match="thread_not_found"):
        client.chat_postMessage(channel=ws.channel, text="in the thread", thread_ts=parent)
    act(ws, "/_local/switch", label=THREADS_TAKE_NO_REPLIES, on=False)
    client.chat_postMessage(channel=ws.channel, text="in the thread", thread_ts=parent)
    assert [each.text for each in ws.thread(parent)] == ["in the thread"]


def test_a_switch_of_another_program_tells_it(ws: RunningWorkspace, elsewhere: Elsewhere) -> None:
    for on in (True, False):
        assert act(ws, "/_local/switch", label="The moon is full", on=on)[0] == 200
        assert positions(ws) == {SLACK_IS_DOWN: False, THREADS_TAKE_NO_REPLIES: False, "The moon is full": on}
    assert elsewhere.told == [{"on": True}, {"on": False}]


def test_a_switch_stays_when_the_other_program_refuses(ws: RunningWorkspace, elsewhere: Elsewhere) -> None:
    elsewhere.status = 403
    status, answer = act(ws, "/_local/switch", label="The moon is full", on=True)
    assert (status, answer["ok"]) == (502, False)
    assert "“The moon is full” stays as it was" in answer["explanation"]
    assert "403" in answer["explanation"]
    assert not positions(ws)["The moon is full"]


def test_a_switch_stays_when_the_other_program_is_gone() -> None:
    with another_program() as program:
        switch = switch_elsewhere("The moon is full", "Wolves howl.", program.url)
    with running_workspace(more_switches=[switch]) as ws:
        assert act(ws, "/_local/switch", label="The moon is full", on=True)[0] == 502
        assert not positions(ws)["The moon is full"]


def test_the_page_draws_a_switch_each_and_turns_them(ws: RunningWorkspace, elsewhere: Elsewhere) -> None:
    shown = page(ws, ("turn", "The moon is full"))
    assert shown["switches"] == {SLACK_IS_DOWN: False, THREADS_TAKE_NO_REPLIES: False, "The moon is full": True}
    assert elsewhere.told == [{"on": True}]
    # And a page opened later knows
    opened = page(ws)
    assert opened["switches"] == shown["switches"]
    assert opened["outages"] == "The moon is full, until you switch it off."


def test_the_page_says_why_a_switch_stays(ws: RunningWorkspace, elsewhere: Elsewhere) -> None:
    elsewhere.status = 500
    shown = page(ws, ("turn", "The moon is full"))
    assert not shown["switches"]["The moon is full"]
    assert shown["outages"] == ""
    assert "stays as it was" in shown["switchTrouble"]


def test_open_pages_learn_of_a_turn(ws: RunningWorkspace) -> None:
    before = state(ws)["change"]
    act(ws, "/_local/switch", label=SLACK_IS_DOWN, on=True)
    assert state(ws)["change"] > before


def test_nonsense_is_refused_and_turns_nothing(ws: RunningWorkspace) -> None:
    assert act(ws, "/_local/switch", label="Gravity", on=True)[0] == 404
    for body in ({"label": SLACK_IS_DOWN}, {"label": SLACK_IS_DOWN, "on": "yes"}, {"on": True}):
        assert act(ws, "/_local/switch", **body)[0] == 400
    assert not any(positions(ws).values())


def test_the_program_takes_more_switches(elsewhere: Elsewhere) -> None:
    given = ["--switch", "The moon is full", "Wolves howl.", elsewhere.url]
    command = [sys.executable, "-m", "local.slack", "--port", "0", *given]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        with urlopen(f"{program.stdout.readline().split()[2]}/_local/state") as answer:
            labels = [switch["label"] for switch in json.load(answer)["switches"]]
        program.terminate()
    assert labels == [SLACK_IS_DOWN, THREADS_TAKE_NO_REPLIES, "The moon is full"]
