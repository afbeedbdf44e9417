"""The world around Switchyard during a fault: it repeats what it would repeat, and nothing more.

A forwarder sends an event again after 503 or no answer (Lambda's async retry: twice, minutes later). EventBridge
delivers an outcome again. `provision` is not invoked again. A minute is a sweep. What people repeat, `people.py` says.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from bot.domain.errors import SwitchyardError
from bot.domain.vocabulary import AccessLevel
from handlers import provision, sweep
from tests.fakes import ADA, event_body
from tests.faults.injection import ProcessDied
from tests.faults.lambdas import Lambdas

DELIVERIES = 3
"""Of one event: Lambda's async invoke, and its two retries."""
PATIENCE = 15
"""Minutes that anybody waits, and that are left to the sweep in the end."""


class NobodyCouldGoOn(AssertionError):
    """What a person or the outside world waited for never came."""


@dataclass
class Delivery:
    """One call of a Lambda that its sender repeats: true when it was taken."""

    attempt: Callable[[], bool]
    left: int = DELIVERIES


@dataclass
class Outside(Lambdas):
    """Everything around the workflow but its people, with the verbs that a flow is told in."""

    hurried: bool = False
    """Whether whatever is repeated is repeated at once, and the minute is over at that very moment."""
    again: deque[Delivery] = field(default_factory=deque)
    sent: list[Callable[[], object]] = field(default_factory=list)
    """What was delivered so far: events, invocations and outcomes come at least once."""
    slow: bool = False
    """CloudFormation takes its time: nothing that runs there ends."""
    shown: list[str] = field(default_factory=list)
    """The tokens of the invitations that somebody was shown."""
    noticed: list[str] = field(default_factory=list)
    """Whom the fault has bothered: a person who had to press again, a sender that had to repeat, a failed Lambda."""

    def __post_init__(self) -> None:
        self.injector.meanwhile = self.others

    def others(self) -> None:
        """All other Lambdas run, each to its end: on what is new, and on all that arrives a second time."""
        self._sweep()
        self.work()
        for again in tuple(self.sent):
            again()

    def invite(self, level: AccessLevel = AccessLevel.READ_ONLY, accounts: int = 1) -> str:
        """The token of a fresh invitation that was there before anything fails."""
        self.shown.append(self.workflow().invite("Acme", level, ADA, accounts).token)
        return self.shown[-1]

    def happens(self, status: str, **fields: Any) -> None:
        """The client's child stack moved, a second after the last thing."""
        self.clock.turn(seconds=1)
        self._deliver(Delivery(partial(self.ingest, event_body(status, self.clock.moment, **fields))))

    def checks_admission(self, token: str) -> None:
        """The client's gate asks whether the invitation still counts."""
        body = json.loads(event_body("-", self.clock.moment, token=token, last_word=True))
        body["knock"] = body.pop("last_word")
        self._deliver(Delivery(partial(self.ingest, json.dumps(body).encode())))

    def _deliver(self, delivery: Delivery) -> None:
        delivery.left -= 1
        self.sent.append(delivery.attempt)
        try:
            taken = delivery.attempt()
        except (ProcessDied, SwitchyardError):
            taken = False
        if not taken:
            self.notice("a sender")
        if not taken and delivery.left and self.hurried:
            self._deliver(delivery)
        elif not taken and delivery.left:
            self.again.append(delivery)
        elif not taken:
            self.lost.append("a delivery was given up")
        self.provision()

    def notice(self, who: str) -> None:
        self.noticed.append(who)
        if self.hurried:
            self._sweep()

    def work(self) -> None:
        """The Lambdas take what waits, CloudFormation finishes, and its events arrive."""
        self.provision()
        for stack_id in () if self.slow else self.cloud.complete():
            self._deliver(Delivery(partial(self.outcome, stack_id)))

    def provision(self) -> None:
        """The provisioning Lambda, or the one for kits, takes what waits."""
        while self.invokes.waiting:
            event = self.invokes.waiting.pop(0)
            self.sent.append(partial(self._provision, event))
            self._provision(event)

    def _provision(self, event: dict[str, Any]) -> None:
        of_kits = "renew" in event
        try:
            if of_kits:
                self.kit(event)
            else:
                provision.create_handler(self.workflow)(event, None)
        except (ProcessDied, SwitchyardError):
            self.notice("kit" if of_kits else "provision")

    def minute(self) -> None:
        """A minute passes: what is repeated is repeated, the sweep runs, and what it handed over is worked on."""
        self.clock.turn(minutes=1)
        for _ in range(len(self.again)):
            self._deliver(self.again.popleft())
        self._sweep()
        self.work()

    def minutes(self, number: int) -> None:
        for _ in range(number):
            self.minute()

    def _sweep(self) -> None:
        try:
            sweep.create_handler(self.workflow)({}, None)
        except (ProcessDied, SwitchyardError):
            self.noticed.append("sweep")

    def hours_pass(self, hours: int) -> None:
        """Nothing happens for hours; of their sweeps the last ones are played."""
        self.clock.turn(hours=hours)
        self.minutes(3)

    def wait_for(self, there: Callable[[], bool], otherwise: str) -> None:
        for _ in range(PATIENCE):
            if there():
                return
            self.minute()
        if not there():
            raise NobodyCouldGoOn(otherwise)

    def settle(self) -> None:
        """The quarter of an hour after it all, of which the minutes with nothing to do need not be played."""
        self.slow = False
        self.work()
        for _ in range(PATIENCE):
            self.minute()
            if self._nothing_to_do():
                break

    def _nothing_to_do(self) -> bool:
        until = self.clock.moment + timedelta(minutes=PATIENCE)
        stored = self.stored()
        times = [one.due_at for one in stored.stored_requests.values()]
        times += [one.due_at for one in stored.stored_messages.values()]
        times += [one.due_at for one in stored.stored_pages.values()]
        times += [one.due_at for one in stored.stored_asked.values()]
        times += [one.due_at for one in stored.stored_bulks.values()]
        times += stored.kits_due
        return not self.again and not any(at is not None and at <= until for at in times)

    def leave(self) -> None:
        """The flow is over."""
        self.cloud.leave()
