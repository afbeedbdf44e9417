"""Pure rules: what a stack status means, how many messages a client may cause, how a client stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import assert_never

from bot.domain.model import OWN_GROUP, Client, Event, Place
from bot.domain.request import Request
from bot.domain.vocabulary import Kind, Standing, State

MOST_MESSAGES, PER = 10, timedelta(hours=1)
"""Most messages that one client may cause in the channel, mentions in threads included."""
EARLIEST, AHEAD = datetime(2020, 1, 1, tzinfo=UTC), timedelta(hours=1)
"""The range of plausible times in an event; a future one would outrank everything after it."""
CLOCK_SKEW = timedelta(minutes=1)
"""How far ahead of our clock a completed operation may be; a forged time would hide what comes later."""


class Effect(Enum):
    """What a status of the child stack asks for."""

    NOTE = auto()
    ASK = auto()
    REMOVE = auto()
    REPORT = auto()


_ASKING = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}
_IN_BETWEEN = 0
_STARTING = {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "IMPORT_IN_PROGRESS"}


def effect(event: Event) -> Effect:
    """Return what an event asks for. A resource's asks for nothing."""
    if not event.about_stack:
        return Effect.NOTE
    if event.status in _ASKING:
        return Effect.ASK
    if event.deletes:
        return Effect.REMOVE
    if event.status.endswith(("_FAILED", "ROLLBACK_COMPLETE")):
        return Effect.REPORT
    return Effect.NOTE


def starts_operation(status: str) -> bool:
    """Return whether a new operation on the client's stack begins, which ends an earlier failure."""
    return status in _STARTING


def counts(event: Event) -> bool:
    """Return whether an event is stored: about the child stack itself, or a resource's failure, which is a reason."""
    return event.about_stack or event.status.endswith("_FAILED")


def plausible(at: datetime, now: datetime) -> bool:
    """Return whether an event can have happened at that time."""
    return EARLIEST <= at <= now + AHEAD


def full_until(client: Client, now: datetime) -> datetime | None:
    """Return when the client may make its next message; None for at once.

    A message that is still held back counts from when it is posted. What is asked meanwhile takes its place.
    """
    posted = _posted(client, now)
    full = len(posted) == MOST_MESSAGES and posted[0] > now - PER
    return posted[0] + PER if full else None


def asked(client: Client, at: datetime, now: datetime) -> Client:
    """Return the client with one more message, posted at that time; one that was held back until later is dropped."""
    kept = MOST_MESSAGES if at > now else MOST_MESSAGES - 1
    posted = (*_posted(client, now)[-kept:], at)
    return replace(client, asked=replace(client.asked, at=posted))


def _posted(client: Client, now: datetime) -> tuple[datetime, ...]:
    return tuple(at for at in client.asked.at if at <= now)[-MOST_MESSAGES:]


def operation(events: Iterable[Event], request: Request) -> list[Event]:
    """Return the events of a request's stack operation, with those of its resources, oldest first.

    An operation runs from a starting status to just before the next one.
    """
    own = sorted((e for e in events if e.stack.parent_stack_id == request.stack.parent_stack_id), key=_course)
    starts = [_course(e) for e in own if e.about_stack and starts_operation(e.status)]
    then = (request.event_at, _place(request.stack_status))
    begin = max((at for at in starts if at <= then), default=None)
    end = min((at for at in starts if at > then), default=None)
    return [e for e in own if (begin is None or _course(e) >= begin) and (end is None or _course(e) < end)]


def _course(event: Event) -> tuple[datetime, int]:
    """Return where an event belongs in the order of events, also among those of one millisecond."""
    return event.timestamp, _place(event.status) if event.about_stack else _IN_BETWEEN


def _place(status: str) -> int:
    """Return the order within one moment: an operation begins, then ends, and deletions come last."""
    if status.startswith("DELETE_"):
        return _IN_BETWEEN + (2 if starts_operation(status) else 3)
    return _IN_BETWEEN + (-1 if starts_operation(status) else 1)


def failure_reason(events: Sequence[Event]) -> str:
    """Return CloudFormation's reason for a failure: that of the first resource that failed itself, else the stack's."""
    failed = [e for e in events if not e.about_stack and "cancelled" not in e.reason.lower()]
    if failed:
        return f"{failed[0].logical_id}: {failed[0].reason or failed[0].status}"
    return next((e.reason for e in events if e.reason and effect(e) is Effect.REPORT), "")


def outdated(request: Request, client: Client) -> Kind | None:
    """Return what has ended the request's grant since, an update or its removal; None while it is current."""
    if request.state is not State.DONE or request.kind.takes_away or request.id in client.granted_by:
        return None
    return Kind.OFFBOARD if client.grant is None else Kind.UPDATE


def standing(client: Client, request: Request | None) -> Standing:
    """Return how a client stands: by what its current request waits for, else by its grant. Blocked stays blocked."""
    if client.blocked:
        return Standing.BLOCKED
    if client.provisioning is not None or (request is not None and request.state is State.APPROVED):
        return Standing.PROVISIONING
    unsettled = _unsettled(request.state) if request is not None else None
    if request is None or unsettled is None:
        return _at_rest(client)
    leaving, remaining, entering = unsettled
    granted = client.grant is not None
    if not request.kind.takes_away:
        return remaining if granted else entering
    return leaving if granted or leaving is not Standing.KEPT else _at_rest(client)


def _at_rest(client: Client) -> Standing:
    """Return how a client stands when its request needs nothing."""
    if client.grant is not None:
        return Standing.ONBOARDED
    if client.offboarded:
        return Standing.OFFBOARDED
    if client.open_report is not None:
        return Standing.STACK_FAILED
    return Standing.WITHDRAWN if client.stack_gone else Standing.ARRIVING


def _unsettled(state: State) -> tuple[Standing, Standing, Standing] | None:
    """Return how a client stands that leaves, that has access, that has none yet; None where its request is over."""
    match state:
        case State.PENDING:
            return Standing.LEAVING, Standing.UPDATE_WAITING, Standing.WAITING
        case State.FAILED:
            return Standing.REMOVAL_FAILED, Standing.FAILED, Standing.FAILED
        case State.DENIED:
            return Standing.KEPT, Standing.ONBOARDED, Standing.DENIED
        case State.EXPIRED:
            return Standing.KEPT, Standing.ONBOARDED, Standing.EXPIRED
        case State.DRIFTED:
            return Standing.KEPT, Standing.DRIFTED, Standing.DRIFTED
        case State.APPROVED | State.PROVISIONING | State.DONE | State.SUPERSEDED | State.REPORTED:
            return None
    assert_never(state)


def shown_with_client(request: Request) -> bool:
    """Return whether the request's message depends on what has become of the client since."""
    return request.state in (State.DONE, State.DENIED, State.EXPIRED)


def places_shown(request: Request, client: Client | None) -> tuple[Place, ...]:
    """Return where people get in, as its message says: where the client has a grant by that; else as asked."""
    removed = request.kind.takes_away and request.state is State.DONE
    if client is not None and client.given is not None and not removed:
        return client.ways_in
    own_group = () if request.attempt.without_group else (OWN_GROUP,)
    return (*map(Place, request.teams), *own_group)
