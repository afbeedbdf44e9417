"""What it changes that a client's stack is told to be deleted, and what news of such a stack changes afterwards.

The rules of whom to believe are in `gone.py`.
"""

from __future__ import annotations

from dataclasses import replace

from bot.domain import sharing
from bot.domain.message import raised
from bot.domain.model import GoneStack
from bot.domain.policy import Effect
from bot.domain.request import Warnings, touched
from bot.domain.superseding import STACK_DELETED
from bot.domain.transitions import Step, buttons, target
from bot.domain.vocabulary import UNDER_WAY, Kind, State, Verb
from bot.ingest import gone
from bot.ingest.draft import Draft


def late_effect(draft: Draft, effect: Effect) -> Effect:
    """Return what news of a stack still asks for, if that was told to be deleted and does not stand.

    The gate may confirm the deletion; failures give a reason.
    """
    told = draft.told_gone
    if told is None or draft.stands:
        return effect
    if effect is Effect.REMOVE and draft.event.by_the_gate and not told.confirmed:
        if not _asked_about(draft, told):
            return Effect.REMOVE
        _confirm(draft, told)
    return effect if effect is Effect.REPORT and not draft.client.offboarded else Effect.NOTE


def contradicts(draft: Draft) -> bool:
    """Return whether what is asked now must say that the stack was told to be deleted, or was so asked before."""
    told, current = draft.told_gone, draft.current
    if told is not None and draft.stands:
        draft.gone = replace(told, refuted=True)
        draft.audit("reopened: its stack was not deleted", current.id if current else "")
        return True
    undecided = current is not None and target(current.state, Step.SUPERSEDE) is not None
    return current is not None and undecided and current.warnings.contradicted


def remove(draft: Draft) -> bool:
    """The child stack is gone for good. An older stack's end changes nothing for the one that replaced it.

    Return False, when the deletion never was, so that it is only noted.
    """
    event, client = draft.event, draft.client
    if gone.refuted_already(event, client):
        draft.audit("told a deletion that never was", "")
        return False
    draft.gone = gone.told(event, client, draft.known_gone, draft.now)
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
    held_until = held_back = gone.next_removal(draft.client, draft.now)
    if held_until is None:
        draft.client = replace(draft.client, removal_asked_at=draft.now)
    stack, unconfirmed = draft.event.stack, not draft.event.by_the_gate
    if unconfirmed:
        held_back = gone.unconfirmed_until(held_until, draft.now)
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
    """The gate says what a notification said before: what that asked is asked at once, without its mark."""
    draft.gone = replace(told, confirmed=True)
    removal = draft.current
    marked = removal is not None and removal.warnings.unconfirmed
    if removal is not None and marked and removal.stack.parent_stack_id == told.parent_stack_id:
        confirmed = replace(removal, warnings=replace(removal.warnings, unconfirmed=False))
        draft.current = touched(confirmed, draft.now)
        draft.requests.append(draft.current)
        asked = raised(removal, draft.now)
        held_until = gone.confirmed_until(removal, draft.client, draft.now)
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
