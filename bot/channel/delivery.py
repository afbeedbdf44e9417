"""Brings Slack to what is stored: what is to be posted, edited or left to somebody else.

Slack and the table can't change together, so the table leads. `Request.revision` says what should be shown, `shown`
what Slack confirmed. Whoever shows writes `shown` afterwards and looks again, so that the last word always wins.
A crash in between leaves the request due, for the sweep. What is told of one client is posted in its order, and once:
see `posting.py`.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property

from bot.channel.posting import Posting
from bot.domain.errors import Conflict, SlackUnavailable, SwitchyardError, TryAgain
from bot.domain.request import LEASE, Request, about
from bot.domain.vocabulary import Measure
from bot.ports import ATTEMPTS, Change, Clock, Meter, NoMeter, Notifier, Store

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Delivery:
    """Shows requests in Slack."""

    store: Store
    notifier: Notifier
    clock: Clock
    meter: Meter = field(default_factory=NoMeter)

    @cached_property
    def posting(self) -> Posting:
        """Posts what is new."""
        return Posting(self.store, self.notifier, self.clock)

    def show(self, request: Request) -> None:
        """Bring Slack up to date. What Slack does not take now is left to the sweep."""
        try:
            self.deliver(request.id)
        except (SlackUnavailable, TryAgain, Conflict) as error:
            log.warning("request %s is not shown yet: %s", request.id, error, extra=about(request))

    def recover(self, request_id: str) -> None:
        """Show what somebody stored but did not show. Nothing while somebody is still at it."""
        request, now = self.store.request(request_id), self.clock.now()
        if request is None or not request.undelivered or (request.lease_until and request.lease_until > now):
            return
        self.store.save(Change(requests=(replace(request, lease_until=now + LEASE),)))
        self.deliver(request.id)

    def deliver(self, request_id: str) -> None:
        """Bring Slack up to date, or raise SlackUnavailable. What Slack has no time for is due when it says so.

        Not before all others: Slack limits each of its methods by itself, and others may not need that one.
        """
        try:
            self._deliver(request_id)
        except SlackUnavailable as error:
            if error.retry_after is not None:
                again = self.clock.now() + min(timedelta(seconds=error.retry_after), LEASE)
                self.posting.keep(request_id, lambda now: replace(now, lease_until=again))
            elif error.undone:
                self._give_way(request_id)
            raise
        except SwitchyardError:
            raise
        except Exception:  # a fault of ours: the message can't even be made
            self._give_way(request_id)
            raise

    def _give_way(self, request_id: str) -> None:
        """Nothing else of the client waits for what may never be shown."""
        self.posting.keep(request_id, lambda now: replace(now, refused_by_slack=True))

    def remind(self, request: Request) -> None:
        """Post the reminder that is due, and note the next one."""
        self.posting.reminder(request)

    def _deliver(self, request_id: str) -> None:
        for _ in range(ATTEMPTS):
            request = self.store.request(request_id)
            if request is None or not request.undelivered:
                return
            if not _posts_anew(request):
                self._edit(request)
            elif not self._posted(request):
                return

    def _edit(self, request: Request) -> None:
        """Bring the message up to date. Of two edits at once either may have come last, so then once more."""
        try:
            self.notifier.update(*self.posting.rendered(request))
        except SlackUnavailable as error:
            if error.down:  # it may be carried out all the same, after a newer one
                self.posting.keep(request.id, lambda now: replace(now, shown=0, drawn=now.drawn + 1))
            raise
        self.posting.keep(
            request.id,
            lambda now: replace(now, shown=request.revision if now.drawn == request.drawn else 0, drawn=now.drawn + 1),
        )

    def _posted(self, request: Request) -> bool:
        """Post the message or the card. False while somebody else is at it, who looks again afterwards."""
        now = self.clock.now()
        if any(until is not None and until > now for until in (request.posting_until, request.held_until)):
            return False
        before = self.store.request(request.follows) if request.follows and request.message_ts is None else None
        if before is not None and before.awaited:
            return False
        if not self.posting.claimed(request):
            return True
        if request.message_ts is None:
            self.posting.message(request)
            waited = self.clock.now() - request.event_at
            self.meter.seconds(Measure.EVENT_TO_MESSAGE, waited.total_seconds())
        else:
            self.posting.card(request)
        return True


def _posts_anew(request: Request) -> bool:
    """Whether showing it posts a message or a card, instead of editing one."""
    return request.message_ts is None or (request.shown >= request.revision and request.card_due)
