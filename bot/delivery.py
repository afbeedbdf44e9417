"""Brings Slack to what is stored: posts a request's message, edits it, posts its card.

Slack and the table can't change together, so the table leads. `Request.revision` says what should be shown, `shown`
what Slack confirmed. Whoever shows writes `shown` afterwards and looks again, so that the last word always wins.
Something new is posted by whoever claims it first; the others leave it to that one. A crash in between leaves the
request due, and the sweep recovers it by its message metadata. What is told of one client is posted in its order.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from bot import policy
from bot.deciding import reminded
from bot.errors import Conflict, SlackUnavailable, TryAgain
from bot.model import LEASE, Client, Event, Request, about
from bot.ports import Change, Clock, Meter, NoMeter, Notifier, Store
from bot.vocabulary import Kind, Measure

ATTEMPTS = 5
T = TypeVar("T")
Claim = Callable[[Request, datetime | None], Request]
"""Says in the request until when somebody is posting."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Delivery:
    """Shows requests in Slack."""

    store: Store
    notifier: Notifier
    clock: Clock
    meter: Meter = field(default_factory=NoMeter)

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
        """Bring Slack up to date, or raise SlackUnavailable. What Slack has no time for is due again at once."""
        try:
            self._deliver(request_id)
        except SlackUnavailable as error:
            if error.retry_after is not None:
                self._keep(request_id, lambda now: replace(now, lease_until=None))
            elif error.undone:
                self._keep(request_id, lambda now: replace(now, refused_by_slack=True))
            raise

    def remind(self, request: Request) -> None:
        """Post the reminder that is due, and note the next one."""
        now = self.clock.now()
        if request.reminding_until is not None and request.reminding_until > now:
            return
        self.store.save(Change(requests=(_reminding(request, now + LEASE),)))
        self._posted_once(
            request,
            request.reminding_until,
            _reminding,
            find=lambda: self.notifier.has_reminded(request),
            post=lambda: self.notifier.remind(request),
        )
        self._keep(request.id, lambda kept: _reminded_of(kept, request, self.clock.now()))

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
            self.notifier.update(*self._rendered(request))
        except SlackUnavailable as error:
            if error.down:  # it may be carried out all the same, after a newer one
                self._keep(request.id, lambda now: replace(now, shown=0, drawn=now.drawn + 1))
            raise
        self._keep(
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
        try:
            self.store.save(Change(requests=(_posting(request, now + LEASE),)))
        except Conflict:
            return True
        if request.message_ts is None:
            self._post_message(request)
        else:
            self._post_card(request)
        return True

    def _post_message(self, request: Request) -> None:
        found, ts = self._posted_once(
            request,
            request.posting_until,
            _posting,
            find=lambda: self.notifier.find(request)[0],
            post=lambda: self.notifier.post(*self._rendered(request)),
        )
        shown = 0 if found else request.revision
        self._keep(
            request.id,
            lambda now: replace(now, message_ts=ts, shown=shown, posting_until=None, refused_by_slack=False),
        )
        waited = self.clock.now() - request.event_at
        self.meter.seconds(Measure.EVENT_TO_MESSAGE, waited.total_seconds())

    def _post_card(self, request: Request) -> None:
        _, ts = self._posted_once(
            request,
            request.posting_until,
            _posting,
            find=lambda: self.notifier.find(request)[1],
            post=lambda: self.notifier.post_card(request, self._client_of(request)),
        )
        self._keep(request.id, lambda kept: replace(kept, card_ts=ts, posting_until=None))

    def _posted_once(
        self,
        request: Request,
        doubt: datetime | None,
        claim: Claim,
        find: Callable[[], T | None],
        post: Callable[[], T],
    ) -> tuple[bool, T]:
        """Whether it was there already, and what posting it answered.

        `doubt` is the claim that ran out, if any: somebody began to post and never said how it ended, so look before
        posting again. Only what certainly was not posted leaves no doubt behind.
        """
        try:
            found = find() if doubt is not None else None
            if found:
                return True, found
            doubt = None
            return False, post()
        except SlackUnavailable as error:
            if doubt is not None or error.undone:
                self._keep(request.id, lambda now: claim(now, doubt))
            raise

    def _rendered(self, request: Request) -> tuple[Request, list[Event]]:
        """What the message is made of; a report's reason is what is known by now."""
        timeline = policy.operation(self.store.events(request.client_id), request)
        if request.kind is Kind.REPORT:
            request = replace(request, reason=policy.failure_reason(timeline))
        return request, timeline

    def _client_of(self, request: Request) -> Client:
        client = self.store.client(request.client_id)
        if client is None:
            raise TryAgain(f"client {request.client_id} is not stored")
        return client

    def _keep(self, request_id: str, change: Callable[[Request], Request]) -> None:
        """Store what Slack has confirmed, whatever else happened to the request meanwhile."""
        for _ in range(ATTEMPTS):
            request = self.store.request(request_id)
            if request is None:
                return
            try:
                self.store.save(Change(requests=(change(request),)))
            except Conflict:
                continue
            return
        raise TryAgain(f"request {request_id} keeps changing")


def _posting(request: Request, until: datetime | None) -> Request:
    return replace(request, posting_until=until)


def _reminding(request: Request, until: datetime | None) -> Request:
    return replace(request, reminding_until=until)


def _reminded_of(request: Request, due: Request, now: datetime) -> Request:
    """The request after that reminder; it may have been decided, even asked again, meanwhile."""
    request = replace(request, reminding_until=None)
    return reminded(request, now) if request.remind_at == due.remind_at else request


def _posts_anew(request: Request) -> bool:
    """Whether showing it posts a message or a card, instead of editing one."""
    return request.message_ts is None or (request.shown >= request.revision and request.card_due)
