"""What nobody signed does nothing: odd headers and bodies thrown at the deployed handler, and every way out watched."""

from __future__ import annotations

import base64
import json
import logging
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot import bootstrap
from bot.slack.inbound.door import Door
from handlers import slack
from local.slack.app.signing import signature
from local.slack.running import RunningWorkspace
from local.slack.workspace.facts import ADA, EVE, ONBOARDING, SIGNING_SECRET
from tests.proving import amount
from tests.scenarios.deployed import calls_to_aws
from tests.unit.slack.app_samples import http_event

UNSIGNED_EPHEMERAL: dict[str, Any] = {
    "version": "2.0",
    "headers": {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-signature": "v0=x",
        "x-slack-request-timestamp": "abc",
    },
    "body": "payload=%7B%22type%22%3A+%22block_actions%22%2C+%22actions%22%3A+%5B%7B%22action_id%22%3A+%22approve%22%2C"
    "+%22block_id%22%3A+%22x%22%7D%5D%2C+%22channel%22%3A+%7B%22id%22%3A+%22C0ONBOARDING%22%7D%2C+%22user%22%3A+%7B%22id"
    "%22%3A+%22U0OLLI%22%7D%7D",
    "isBase64Encoded": False,
}
UNSIGNED_CRASH: dict[str, Any] = {
    "version": "2.0",
    "headers": {"content-type": "application/x-www-form-urlencoded"},
    "body": "payload=%7B%22authorizations%22%3A+%7B%22a%22%3A+1%7D%7D",
    "isBase64Encoded": False,
}
SIGNATURE, TIMESTAMP = "x-slack-signature", "x-slack-request-timestamp"


@dataclass
class Exits:
    """Every way out of the handler: connections, calls to AWS and log lines."""

    log: pytest.LogCaptureFixture
    aws: list[str]
    connections: list[Any] = field(default_factory=list)

    def forget(self) -> None:
        self.connections.clear()
        self.log.clear()

    @property
    def said(self) -> list[logging.LogRecord]:
        return [record for record in self.log.records if record.levelno >= logging.INFO]

    def nothing_happened(self) -> None:
        """No call but the one for the signing secret, and one line in the log, no fault, no traceback."""
        assert self.connections == []
        assert set(self.aws) <= {"GetParameter"}
        assert [(record.levelno, record.exc_info) for record in self.said] == [(logging.WARNING, None)]


@pytest.fixture
def exits(
    workspace: RunningWorkspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Iterator[Exits]:
    found = Exits(caplog, calls_to_aws())
    connect = socket.socket.connect

    def noted(self: socket.socket, address: Any) -> None:
        found.connections.append(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", noted)
    yield found


def refused(event: dict[str, Any], exits: Exits) -> None:
    """The handler says 401 or 400 to it, and nothing else happens."""
    exits.forget()
    told = slack.handler(event, None)
    assert told["statusCode"] in (400, 401)
    assert json.loads(told["body"])["error"] in ("malformed", "unsigned")
    exits.nothing_happened()


@pytest.mark.parametrize("event", [UNSIGNED_EPHEMERAL, UNSIGNED_CRASH])
def test_what_was_found_by_trying_is_refused_in_silence(exits: Exits, event: dict[str, Any]) -> None:
    refused(event, exits)


TIMESTAMPS = [
    "abc",
    "",
    "nan",
    "inf",
    "-1",
    "+1",
    "1e3",
    " {now}",
    "{now} ",
    "{now}\n",
    "{now}.0",
    "{now},{now}",
    "0x1",
]
TIMESTAMPS += ["9" * 5000, "9" * 12, "0", "१७००००००००", "²", "1_700_000_000", "\x00", "{now}\u200b"]
SIGNATURES = [
    "",
    "v0=x",
    "v0=" + "0" * 64,
    "v0=é",
    "é",
    "v0=" + "\N{ARABIC-INDIC DIGIT ZERO}" * 64,
    "v1={right}",
    "{right}\n",
    "{right},{right}",
]
SIGNATURES += [
    "v0=" + "\N{ARABIC-INDIC DIGIT ZERO}" * 64,
    "v0=" + "A" * 64,
    "\ud800",
    "V0={right}",
    "v0=" + "0" * 100_000,
]


@pytest.mark.safety("A timestamp is plain digits", "bot/slack/inbound/signature.py")
def test_a_timestamp_of_another_form_is_refused_however_well_it_is_signed(exits: Exits) -> None:
    body = hostile_body("http://127.0.0.1:9/")
    for timestamp in TIMESTAMPS:
        stamp = timestamp.format(now=int(time.time()))
        signed = signature(body.encode(), SIGNING_SECRET, stamp)
        refused({"headers": {SIGNATURE: signed, TIMESTAMP: stamp}, "body": body}, exits)


def test_a_signature_of_another_form_is_refused(exits: Exits) -> None:
    for claimed in SIGNATURES:
        body, now = hostile_body("http://127.0.0.1:9/"), str(int(time.time()))
        right = signature(body.encode(), SIGNING_SECRET, now).removeprefix("v0=")
        refused({"headers": {SIGNATURE: claimed.format(right=right), TIMESTAMP: now}, "body": body}, exits)


@pytest.mark.safety("Signature and timestamp stand there once", "bot/slack/inbound/signature.py")
@pytest.mark.parametrize("name", [SIGNATURE, TIMESTAMP])
def test_a_header_that_stands_twice_is_refused(exits: Exits, workspace: RunningWorkspace, name: str) -> None:
    for twin in (name.upper(), name.title(), name.replace("s", "\N{LATIN SMALL LETTER LONG S}", 1)):
        event = http_event(workspace.command_request(ADA, "/clients help"))
        event["headers"][twin] = event["headers"][name]
        refused(event, exits)


def test_the_case_of_a_header_is_its_senders_own_affair(workspace: RunningWorkspace) -> None:
    event = http_event(workspace.command_request(ADA, "/clients help"))
    event["headers"] = {name.upper(): value for name, value in event["headers"].items()}
    assert slack.handler(event, None)["statusCode"] == 200


def hostile_body(response_url: str, **more: Any) -> str:
    """What once made us act: a press with somebody to tell and somewhere to answer."""
    action = {"action_id": "approve", "block_id": "x", "value": "x"}
    payload = {"type": "block_actions", "actions": [action], "response_url": response_url, "user": {"id": EVE.id}}
    return urlencode({"payload": json.dumps(payload | {"channel": {"id": ONBOARDING.id}} | more)})


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
json_values = st.recursive(scalars, lambda deeper: st.lists(deeper) | st.dictionaries(st.text(), deeper), max_leaves=8)
KNOWN = [
    "type",
    "user",
    "team",
    "enterprise",
    "channel",
    "message",
    "actions",
    "view",
    "response_url",
    "command",
    "text",
]
KNOWN += ["authorizations", "authed_users", "event", "trigger_id", "container", "is_enterprise_install", "ssl_check"]
TYPES = ["block_actions", "view_submission", "view_closed", "url_verification", "event_callback", "shortcut"]
VALUES = [
    "/clients",
    "approve",
    "deny",
    "clients_older",
    "cancel_invitation",
    "deny_reason",
    "1",
    ADA.id,
    ONBOARDING.id,
]
known_objects = st.fixed_dictionaries(
    {"type": st.sampled_from(TYPES)},
    optional={name: json_values | st.sampled_from(VALUES) for name in KNOWN if name != "type"},
)
actions = st.fixed_dictionaries({"action_id": st.sampled_from(VALUES) | json_values, "value": json_values})
pressed = st.builds(
    lambda payload, pressed_on: payload | {"type": "block_actions", "actions": pressed_on},
    known_objects,
    st.lists(actions, min_size=1, max_size=2),
)
payloads = st.one_of(json_values, known_objects, pressed).map(lambda found: urlencode({"payload": json.dumps(found)}))
commands = st.dictionaries(st.sampled_from([*KNOWN, "user_id", "team_id"]), st.text() | st.sampled_from(VALUES)).map(
    lambda form: urlencode({name: value.encode(errors="replace") for name, value in form.items()})
)
DEEP = [
    "payload=" + "[" * 100_000,
    '{"a":' * 100_000,
    "payload=" + '{"view":' * 100_000,
    "payload=",
    "payload",
    "{",
    "[]",
]
texts = st.one_of(payloads, commands, st.text(), st.sampled_from(DEEP))
bodies = st.one_of(
    st.none(),
    scalars,
    st.lists(scalars),
    texts,
    texts.map(lambda text: base64.b64encode(text.encode(errors="replace")).decode()),
    st.binary().map(lambda raw: base64.b64encode(raw).decode()),
    st.text(st.characters(categories=["Cs", "Lu"])),
)
moments = st.sampled_from(["now", "abc", "", "nan", "9" * 5000, "-5", "\N{FULLWIDTH DIGIT ONE}"])
header_values = st.one_of(scalars, moments, st.lists(st.text()), st.sampled_from(["v0=x", "v0=" + "0" * 64, "v0=é"]))
header_names = st.one_of(
    st.sampled_from(
        [SIGNATURE, TIMESTAMP, SIGNATURE.title(), TIMESTAMP.upper(), "content-type", "x-slack-bolt-lazy-only"]
    ),
    st.text(),
    st.none(),
    st.integers(),
)
headers = st.one_of(st.none(), scalars, st.lists(st.text()), st.dictionaries(header_names, header_values))
events = st.one_of(
    st.fixed_dictionaries({"headers": headers, "body": bodies, "isBase64Encoded": scalars}),
    st.dictionaries(st.sampled_from(["headers", "body", "isBase64Encoded", "version"]), json_values),
)
often = settings(
    max_examples=amount(60, proving=2000),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def now_in(event: dict[str, Any]) -> dict[str, Any]:
    """The event with our clock's time where it says "now"."""
    if isinstance(event.get("headers"), dict):
        now = str(int(time.time()))
        event["headers"] = {name: now if value == "now" else value for name, value in event["headers"].items()}
    return event


@pytest.mark.safety("Before the signature is checked nothing acts, whatever was sent", "bot/slack/inbound/door.py")
@often
@given(events)
def test_whatever_nobody_signed_does_nothing(exits: Exits, event: dict[str, Any]) -> None:
    refused(now_in(event), exits)


@pytest.mark.safety("Exactly the signed bytes count", "bot/slack/inbound/signature.py")
@often
@given(st.floats(0, 1, exclude_max=True), st.integers(0, 7))
def test_one_bit_of_what_slack_signed_is_enough_to_refuse_it(
    exits: Exits, workspace: RunningWorkspace, place: float, bit: int
) -> None:
    signed = workspace.command_request(ADA, "/clients invite Acme Administrator")
    changed = bytearray(signed.body)
    changed[int(place * len(changed))] ^= 1 << bit
    event = {**http_event(signed), "body": base64.b64encode(bytes(changed)).decode(), "isBase64Encoded": True}
    refused(event, exits)


@pytest.mark.safety("Nothing that is signed makes the handler raise, whatever is in it", "bot/slack/inbound/door.py")
@often
@given(texts | st.binary(), st.dictionaries(st.sampled_from(["content-type", "x-slack-bolt-lazy-only"]), header_values))
@example(urlencode({"payload": json.dumps({"type": "event_callback", "command": "/clients", "event": None})}), {})
def test_whatever_is_signed_never_makes_the_handler_raise(
    exits: Exits, workspace: RunningWorkspace, sent: str | bytes, more: dict[str, Any]
) -> None:
    exits.forget()
    body = sent.encode(errors="replace") if isinstance(sent, str) else sent
    now = str(int(time.time()))
    event = {
        "headers": {**more, SIGNATURE: signature(body, SIGNING_SECRET, now), TIMESTAMP: now},
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }
    assert slack.handler(event, None)["statusCode"] in (200, 400, 404)
    slacks = workspace.base_url.rpartition(":")[2]
    assert {str(port) for _, port in exits.connections} <= {slacks}, "nobody is spoken to but Slack"


@pytest.mark.safety("Who can't be Slack does not make the Lambda read the signing secret", "bot/slack/inbound/door.py")
def test_without_its_secret_the_handler_says_try_again_and_only_to_what_may_be_signed(
    exits: Exits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAGE", "other")
    bootstrap.settings.cache_clear()
    body, now = hostile_body("http://127.0.0.1:9/"), str(int(time.time()))
    told = slack.handler({"headers": {SIGNATURE: "v0=" + "0" * 64, TIMESTAMP: now}, "body": body}, None)
    assert told["statusCode"] == 503
    assert exits.connections == []
    [line] = exits.said
    assert "There is no parameter /switchyard/other/slack-signing-secret" in line.getMessage()
    assert line.exc_info is None
    asked = list(exits.aws)
    refused(UNSIGNED_EPHEMERAL, exits)
    assert exits.aws == asked, "who can't be Slack makes us ask nobody"


ODD: list[dict[str, Any]] = [
    {"type": "view_submission", "view": {"callback_id": 7}, "user": {"id": ADA.id}},
    {"type": "view_submission", "view": {"callback_id": "deny_reason"}},
    {"type": "block_actions", "actions": [{"value": "x"}], "user": {"id": ADA.id}},
]


@pytest.mark.safety(
    "A signed press or window without its name or person is refused before Bolt", "bot/slack/inbound/door.py"
)
@pytest.mark.parametrize("payload", ODD)
def test_a_signed_but_odd_body_is_answered_without_a_traceback(exits: Exits, payload: dict[str, Any]) -> None:
    body, now = urlencode({"payload": json.dumps(payload)}), str(int(time.time()))
    sent = {"headers": {SIGNATURE: signature(body.encode(), SIGNING_SECRET, now), TIMESTAMP: now}, "body": body}
    assert slack.handler(sent, None)["statusCode"] == 400
    assert [line for line in exits.said if line.exc_info] == []


@pytest.mark.safety("Without the bot token Slack is told to try again", "bot/slack/inbound/door.py")
def test_without_the_bot_token_the_door_says_try_again(workspace: RunningWorkspace) -> None:
    def unreadable() -> Any:
        raise RuntimeError("no token")

    event = http_event(workspace.command_request(ADA, "/clients help"))
    assert Door(lambda: SIGNING_SECRET, unreadable).answer(event)["statusCode"] == 503
