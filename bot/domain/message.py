"""One Slack message as a record of its own: what it shows, which revision Slack shows, and where Slack keeps it.

A message is level-triggered. Whoever changes what it shows raises `wanted` in the same transaction. Whoever delivers it
takes the lease, draws what is stored at that moment, and stores the revision that Slack has confirmed as `shown`. Ten
changes make one edit, and nobody queues events.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import assert_never

from bot.domain.ids import is_token_hash
from bot.domain.model import Client
from bot.domain.record import Record
from bot.domain.request import LEASE, Request, SharedIn
from bot.domain.vocabulary import State

REDRAW_AFTER = timedelta(minutes=1)
"""How long a change may wait that needs no decision, such as another line of the timeline."""

CARD_WAITS = timedelta(minutes=10)
"""How long the card of a shared message waits for accounts that are still under way, after the last news of one."""
MOST_SHARED = 100
"""Most requests in a shared message: as many as one read of the table returns, and as Slack's limits have room for."""


class Shows(StrEnum):
    """What a message shows."""

    REQUEST = "request"
    CARD = "card"
    REMINDER = "reminder"
    AGAIN = "again"
    """The card once more, in the channel, since an approver asked for it."""

    @property
    def replies(self) -> bool:
        """Return whether it stands beside its request's own message, and is not posted anew when it is gone."""
        match self:
            case Shows.CARD | Shows.REMINDER | Shows.AGAIN:
                return True
            case Shows.REQUEST:
                return False
        assert_never(self)

    @property
    def in_thread(self) -> bool:
        """Return whether it is posted in the thread of its request's own message."""
        return self.replies and self is not Shows.AGAIN

    @property
    def is_card(self) -> bool:
        """Return whether it shows how to switch."""
        return self in (Shows.CARD, Shows.AGAIN)


class Message(Record):
    """One Slack message. `place` identifies it and orders the owner's messages.

    `owner` is its client's id, or the token hash of an invitation for several accounts, whose requests share a message.
    """

    owner: str
    place: str
    shows: Shows
    request_ids: tuple[str, ...]
    created_at: datetime
    wanted_at: datetime
    """When something new to show was last stored."""
    wanted: int = 1
    shown: int = 0
    ts: str | None = None
    """Its address in Slack; None until it is posted."""
    lease_until: datetime | None = None
    """Until then, only the Lambda that is delivering it may deliver it. After an expired lease it may be posted."""
    held_until: datetime | None = None
    """Not posted before: its client causes too many messages, or its stack's deletion is not confirmed."""
    retry_at: datetime | None = None
    """Slack asked for no more calls about it until then."""
    refused: int = 0
    """The last revision that Slack refused, or that could not be drawn. Nothing waits for that one."""

    @property
    def request_id(self) -> str:
        """Return the request that it shows; the first one, where it shows several."""
        return self.request_ids[0]

    @property
    def shared(self) -> bool:
        """Return whether the requests of one invitation share it."""
        return is_token_hash(self.owner)

    @property
    def parent_place(self) -> str:
        """Return the place of its request's message, under which a card or reminder is posted."""
        return parent_of(self.place)

    @property
    def due(self) -> datetime | None:
        """Return the due date that a reminder is about; None for any other message."""
        _, _, due = self.place.partition(f"#{Shows.REMINDER} ")
        return datetime.fromisoformat(due) if due else None

    @property
    def held_back_until(self) -> datetime | None:
        """Return until when it is held back. A card is only posted late; it is edited at once."""
        return None if self.shows is Shows.CARD and self.ts is not None else self.held_until

    @property
    def unshown(self) -> bool:
        """Return whether Slack does not show the wanted revision yet."""
        return self.shown < self.wanted

    @property
    def is_refused(self) -> bool:
        """Return whether only the sweep tries it again."""
        return self.refused == self.wanted

    @property
    def due_at(self) -> datetime | None:
        """Return when the sweep should deliver it; None when Slack shows everything."""
        if not self.unshown:
            return None
        until = self.lease_until, self.held_back_until, self.retry_at
        return max(filter(None, until), default=self.wanted_at + LEASE)

    @property
    def waits_since(self) -> datetime:
        """Return since when Slack should have shown the wanted revision."""
        waits_for_news = self.shared and self.shows is Shows.CARD
        since = self.created_at if self.ts is None and not waits_for_news else self.wanted_at
        return max(since, self.held_back_until or since)


class Raise(Record):
    """One message has something new to show.

    `lazily`: the sweep may draw it within a minute. `at_once`: what held it back no longer counts, only `held_until`.
    Without `at_once`, `held_until` holds back a card that is not posted yet, and the sweep looks at it each minute.
    """

    owner: str
    place: str
    at: datetime
    lazily: bool = False
    at_once: bool = False
    held_until: datetime | None = None
    adds: tuple[str, ...] = ()
    """Requests that the message shows from now on, after the others. It holds `MOST_SHARED` at most."""

    @property
    def due_at(self) -> datetime:
        """Return when the sweep should deliver it, unless it is due already."""
        held = self.held_until if self.at_once else None
        return held or self.at + (REDRAW_AFTER if self.lazily else LEASE)

    def and_also(self, other: Raise) -> Raise:
        """Return one raise for both: no transaction changes a message twice."""
        holds = [one.held_until for one in (self, other) if one.at_once] or [self.held_until or other.held_until]
        return Raise(
            self.owner,
            self.place,
            max(self.at, other.at),
            lazily=self.lazily and other.lazily,
            at_once=self.at_once or other.at_once,
            held_until=None if None in holds else max(filter(None, holds)),
            adds=self.adds + other.adds,
        )


def each_once(raises: Iterable[Raise]) -> tuple[Raise, ...]:
    """Return one raise for each message."""
    found: dict[tuple[str, str], Raise] = {}
    for one in raises:
        known = found.get((one.owner, one.place))
        found[one.owner, one.place] = known.and_also(one) if known else one
    return tuple(found.values())


def home_of(request: Request) -> SharedIn:
    """Return whose message shows this request, and its place: one of its own, or one shared by an invitation."""
    return request.invited.shared or SharedIn(request.client_id, f"{stamp(request.created_at)}#{request.id}")


def about_owner(owner: str) -> dict[str, str]:
    """Return the field of a log line that identifies whose messages it is about."""
    return {"invitation" if is_token_hash(owner) else "client_id": owner}


def owners_about(request: Request, client: Client | None) -> dict[str, None]:
    """Return whose messages may show something new when this request ends: its own, and its client's earlier ones."""
    return dict.fromkeys(filter(None, (home_of(request).owner, client.came_by if client is not None else "")))


def place_of(request: Request, shows: Shows = Shows.REQUEST, number: str = "") -> str:
    """Return the place of a message about this request; its card and reminders come after it."""
    return home_of(request).place + (f"#{shows}{number}" if shows.replies else "")


def parent_of(place: str) -> str:
    """Return the place of the message of which this is the place, or a reply's."""
    return "#".join(place.split("#")[:2])


def reminder_place(request: Request) -> str:
    """Return the place of the newest reminder; an older one is no longer posted."""
    due = request.deadlines.reminded_of
    return place_of(request, Shows.REMINDER, f" {stamp(due)}") if due else ""


def stamp(at: datetime) -> str:
    """Return the time as a text that sorts as times do."""
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def message_about(
    request: Request, now: datetime, shows: Shows = Shows.REQUEST, *, held_until: datetime | None = None
) -> Message:
    """Return a new message about this request; a reminder is its newest one."""
    return Message(
        owner=home_of(request).owner,
        place=reminder_place(request) if shows is Shows.REMINDER else place_of(request, shows),
        shows=shows,
        request_ids=(request.id,),
        created_at=now,
        wanted_at=now,
        held_until=held_until,
    )


def raised(request: Request, now: datetime, shows: Shows = Shows.REQUEST, *, lazily: bool = False) -> Raise:
    """Return that the request's message (or its card) has something new to show.

    A superseded one is no longer held back: later messages may be waiting for it.
    """
    at_once = request.state is State.SUPERSEDED and request.invited.shared is None
    return Raise(home_of(request).owner, place_of(request, shows), now, lazily=lazily, at_once=at_once)


def card_again(request: Request, number: int, now: datetime) -> Message:
    """Return a further message with the request's card, the first one numbered 1. It is the client's own."""
    place = _place_again(request, number)
    return Message(request.client_id, place, Shows.AGAIN, (request.id,), created_at=now, wanted_at=now)


def cards_again(request: Request, now: datetime) -> tuple[Raise, ...]:
    """Return that all further messages with the request's card have something new to show."""
    numbers = range(1, request.lets_in.posted_again + 1)
    return tuple(Raise(request.client_id, _place_again(request, number), now) for number in numbers)


def _place_again(request: Request, number: int) -> str:
    return f"{stamp(request.created_at)}#{request.id}#{Shows.AGAIN} {number}"


def shared_card(request: Request, now: datetime) -> tuple[Raise, ...]:
    """Return that the card of a shared message has something new to show: a decision, or an end.

    It is posted once nothing that was approved is under way, or when nothing has happened for CARD_WAITS. Empty for a
    request with a message of its own, whose card is made when it is done.
    """
    home = request.invited.shared
    return () if home is None else (held_card(home, now),)


def held_card(home: SharedIn, now: datetime) -> Raise:
    """Return that the card of this shared message has something new to show."""
    return Raise(home.owner, f"{home.place}#{Shows.CARD}", now, lazily=True, held_until=now + CARD_WAITS)


def shared_place(invited_at: datetime, number: int) -> str:
    """Return the place of an invitation's shared message of this number. Two who make it at once make the same."""
    return f"{stamp(invited_at)}#{number:06}"


def shared_messages(request: Request, now: datetime) -> tuple[Message, Message]:
    """Return a new shared message with its first request, and its card, which has nothing to show yet."""
    own = message_about(request, now)
    return own, replace(message_about(request, now, Shows.CARD), wanted=0)
