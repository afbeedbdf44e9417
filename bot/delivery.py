"""Brings Slack to what is stored: posts a request's message, edits it, posts its card.

Slack and the table can't change together, so the table leads. `Request.revision` says what should be shown, `shown`
what Slack confirmed. Whoever shows writes `shown` afterwards and looks again, so that the last word always wins.
Something new is posted by whoever claims it first; the others leave it to that one. A crash in between leaves the
request due, and the sweep recovers it by its message metadata.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot import policy
from bot.errors import Conflict, SlackUnavailable, TryAgain
from bot.model import LEASE, Request
from bot.ports import Change, Clock, Notifier, Store
from bot.vocabulary import Kind

ATTEMPTS = 5
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Delivery:
    """Shows requests in Slack."""

    store: Store
    notifier: Notifier
    clock: Clock

    def show(self, request_id: str) -> None:
        """Bring Slack up to date. What Slack does not take now is left to the sweep."""
        try:
            self._deliver(request_id)
        except (SlackUnavailable, TryAgain, Conflict) as error:
            log.warning("request %s is not shown yet: %s", request_id, error)

    def recover(self, request_id: str) -> None:
        """Show what somebody stored but did not show. Nothing while somebody is still at it."""
        request, now = self.store.request(request_id), self.clock.now()
        if request is None or not request.undelivered or self._awaited(request):
            return
        self.store.save(Change(requests=(replace(request, lease_until=now + LEASE),)))
        if _posts_anew(request):
            message_ts, card_ts = self.notifier.find(request)
            self._keep(
                request.id,
                lambda kept: replace(kept, message_ts=kept.message_ts or message_ts, card_ts=kept.card_ts or card_ts),
            )
        self._deliver(request.id)

    def _awaited(self, request: Request) -> bool:
        now = self.clock.now()
        return any(until is not None and until > now for until in (request.lease_until, request.posting_until))

    def _deliver(self, request_id: str) -> None:
        for _ in range(ATTEMPTS):
            request = self.store.request(request_id)
            if request is None or not request.undelivered:
                return
            if _posts_anew(request) and not self._claimed(request):
                return
            if request.shown < request.revision:
                self._show_message(request)
            else:
                self._post_card(request)

    def _claimed(self, request: Request) -> bool:
        """Whether it is ours to post something new. Whoever posts looks again afterwards, so nothing gets lost."""
        now = self.clock.now()
        if request.posting_until is not None and request.posting_until > now:
            return False
        try:
            self.store.save(Change(requests=(replace(request, posting_until=now + LEASE),)))
        except Conflict:
            return self._claimed_again(request.id)
        return True

    def _claimed_again(self, request_id: str) -> bool:
        """The request changed under the claim: once more, on what it is now."""
        request = self.store.request(request_id)
        return request is not None and _posts_anew(request) and self._claimed(request)

    def _show_message(self, request: Request) -> None:
        timeline = policy.operation(self.store.events(request.client_id), request)
        if request.kind is Kind.REPORT:
            request = replace(request, reason=policy.failure_reason(timeline))
        if request.message_ts is None:
            ts = self.notifier.post(request, timeline)
        else:
            ts = request.message_ts
            self.notifier.update(request, timeline)
        self._keep(request.id, lambda now: replace(now, message_ts=ts, shown=request.revision, posting_until=None))

    def _post_card(self, request: Request) -> None:
        client = self.store.client(request.client_id)
        if client is not None:
            ts = self.notifier.post_card(request, client)
            self._keep(request.id, lambda now: replace(now, card_ts=ts, posting_until=None))

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


def _posts_anew(request: Request) -> bool:
    """Whether showing it posts a message or a card, instead of editing one."""
    return request.message_ts is None or (request.shown >= request.revision and request.card_due)
