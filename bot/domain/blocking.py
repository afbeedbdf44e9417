"""Rules for blocking an account: when that is allowed, which messages offer it, what it changes on a client. Pure.

A block covers the whole account, because whoever administers it can create a stack under any name. Only an account
without access can be blocked: blocking takes no access away, and nobody must believe that it does.
"""

from __future__ import annotations

from dataclasses import replace

from bot.domain import policy
from bot.domain.model import Account, Client
from bot.domain.request import Request
from bot.domain.vocabulary import UNDER_WAY, Kind, Standing, State

MOST_CLIENTS = 14
"""Most clients of one account that can be blocked: one transaction takes 100 items, six for each client."""


def why_not(account: Account, clients: list[tuple[Client, Request | None]]) -> str:
    """Return why the account can't be blocked, with what to do first; empty when it can be."""
    if account.blocked:
        return f"The account {account.id} is blocked already."
    if len(clients) > MOST_CLIENTS:
        return f"The account {account.id} has had more than {MOST_CLIENTS} clients; Switchyard can't block that many."
    for client, current in clients:
        name = f"{client.company} ({client.id})"
        approved = current is not None and (current.state in UNDER_WAY or current.outstanding)
        if client.provisioning is not None or approved:
            return (
                f"{name} in the account {account.id} is being set up or removed at the moment. Wait until that is done."
            )
        if client.may_have_group:
            return (
                f"{name} in the account {account.id} has access, or may have. Blocking takes no access away: "
                f"type `/clients revoke {client.id}` first."
            )
    return ""


def unblocked(client: Client, current: Request | None) -> Client:
    """Return the client of an account that is no longer blocked."""
    client = replace(client, standing=Standing.ARRIVING)
    return replace(client, standing=policy.standing(client, current))


def offered(client: Client, request: Request) -> bool:
    """Return whether the message has the button: on a client's newest request, if that left the client no access."""
    newest = client.current_request == request.id and not (client.may_have_group or client.blocked)
    return newest and ends_it(request)


def ends_it(request: Request) -> bool:
    """Return whether the request was denied, or has removed its client."""
    return request.state is State.DENIED or (request.kind is Kind.OFFBOARD and request.state is State.DONE)
