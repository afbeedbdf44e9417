"""Finds other clients of an account that have the same role, and which of them let people switch into it.

A role passes to another client when its client gives it up, is renamed, or is asked for under another client's
invitation. The first client's grant may still name the role until that grant is changed or removed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain import transitions
from bot.domain.model import Audit, Client
from bot.domain.request import Request, RoleHolder
from bot.domain.vocabulary import UNDER_WAY
from bot.ports.store import Store


def others_with(store: Store, client: Client, role_name: str) -> tuple[RoleHolder, ...]:
    """Return the other clients of the account that have this role, by their stack or by their grant."""
    found = []
    for client_id in sorted({*store.role_holders(client.stack.account_id, role_name)} - {client.id}):
        other = store.client(client_id)
        if other is None:
            continue
        grants = _grants(store, other, role_name)
        stands = other.stack.role_name == role_name and not other.offboarded and not other.stack_gone
        if grants or stands:
            found.append(RoleHolder(other.id, other.company, grants))
    return tuple(found)


def others_granting(store: Store, client: Client, role_name: str) -> tuple[RoleHolder, ...]:
    """Return the other clients of the account whose grant lets people into this role, or is just being set up."""
    return tuple(one for one in others_with(store, client, role_name) if one.grants)


def taken_over(
    store: Store, client: Client, request: Request, before: Request | None, now: datetime
) -> tuple[list[Audit], list[Request]]:
    """Return what a request for a role that others have too changes: lines of both histories, and the others' requests.

    `before` is what the client asked last: whoever that names already is not named again.
    """
    audits, marked = [], []
    role, actor = request.stack.role_name, f"account {client.stack.account_id}"
    asked_before = before is not None and before.stack.role_name == role
    known = [one.client_id for one in before.warnings.shared_with] if before is not None and asked_before else []
    for other in request.warnings.shared_with:
        if other.client_id in known:
            continue
        mine = f"{role}, which {other.company} ({other.client_id}) has too"
        audits.append(Audit(now, actor, "takes over a role", client.id, request.id, mine))
        theirs = f"{role}, by {client.company} ({client.id})"
        audits.append(Audit(now, actor, "its role is taken over", other.client_id, request.id, theirs))
        holder = store.client(other.client_id)
        asked = store.request(holder.current_request) if holder and holder.current_request else None
        warning = _warned(asked, role, RoleHolder(client.id, client.company, grants=False))
        marked += [warning] if warning is not None else []
    return audits, marked


def _warned(request: Request | None, role_name: str, taker: RoleHolder) -> Request | None:
    """Return another client's open request for the same role with `taker` named on it; None if there is none.

    Its earlier approvals no longer count, nor do presses on earlier drawings: those people had not read the warning.
    """
    if request is None or request.kind.takes_away or request.stack.role_name != role_name:
        return None
    known = request.warnings.shared_with
    if not transitions.buttons(request.state) or taker.client_id in [one.client_id for one in known]:
        return None
    warnings = replace(request.warnings, shared_with=(*known, taker))
    return replace(request, warnings=warnings, approvals=(), presses=request.presses + 1)


def _grants(store: Store, client: Client, role_name: str) -> bool:
    if client.grant is not None and client.grant.role_name == role_name:
        return True
    asked = [store.request(one) for one in (client.provisioning, client.current_request) if one]
    under_way = [one for one in asked if one is not None and one.state in UNDER_WAY and not one.kind.takes_away]
    return any(one.stack.role_name == role_name for one in under_way)
