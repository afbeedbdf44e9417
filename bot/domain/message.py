"""One Slack message as a record of its own: what it shows, which revision Slack shows, and where Slack keeps it.

A message is level-triggered. Whoever changes what it shows raises `wanted` in the same transaction. Whoever delivers it
takes the lease, draws what is stored at that moment, and stores the revision that Slack has confirmed as `shown`. Ten
changes make one edit, and nobody queues events.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import assert_never

from bot.domain.request import LEASE, Request
from bot.domain.vocabulary import State

REDRAW_AFTER = timedelta(minutes=1)
"""How long a change may wait that nobody decides upon, such as a further line of the timeline."""


class Shows(StrEnum):
    """What a message is there for."""

    REQUEST = "request"
    CARD = "card"
    REMINDER = "reminder"

    @property
    def replies(self) -> bool:
        """Whether it is posted in the thread of its request's own message."""
        match self:
            case Shows.CARD | Shows.REMINDER:
                return True
            case Shows.REQUEST:
                return False
        assert_never(self)


@dataclass(frozen=True)
class Message:
    """One Slack message. `owner` is its client's id; `place` orders the owner's messages and tells them apart."""

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
    """Slack's address of it; None until it is posted."""
    lease_until: datetime | None = None
    """Somebody is delivering it; until then nobody else does. A lease that ran out means that it may be posted."""
    held_until: datetime | None = None
    """Not to be posted before: its client makes too many messages, or its stack's deletion is not confirmed."""
    retry_at: datetime | None = None
    """Slack asked to hear no more of it until then."""
    refused: int = 0
    """The last revision that Slack did not take, or that could not be drawn. Nothing waits for that one."""

    @property
    def request_id(self) -> str:
        """The request it is about; the first one, where it shows several."""
        return self.request_ids[0]

    @property
    def parent_place(self) -> str:
        """Where the message of its request stands, under which a card or reminder is posted."""
        return "#".join(self.place.split("#")[:2])

    @property
    def unshown(self) -> bool:
        """Whether Slack does not show yet what is wanted."""
        return self.shown < self.wanted

    @property
    def awaited(self) -> bool:
        """Whether it is still to be posted, so that what comes after it waits."""
        return self.ts is None and self.unshown and not self.is_refused

    @property
    def is_refused(self) -> bool:
        """Whether only the sweep tries it again."""
        return self.refused == self.wanted

    @property
    def due_at(self) -> datetime | None:
        """When the sweep should deliver it; None when Slack shows all of it."""
        if not self.unshown:
            return None
        return max(filter(None, (self.lease_until, self.held_until, self.retry_at)), default=self.wanted_at + LEASE)

    @property
    def waits_since(self) -> datetime:
        """Since when Slack should have shown what it does not show."""
        since = self.created_at if self.ts is None else self.wanted_at
        return max(since, self.held_until or since)


@dataclass(frozen=True)
class Raise:
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
        """When the sweep should deliver it, unless that is due already."""
        return self.held_until or self.at + (REDRAW_AFTER if self.lazily else LEASE)


def place_of(request: Request, shows: Shows = Shows.REQUEST, number: str = "") -> str:
    """Where a message about this request stands among its owner's; a request's card and reminders come after it."""
    rest = f"#{shows}{number}" if shows.replies else ""
    return f"{stamp(request.created_at)}#{request.id}{rest}"


def reminder_place(request: Request) -> str:
    """Of the newest reminder; an older one is posted no more."""
    due = request.deadlines.reminded_of
    return place_of(request, Shows.REMINDER, f" {stamp(due)}") if due else ""


def stamp(at: datetime) -> str:
    """The time as a text that sorts as times do. Raise ValueError for a time without a zone."""
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def message_about(
    request: Request,
    now: datetime,
    shows: Shows = Shows.REQUEST,
    *,
    held_until: datetime | None = None,
) -> Message:
    """A new message about this request; a reminder is its newest one."""
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
    """That the request's message (or its card) has something new to show.

    What is superseded is held back no longer: it may only be in the way of what comes after it.
    """
    at_once = request.state is State.SUPERSEDED
    return Raise(request.client_id, place_of(request, shows), now, lazily=lazily, at_once=at_once)
