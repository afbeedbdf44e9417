"""Posts something new in Slack, once: a request's message, its card, a reminder of it.

Whoever posts claims it first, for as long as `LEASE`; the others leave it to that one. A claim that ran out means that
somebody began to post and never said how it ended: so look for it, by its message metadata, before posting again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from bot.domain import policy
from bot.domain.approvers import reminded
from bot.domain.errors import Conflict, SlackUnavailable, TryAgain
from bot.domain.model import Client, Event
from bot.domain.request import LEASE, Request
from bot.domain.vocabulary import Kind
from bot.ports import ATTEMPTS, Change, Clock, Notifier, Store

T = TypeVar("T")
Claim = Callable[[Request, datetime | None], Request]
"""Says in the request until when somebody is posting."""


@dataclass(frozen=True)
class Posting:
    """Posts, and stores what Slack has confirmed."""

    store: Store
    notifier: Notifier
    clock: Clock

    def claimed(self, request: Request) -> bool:
        """Whether the message or the card is ours to post now; false also when the request has changed since."""
        try:
            self.store.save(Change(requests=(_posting(request, self.clock.now() + LEASE),)))
        except Conflict:
            return False
        return True

    def message(self, request: Request) -> None:
        """Post the request's message, which is claimed. One that is found may show an older state."""
        found, ts = self._once(
            request,
            request.posting_until,
            _posting,
            find=lambda: self.notifier.find(request)[0],
            post=lambda: self.notifier.post(*self.rendered(request)),
        )
        shown = 0 if found else request.revision
        self.keep(
            request.id,
            lambda now: replace(now, message_ts=ts, shown=shown, posting_until=None, refused_by_slack=False),
        )

    def card(self, request: Request) -> None:
        """Post its switch-role card, which is claimed. One that is no longer valid is only found, and then redrawn."""
        if request.overtaken_by is not None:
            there = self.notifier.find(request)[1]
            shown = 0 if there else request.shown
            self.keep(request.id, lambda now: replace(now, card_ts=there, shown=shown, posting_until=None))
            return
        _, ts = self._once(
            request,
            request.posting_until,
            _posting,
            find=lambda: self.notifier.find(request)[1],
            post=lambda: self.notifier.post_card(request, self._client_of(request)),
        )
        self.keep(
            request.id,  # one that was overtaken while it was posted is redrawn
            lambda now: replace(now, card_ts=ts, posting_until=None, shown=0 if now.overtaken_by else now.shown),
        )

    def reminder(self, request: Request) -> None:
        """Claim and post the reminder that is due, and note the next one. Nothing while somebody else is at it."""
        now = self.clock.now()
        if request.reminding_until is not None and request.reminding_until > now:
            return
        self.store.save(Change(requests=(_reminding(request, now + LEASE),)))
        self._once(
            request,
            request.reminding_until,
            _reminding,
            find=lambda: self.notifier.has_reminded(request),
            post=lambda: self.notifier.remind(request),
        )
        self.keep(request.id, lambda kept: _reminded_of(kept, request, self.clock.now()))

    def rendered(self, request: Request) -> tuple[Request, list[Event]]:
        """What the message is made of; a report's reason is what is known by now."""
        if request.kind is Kind.REPAIR:
            return request, []  # nothing that the client's stack did
        timeline = policy.operation(self.store.events(request.client_id), request)
        if request.kind is Kind.REPORT:
            request = replace(request, reason=policy.failure_reason(timeline))
        return request, timeline

    def keep(self, request_id: str, change: Callable[[Request], Request]) -> None:
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

    def _once(
        self,
        request: Request,
        doubt: datetime | None,
        claim: Claim,
        find: Callable[[], T | None],
        post: Callable[[], T],
    ) -> tuple[bool, T]:
        """Whether it was there already, and what posting it answered. `doubt` is the claim that ran out, if any.

        Only what certainly was not posted leaves no doubt behind.
        """
        try:
            found = find() if doubt is not None else None
            if found:
                return True, found
            doubt = None
            return False, post()
        except SlackUnavailable as error:
            if doubt is not None or error.undone:
                self.keep(request.id, lambda now: claim(now, doubt))
            raise

    def _client_of(self, request: Request) -> Client:
        client = self.store.client(request.client_id)
        if client is None:
            raise TryAgain(f"client {request.client_id} is not stored")
        return client


def _posting(request: Request, until: datetime | None) -> Request:
    return replace(request, posting_until=until)


def _reminding(request: Request, until: datetime | None) -> Request:
    return replace(request, reminding_until=until)


def _reminded_of(request: Request, due: Request, now: datetime) -> Request:
    """The request after that reminder; it may have been decided, even asked again, meanwhile."""
    request = replace(request, reminding_until=None)
    return reminded(request, now) if request.remind_at == due.remind_at else request
