"""What people are shown when they ask, and who asks."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.entrance import Entrance
from bot.domain.invitation import Invitation, RefusedAttempts, RefusedPerson
from bot.domain.model import Account, Audit, Client, Grant, RoleHolder
from bot.domain.request import Request


@dataclass(frozen=True)
class ClientPage:
    """One page of clients, newest first; `cursor` leads to the next one, None on the last."""

    clients: tuple[Client, ...]
    cursor: str | None


@dataclass(frozen=True)
class AuditPage:
    """Lines of a client's audit, newest first; `cursor` leads to the older ones, None when there are none.

    `left_out`: the client's own stack did more in the time of this page than is told here.
    """

    audits: tuple[Audit, ...]
    cursor: str | None = None
    left_out: bool = False


@dataclass(frozen=True)
class Actor:
    """Who pressed or typed: Slack user id, the workspace of the press or command, and the one the app is installed in.

    For a press the workspace is the person's own, for a command the one it was typed in.
    """

    user_id: str
    team_id: str
    home_team_id: str


@dataclass(frozen=True)
class History:
    """Who did what about a client, newest first, and on the newest page who invited and who was refused."""

    client: Client
    page: AuditPage
    newest: bool = True
    invitation: Invitation | None = None
    refused: tuple[RefusedPerson, ...] = ()
    more_refused: bool = False
    """Whether more people were refused than are named."""


@dataclass(frozen=True)
class Revocation:
    """What revoking would take away, for an approver to confirm.

    `state` tells this access from any other that the client had or may get; it comes back with the press. `superseded`
    is the request that would be asked no longer, `shared_with` the other clients that give access to the same role.
    """

    client: Client
    gives: Grant
    entrance: Entrance
    state: str
    superseded: Request | None = None
    shared_with: tuple[RoleHolder, ...] = ()


@dataclass(frozen=True)
class Blocked:
    """An account that was blocked just now, or is no longer, and the clients in it."""

    account: Account
    clients: tuple[Client, ...]


@dataclass(frozen=True)
class Cancelled:
    """An invitation that nobody can use any more. `blocked` is the account that had used it, where it was blocked."""

    invitation: Invitation
    blocked: Blocked | None = None


@dataclass(frozen=True)
class OpenInvitations:
    """What approvers see of invitations: those that can be used, and the attempts that were refused."""

    invitations: tuple[Invitation, ...]
    refused: tuple[RefusedAttempts, ...]
    more_invitations: int = 0
    more_refused: int = 0


@dataclass(frozen=True)
class Invited:
    """A fresh invitation with its token, which is shown once and not kept."""

    invitation: Invitation
    token: str
    namesakes: tuple[Client, ...]
