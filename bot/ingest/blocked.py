"""Handles events of a blocked account: all are refused but the gate's last word, which is stored silently."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.errors import NotInvited
from bot.domain.model import Account, Client, Event, GoneStack
from bot.ingest import deletion
from bot.ports.store import Change


def refused() -> NotInvited:
    """Return the refusal for a blocked account. It says whom to ask, and neither who blocked it nor why."""
    return NotInvited("Nothing is accepted from this AWS account at present. Ask the provider who invited you.")


def joined(account: Account, client: Client) -> Account:
    """Return the account with this new client in it."""
    return replace(account, client_ids=(*account.client_ids, client.id))


def last_word(client: Client, event: Event, known: GoneStack | None, now: datetime, *, by_stack: bool) -> Change:
    """Return the change that stores the gate's last word and nothing else; `by_stack`: it is of a stack we know."""
    newest = event.stack.parent_stack_id == client.stack.parent_stack_id
    return Change(
        client=replace(client, stack_gone=client.stack_gone or newest),
        event=event,
        event_client_id=client.id,
        gone=deletion.told_of(event, client, known, now) if by_stack else None,
    )
