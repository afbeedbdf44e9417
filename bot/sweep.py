"""The work of each minute: finishes what was left half-done, reminds, expires.

State comes first and Slack afterwards, so that work continues while Slack is down. A request that fails does not hold
up the others. Slack's rate limit is respected: what does not fit into this minute is due again in the next.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from bot.channel.delivery import Delivery
from bot.channel.rate_limit import MOST, SlackBudget
from bot.domain import policy
from bot.domain.approvers import reminded
from bot.domain.errors import Conflict, SlackUnavailable, SwitchyardError
from bot.domain.message import Message, Shows, message_about, place_of, raised
from bot.domain.model import Audit
from bot.domain.request import Request, about, touched
from bot.domain.transitions import Step
from bot.domain.vocabulary import UNDER_WAY, Measure, State
from bot.ports import Clock, Meter, NoMeter
from bot.ports.store import Change, Store
from bot.provisioning.run import Provisioning

WORK = timedelta(seconds=15)
"""After this, AWS is not asked any more: one call may take 40 seconds in an outage, and Slack comes after it."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reconciler:
    """Finishes and reminds of requests that are due."""

    store: Store
    provisioning: Provisioning
    delivery: Delivery
    clock: Clock
    meter: Meter = field(default_factory=NoMeter)

    def reconcile(self, due: list[Request], unshown: list[Message]) -> bool:
        """Do everything that each of these requests and messages needs now.

        Return whether nothing was down and time is left.
        """
        began, calm = self.clock.now(), True
        budget = SlackBudget(self.clock, began + MOST)
        self._measure(due, unshown)
        for request in self._in_turn([one for one in due if self._may_advance(one)]):
            if self.clock.now() < began + WORK:
                calm &= _carefully(self._advance, request)
        for request in due:
            calm &= _carefully(self._remind, request)
        for owner, messages in self._owners(due, unshown).items():
            if budget.over:
                return False
            calm &= _speak(budget, partial(self.delivery.deliver, owner, messages), owner)
        return calm and self.clock.now() < began + WORK

    def _owners(self, due: list[Request], unshown: list[Message]) -> dict[str, list[Message]]:
        """Return whose messages to deliver, longest overdue first; then the owners of requests that were due."""
        owners: dict[str, list[Message]] = {}
        for message in unshown:
            owners.setdefault(message.owner, []).append(message)
        for request in due:
            owners.setdefault(request.client_id, [])
        return owners

    def _measure(self, due: list[Request], unshown: list[Message]) -> None:
        """Measure how long the oldest ones have waited, before the work, which may be cut short."""
        now = self.clock.now()
        ages = {
            Measure.OLDEST_UNPOSTED: [now - one.waits_since for one in unshown],
            Measure.OLDEST_UNFINISHED: [now - _working_since(one) for one in due if one.state in UNDER_WAY],
        }
        for measure, found in ages.items():
            self.meter.seconds(measure, max((age.total_seconds() for age in found), default=0))

    def _in_turn(self, requests: list[Request]) -> list[Request]:
        """Return the requests, starting with another one each minute, so that a slow one does not always come first."""
        first = int(self.clock.now().timestamp() // 60) % max(len(requests), 1)
        return requests[first:] + requests[:first]

    def _may_advance(self, found: Request) -> bool:
        return found.state in UNDER_WAY or (found.state is State.PENDING and self.clock.now() >= found.expiry)

    def _advance(self, found: Request) -> None:
        """Move it on where it has stopped."""
        request = self.store.request(found.id)
        if request is None:
            return
        if request.state is State.PENDING and self.clock.now() >= request.expiry:
            self._expire(request)
        elif request.state in UNDER_WAY and (request.state is State.APPROVED or not self.provisioning.settle(request)):
            self.provisioning.hand_over(request)

    def _expire(self, request: Request) -> None:
        client, now = self.store.client(request.client_id), self.clock.now()
        if client is None:
            return
        expired = touched(replace(request, state=State.EXPIRED), now)
        audit = Audit(now, "switchyard", Step.EXPIRE, request.client_id, request.id)
        client = replace(client, standing=policy.standing(client, expired))
        self.store.save(Change(client=client, requests=(expired,), audits=(audit,), raises=(raised(expired, now),)))

    def _remind(self, found: Request) -> None:
        """Store a reminder, if it is time for one, of what is shown and still waits."""
        now = self.clock.now()
        request = self.store.request(found.id) if _to_be_mentioned(found, now) else None
        if request is None or not _to_be_mentioned(request, now):
            return
        own, client = self.store.message(request.client_id, place_of(request)), self.store.client(request.client_id)
        if own is None or own.ts is None or client is None:
            return
        counts = _lets_in(request)
        if counts and policy.full_until(client, now) is not None:
            return
        again = reminded(request, now)
        reminder = message_about(again, now, Shows.REMINDER)
        # Drawn as well, so that a message which somebody deleted is noticed and comes back.
        counted = policy.asked(client, now, now) if counts else None
        raises = (raised(again, now),)
        self.store.save(Change(client=counted, requests=(again,), messages=(reminder,), raises=raises))


def _lets_in(request: Request) -> bool:
    """Return whether the client itself wants this request, so that its mentions count as the client's messages.

    A client must not be able to delay mentions of its own removal, or of a failure, by causing other messages.
    """
    return request.state is State.PENDING and request.kind.lets_in


def _to_be_mentioned(request: Request, now: datetime) -> bool:
    remind_at = request.deadlines.remind_at
    return request.waits and remind_at is not None and now >= remind_at


def _speak(budget: SlackBudget, step: Callable[[], bool], owner: str) -> bool:
    """Take the step as often as Slack asks to come back. Return whether nothing was down."""
    while True:
        try:
            if step():
                budget.heard()
        except SlackUnavailable as error:
            if budget.worth_repeating(error):
                continue
            return error.about_this_call
        except SwitchyardError as error:
            return isinstance(error, Conflict)
        except Exception:
            log.exception("client %s is not shown yet", owner, extra={"client_id": owner})
        return True


def _working_since(request: Request) -> datetime:
    return request.decision.at if request.decision else request.updated_at


def _carefully(step: Callable[[Request], None], request: Request) -> bool:
    """Take the step. Return whether nothing that it needs was down."""
    try:
        step(request)
    except Conflict:
        log.info("request %s is being worked on", request.id, extra=about(request))
    except SwitchyardError as error:
        log.warning("request %s could not be reconciled: %s", request.id, error, extra=about(request))
        return False
    except Exception:
        log.exception("request %s could not be reconciled", request.id, extra=about(request))
    return True
