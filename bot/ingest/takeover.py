"""A role that another client of the account has too is asked for: both histories say so, and both requests warn."""

from __future__ import annotations

from bot.domain import sharing
from bot.domain.model import Audit, RoleHolder
from bot.domain.request import Request, touched
from bot.ingest.draft import Draft


def warn_others(draft: Draft, request: Request) -> None:
    """Write the takeover down once, and say so on the others' open requests, which may be approved after this one."""
    client, before, role_name = draft.client, draft.current, request.stack.role_name
    asked_before = before is not None and before.stack.role_name == role_name
    known = [one.client_id for one in before.warnings.shared_with] if before is not None and asked_before else []
    taker = RoleHolder(client.id, client.company, grants=False)
    for other in request.warnings.shared_with:
        if other.client_id not in known:
            _audit(draft, request, other)
            _warn(draft, other, role_name, taker)


def _audit(draft: Draft, request: Request, other: RoleHolder) -> None:
    client, role, actor = draft.client, request.stack.role_name, f"account {draft.event.stack.account_id}"
    mine = f"{role}, which {other.company} ({other.client_id}) has too"
    theirs = f"{role}, by {client.company} ({client.id})"
    draft.audits.append(Audit(draft.now, actor, "takes over a role", client.id, request.id, mine))
    draft.audits.append(Audit(draft.now, actor, "its role is taken over", other.client_id, request.id, theirs))


def _warn(draft: Draft, other: RoleHolder, role_name: str, taker: RoleHolder) -> None:
    client = draft.store.client(other.client_id)
    asked = draft.store.request(client.current_request) if client and client.current_request else None
    marked = sharing.warned(asked, role_name, taker)
    if marked is not None:
        draft.requests.append(touched(marked, draft.now))
