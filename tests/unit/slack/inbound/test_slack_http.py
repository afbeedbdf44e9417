"""What comes in over HTTP: only what Slack signed, in any form an HTTP API gives it, and nothing crashes."""

from collections.abc import Iterator
from typing import Any

import pytest
from slack_bolt import App

from bot.slack.client import web_client
from bot.slack.inbound.app import create_app
from bot.slack.notifier import SlackNotifier
from local.slack.running import RunningWorkspace, running_workspace
from tests.unit.slack.app_samples import Recorder, door_of, http_event
from tests.unit.slack.samples import SETTINGS, pictured, request


@pytest.fixture
def workflow() -> Recorder:
    return Recorder()


@pytest.fixture
def slack() -> Iterator[RunningWorkspace]:
    with running_workspace() as workspace:
        yield workspace


def app_of(workflow: Recorder) -> App:
    return create_app(workflow.as_workflow, SETTINGS, web_client(lambda: "xoxb-none", "http://127.0.0.1:9/api/"))


def test_plain_and_base64_bodies_are_taken(slack: RunningWorkspace, workflow: Recorder) -> None:
    signed = slack.command_request("U0ADA", "/clients help")
    for encoded in (False, True):
        answered = door_of(app_of(workflow)).answer(http_event(signed, encoded=encoded))
        assert answered["statusCode"] == 200
        assert "Invite a client" in answered["body"]


def test_what_slack_did_not_sign_goes_nowhere(slack: RunningWorkspace, workflow: Recorder) -> None:
    notifier = SlackNotifier(web_client(lambda: slack.bot_token, slack.api_url, timeout_seconds=30), SETTINGS)
    message = slack.message(notifier.post(pictured(request()), None))
    signed = slack.press_request("U0OLLI", message, "Approve")
    forged = http_event(signed.with_body(signed.body.replace(b"U0OLLI", b"U0ADA")))
    unsigned = {**http_event(signed), "headers": {"content-type": "application/x-www-form-urlencoded"}}
    for event in (forged, unsigned):
        assert door_of(app_of(workflow)).answer(event)["statusCode"] == 401
    assert workflow.asked == []


@pytest.mark.safety("A signature is at most 5 minutes old", "bot/slack/inbound/signature.py")
def test_a_signature_of_long_ago_goes_nowhere(workflow: Recorder) -> None:
    with running_workspace(clock=lambda: 1_700_000_000.0) as long_ago:
        event = http_event(long_ago.command_request("U0ADA", "/clients help"))
    assert door_of(app_of(workflow)).answer(event)["statusCode"] == 401


@pytest.mark.parametrize(
    "event",
    [
        {"body": "%%%", "isBase64Encoded": True, "headers": {}},
        {"body": "/////w==", "isBase64Encoded": True, "headers": {}},
        {"body": None, "headers": None},
        {},
        {"body": "\ud800", "isBase64Encoded": False, "headers": {"x-slack-signature": "v0=1"}},
    ],
)
def test_malformed_requests_are_refused_without_a_crash(workflow: Recorder, event: dict[str, Any]) -> None:
    assert door_of(app_of(workflow)).answer(event)["statusCode"] in (400, 401)
