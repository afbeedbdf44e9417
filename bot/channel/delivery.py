"""Delivers each client's messages to Slack, in their order, each by one Lambda at a time.

Slack and the table can't change together, so the table leads. A Lambda that delivers a message holds its lease, draws
what is stored at that moment, and stores what Slack has confirmed. If something newer is wanted by then, it draws
again. A message without an address whose lease has expired may have been posted: it is looked for by its metadata
before it is posted.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property

from bot.channel.drawing import Drawing
from bot.domain.errors import Conflict, MessageGone, SlackUnavailable, SwitchyardError, TryAgain
from bot.domain.message import Message, Shows, about_owner
from bot.domain.request import LEASE
from bot.domain.vocabulary import Measure
from bot.ports import Access, Channel, Clock, Meter, NoMeter, Picture
from bot.ports.store import ATTEMPTS, Store

READ = 25
"""How many of a client's newest messages are looked at; the sweep delivers older ones."""
log = logging.getLogger(__name__)


@dataclass(eq=False, repr=False)
class Delivery:
    """Delivers messages to Slack."""

    store: Store
    access: Access
    channel: Channel
    clock: Clock
    meter: Meter = field(default_factory=NoMeter)

    @cached_property
    def drawing(self) -> Drawing:
        """Return the reader of what messages show."""
        return Drawing(self.store, self.access)

    def show(self, owner: str) -> None:
        """Bring the messages of a client up to date. What Slack does not take now is left to the sweep."""
        with suppress(SlackUnavailable, TryAgain, Conflict):
            self.deliver(owner)

    def deliver(self, owner: str, due: Sequence[Message] = ()) -> bool:
        """Bring the owner's newest messages up to date, and those that are due, oldest first.

        Answers whether Slack has taken anything. Raises the last error, after the others have had their turn.
        """
        blocked, heard = False, False
        failure: Exception | None = None
        for message in self._unshown(owner, due):
            new = message.ts is None and not message.shows.replies
            if (blocked and new) or (message.is_refused and message not in due):
                continue
            try:
                delivered = self._deliver(message)
            except SwitchyardError as error:
                about = {"request_id": message.request_id} | about_owner(owner)
                log.warning("request %s is not shown yet: %s", message.request_id, error, extra=about)
                if not isinstance(error, SlackUnavailable) or not error.about_this_call:
                    raise
                failure, delivered = error, True
            except Exception as error:
                failure, delivered = error, True
            blocked = blocked or (new and not delivered)
            heard = heard or delivered
        if failure is not None:
            raise failure
        return heard

    def _unshown(self, owner: str, due: Sequence[Message]) -> list[Message]:
        """Return what is to be delivered, oldest first; reads back to the newest one that is settled, to skip none.

        One that was superseded before its posting is settled: a client can make thousands of them, and each of its
        events would have them all read. Where as many wait, as in an outage of Slack, only the sweep reads back.
        """
        limit, found = READ, list(self.store.messages(owner, READ))
        while len(found) == limit and all(one.ts is None and one.unshown for one in found if not one.shows.replies):
            if not due:
                return []
            limit *= 4
            found = list(self.store.messages(owner, limit))
        by_place = {one.place: one for one in (*due, *found)}
        return [one for _, one in sorted(by_place.items()) if one.unshown]

    def _deliver(self, message: Message) -> bool:
        """Return whether the message is up to date. False while it is held back, or leased to another Lambda."""
        now = self.clock.now()
        if message.retry_at is not None and message.retry_at > now:
            return False
        held_until = message.held_back_until
        if held_until is not None and held_until > now and not self._has_all(message):
            return False
        thread = None
        if message.shows.in_thread and (message.ts is None or message.shows is Shows.CARD):
            parent = self.store.message(message.owner, message.parent_place)
            if message.ts is None and (parent is None or (parent.unshown and not parent.is_refused)):
                return False
            thread = parent.ts if parent else None
        lease = now + LEASE
        before = self.store.claim(message, now, lease)
        if before is None:
            return False
        mine = replace(before, lease_until=lease)
        try:
            found = self._look_up(mine, thread) if before.lease_until is not None and before.ts is None else before.ts
        except SlackUnavailable as error:  # it may still be there
            mine = replace(mine, lease_until=before.lease_until, retry_at=self._retry_at(error), refused=0)
            self._release(mine, lease)
            raise
        mine = replace(mine, ts=found)
        try:
            self._draw(mine, thread, lease)
        except SlackUnavailable as error:
            self._let_go(mine, lease, error)
            raise
        except SwitchyardError:
            raise
        except Exception:  # a fault of ours: the message can't even be drawn
            self._release(replace(mine, lease_until=None, retry_at=None, refused=mine.wanted), lease)
            raise
        return True

    def _has_all(self, message: Message) -> bool:
        """Return whether it is a shared message's card, and nothing more has to be waited for."""
        return message.shared and message.shows is Shows.CARD and self.drawing.at_rest(message)

    def _look_up(self, mine: Message, thread: str | None) -> str | None:
        """Return its ts if it was posted before a lease expired; else None."""
        picture = self.drawing.picture(mine)
        return self.channel.find(picture, thread) if picture else None

    def _draw(self, mine: Message, thread: str | None, lease: datetime) -> None:
        """Post or edit it until nothing newer is wanted than what Slack has confirmed."""
        for _ in range(ATTEMPTS):
            picture = self.drawing.picture(mine)
            ts = self._drawn(picture, thread) if picture is not None else mine.ts
            shown = replace(mine, ts=ts, shown=mine.wanted, lease_until=None, held_until=None, retry_at=None, refused=0)
            if self.store.keep(shown, lease):
                return
            now = self.store.message(mine.owner, mine.place)
            if now is None or now.lease_until != lease:
                return
            mine = replace(now, ts=ts)
        self._release(replace(mine, lease_until=None), lease)
        raise TryAgain(f"message {mine.place} keeps changing")

    def _drawn(self, picture: Picture, thread: str | None) -> str | None:
        """Post or edit it, again if a request's was deleted. Return its ts; None when it need not be posted."""
        message = picture.message
        if message.ts is None:
            return None if self.drawing.retracted(picture) else self._posted(picture, thread)
        if message.shows is Shows.REMINDER:
            return message.ts
        try:
            self.channel.edit(replace(picture, thread=thread))
        except MessageGone:
            return message.ts if message.shows.replies else self._posted_anew(picture)
        return message.ts

    def _posted(self, picture: Picture, thread: str | None = None) -> str:
        ts = self.channel.post(picture, thread)
        if not picture.message.shows.replies and picture.message.shown == 0:
            waited = self.clock.now() - picture.request.event_at
            self.meter.seconds(Measure.EVENT_TO_MESSAGE, waited.total_seconds())
        return ts

    def _posted_anew(self, picture: Picture) -> str:
        """Return the ts of a second posting. An earlier Lambda may have posted it without storing the ts."""
        log.warning("the message of request %s is gone; posting it anew", picture.request.id)
        found = self.channel.find(picture, None)
        if found is None or found == picture.message.ts:
            return self._posted(picture)
        self.channel.edit(replace(picture, message=replace(picture.message, ts=found)))
        return found

    def _let_go(self, mine: Message, lease: datetime, error: SlackUnavailable) -> None:
        """After a failure, store whether and when it may be tried again. What may have been posted keeps its lease."""
        if error.undone or mine.ts is not None:
            refused = mine.wanted if error.about_this_call else mine.refused
            mine = replace(mine, lease_until=None, retry_at=self._retry_at(error), refused=refused)
            self._release(mine, lease)

    def _retry_at(self, error: SlackUnavailable) -> datetime | None:
        """Return until when Slack wants no more calls about this."""
        if error.retry_after is None:
            return None
        return self.clock.now() + min(timedelta(seconds=error.retry_after), LEASE)

    def _release(self, freed: Message, lease: datetime) -> None:
        """Give the lease back, whatever is wanted by now; `freed` says what is known of the delivery."""
        for _ in range(ATTEMPTS):
            now = self.store.message(freed.owner, freed.place)
            if now is None or now.lease_until != lease:
                return
            free = replace(now, ts=freed.ts, lease_until=freed.lease_until)
            free = replace(free, retry_at=freed.retry_at, refused=freed.refused)
            if self.store.keep(free, lease):
                return
