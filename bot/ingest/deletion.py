"""Works out what the reported deletion of a client's stack changes, and what later news of that stack changes.

Two signals report that a client's stack is deleted: CloudFormation's notification over the client's SNS topic, and
the gate's last word. Either is believed, because the last word has only one chance. But anybody who may publish to
the topic can forge a notification. So a deletion that only a notification reports is asked later, marked, and not
final.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain import policy
from bot.domain.message import raised
from bot.domain.model import Client, Event, GoneStack
from bot.domain.policy import Effect
from bot.domain.request import Warnings, touched
from bot.domain.transitions import STACK_DELETED, Step, buttons, target
from bot.domain.vocabulary import UNDER_WAY, Kind, State, Verb
from bot.ingest.draft import Draft
from bot.ports import sharing
from bot.ports.store import Change

BETWEEN_REMOVALS = timedelta(minutes=5)
"""How often a client that causes too many messages may still report a deletion."""


def refutes(event: Event, gone: GoneStack) -> bool:
    """Return whether the stack has completed an operation after its reported deletion, so that it still exists.

    A deletion that the gate has confirmed can't be refuted.
    """
    return policy.effect(event) is Effect.ASK and not gone.confirmed and event.timestamp > gone.at


def stands(draft: Draft) -> bool:
    """Return whether the event shows that its stack was not deleted; never so after a revocation."""
    gone = draft.reported_gone
    revoked = draft.revoked and draft.invitation is None
    return gone is not None and refutes(draft.event, gone) and not revoked and not draft.stale


def late_effect(draft: Draft, effect: Effect) -> Effect:
    """Return what news of a stack still asks for that is reported as deleted and not known to exist.

    The gate may confirm the deletion; failures give a reason.
    """
    gone = draft.reported_gone
    if gone is None or stands(draft):
        return effect
    if effect is Effect.REMOVE and draft.event.by_the_gate and not gone.confirmed:
        if not _asked_about(draft, gone):
            return Effect.REMOVE
        _confirm(draft, gone)
    return effect if effect is Effect.REPORT and not draft.client.offboarded else Effect.NOTE


def refuted(draft: Draft) -> bool:
    """Record that the stack was not deleted, if the event shows that. Return whether the request must warn of it.

    It must also warn when the request before did, and nobody has decided on that one.
    """
    gone, current = draft.reported_gone, draft.current
    if gone is not None and stands(draft):
        draft.gone = replace(gone, refuted=True)
        draft.audit("reopened: its stack was not deleted", current.id if current else "")
        return True
    return current is not None and current.warnings.contradicted and target(current.state, Step.SUPERSEDE) is not None


def remove(draft: Draft) -> bool:
    """Record that the child stack is deleted. An older stack's end changes nothing for the one that replaced it.

    Return False, so that the event is only noted, when a notification reports a deletion from before the stack's own
    last completed operation.
    """
    event, client = draft.event, draft.client
    if client.has_newest_stack_of(event) and draft.stale and not event.by_the_gate:
        draft.audit("reported a deletion that never happened", "")
        return False
    draft.gone, draft.client = _told_of(event, client, draft.known_gone, draft.now)
    if draft.report is not None:
        draft.change(draft.report)
    revoking = draft.current is not None and draft.current.revoking
    if revoking or not (client.has_newest_stack_of(event) or _leaves_a_dead_grant(draft)):
        return True
    draft.supersede(STACK_DELETED)
    if client.may_have_group:
        _ask(draft)
        return True
    if not draft.revoked:
        draft.current = None
    _tell_why_it_went(draft)
    return True


def last_word(client: Client, event: Event, known: GoneStack | None, now: datetime, *, by_stack: bool) -> Change:
    """Return the change that stores the gate's last word of a blocked account and nothing else.

    `by_stack`: it is of a stack we know.
    """
    gone, client = _told_of(event, client, known, now)
    return Change(client=client, event=event, event_client_id=client.id, gone=gone if by_stack else None)


def _ask(draft: Draft) -> None:
    """Ask to remove the grant. A deletion that only a notification reports is marked, and asked later."""
    room_at = _next_removal(draft.client, draft.now)
    if room_at is None:
        draft.client = replace(draft.client, asked=replace(draft.client.asked, removal_at=draft.now))
    stack = draft.event.stack
    if draft.client.grant is not None:
        stack = stack.giving(draft.client.grant)
    granting = sharing.others_granting(draft.store, draft.client, stack.role_name)
    warnings = Warnings(unconfirmed=not draft.event.by_the_gate, shared_with=granting)
    draft.audit(f"asked to {Kind.OFFBOARD}", draft.ask(Kind.OFFBOARD, stack, warnings, room_at).id)


def _asked_about(draft: Draft, gone: GoneStack) -> bool:
    """Return whether the removal that a notification asked for still waits, is under way or done.

    A denied or expired removal was about an unconfirmed deletion, so it is asked again.
    """
    removal = draft.current
    if removal is not None and removal.kind.takes_away and removal.stack.parent_stack_id == gone.parent_stack_id:
        return Verb.REOPEN not in buttons(removal.state)
    return not draft.client.may_have_group


def _confirm(draft: Draft, gone: GoneStack) -> None:
    """Record the gate's confirmation: a request that waited for it is asked at once, without its mark.

    It is still held back while its client causes too many messages.
    """
    draft.gone = replace(gone, confirmed=True)
    removal, client, now = draft.current, draft.client, draft.now
    if removal and removal.warnings.unconfirmed and removal.stack.parent_stack_id == gone.parent_stack_id:
        draft.current = touched(replace(removal, warnings=replace(removal.warnings, unconfirmed=False)), now)
        held_until = None if client.asked.removal_at == removal.created_at else _next_removal(client, now)
        draft.requests.append(draft.current)
        draft.raises.append(replace(raised(removal, now), at_once=True, held_until=held_until))
        draft.audit("deletion confirmed by the gate", removal.id)


def _leaves_a_dead_grant(draft: Draft) -> bool:
    """Return whether the grant is for the role of the deleted stack, with nothing newer on its way."""
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


def _told_of(event: Event, client: Client, known: GoneStack | None, now: datetime) -> tuple[GoneStack, Client]:
    """Return the record of the deletion that the event reports, and the client with it.

    A notification can claim a future time. That must not outrank what the stack does until then.
    """
    gone = GoneStack(
        event.stack.parent_stack_id,
        client.id,
        at=min(event.timestamp, now),
        confirmed=event.by_the_gate,
        version=known.version if known else 0,
    )
    return gone, replace(client, stack_gone=client.stack_gone or client.has_newest_stack_of(event))


def _next_removal(client: Client, now: datetime) -> datetime | None:
    """Return when a client that causes too many messages may report a deletion again; None for at once."""
    following = client.asked.removal_at + BETWEEN_REMOVALS if client.asked.removal_at else now
    return following if following > now and policy.full_until(client, now) is not None else None
