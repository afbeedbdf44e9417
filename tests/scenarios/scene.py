"""A deployed Switchyard in one process: the real handlers and adapters between a table, a stand-in STS and the
local Slack. Only CloudFormation is played by a fake; the demo proves that part on the local AWS."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from functools import partial
from typing import Any

from slack_sdk import WebClient

from bot.aws.dynamodb import DynamoStore
from bot.commands import Commands
from bot.domain.approvers import Approvers
from bot.domain.errors import SwitchyardError
from bot.domain.message import home_of
from bot.domain.page import Teams
from bot.ports import Proof
from bot.settings import Settings
from bot.slack.client import web_client
from bot.slack.homes import SlackHomes
from bot.slack.inbound.app import create_app
from bot.slack.inbound.door import Door
from bot.slack.notifier import SlackNotifier
from handlers import ingest, outcome, provision, sweep
from local.slack.app.link import AppAnswer
from local.slack.app.signing import SignedRequest
from local.slack.running import RunningWorkspace
from local.slack.workspace import facts
from local.slack.workspace.message import Message
from tests.fakes import Bench, PageWork, Stacks, TurnableClock, event_body
from tests.unit.aws.sts_proofs import proof_of, signed_headers, verifier
from tests.unit.aws.sts_server import StsServer
from tests.unit.domain.test_rules import ENVIRONMENT
from tests.unit.slack.app_samples import Answering, answered_in_time

REGION = "eu-west-1"


@dataclass(frozen=True)
class Exchange:
    """One HTTP request to a handler, as API Gateway hands it over, and the text of the answer."""

    request: dict[str, Any]
    answer: str

    @property
    def body(self) -> bytes:
        """What was sent, decoded."""
        text = str(self.request.get("body") or "")
        return base64.b64decode(text) if self.request.get("isBase64Encoded") else text.encode()


@dataclass
class Scene:
    """What a story needs: people in `slack`, clients that `happen`, and Lambdas that `work`."""

    slack: RunningWorkspace
    sts: StsServer
    store: DynamoStore
    clock: TurnableClock = field(default_factory=TurnableClock)
    stacks: Stacks = field(default_factory=Stacks)
    pages: PageWork = field(default_factory=PageWork)
    bench: Bench = field(default_factory=Bench)
    exchanges: list[Exchange] = field(default_factory=list)
    """Everything that went over HTTP, either route."""

    def __post_init__(self) -> None:
        settings = Settings.from_environment(ENVIRONMENT | {"SLACK_API_URL": self.slack.api_url})
        client = web_client(lambda: self.slack.bot_token, self.slack.api_url, timeout_seconds=30)
        notifier = SlackNotifier(client, settings)
        self.workflow = Commands(
            store=self.store,
            verifier=verifier(self.sts.url, clock=self.clock),
            channel=notifier,
            directory=notifier,
            homes=SlackHomes(client, settings, notifier),
            handoff=self.bench,
            access=self.stacks,
            pages=self.pages,
            clock=self.clock,
            approvers=Approvers(users=(facts.ADA.id,), groups=(facts.APPROVERS_GROUP_ID,)),
            partition="aws",
            provider_account_id=settings.provider_account_id,
        )
        self.bench.shows = lambda owner: self._provision({"show": [owner]})
        self.bench.owner_of = self._owner_of
        self._listen(settings, client)

    def is_decided_by(self, approvers: Approvers) -> None:
        """Deploy again with other approvers."""
        self.workflow = replace(self.workflow, approvers=approvers)
        settings = Settings.from_environment(ENVIRONMENT | {"SLACK_API_URL": self.slack.api_url})
        self._listen(
            replace(settings, approvers=approvers),
            web_client(lambda: self.slack.bot_token, self.slack.api_url, timeout_seconds=30),
        )

    def is_at(self, team_id: str) -> None:
        """Deploy again with `SLACK_TEAM_ID`."""
        settings = Settings.from_environment(
            ENVIRONMENT | {"SLACK_API_URL": self.slack.api_url, "SLACK_TEAM_ID": team_id}
        )
        self.workflow = replace(self.workflow, workspaces=settings.workspaces)
        self._listen(settings, web_client(lambda: self.slack.bot_token, self.slack.api_url, timeout_seconds=30))

    def has_teams(self, *names: str) -> None:
        """Deploy again with `TEAMS`."""
        settings = Settings.from_environment(ENVIRONMENT | {"SLACK_API_URL": self.slack.api_url})
        settings = replace(settings, teams=names)
        client = web_client(lambda: self.slack.bot_token, self.slack.api_url, timeout_seconds=30)
        self.workflow = replace(self.workflow, teams=Teams(names), channel=SlackNotifier(client, settings))
        self._listen(settings, client)

    def asks_for_reasons(self) -> None:
        """Deploy again with `ASK_DENY_REASON=true`."""
        asking = {"SLACK_API_URL": self.slack.api_url, "ASK_DENY_REASON": "true"}
        settings = Settings.from_environment(ENVIRONMENT | asking)
        self._listen(settings, web_client(lambda: self.slack.bot_token, self.slack.api_url, timeout_seconds=30))

    def _listen(self, settings: Settings, client: WebClient) -> None:
        app = create_app(self.workflow, settings, client)
        door = Door(lambda: self.slack.signing_secret, lambda: app)
        self.answer: Answering = partial(answered_in_time, door)
        self.app: Callable[[SignedRequest], AppAnswer] = self._over_http_api
        self.slack.connect(self.app)

    def happens(self, status: str, **fields: Any) -> int:
        """The client's stack moved and its forwarder says so. Answers the HTTP status."""
        self.clock.turn(seconds=1)
        return self.post(event_body(status, self.clock.moment, **fields))[0]

    def completes(self, operation: str, **fields: Any) -> int:
        """A flat stack's role was created or changed, and its news says so. Answers the HTTP status."""
        self.clock.turn(seconds=1)
        body = json.loads(event_body("-", self.clock.moment, last_word=True, **fields))
        body["completed"] = {"operation": operation, "request_id": operation, **body.pop("last_word")}
        return self.post(json.dumps(body).encode())[0]

    def post(self, body: bytes, proof: Proof | None = None, *, as_base64: bool = False) -> tuple[int, dict[str, Any]]:
        """POST /events, as API Gateway hands it over; proved as the stand-in's account unless said otherwise."""
        return self.deliver(body, headers_of(proof or self.proof(body)), as_base64=as_base64)

    def deliver(
        self, body: bytes, headers: dict[str, str] | None, *, as_base64: bool = False
    ) -> tuple[int, dict[str, Any]]:
        """POST /events with any headers."""
        text = base64.b64encode(body).decode() if as_base64 else body.decode()
        event = {"version": "2.0", "headers": headers, "body": text, "isBase64Encoded": as_base64}
        told = ingest.create_handler(lambda: self.workflow)(event, None)
        self.exchanges.append(Exchange(event, json.dumps(told)))
        return told["statusCode"], json.loads(told["body"])

    def proof(self, body: bytes) -> Proof:
        """What the forwarder of account 222222222222 signs for these bytes."""
        date = self.clock.moment.strftime("%Y%m%dT%H%M%SZ")
        digest = hashlib.sha256(body).hexdigest()
        return proof_of(signed_headers(x_amz_date=date, x_switchyard_event_sha256=digest), region=REGION, date=date)

    def invite(self, line: str = "Acme") -> str:
        """Ada types `/clients invite …`; answers the token in the link she gets."""
        self.slack.run_command(facts.ADA, f"/clients invite {line}")
        words = self.slack.ephemerals(facts.ADA)[-1].words
        found = re.search(r"InvitationToken(?:=| = )([\w-]+)", words)
        return found[1] if found else ""

    def work(self) -> None:
        """The Lambdas take what waits, CloudFormation finishes it, EventBridge tells."""
        while self.bench.bulks or self.bench.waiting or self.bench.asked_pages or self.pages.running:
            self._take_up()
            for stack_id in (*self.stacks.complete(), *self.pages.complete()):
                outcome.create_handler(lambda: self.workflow)({"detail": {"stack-id": stack_id}}, None)

    def _take_up(self) -> None:
        while self.bench.bulks:
            self._provision({"bulk": list(self.bench.bulks.pop(0))})
        while self.bench.waiting:
            self._provision({"request_id": self.bench.waiting.pop(0)})
        while self.bench.asked_pages:
            teams, pages = self.bench.asked_pages.pop(0)
            self._provision({"teams": teams, "pages": pages})

    def _provision(self, event: dict[str, Any]) -> None:
        provision.create_handler(lambda: self.workflow)(event, None)

    def _owner_of(self, request_id: str) -> str:
        request = self.store.request(request_id)
        assert request is not None
        return home_of(request).owner

    def minutes_pass(self, minutes: float = 2) -> None:
        """Time goes by, and the sweep runs."""
        self.clock.moment += timedelta(minutes=minutes)
        with suppress(SwitchyardError):
            sweep.create_handler(lambda: self.workflow)({}, None)

    def _over_http_api(self, request: SignedRequest) -> AppAnswer:
        event = {
            "headers": {name.lower(): value for name, value in request.headers.items()},
            "body": base64.b64encode(request.body).decode(),
            "isBase64Encoded": True,
        }
        told = self.answer(request, event)
        self.exchanges.append(Exchange(event, json.dumps(told)))
        return AppAnswer(told["statusCode"], str(told["body"]).encode(), told["headers"])

    @property
    def last(self) -> Message:
        """The newest top-level message of the channel."""
        return [message for message in self.slack.messages if not message.is_reply][-1]


def headers_of(proof: Proof) -> dict[str, str]:
    """The proof's headers, as API Gateway writes them."""
    return {f"x-switchyard-{field.name.replace('_', '-')}": getattr(proof, field.name) for field in fields(Proof)}
