"""One Slack message as a record of its own: what it shows, which revision Slack shows, and where Slack keeps it.

A message is level-triggered. Whoever changes what it shows raises `wanted` in the same transaction. Whoever delivers it
takes the lease, draws what is stored at that moment, and stores the revision that Slack has confirmed as `shown`. Ten
changes make one edit, and nobody queues events.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import assert_never

from bot.domain.record import Record
from bot.domain.request import LEASE, Request
from bot.domain.vocabulary import State

REDRAW_AFTER = timedelta(minutes=1)
"""How long a change may wait that needs no decision, such as another line of the timeline."""


class Shows(StrEnum):
    """What a message shows."""

    REQUEST = "request"
    CARD = "card"
    REMINDER = "reminder"

    @property
    def replies(self) -> bool:
        """Return whether it is posted in the thread of its request's own message."""
        match self:
            case Shows.CARD | Shows.REMINDER:
                return True
            case Shows.REQUEST:
                return False
        assert_never(self)


class Message(Record):
    """One Slack message. `owner` is its client's id; `place` identifies it and orders the owner's messages."""

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
    def parent_place(self) -> str:
        """Return the place of its request's message, under which a card or reminder is posted."""
        return "#".join(self.place.split("#")[:2])

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
        return max(filter(None, (self.lease_until, self.held_until, self.retry_at)), default=self.wanted_at + LEASE)

    @property
    def waits_since(self) -> datetime:
        """Return since when Slack should have shown the wanted revision."""
        since = self.created_at if self.ts is None else self.wanted_at
        return max(since, self.held_until or since)


class Raise(Record):
    """One message has something new to show.

    `lazily`: the sweep may draw it within a minute. `at_once`: what held it back no longer counts, only `held_until`.
    """

    owner: str
    place: str
    at: datetime
    lazily: bool = False
    at_once: bool = False
    held_until: datetime | None = None

    @property
    def due_at(self) -> datetime:
        """Return when the sweep should deliver it, unless it is due already."""
        return self.held_until or self.at + (REDRAW_AFTER if self.lazily else LEASE)


def place_of(request: Request, shows: Shows = Shows.REQUEST, number: str = "") -> str:
    """Return the place of a message about this request; its card and reminders come after it."""
    rest = f"#{shows}{number}" if shows.replies else ""
    return f"{stamp(request.created_at)}#{request.id}{rest}"


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
        owner=request.client_id,
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
    at_once = request.state is State.SUPERSEDED
    return Raise(request.client_id, place_of(request, shows), now, lazily=lazily, at_once=at_once)
