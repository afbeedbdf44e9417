"""Works out what one event changes about one client: what to ask the team, what to supersede, what to report.

Only events about the child stack itself decide anything; a resource's failure is a reason.
"""

from __future__ import annotations

from dataclasses import replace

from bot.domain import policy, sharing
from bot.domain.errors import TryAgain
from bot.domain.policy import Effect
from bot.domain.request import Warnings
from bot.domain.superseding import STACK_CHANGED, STACK_STANDS
from bot.domain.vocabulary import Kind, State
from bot.ingest import deletion
from bot.ingest.draft import Draft


def apply(draft: Draft) -> None:
    """Work out what the event changes. Raises TryAgain while the client's access is being taken away."""
    effect = policy.effect(draft.event.status) if draft.event.about_stack else Effect.NOTE
    effect = deletion.late_effect(draft, effect)
    taken = False
    if effect is Effect.ASK:
        taken = _ask(draft)
    elif effect is Effect.REMOVE:
        taken = deletion.remove(draft)
    elif effect is Effect.REPORT:
        taken = _tell(draft)
    if not taken:
        _note(draft)
    request = next((one for one in draft.requests if one.id == draft.client.current_request), None)
    current = request or (draft.current if draft.client.current_request else None)
    draft.client = replace(draft.client, standing=policy.standing(draft.client, current))


def _ask(draft: Draft) -> bool:
    """Ask the team about a completed operation, unless something newer has been decided already."""
    event, client, current, stands = draft.event, draft.client, draft.current, deletion.stands(draft)
    if current is not None and current.outstanding:
        if draft.invitation is None and not stands:
            return False
        if current.revoking:
            raise TryAgain("The client's access is being taken away just now. Send the event again in a minute.")
    if draft.stale:
        return False
    granted = draft.granted
    contradicted = deletion.refuted(draft)
    draft.client = replace(
        client,
        stack=event.stack,
        decided_by_event_at=min(event.timestamp, draft.now + policy.CLOCK_SKEW),
        open_report=None,
        offboarded=client.offboarded and not stands,
        stack_gone=False,
    )
    draft.supersede(STACK_STANDS if stands else STACK_CHANGED)
    warnings = Warnings(
        recreated=granted and event.stack.parent_stack_id != client.stack.parent_stack_id,
        contradicted=contradicted,
        shared_with=sharing.others_with(draft.store, client, event.stack.role_name),
    )
    held_until = draft.full_until
    kind = Kind.UPDATE if granted else Kind.ONBOARD
    request = draft.ask(kind, event.stack, warnings, held_until=held_until, counts_from=held_until)
    audits, marked = sharing.taken_over(draft.store, draft.client, request, current, draft.now)
    draft.audits += audits
    draft.requests += marked
    draft.audit(f"asked to {kind}", request.id)
    return True


def _tell(draft: Draft) -> bool:
    """Report a failed or rolled-back operation, with one message for all its events."""
    if draft.report is not None:
        draft.lengthen(draft.report)
        return True
    if draft.stale or draft.full_until:
        return False
    draft.tell(draft.event)
    return True


def _note(draft: Draft) -> None:
    """Note a line for the timeline. A new operation ends the report of the one before.

    The deletion of a stack that was never completed belongs to the creation that failed.
    """
    event, client, report, current = draft.event, draft.client, draft.report, draft.current
    undone = client.decided_by_event_at is None and event.status == "DELETE_IN_PROGRESS"
    starts = event.about_stack and policy.starts_operation(event.status) and not undone
    if not client.may_have_group and client.stack_gone and draft.reported_gone is None:
        newest = replace(client.stack, parent_stack_id=event.stack.parent_stack_id)
        draft.client = replace(client, stack=newest, stack_gone=False)
    if report is not None and starts and event.timestamp > report.event_at:
        draft.client = replace(draft.client, open_report=None)
    elif report is not None:
        draft.lengthen(report)
    late = current if current and event.timestamp <= current.event_at else None
    if late is not None and late.state is State.PENDING and late not in draft.requests:
        draft.lengthen(late)
