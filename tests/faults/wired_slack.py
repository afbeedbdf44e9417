"""A world whose Slack and STS are HTTP servers that fail: the real client, the real Bolt app, real proofs."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from http import HTTPStatus
from time import time
from typing import Any

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot.domain.answers import Actor
from bot.domain.vocabulary import Verb
from bot.ports import Identity, Proof, Verifier
from bot.slack.inbound.app import create_app
from bot.slack.inbound.door import Door
from bot.slack.render import answers
from bot.slack.render.blocks import Message
from bot.slack.render.text import Mrkdwn
from handlers import ingest
from local.slack.app.signing import signature
from local.slack.running import RunningWorkspace, running_workspace
from local.slack.workspace import facts
from tests.fakes import TurnableClock
from tests.faults.channels import OnSlack, metadata_of
from tests.faults.clouds import InMemory
from tests.faults.injection import Fault, Injector, ProcessDied
from tests.faults.people import People
from tests.scenarios.scene import headers_of
from tests.unit.aws.sts_proofs import proof_of, signed_headers, verifier
from tests.unit.aws.sts_server import Answer, StsServer, identity, serve
from tests.unit.slack.samples import SETTINGS

ROLE = "arn:aws:sts::222222222222:assumed-role/switchyard-forwarder-{}/switchyard-forwarder"


class OverHttp(WebClient):
    """The bot's client; each call counts, and what is to fail is planned at the local Slack."""

    def __init__(self, slack: RunningWorkspace, injector: Injector) -> None:
        super().__init__(slack.bot_token, base_url=slack.api_url, timeout=30, retry_handlers=[])
        self._faults, self._injector = slack.faults, injector

    def api_call(self, api_method: str, **sent: Any) -> SlackResponse:
        def effect() -> SlackResponse:
            return super(OverHttp, self).api_call(api_method, **sent)

        planned: dict[Fault, Callable[[], None]] = {
            Fault.REFUSED: lambda: self._faults.refuse(api_method, "fatal_error"),
            Fault.THROTTLED: lambda: self._faults.rate_limit(api_method, retry_after=30),
            Fault.BROKEN: lambda: self._faults.fail(api_method),
            Fault.ANSWER_LOST: lambda: self._faults.lose_answer(api_method),
        }

        def fails(fault: Fault) -> Callable[[], SlackResponse]:
            planned[fault]()
            return effect

        name = f"slack.{api_method} {metadata_of(sent.get('json') or sent.get('params') or {})}"
        answered: SlackResponse = self._injector.call(name.strip(), effect, fails)
        return answered


class OnRunningSlack(OnSlack):
    """The channel of a Slack that runs behind HTTP."""

    def __init__(self, slack: RunningWorkspace, injector: Injector) -> None:
        self.slack = slack
        super().__init__(OverHttp(slack, injector), lambda: slack.messages, slack.ephemerals)


@dataclass
class AskedOverHttp:
    """The Verifier; the one question it asks STS counts."""

    sts: StsServer
    injector: Injector
    asking: Verifier

    def verify(self, proof: Proof, event_sha256: str) -> Identity:
        def effect() -> Identity:
            return self.asking.verify(proof, event_sha256)

        def failing(says: Answer | None) -> Identity:
            before = self.sts.says
            self.sts.says, self.sts.writes = says or before, None if says else lambda _: None
            try:
                return effect()
            finally:
                self.sts.says, self.sts.writes = before, None

        throttled = Answer(400, json.dumps({"Error": {"Code": "Throttling"}}).encode())
        says = {Fault.THROTTLED: throttled, Fault.BROKEN: Answer(500, b"<html>", "text/html")}
        found: Identity = self.injector.call(
            "sts.GetCallerIdentity", effect, lambda fault: lambda: failing(says.get(fault))
        )
        return found


@dataclass
class OnHttp(People):
    """Only calls of Slack and STS count."""

    sts_server: StsServer = field(default_factory=StsServer)
    open: ExitStack = field(default_factory=ExitStack)

    def verifier(self) -> Verifier:
        return AskedOverHttp(self.sts_server, self.injector, verifier(self.sts_server.url, clock=self.clock))

    def ingest(self, body: bytes) -> bool:
        claims, date = json.loads(body), self.clock.moment.strftime("%Y%m%dT%H%M%SZ")
        if claims["role_name"] != "switchyard-access":
            self.sts_server.says = Answer(body=identity(arn=ROLE.format(claims["role_name"])))
        digest = hashlib.sha256(body).hexdigest()
        proof = proof_of(signed_headers(x_amz_date=date, x_switchyard_event_sha256=digest), date=date)
        event = {"body": body.decode(), "headers": headers_of(proof)}
        return bool(ingest.create_handler(self.workflow)(event, None)["statusCode"] == ingest.TAKEN)

    def _pressed(self, verb: Verb, actor: Actor) -> Message | None:
        """A signed press into the Bolt app, and what the person is then told."""
        channel: Any = self.channel
        if channel.offered(verb) is None:
            return None
        before, client = len(channel.told(actor.user_id)), OverHttp(channel.slack, self.injector)
        shown = channel.newest()
        request = channel.slack.press_request(actor.user_id, shown, verb.value.capitalize())
        now = str(int(time()))  # the door's own clock; the channel's is the flow's
        signed = signature(request.body, channel.slack.signing_secret, now)
        headers = {name.lower(): value for name, value in request.headers.items()}
        headers |= {"x-slack-request-timestamp": now, "x-slack-signature": signed}
        event = {"headers": headers, "body": base64.b64encode(request.body).decode(), "isBase64Encoded": True}
        try:
            app = create_app(self.workflow(), SETTINGS, client)
            door = Door(lambda: channel.slack.signing_secret, lambda: app)
            assert door.answer(event)["statusCode"] == HTTPStatus.OK
        except ProcessDied:
            return answers.try_again()
        told = channel.told(actor.user_id)[before:]
        if told and told[-1] == str(answers.try_again().text):
            return answers.try_again()
        return Message((), Mrkdwn(told[-1])) if told else None

    def leave(self) -> None:
        super().leave()
        self.open.close()


def on_http(injector: Injector) -> People:
    """Calls of Slack's Web API and of STS count."""
    injector.among, clock, opened = ("slack.", "sts."), TurnableClock(), ExitStack()
    slack = opened.enter_context(running_workspace(clock=lambda: clock.now().timestamp()))
    sts = opened.enter_context(serve())
    channel = OnRunningSlack(slack, injector)
    return OnHttp(injector, clock, channel, InMemory(injector), sts_server=sts, open=opened)


assert facts.ONBOARDING.id == SETTINGS.channel_id
