"""Rules of deletions: who told of one, when that is asked, and what shows that it never happened. Pure.

Two signals tell that a client's stack is gone: CloudFormation's notification over the client's SNS topic, and the
gate's last word. Either is believed, because the last word has one chance only. But whoever may publish to the topic
can make up a notification. So a deletion that a notification alone tells is asked later, marked, and not final.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain import policy
from bot.domain.model import Client, Event, GoneStack
from bot.domain.policy import Effect
from bot.domain.request import Request

UNCONFIRMED_FOR = timedelta(minutes=10)
"""How long a removal waits for the gate to confirm the deletion. Then it is asked all the same."""
BETWEEN_REMOVALS = timedelta(minutes=5)
"""A client that makes too many messages may still say that a stack of its is gone, but only so often."""


def told(event: Event, client: Client, known: GoneStack | None, now: datetime) -> GoneStack:
    """Return the record of the deletion that the event tells of.

    A notification can claim a time that is still to come. That must not outrank what the stack does until then.
    """
    return GoneStack(
        event.stack.parent_stack_id,
        client.id,
        at=min(event.timestamp, now),
        confirmed=event.by_the_gate,
        version=known.version if known else 0,
    )


def refutes(event: Event, gone: GoneStack) -> bool:
    """Return whether the stack has completed an operation after it was told to be deleted, so that it still stands.

    What the gate has confirmed can't be refuted.
    """
    completed = event.about_stack and policy.effect(event.status) is Effect.ASK
    return completed and not gone.confirmed and event.timestamp > gone.at


def refuted_already(event: Event, client: Client) -> bool:
    """Return whether a notification tells a deletion from before the last operation that this very stack completed."""
    newest = client.decided_by_event_at
    own = event.stack.parent_stack_id == client.stack.parent_stack_id
    return own and not event.by_the_gate and newest is not None and event.timestamp < newest


def next_removal(client: Client, now: datetime) -> datetime | None:
    """Return when a client that makes too many messages may say again that a stack is gone; None for at once."""
    last = client.removal_asked_at
    if last is None or policy.full_until(client, now) is None:
        return None
    following = last + BETWEEN_REMOVALS
    return following if following > now else None


def unconfirmed_until(held_until: datetime | None, now: datetime) -> datetime:
    """Return until when a removal is held that a notification alone tells, so that the gate has had its time."""
    earliest = now + UNCONFIRMED_FOR
    return max(held_until or earliest, earliest)


def confirmed_until(removal: Request, client: Client, now: datetime) -> datetime | None:
    """Return until when a confirmed removal is held: None, unless its client makes too many messages."""
    counted = client.removal_asked_at == removal.created_at
    return None if counted else next_removal(client, now)
