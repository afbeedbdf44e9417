"""A command whose answer would come too late for Slack's three seconds is answered at its response URL instead."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from bot.slack.client import web_client
from bot.slack.inbound.app import create_app
from bot.slack.inbound.door import ANSWERED_WITHIN_SECONDS, Door
from local.slack.app.link import AppAnswer
from local.slack.app.signing import SignedRequest
from local.slack.running import RunningWorkspace, running_workspace
from local.slack.workspace import facts
from tests.unit.slack.app_samples import Recorder, http_event
from tests.unit.slack.samples import INVITED, SETTINGS


@dataclass
class SlowDoor:
    """Takes so many seconds, by its own clock, for what the workflow does. Keeps what it answered over HTTP."""

    workflow: Recorder
    seconds: float = 0
    answers: list[bytes] = field(default_factory=list)

    def now(self) -> float:
        return time.time() + (self.seconds if self.workflow.asked else 0)


@pytest.fixture
def door() -> SlowDoor:
    return SlowDoor(Recorder())


@contextmanager
def workspace_of(door: SlowDoor, api_url: str = "") -> Iterator[RunningWorkspace]:
    with running_workspace() as workspace:
        client = web_client(lambda: workspace.bot_token, api_url or workspace.api_url, timeout_seconds=30)
        app = create_app(door.workflow.as_workflow, SETTINGS, client)

        def answer(signed: SignedRequest) -> AppAnswer:
            answered = Door(lambda: facts.SIGNING_SECRET, lambda: app, door.now).answer(http_event(signed))
            door.answers.append(answered["body"].encode())
            return AppAnswer(answered["statusCode"], answered["body"].encode(), answered["headers"])

        workspace.connect(answer)
        yield workspace


@pytest.fixture
def slack(door: SlowDoor) -> Iterator[RunningWorkspace]:
    with workspace_of(door) as workspace:
        yield workspace


def test_a_late_invitation_comes_once_and_with_its_token(slack: RunningWorkspace, door: SlowDoor) -> None:
    door.seconds = ANSWERED_WITHIN_SECONDS + 0.1
    slack.run_command("U0ADA", "/clients invite Acme")
    assert door.answers == [b""]
    [told] = slack.ephemerals("U0ADA")
    assert INVITED.token in told.words


def test_one_in_time_is_the_http_answer(slack: RunningWorkspace, door: SlowDoor) -> None:
    door.seconds = -30
    slack.run_command("U0ADA", "/clients invite Acme")
    assert INVITED.token.encode() in door.answers[0]
    assert len(slack.ephemerals("U0ADA")) == 1


def test_where_the_response_url_takes_nothing_the_http_answer_is_still_tried(door: SlowDoor) -> None:
    door.seconds = ANSWERED_WITHIN_SECONDS + 0.1
    with workspace_of(door, api_url="http://127.0.0.1:9/api/") as another_slack:
        another_slack.run_command("U0ADA", "/clients invite Acme")
    assert INVITED.token.encode() in door.answers[0]
