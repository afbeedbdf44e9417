"""Rules of blocking an account: when it may be, on which messages that is offered, what changes of a client. Pure.

A block is for the whole account, because its clients hold its administrator and can make a stack under any name. It is
for accounts without access alone: blocking takes nothing away, and nobody must believe that it does.
"""

from __future__ import annotations

from dataclasses import replace

from bot.domain import policy
from bot.domain.model import Account, Client
from bot.domain.request import Request
from bot.domain.vocabulary import UNDER_WAY, Kind, Standing, State

MOST_CLIENTS = 14
"""Of one account, so that all of it fits into one transaction of 100 items, six for each client."""


def why_not(account: Account, clients: list[tuple[Client, Request | None]]) -> str:
    """Return why the account can't be blocked, with what to do first; empty when it can be."""
    if account.blocked:
        return f"The account {account.id} is blocked already."
    if len(clients) > MOST_CLIENTS:
        return f"The account {account.id} has had more than {MOST_CLIENTS} clients, which is more than can be blocked."
    for client, current in clients:
        name = f"{client.company} ({client.id})"
        approved = current is not None and (current.state in UNDER_WAY or current.outstanding)
        if client.provisioning is not None or approved:
            return f"{name} in the account {account.id} is being set up or removed just now. Wait until that is done."
        if client.may_have_group:
            return (
                f"{name} in the account {account.id} has access, or may have. Blocking takes no access away: "
                f"type `/clients revoke {client.id}` first."
            )
    return ""


def blocked(client: Client) -> Client:
    """Return the client as one of a blocked account."""
    return replace(client, standing=Standing.BLOCKED)


def unblocked(client: Client, current: Request | None) -> Client:
    """Return the client as it stands without the block."""
    client = replace(client, standing=Standing.ARRIVING)
    return replace(client, standing=policy.standing(client, current))


def offered(client: Client, request: Request) -> bool:
    """Return whether the message has the button: of a client's newest request, if that has left it without access."""
    newest = client.current_request == request.id and not (client.may_have_group or client.blocked)
    return newest and ends_it(request)


def ends_it(request: Request) -> bool:
    """Return whether the request was denied, or has removed its client."""
    return request.state is State.DENIED or (request.kind is Kind.OFFBOARD and request.state is State.DONE)
