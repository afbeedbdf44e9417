"""Reminds approvers of a request that waits: one reminder for each message, however many requests it shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain import policy
from bot.domain.approvers import SELDOM, reminded
from bot.domain.message import Message, Shows, home_of, message_about, raised
from bot.domain.request import Request
from bot.domain.vocabulary import UNDER_WAY, State
from bot.ports import Clock
from bot.ports.store import Change, Store

READ = 25
"""How many of the newest messages are searched for an earlier reminder."""


@dataclass(eq=False, repr=False)
class Reminding:
    """Stores reminders; the delivery posts them."""

    store: Store
    clock: Clock

    def remind(self, found: Request) -> None:
        """Store a reminder, if it is time for one, of what is shown and still waits."""
        now, home = self.clock.now(), home_of(found)
        own = self.store.message(home.owner, home.place) if _to_be_mentioned(found, now) else None
        if own is None or own.ts is None:
            return
        request, client = self.store.request(found.id), self.store.client(found.client_id)
        if request is None or client is None or not _to_be_mentioned(request, now):
            return
        if own.shared and self._mentioned_together(own, request, now):
            return
        # What the client itself wants counts among its messages. Its removal, or a failure, does not: a client must
        # not be able to delay those mentions by causing other messages.
        counts = request.state is State.PENDING and request.kind.lets_in
        if counts and policy.full_until(client, now) is not None:
            return
        again = reminded(request, now)
        reminder = message_about(again, now, Shows.REMINDER)
        # Drawn as well, so that a message which somebody deleted is noticed and comes back.
        counted = policy.asked(client, now, now) if counts else None
        raises = (raised(again, now),)
        self.store.save(Change(client=counted, requests=(again,), messages=(reminder,), raises=raises))

    def _mentioned_together(self, own: Message, request: Request, now: datetime) -> bool:
        """Return whether the request needs no reminder of its own now, because another one is about it too.

        Failures are told once all that was approved together has ended.
        """
        failed = request.state is State.FAILED
        if failed and any(one.state in UNDER_WAY for one in self.store.requests(own.request_ids).values()):
            return True
        remind_at = request.deadlines.remind_at or now
        since = remind_at if failed else remind_at - SELDOM
        for one in self.store.messages(own.owner, READ):
            told = one.shows is Shows.REMINDER and one.parent_place == own.place and one.created_at >= since
            if told and (one.ts is not None or one.unshown):
                again = reminded(request, now)
                again = replace(again, deadlines=replace(again.deadlines, reminded_of=one.due))
                self.store.save(Change(requests=(again,)))
                return True
        return False


def _to_be_mentioned(request: Request, now: datetime) -> bool:
    remind_at = request.deadlines.remind_at
    return request.waits and remind_at is not None and now >= remind_at
