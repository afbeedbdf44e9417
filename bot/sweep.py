"""The work of each minute: finishes what was left half-done, reminds, expires.

State comes first and Slack afterwards, so that work continues while Slack is down. A request that fails does not hold
up the others. Slack's rate limit is respected: what does not fit into this minute is due again in the next. No more is
read than the minute can serve, because reading ten thousand records takes a quarter of it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING

from bot.channel.delivery import Delivery
from bot.channel.rate_limit import MOST, SlackMinute
from bot.channel.reminding import Reminding
from bot.domain import policy
from bot.domain.errors import Conflict, SlackUnavailable, SwitchyardError
from bot.domain.message import Message, about_owner, home_of, raised, shared_card
from bot.domain.model import Audit
from bot.domain.page import Page, PageChange, Team, Todo
from bot.domain.request import Request, about, touched
from bot.domain.transitions import Step
from bot.domain.vocabulary import UNDER_WAY, Measure, State
from bot.ports import Clock, Meter, NoMeter
from bot.ports.kits import have_renewed
from bot.ports.store import Change, Store
from bot.provisioning.paging import Paging
from bot.provisioning.run import Provisioning

if TYPE_CHECKING:
    from bot.domain.bulk import Bulk

WORK = timedelta(seconds=15)
"""After this, AWS is not asked any more: one call may take 40 seconds in an outage, and Slack comes after it."""
REMINDING = timedelta(seconds=5)
"""How long reminders are stored after that work; Slack takes only one a second anyway."""
REQUESTS = 250
"""How many due requests are read: about as many as WORK and REMINDING are enough for."""
PAGES = 50
"""How many due pages of teams, and changes that wait for one, are looked at."""
KITS = 50
"""How many teams' due kits are handed over."""
PAGE = 100
"""How many due messages are read before the first is delivered; more are read only if there is time left."""
log = logging.getLogger(__name__)


@dataclass(eq=False, repr=False)
class Reconciler:
    """Finishes and reminds of requests that are due."""

    store: Store
    provisioning: Provisioning
    paging: Paging
    delivery: Delivery
    clock: Clock
    meter: Meter = field(default_factory=NoMeter)

    def sweep(self) -> bool:
        """Do everything that is due now, as far as the minute goes. Return whether nothing was down and time is left.

        Requests are read from the other end every other minute, so that many that can't be served hide no others.
        """
        began = self.clock.now()
        newest_first = _minute(began) % 2 == 1
        due = self.store.due(began, REQUESTS, newest_first=newest_first)
        return self.reconcile(began, due[::-1] if newest_first else due, self.store.due_messages(began))

    def reconcile(self, began: datetime, due: Sequence[Request], unshown: Iterable[Message]) -> bool:
        """Do everything that each of these needs now, in the minute that began then. Return as `sweep` does."""
        calm, messages = True, iter(unshown)
        first = list(islice(messages, PAGE))
        self._measure(due, first)
        for request in self._in_turn([one for one in due if self._may_advance(one)]):
            if self.clock.now() < began + WORK:
                calm &= _carefully(partial(self._advance, request), f"request {request.id}", about(request))
        if self.clock.now() < began + WORK:
            calm &= self._look_after_pages()
        reminding = Reminding(self.store, self.clock)
        reminding_until = min(self.clock.now() + REMINDING, began + MOST)
        for request in self._in_turn(due):
            if self.clock.now() < reminding_until:
                calm &= _carefully(partial(reminding.remind, request), f"request {request.id}", about(request))
        slack = SlackMinute(self.delivery.channel, self.clock, began + MOST)
        delivery = replace(self.delivery, channel=slack)
        for owner, waiting in _owners(due, chain(first, messages)):
            if slack.over:
                return False
            calm &= _speak(slack, partial(delivery.deliver, owner, waiting), owner)
        return calm and self.clock.now() < began + WORK

    def _measure(self, due: Sequence[Request], unshown: Sequence[Message]) -> None:
        """Measure how long the oldest ones have waited, before the work, which may be cut short."""
        now = self.clock.now()
        ages = {
            Measure.OLDEST_UNPOSTED: [now - one.waits_since for one in unshown],
            Measure.OLDEST_UNFINISHED: [now - _working_since(one) for one in due if one.state in UNDER_WAY],
        }
        for measure, found in ages.items():
            self.meter.seconds(measure, max((age.total_seconds() for age in found), default=0))

    def _in_turn(self, requests: Sequence[Request]) -> list[Request]:
        """Return the requests, starting with another one each minute, so that a slow one does not always come first."""
        first = _minute(self.clock.now()) % max(len(requests), 1)
        return [*requests[first:], *requests[:first]]

    def _may_advance(self, found: Request) -> bool:
        return found.state in UNDER_WAY or (found.state is State.PENDING and self.clock.now() >= found.expiry)

    def _advance(self, found: Request) -> None:
        """Move it on where it has stopped."""
        request = self.store.request(found.id)
        if request is None:
            return
        if request.state is State.PENDING and self.clock.now() >= request.expiry:
            self._expire(request)
        elif request.state is State.APPROVED:
            self.provisioning.hand_over(request)
        elif request.state is State.PROVISIONING:
            settled = self.provisioning.settle(request)
            if settled.start:
                self.provisioning.hand_over(request)
            self.provisioning.hand_over_pages(settled.teams, ())

    def _look_after_pages(self) -> bool:
        """Record the ends of pages that were missed, and have done whatever was left undone, kits included."""
        todo, calm = Todo(), True
        for due in self.store.due_work(self.clock.now(), PAGES):
            calm &= _carefully(partial(self._look_after, due, todo), _named(due))
        for request in filter(None, map(self.store.request, todo.requests)):
            self.provisioning.hand_over(request)
        self.provisioning.hand_over_pages(sorted(todo.teams), sorted(todo.pages))
        have_renewed(self.provisioning.handoff, {*todo.kits, *self.store.due_kits(self.clock.now(), KITS)})
        return calm

    def _look_after(self, due: Page | PageChange | Team | Bulk, todo: Todo) -> None:
        if isinstance(due, Team):
            todo.teams.add(due.name)
        elif isinstance(due, PageChange):
            todo.teams.add(due.team)
        elif not isinstance(due, Page):
            self.provisioning.handoff.bulk(due.name)
        elif not due.under_way or not self.paging.settle(due.name, todo):
            todo.pages.add(due.name)

    def _expire(self, request: Request) -> None:
        client, now = self.store.client(request.client_id), self.clock.now()
        if client is None:
            return
        expired = touched(replace(request, state=State.EXPIRED), now)
        audit = Audit(now, "switchyard", Step.EXPIRE, request.client_id, request.id)
        client = replace(client, standing=policy.standing(client, expired))
        raises = raised(expired, now), *shared_card(expired, now)
        self.store.save(Change(client=client, requests=(expired,), audits=(audit,), raises=raises))


def _named(due: Page | PageChange | Team | Bulk) -> str:
    match due:
        case Team():
            return f"team {due.name}"
        case Page() | PageChange():
            return f"page {due.number} of team {due.team}"
        case _:
            return f"press {due.number} on all of {due.home.place}"


def _minute(at: datetime) -> int:
    return int(at.timestamp() // 60)


def _owners(due: Sequence[Request], unshown: Iterator[Message]) -> Iterator[tuple[str, list[Message]]]:
    """Yield whose messages to deliver, longest overdue first, reading on only when asked for more.

    The owners of requests that were due follow; what Slack has refused comes last, so that it keeps no other waiting.
    """
    refused: list[Message] = []
    seen: set[str] = set()
    while page := list(islice(unshown, PAGE)):
        refused += [one for one in page if one.is_refused]
        owners = _by_owner(one for one in page if not one.is_refused)
        seen.update(owners)
        yield from owners.items()
    yield from ((owner, []) for owner in dict.fromkeys(home_of(one).owner for one in due) if owner not in seen)
    yield from _by_owner(refused).items()


def _by_owner(messages: Iterable[Message]) -> dict[str, list[Message]]:
    owners: dict[str, list[Message]] = {}
    for message in messages:
        owners.setdefault(message.owner, []).append(message)
    return owners


def _speak(slack: SlackMinute, step: Callable[[], bool], owner: str) -> bool:
    """Take the step as often as Slack asks to come back. Return whether nothing was down."""
    while True:
        try:
            if step():
                slack.heard()
        except SlackUnavailable as error:
            if slack.worth_repeating(error):
                continue
            return error.about_this_call
        except SwitchyardError as error:
            return isinstance(error, Conflict)
        except Exception:
            log.exception("%s is not shown yet", owner, extra=about_owner(owner))
        return True


def _working_since(request: Request) -> datetime:
    return request.decision.at if request.decision else request.updated_at


def _carefully(step: Callable[[], None], what: str, extra: Mapping[str, str] | None = None) -> bool:
    """Take the step. Return whether nothing that it needs was down."""
    try:
        step()
    except Conflict:
        log.info("%s is being worked on", what, extra=extra)
    except SwitchyardError as error:
        log.warning("%s could not be reconciled: %s", what, error, extra=extra)
        return False
    except Exception:
        log.exception("%s could not be reconciled", what, extra=extra)
    return True
