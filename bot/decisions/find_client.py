"""Finds the client that somebody named: by its id, its account or its company, where that means no other client."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.decisions.decide import NO_CLIENT, UNKNOWN, Approval
from bot.domain.answers import Actor
from bot.domain.errors import ActionRefused, BadCommand, SeveralNamed
from bot.domain.ids import CLIENT, is_id
from bot.domain.model import Account, Client
from bot.domain.spelling import company_key
from bot.ports.store import Store

_NAMED = 10
_ACCOUNT = re.compile("[0-9]{12}")
_LONGEST = 2000
"""Most bytes of a name that the table can look up; no client's name is longer."""


def named_by_approver(approval: Approval, actor: Actor, action: str, text: str) -> Client:
    """Return the client that an approver named. Raises NotAllowed, which the client's history shows; BadCommand."""
    try:
        client = client_named(approval.store, text)
    except BadCommand:
        approval.require(actor, action, NO_CLIENT, detail=text)
        raise
    approval.require(actor, action, client.id, detail=text)
    return client


def pressed_by_approver(approval: Approval, actor: Actor, action: str, client_id: str) -> Client:
    """Return the client that a pressed button names. Raises NotAllowed, and ActionRefused for a foreign id."""
    known = approval.store.client(client_id) if is_id(CLIENT, client_id) else None
    approval.require(actor, action, known.id if known else NO_CLIENT, detail=client_id)
    if known is None:
        raise ActionRefused(UNKNOWN.format("client"))
    return known


def client_named(store: Store, text: str) -> Client:
    """Return the client. Raises BadCommand when there is no such client, SeveralNamed when there is more than one."""
    text = " ".join(text.split())
    by_id = store.client(text) if is_id(CLIENT, text) else None
    found = [by_id] if by_id else [*_in_account(store, text), *namesakes_of(store, text, _NAMED + 1)]
    found = list({one.id: one for one in found}.values())
    if len(found) == 1:
        return found[0]
    quoted = text[:40].replace("`", "'")
    if not found:
        raise BadCommand(f"There is no client called `{quoted}`. `/clients {quoted}` searches for it.")
    ids = ", ".join(f"`{one.id}` (account {one.stack.account_id}, {one.standing})" for one in found[:_NAMED])
    number = f"more than {_NAMED}" if len(found) > _NAMED else str(len(found))
    several = f"There are {number} clients called `{quoted}`. Name one by its id. The newest: {ids}."
    raise SeveralNamed(several, text, tuple(found[:_NAMED]))


def _in_account(store: Store, number: str) -> list[Client]:
    """Return the newest clients of the account with this number; none where the text is no account number."""
    account = store.account(number) if _ACCOUNT.fullmatch(number) else None
    newest_first = account.client_ids[: -_NAMED - 2 : -1] if account else ()
    return [client for one in newest_first if (client := store.client(one)) is not None]


def namesakes_of(store: Store, company: str, limit: int) -> Sequence[Client]:
    """Return the clients of this company, newest first; none for a name that is longer than any."""
    return store.namesakes(company, limit) if len(company_key(company).encode()) <= _LONGEST else ()


def account_named(store: Store, text: str) -> Account:
    """Return the account with this number, or of the client named. Raises BadCommand when it has no known client."""
    number = text.strip()
    account = store.account(number) if _ACCOUNT.fullmatch(number) else None
    return account if account and account.client_ids else store.account(client_named(store, text).stack.account_id)
