"""Finds other clients of an account that have the same role, and which of them let people switch into it.

A role passes to another client when its client gives it up, is renamed, or is asked for under another client's
invitation. The first client's grant may still name the role until that grant is changed or removed.
"""

from __future__ import annotations

from bot.domain.model import Client
from bot.domain.request import RoleHolder
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


def _grants(store: Store, client: Client, role_name: str) -> bool:
    if client.grant is not None and client.grant.role_name == role_name:
        return True
    asked = [store.request(one) for one in (client.provisioning, client.current_request) if one]
    under_way = [one for one in asked if one is not None and one.state in UNDER_WAY and not one.kind.takes_away]
    return any(one.stack.role_name == role_name for one in under_way)
