"""What comes in over HTTP: only what Slack signed, in any form an HTTP API gives it, and nothing crashes."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_bolt import App

from bot.slack.client import web_client
from bot.slack.inbound.app import create_app
from bot.slack.notifier import SlackNotifier
from local.slack.app.signing import SignedRequest, signature
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


def signed_json(body: bytes, secret: str = RunningWorkspace.signing_secret) -> dict[str, Any]:
    """What Slack sends to the address for events."""
    at = str(int(time.time()))
    headers = {"Content-Type": "application/json", "X-Slack-Request-Timestamp": at}
    return http_event(SignedRequest(body, {**headers, "X-Slack-Signature": signature(body, secret, at)}))


QUESTION = {
    "token": "t",
    "type": "url_verification",
    "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P",
}


def test_slacks_question_about_the_address_is_answered_without_the_app(workflow: Recorder) -> None:
    door = replace(door_of(app_of(workflow)), app=lambda: pytest.fail("the app is not needed"))
    answered = door.answer(signed_json(json.dumps(QUESTION).encode()))
    assert (answered["statusCode"], json.loads(answered["body"])) == (200, {"challenge": QUESTION["challenge"]})


@pytest.mark.safety("Even the question about the address must be signed", "bot/slack/inbound/door.py")
def test_somebody_elses_question_about_the_address_is_not_answered(workflow: Recorder) -> None:
    body = json.dumps(QUESTION).encode()
    for event in (signed_json(body, "another secret"), signed_json(body) | {"headers": {}}):
        answered = door_of(app_of(workflow)).answer(event)
        assert answered["statusCode"] == 401 and "3eZ" not in answered["body"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[" * 100_000,
        b"{" + b'"a":{' * 100_000,
        b'{"type":"url_verification"}',
        b'{"type":"url_verification","challenge":{"a":1}}',
        b'{"type":["url_verification"],"challenge":"x"}',
        b'{"challenge":"x"}',
        b'{"type":"url_verification","challenge":"\\ud800"}',
    ],
)
def test_an_odd_signed_question_is_no_fault_of_ours(workflow: Recorder, body: bytes) -> None:
    answered = door_of(app_of(workflow)).answer(signed_json(body))
    assert answered["statusCode"] in (200, 400, 404) and workflow.asked == []


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"callback_id": "another", "user": {"id": "U0ADA"}}, 404),
        ({"callback_id": "invite_client"}, 400),
        ({"user": {"id": "U0ADA"}}, 400),
        ({"callback_id": ["invite_client"], "user": "U0ADA"}, 400),
    ],
)
def test_an_odd_signed_shortcut_is_no_fault_of_ours(workflow: Recorder, sent: dict[str, Any], status: int) -> None:
    body = urlencode({"payload": json.dumps({"type": "shortcut", **sent})}).encode()
    assert door_of(app_of(workflow)).answer(signed_json(body))["statusCode"] == status


OPENED = {"type": "app_home_opened", "tab": "home", "user": "U0ADA"}


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"event": {"type": "message", "text": "hello"}, "team_id": "T0"}, 404),
        ({"event": "app_home_opened"}, 404),
        ({}, 404),
        ({"event": {**OPENED, "user": None}, "team_id": "T0SWITCHYARD"}, 200),
        ({"event": {**OPENED, "user": ["U0ADA"]}, "team_id": "T0SWITCHYARD"}, 200),
        ({"event": {**OPENED, "tab": "messages"}, "team_id": "T0SWITCHYARD"}, 200),
        ({"event": {**OPENED, "user": ["U0ADA"]}, "team_id": {"id": 1}, "authorizations": "x"}, 400),
    ],
)
def test_an_odd_signed_event_publishes_nothing(workflow: Recorder, sent: dict[str, Any], status: int) -> None:
    body = json.dumps({"type": "event_callback", **sent}).encode()
    assert door_of(app_of(workflow)).answer(signed_json(body))["statusCode"] == status
    assert workflow.asked == []


@pytest.mark.safety("An event that Slack did not sign opens no Home", "bot/slack/inbound/door.py")
def test_an_event_that_slack_did_not_sign_opens_no_home(workflow: Recorder) -> None:
    body = json.dumps({"type": "event_callback", "team_id": "T0SWITCHYARD", "event": OPENED}).encode()
    for event in (signed_json(body, "another secret"), signed_json(body) | {"headers": {}}):
        assert door_of(app_of(workflow)).answer(event)["statusCode"] == 401
    assert workflow.asked == []
