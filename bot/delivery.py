"""Brings Slack to what is stored: posts a request's message, edits it, posts its card.

Slack and the table can't change together, so the table leads. `Request.revision` says what should be shown, `shown`
what Slack confirmed. Whoever shows writes `shown` afterwards and looks again, so that the last word always wins. A
crash in between leaves the request due, and the sweep recovers it by its message metadata.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot import policy
from bot.errors import Conflict, SlackUnavailable, TryAgain
from bot.model import LEASE, Kind, Request
from bot.ports import Change, Clock, Notifier, Store

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

    def recover(self, request: Request) -> None:
        """Show what somebody stored but did not show. Raises Conflict when somebody else is at it."""
        self.store.save(Change(requests=(replace(request, lease_until=self.clock.now() + LEASE),)))
        if request.message_ts is None or (request.card_due and request.shown == request.revision):
            message_ts, card_ts = self.notifier.find(request)
            self._keep(
                request.id,
                lambda now: replace(now, message_ts=now.message_ts or message_ts, card_ts=now.card_ts or card_ts),
            )
        self._deliver(request.id)

    def _deliver(self, request_id: str) -> None:
        for _ in range(ATTEMPTS):
            request = self.store.request(request_id)
            if request is None or not request.undelivered:
                return
            if request.shown < request.revision:
                self._show_message(request)
            else:
                self._post_card(request)

    def _show_message(self, request: Request) -> None:
        timeline = policy.operation(self.store.events(request.client_id), request)
        if request.kind is Kind.REPORT:
            request = replace(request, reason=policy.failure_reason(timeline))
        if request.message_ts is None:
            ts = self.notifier.post(request, timeline)
        else:
            ts = request.message_ts
            self.notifier.update(request, timeline)
        self._keep(request.id, lambda now: replace(now, message_ts=ts, shown=request.revision))

    def _post_card(self, request: Request) -> None:
        client = self.store.client(request.client_id)
        if client is not None:
            ts = self.notifier.post_card(request, client)
            self._keep(request.id, lambda now: replace(now, card_ts=ts))

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
