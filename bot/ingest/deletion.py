"""Deletions: who told of one, when that is asked, what else it changes, and what shows that it never happened.

Two signals tell that a client's stack is gone: CloudFormation's notification over the client's SNS topic, and the
gate's last word. Either is believed, because the last word has one chance only. But whoever may publish to the topic
can make up a notification. So a deletion that a notification alone tells is asked later, marked, and not final.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain import policy, sharing
from bot.domain.message import raised
from bot.domain.model import Client, Event, GoneStack
from bot.domain.policy import Effect
from bot.domain.request import Request, Warnings, touched
from bot.domain.superseding import STACK_DELETED
from bot.domain.transitions import Step, buttons, target
from bot.domain.vocabulary import UNDER_WAY, Kind, State, Verb
from bot.ingest.draft import Draft

UNCONFIRMED_FOR = timedelta(minutes=10)
"""How long a removal waits for the gate to confirm the deletion. Then it is asked all the same."""
BETWEEN_REMOVALS = timedelta(minutes=5)
"""A client that makes too many messages may still say that a stack of its is gone, but only so often."""


def refutes(event: Event, told: GoneStack) -> bool:
    """Return whether the stack has completed an operation after it was told to be deleted, so that it still stands.

    What the gate has confirmed can't be refuted.
    """
    completed = event.about_stack and policy.effect(event.status) is Effect.ASK
    return completed and not told.confirmed and event.timestamp > told.at


def stands(draft: Draft) -> bool:
    """Return whether the event shows that its stack was not deleted. A revocation counts all the same."""
    told = draft.told_gone
    revoked = draft.current is not None and draft.current.revoked and draft.invitation is None
    return told is not None and refutes(draft.event, told) and not revoked and not draft.stale


def late_effect(draft: Draft, effect: Effect) -> Effect:
    """Return what news of a stack still asks for, if that was told to be deleted and does not stand.

    The gate may confirm the deletion; failures give a reason.
    """
    told = draft.told_gone
    if told is None or stands(draft):
        return effect
    if effect is Effect.REMOVE and draft.event.by_the_gate and not told.confirmed:
        if not _asked_about(draft, told):
            return Effect.REMOVE
        _confirm(draft, told)
    return effect if effect is Effect.REPORT and not draft.client.offboarded else Effect.NOTE


def refuted(draft: Draft) -> bool:
    """Record that the stack was not deleted, if the event shows that. Return whether the request must warn of it.

    It must also when the request before warned of it, and nobody has decided on that one.
    """
    told, current = draft.told_gone, draft.current
    if told is not None and stands(draft):
        draft.gone = replace(told, refuted=True)
        draft.audit("reopened: its stack was not deleted", current.id if current else "")
        return True
    undecided = current is not None and target(current.state, Step.SUPERSEDE) is not None
    return current is not None and undecided and current.warnings.contradicted


def remove(draft: Draft) -> bool:
    """Record that the child stack is gone, and ask to remove the group. Return False when that never was.

    An older stack's end changes nothing for the one that replaced it.
    """
    event, client = draft.event, draft.client
    if _refuted_already(event, client):
        draft.audit("told a deletion that never was", "")
        return False
    draft.gone = told_of(event, client, draft.known_gone, draft.now)
    newest = event.stack.parent_stack_id == client.stack.parent_stack_id
    draft.client = replace(client, stack_gone=client.stack_gone or newest)
    if draft.report is not None:
        draft.requests.append(touched(draft.report, draft.now))
    revoking = draft.current is not None and draft.current.revoking
    if revoking or not (newest or _leaves_a_dead_grant(draft)):
        return True
    draft.supersede(STACK_DELETED)
    if client.may_have_group:
        _ask(draft)
        return True
    revoked = draft.current is not None and draft.current.revoked
    draft.client = replace(draft.client, current_request=client.current_request if revoked else None)
    _tell_why_it_went(draft)
    return True


def _ask(draft: Draft) -> None:
    """Ask to remove what the group gives. What a notification alone tells is marked, and asked later."""
    held_until = held_back = _next_removal(draft.client, draft.now)
    if held_until is None:
        draft.client = replace(draft.client, removal_asked_at=draft.now)
    stack, unconfirmed = draft.event.stack, not draft.event.by_the_gate
    if unconfirmed:
        held_back = _unconfirmed_until(held_until, draft.now)
    if draft.client.grant is not None:
        stack = stack.giving(draft.client.grant)
    granting = sharing.others_granting(draft.store, draft.client, stack.role_name)
    warnings = Warnings(unconfirmed=unconfirmed, shared_with=granting)
    removal = draft.ask(Kind.OFFBOARD, stack, warnings, held_until=held_back, counts_from=held_until)
    draft.audit(f"asked to {Kind.OFFBOARD}", removal.id)


def _asked_about(draft: Draft, told: GoneStack) -> bool:
    """Return whether the removal that a notification asked for still waits, is under way or done.

    What people denied, or nobody decided, was a deletion that the gate had not confirmed: they are asked again.
    """
    removal, client = draft.current, draft.client
    about_it = removal is not None and removal.stack.parent_stack_id == told.parent_stack_id
    if removal is not None and about_it and removal.kind.takes_away:
        return Verb.REOPEN not in buttons(removal.state)
    return not client.may_have_group


def _confirm(draft: Draft, told: GoneStack) -> None:
    """Record that the gate confirms what a notification told: what that asked is asked at once, without its mark."""
    draft.gone = replace(told, confirmed=True)
    removal = draft.current
    marked = removal is not None and removal.warnings.unconfirmed
    if removal is not None and marked and removal.stack.parent_stack_id == told.parent_stack_id:
        confirmed = replace(removal, warnings=replace(removal.warnings, unconfirmed=False))
        draft.current = touched(confirmed, draft.now)
        draft.requests.append(draft.current)
        asked = raised(removal, draft.now)
        held_until = _confirmed_until(removal, draft.client, draft.now)
        draft.confirmed[asked.place] = replace(asked, at_once=True, held_until=held_until)
        draft.audit("deletion confirmed by the gate", removal.id)


def _leaves_a_dead_grant(draft: Draft) -> bool:
    """Return whether the group grants the role of the stack that is gone, and nothing newer is on its way."""
    given, current = draft.client.given, draft.current
    settled = current is None or current.state not in (State.PENDING, *UNDER_WAY)
    return settled and given is not None and given.stack.parent_stack_id == draft.event.stack.parent_stack_id


def _tell_why_it_went(draft: Draft) -> None:
    """Report a first operation that failed, if its own end was lost because the forwarder went with the stack."""
    client, gone_id = draft.client, draft.event.stack.parent_stack_id
    if draft.report is not None or client.decided_by_event_at is not None or draft.full_until:
        return
    own = [one for one in draft.store.events(client.id) if one.stack.parent_stack_id == gone_id]
    failed = next((one for one in own if not one.about_stack and one.status.endswith("_FAILED")), None)
    if failed is not None:
        draft.tell(failed)


def told_of(event: Event, client: Client, known: GoneStack | None, now: datetime) -> GoneStack:
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


def _refuted_already(event: Event, client: Client) -> bool:
    """Return whether a notification tells a deletion from before the last operation that this very stack completed."""
    newest = client.decided_by_event_at
    own = event.stack.parent_stack_id == client.stack.parent_stack_id
    return own and not event.by_the_gate and newest is not None and event.timestamp < newest


def _next_removal(client: Client, now: datetime) -> datetime | None:
    """Return when a client that makes too many messages may say again that a stack is gone; None for at once."""
    last = client.removal_asked_at
    if last is None or policy.full_until(client, now) is None:
        return None
    following = last + BETWEEN_REMOVALS
    return following if following > now else None


def _unconfirmed_until(held_until: datetime | None, now: datetime) -> datetime:
    """Return until when a removal is held that a notification alone tells, so that the gate has had its time."""
    earliest = now + UNCONFIRMED_FOR
    return max(held_until or earliest, earliest)


def _confirmed_until(removal: Request, client: Client, now: datetime) -> datetime | None:
    """Return until when a confirmed removal is held: None, unless its client makes too many messages."""
    counted = client.removal_asked_at == removal.created_at
    return None if counted else _next_removal(client, now)
