"""A minute in which a thousand clients deploy: the real ingest and sweep handlers, a table in memory, and the local
Slack over HTTP. Time is simulated: the sweep's calls take some, and while the sweep waits, what is due arrives."""

from __future__ import annotations

import heapq
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from bot.bootstrap import TO_STORE
from bot.commands import Commands
from bot.domain.approvers import Approvers
from bot.domain.message import Message as Stored
from bot.domain.message import place_of
from bot.domain.request import Request
from bot.domain.vocabulary import AccessLevel, State
from bot.ports import Identity
from bot.settings import Settings
from bot.slack.client import web_client
from bot.slack.homes import SlackHomes
from bot.slack.notifier import REQUEST, SlackNotifier
from handlers import ingest, provision, sweep
from local.slack.faults.planned import Fault, Mishap
from local.slack.faults.weather import POSTING, now_and_then, one_post_a_second
from local.slack.running import RunningWorkspace
from local.slack.workspace.message import Message
from tests.bursts.distance import SLACK, Distance, distant
from tests.bursts.gateway import Gateway, last_word, retries
from tests.fakes import ADA, PROOF, Bench, PageWork, Stacks, TrustedSts, TurnableClock, event_body
from tests.memory_store import MemoryStore
from tests.scenarios.scene import headers_of
from tests.unit.domain.test_rules import ENVIRONMENT

MINUTE, TIMEOUT = timedelta(minutes=1), timedelta(seconds=59)
"""The sweep's schedule and timeout in serverless.yml."""
CUT_SHORT = timedelta(milliseconds=10)
"""What a call takes for which no time is left."""
RATE_LIMITED = "rate limited"
SERVER_ERROR = 500


class EventfulClock(TurnableClock):
    """A clock whose sleeper is not alone: what is due meanwhile happens."""

    rush: Rush | None = None

    def now(self) -> datetime:
        self.moment += timedelta(microseconds=1)
        return self.moment

    def seconds(self) -> float:
        """Since the epoch."""
        return self.moment.timestamp()

    def sleep(self, seconds: float) -> None:
        awake = self.moment + timedelta(seconds=seconds)
        if self.rush is not None:
            self.rush.let_arrive(awake)
        self.moment = max(self.moment, awake)


@dataclass
class Rush:
    """Clients whose events are on their way, and what was answered."""

    slack: RunningWorkspace
    clock: EventfulClock
    store: MemoryStore = field(default_factory=MemoryStore)
    answers: list[int] = field(default_factory=list)
    most_calls: int = 0
    """Of Slack, while one event was taken."""
    sleepless: bool = True
    """Whether no event had to wait for Slack."""
    failed_posts: int = 0
    """How many posts failed in a way that says not whether they took effect."""
    down_until: float = 0
    """Until when ingest answers nothing but 503, by the simulated clock."""
    lost: list[bytes] = field(default_factory=list)
    """Events whose forwarder gave up."""
    gateway: Gateway = field(default_factory=Gateway)
    random: Random = field(default_factory=lambda: Random(11))
    coming: list[tuple[float, int, bytes, Iterator[float]]] = field(default_factory=list)
    """A heap of (when, tie, event body, when its forwarder tries again)."""

    longest_sweep: timedelta = timedelta()
    refused_alone: int = 0
    """How often Slack's limit refused the sweep while no event arrived that could have taken its turn."""

    def __post_init__(self) -> None:
        self.resumed, self._number, self.distance = 0.0, 0, Distance(self.clock)
        self._cut_at = self.clock.moment + timedelta(days=1)
        settings = Settings.from_environment(ENVIRONMENT | {"SLACK_API_URL": self.slack.api_url})
        self.sts = TrustedSts()
        self.clock.rush = self
        client = web_client(lambda: self.slack.bot_token, self.slack.api_url, timeout_seconds=30)
        notifier = SlackNotifier(client, settings)
        self.workflow = Commands(
            store=distant(self.store, self.distance),
            verifier=self.sts,
            channel=notifier,
            directory=notifier,
            homes=SlackHomes(client, settings, notifier),
            handoff=Bench(shows=lambda client_id: self._provision({"show": [client_id]})),
            access=Stacks(),
            pages=PageWork(),
            clock=self.clock,
            approvers=Approvers(users=(ADA.user_id,)),
            partition="aws",
            provider_account_id=settings.provider_account_id,
        )

    def deploys(
        self,
        number: int,
        statuses: list[tuple[float, str, int]],
        resource_events: int = 0,
        deleted_after: float | None = None,
    ) -> None:
        """An invited client's stacks tell of themselves: (seconds from now, status, which of its stacks).

        Its first stack tells of its resources too, which drives nothing, but takes room at the door. If that is deleted
        after so many seconds, only the gate says so.
        """
        token = self.workflow.invite(f"Company {number}", AccessLevel.READ_ONLY, ADA).token
        start = self.clock.moment
        for after, status, stack in statuses:
            at, account = start + timedelta(seconds=after), f"{200000000000 + number}"
            body = event_body(status, at, token=token, account=account, company=f"Company {number}", parent=stack)
            self._send(at.timestamp(), body)
            for _ in range(resource_events if (after, status, stack) == statuses[0] else 0):
                made = event_body(
                    "CREATE_COMPLETE", at, token=token, account=account, parent=stack, resource="AccessRole"
                )
                self._send(at.timestamp(), made)
        if deleted_after is not None:
            at = start + timedelta(seconds=deleted_after)
            gone = event_body("DELETE_COMPLETE", at, account=account, company=f"Company {number}", last_word=True)
            self._send(at.timestamp(), gone, last_word(at.timestamp()))

    def _send(self, at: float, body: bytes, tries: Iterator[float] | None = None) -> None:
        self._number += 1
        heapq.heappush(self.coming, (at, self._number, body, tries or retries(at, self.random)))

    def is_down(self, minutes: int) -> None:
        """Nothing of ours runs for so long, neither ingest nor the sweep."""
        self.down_until = self.resumed = self.clock.seconds() + minutes * 60
        self.clock.sleep(minutes * 60)

    def let_arrive(self, until: datetime) -> None:
        """Every event that is due by then arrives, at its own time."""
        while self.coming and self.coming[0][0] <= until.timestamp():
            at, number, body, tries = heapq.heappop(self.coming)
            self.clock.moment = max(self.clock.moment, datetime.fromtimestamp(at, UTC))
            if self.gateway.lets_in(at) and at >= self.down_until and self._arrive(body) < SERVER_ERROR:
                continue
            again = next(tries, None)
            if again is None:
                self.lost.append(body)
            else:
                heapq.heappush(self.coming, (again, number, body, tries))

    def has_slack_at(self, share: float, seed: int) -> None:
        """Slack takes one post a second, and this share of calls fails. What the sweep calls takes a while."""
        failing = now_and_then(share, seed)

        def slowly(method: str) -> Fault | None:
            """As bot/bootstrap.py: no call waits longer than the sweep lives, less what storing takes."""
            left = self._cut_at - self.clock.moment
            if not self.distance.counts or left > SLACK:
                self.distance.take(SLACK)
                return None
            self.distance.take(max(left, CUT_SHORT))
            self.failed_posts += method == POSTING
            return Fault(Mishap.ANSWER_LOST)

        def fail(method: str) -> Fault | None:
            fault = failing(method)
            self.failed_posts += method == POSTING and fault is not None
            return fault

        self.slack.faults.always(slowly, one_post_a_second(self.clock.seconds), fail)

    def _arrive(self, body: bytes) -> int:
        claims = json.loads(body)
        self.sts.identity = Identity(claims["account_id"], claims["role_name"])
        calls, moment = len(self.slack.calls), self.clock.moment
        event = {"headers": headers_of(PROOF), "body": body.decode()}
        counted, self.distance.counts = self.distance.counts, False
        self.answers.append(ingest.create_handler(lambda: self.workflow)(event, None)["statusCode"])
        self.distance.counts = counted
        self.most_calls = max(self.most_calls, len(self.slack.calls) - calls)
        self.sleepless &= self.clock.moment - moment < timedelta(seconds=1)
        return self.answers[-1]

    def _provision(self, event: dict[str, Any]) -> None:
        provision.create_handler(lambda: self.workflow)(event, None)

    def minute(self) -> None:
        """The sweep runs, and what is left of the minute passes."""
        began, calls, quiet = self.clock.moment, len(self.slack.calls), not self.coming
        self._cut_at = began + TIMEOUT - timedelta(seconds=TO_STORE)
        sweep.create_handler(lambda: self.workflow)({}, None)
        self.longest_sweep = max(self.longest_sweep, self.clock.moment - began)
        if quiet:
            self.refused_alone += sum(one.error == RATE_LIMITED for one in self.slack.calls[calls:])
        self.clock.sleep(max((began + MINUTE - self.clock.moment).total_seconds(), 0))

    @property
    def requests(self) -> list[Request]:
        """Oldest first."""
        return sorted(self.store.stored_requests.values(), key=lambda one: (one.created_at, one.event_at))

    @property
    def unshown(self) -> list[Stored]:
        return self.store.unshown

    def told(self) -> list[str]:
        """The request of each message in the channel, in the channel's order."""
        return [_about(one) for one in self.slack.messages if (one.metadata or {}).get("event_type") == REQUEST]

    def seconds_until(self, number: int) -> float:
        """From the first message, or the first after an outage, until so many are there, by the simulated clock."""
        times = [float(one.ts) for one in self.slack.messages if float(one.ts) >= self.resumed]
        return times[number - 1] - times[0]

    def posted(self) -> int:
        """How many messages have been posted, since the outage if there was one."""
        return sum(float(one.ts) >= self.resumed for one in self.slack.messages)

    def to_be_told(self) -> list[Request]:
        """Requests whose message should be there: not those that were superseded before anybody could see them."""
        return [one for one in self.requests if one.state is not State.SUPERSEDED or self._posted(one)]

    def _posted(self, request: Request) -> bool:
        return self.store.stored_messages[request.client_id, place_of(request)].ts is not None


def _about(message: Message) -> str:
    return str((message.metadata or {})["event_payload"]["request_id"])


@contextmanager
def quietly() -> Iterator[None]:
    """Thousands of warnings are expected."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
