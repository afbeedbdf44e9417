"""Works out what one event changes about one client: what to ask the team, what to supersede, what to report.

Only events about the child stack itself decide anything; a resource's failure is a reason.
"""

from __future__ import annotations

from dataclasses import replace

from bot.domain import policy
from bot.domain.errors import TryAgain
from bot.domain.model import Audit
from bot.domain.policy import Effect
from bot.domain.request import Request, RoleHolder, Warnings
from bot.domain.spelling import same_company
from bot.domain.transitions import STACK_CHANGED, STACK_STANDS, buttons
from bot.domain.vocabulary import Kind, State, Verb
from bot.ingest import deletion
from bot.ingest.draft import Draft
from bot.ports import sharing


def apply(draft: Draft) -> None:
    """Work out what the event changes. Raises TryAgain while the client's access is being taken away."""
    take = {Effect.ASK: _ask, Effect.REMOVE: deletion.remove, Effect.REPORT: _tell}.get(
        deletion.late_effect(draft, policy.effect(draft.event))
    )
    if take is None or not take(draft):
        _note(draft)
    current = draft.current
    client = replace(draft.client, current_request=current.id if current else None)
    draft.client = replace(client, standing=policy.standing(client, current))


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
        recreated=draft.granted and not client.has_newest_stack_of(event),
        contradicted=contradicted,
        shared_with=sharing.others_with(draft.store, client, event.stack.role_name),
        denied=not draft.granted and _was_denied(current),
        known_as="" if draft.granted else _known_as(current, client.company),
    )
    request = draft.ask(Kind.UPDATE if draft.granted else Kind.ONBOARD, event.stack, warnings, draft.full_until)
    _take_over(draft, request, current)
    draft.audit(f"asked to {request.kind}", request.id)
    return True


def _was_denied(before: Request | None) -> bool:
    """Return whether an approver has denied what the client asked before, and none has looked at it since."""
    if before is None or not before.kind.lets_in:
        return False
    return before.decision.verb is Verb.DENY if before.decision else before.warnings.denied


def _known_as(before: Request | None, company: str) -> str:
    """Return the other name under which the client asked before, until an approver has seen that; empty for none."""
    if before is None:
        return ""
    if not same_company(before.company, company):
        return before.company
    return "" if before.decision else before.warnings.known_as


def _take_over(draft: Draft, request: Request, before: Request | None) -> None:
    """Audit in both histories that the request is for a role that another client has too, and warn the other's request.

    `before` is what the client asked last: whoever that names already is not named again.
    """
    client, role, actor = draft.client, request.stack.role_name, f"account {request.stack.account_id}"
    known = before.warnings.shared_with if before is not None and before.stack.role_name == role else ()
    for other in request.warnings.shared_with:
        if other.client_id in [one.client_id for one in known]:
            continue
        mine, theirs = f"which {other.company} ({other.client_id}) has too", f"by {client.company} ({client.id})"
        draft.audits += (
            Audit(draft.now, actor, "takes over a role", client.id, request.id, f"{role}, {mine}"),
            Audit(draft.now, actor, "its role is taken over", other.client_id, request.id, f"{role}, {theirs}"),
        )
        holder = draft.store.client(other.client_id)
        asked = draft.store.request(holder.current_request) if holder and holder.current_request else None
        if asked is not None:
            _warn(draft, asked, role)


def _warn(draft: Draft, asked: Request, role_name: str) -> None:
    """Name the client on another client's request, if that is open and lets people into the same role.

    Its earlier approvals no longer count, nor do presses on earlier drawings: those people had not read the warning.
    """
    client, known = draft.client, asked.warnings.shared_with
    about_it = buttons(asked.state) and not asked.kind.takes_away and asked.stack.role_name == role_name
    if about_it and client.id not in [one.client_id for one in known]:
        warnings = replace(asked.warnings, shared_with=(*known, RoleHolder(client.id, client.company, grants=False)))
        draft.change(replace(asked, warnings=warnings, approvals=(), presses=asked.presses + 1))


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
    late = current is not None and event.timestamp <= current.event_at
    if current is not None and late and current.state is State.PENDING and current not in draft.requests:
        draft.lengthen(current)
