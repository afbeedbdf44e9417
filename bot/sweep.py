"""What the minute does: finishes what was left half-done, reminds, expires.

State comes first and Slack afterwards, so that work goes on while Slack is down. One request's trouble does not
keep the others waiting, and Slack's rate limit is kept to: what there is no time for is due again in a minute.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from bot.channel.delivery import Delivery
from bot.channel.rate_limit import MOST, Airtime
from bot.domain import policy
from bot.domain.errors import Conflict, SlackUnavailable, SwitchyardError
from bot.domain.model import Audit
from bot.domain.request import Request, about
from bot.domain.transitions import Step
from bot.domain.vocabulary import UNDER_WAY, Measure, State
from bot.ingest.plan import touched
from bot.ports import Change, Clock, Meter, NoMeter, Store
from bot.provisioning.run import Provisioning

WORK = timedelta(seconds=15)
"""After which AWS is asked nothing more: one question may take 40 seconds in an outage, and Slack comes after it."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Healing:
    """Looks after requests that are due."""

    store: Store
    provisioning: Provisioning
    delivery: Delivery
    clock: Clock
    meter: Meter = field(default_factory=NoMeter)

    def heal(self, due: list[Request]) -> bool:
        """Do everything that each of these requests needs now. Return whether nothing was down and time is left."""
        began, calm = self.clock.now(), True
        airtime = Airtime(self.clock, began + MOST)
        self._measure(due)
        for request in self._in_turn([one for one in due if self._may_advance(one)]):
            if self.clock.now() < began + WORK:
                calm &= _carefully(self._advance, request)
        for step in (self._show, self._remind):
            for request in due:
                if airtime.over:
                    return False
                calm &= _carefully(partial(_speak, airtime, step), request)
        return calm and self.clock.now() < began + WORK

    def _measure(self, due: list[Request]) -> None:
        """How long the oldest ones wait. Told before the work, which may be cut short."""
        now = self.clock.now()
        ages = {
            Measure.OLDEST_UNPOSTED: [now - _unshown_since(request) for request in due if request.undelivered],
            Measure.OLDEST_UNFINISHED: [now - _working_since(request) for request in due if request.state in UNDER_WAY],
        }
        for measure, found in ages.items():
            self.meter.seconds(measure, max((age.total_seconds() for age in found), default=0))

    def _in_turn(self, requests: list[Request]) -> list[Request]:
        """Another one first in each minute, so that what takes long does not always keep the same ones waiting."""
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
        forgotten = request.state is State.PROVISIONING and not self.provisioning.settle(request)
        if request.state is State.APPROVED or forgotten:
            self.provisioning.hand_over(request)

    def _show(self, found: Request) -> bool:
        """Whether there was anything to show. What has changed since it was found is nobody's to recover."""
        request = self.store.request(found.id)
        if request is not None and request.revision > found.revision:
            self.delivery.deliver(request.id)
        else:
            self.delivery.recover(found.id)
        return request is not None and request.undelivered

    def _expire(self, request: Request) -> None:
        client, now = self.store.client(request.client_id), self.clock.now()
        if client is None:
            return
        expired = touched(replace(request, state=State.EXPIRED), now)
        audit = Audit(now, "switchyard", Step.EXPIRE, request.client_id, request.id)
        client = replace(client, standing=policy.standing(client, expired))
        self.store.save(Change(client=client, requests=(expired,), audits=(audit,)))

    def _remind(self, found: Request) -> bool:
        """Whether it was time to. Of what is shown and still waits."""
        now = self.clock.now()
        if not _to_be_mentioned(found, now):
            return False
        request = self.store.request(found.id)
        if request is None or not _to_be_mentioned(request, now) or request.undelivered:
            return False
        self.delivery.remind(request)
        return True


def _to_be_mentioned(request: Request, now: datetime) -> bool:
    return request.waits and request.remind_at is not None and now >= request.remind_at


def _speak(airtime: Airtime, step: Callable[[Request], bool], request: Request) -> None:
    """Take the step as often as Slack asks to come back; raise what else Slack answers."""
    while True:
        try:
            if step(request):
                airtime.heard()
        except SlackUnavailable as error:
            if not airtime.worth_repeating(error):
                raise
        else:
            return


def _unshown_since(request: Request) -> datetime:
    changed = request.created_at if request.message_ts is None else request.updated_at
    return max(changed, request.held_until or changed)


def _working_since(request: Request) -> datetime:
    return request.decision.at if request.decision else request.updated_at


def _carefully(step: Callable[[Request], None], request: Request) -> bool:
    """Take the step. Return whether nothing that it needs was down."""
    try:
        step(request)
    except Conflict:
        log.info("request %s is being worked on", request.id, extra=about(request))
    except SwitchyardError as error:
        log.warning("request %s could not be healed: %s", request.id, error, extra=about(request))
        return isinstance(error, SlackUnavailable) and error.undone and error.retry_after is None
    except Exception:
        log.exception("request %s could not be healed", request.id, extra=about(request))
    return True
