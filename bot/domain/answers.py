"""What people are shown when they ask, and who asks."""

from __future__ import annotations

from bot.domain.entrance import Entrance
from bot.domain.invitation import Invitation, RefusedAttempts, RefusedPerson
from bot.domain.message import Message
from bot.domain.model import Account, Audit, Client, Event, Grant
from bot.domain.page import Team
from bot.domain.record import Record
from bot.domain.request import Request, RoleHolder
from bot.domain.search import Found
from bot.domain.vocabulary import AccessLevel, TeamVerb


class ClientPage(Record):
    """One page of clients, newest first; `cursor` leads to the next one, None on the last."""

    clients: tuple[Client, ...]
    cursor: str | None


class AuditPage(Record):
    """Lines of a client's audit, newest first; `cursor` leads to older ones, None when there are none.

    `left_out`: in the time of this page, the client's own stack did more than the page lists.
    """

    audits: tuple[Audit, ...]
    cursor: str | None = None
    left_out: bool = False


class Actor(Record):
    """Who pressed or typed: Slack user id, the workspace of the press or command, and the app's own workspace.

    For a press, the workspace is the person's own; for a command, the one in which it was typed.
    """

    user_id: str
    team_id: str
    home_team_id: str


class History(Record):
    """Who did what about a client, newest first, and on the newest page who invited and who was refused."""

    client: Client
    page: AuditPage
    newest: bool = True
    invitation: Invitation | None = None
    refused: tuple[RefusedPerson, ...] = ()
    more_refused: bool = False
    """Whether more people were refused than are listed."""
    posted: tuple[tuple[str, str], ...] = ()
    """The requests of the newest messages, each with its message's address (`ts`)."""


class ClientShown(Record):
    """Everything about one client. What only approvers may see is empty where the reader is none."""

    client: Client
    entrance: Entrance
    """How people get in now, where they do."""
    asked: Entrance
    """How they get in by the request, in the words of its own message."""
    request: Request | None
    """The newest that asks for a decision, or did."""
    message: Message | None
    """That request's message, where it has one; without an address (`ts`) while it is not posted."""
    approves: bool | None
    """Whether the reader is an approver now; None where Slack did not tell, which shows no more than False."""
    state: str = ""
    """What a window to rename or label the client is drawn for; it comes back with what is typed there."""
    account: Account | None = None
    """Where it is blocked."""
    history: AuditPage = AuditPage(())
    """For approvers: the newest lines, as many as `/clients history` shows on one page."""
    timeline: tuple[Event, ...] = ()
    """For approvers: the operation of the client's stack that the request is about, oldest first."""


class PageFill(Record):
    """One page of a team: how many clients it lists, and the characters that their roles take."""

    clients: int
    length: int
    late: bool = False
    """Whether AWS does not have it as wanted yet."""


class TeamShown(Record):
    """One team with its pages, in their order."""

    team: Team
    pages: tuple[PageFill, ...]

    @property
    def clients(self) -> int:
        """Return how many clients its people may work for."""
        return sum(page.clients for page in self.pages)


class TeamQuestion(Record):
    """What an approver is asked before something is done to a whole team. `state` comes back with the press."""

    verb: TeamVerb
    team: str
    state: str
    clients: int = 0
    """How many clients it concerns."""
    more: bool = False
    """Whether there are more than were counted."""
    left_out: tuple[AccessLevel, ...] = ()
    """Clients with this access are left alone: letting people in there takes more than one approver."""


class TeamsChoice(Record):
    """Which teams would get in at a client, before and after, for an approver to confirm.

    `state` comes back with the press. `asks_others`: it takes more people than this one.
    """

    client: Client
    gives: Grant
    before: tuple[str, ...]
    teams: tuple[str, ...]
    state: str
    asks_others: bool = False

    @property
    def by_group(self) -> bool:
        """Return whether members of the client's own group get in as well."""
        return self.client.given is not None and self.client.given.by_group


class AtHome(Record):
    """What one person's Home shows. `waiting` is empty where the person is no approver; `more` of it than is shown."""

    found: Found
    approves: bool | None
    """Whether the reader is an approver now; None where Slack did not tell, which shows no more than False."""
    waiting: tuple[Client, ...] = ()
    together: tuple[tuple[str, int], ...] = ()
    """Which of them stand for several accounts of their invitation that wait in one message, and for how many."""
    more: bool = False
    posted: tuple[tuple[str, str], ...] = ()
    """The requests of those that wait, each with its message's address (`ts`), where it has one."""


class Revocation(Record):
    """What revoking would take away, for an approver to confirm.

    `state` identifies this access among all that the client had or may get; it comes back with the press. `superseded`
    is the request that would be closed, `shared_with` the other clients that give access to the same role.
    """

    client: Client
    gives: Grant
    entrance: Entrance
    state: str
    superseded: Request | None = None
    shared_with: tuple[RoleHolder, ...] = ()


class SeveralToRevoke(Record):
    """What revoking would take away from each client of one name that has access; at least two.

    Other clients that give access to the same roles are left out: the message about each removal names them. `more`:
    there are more clients than are asked about.
    """

    several: tuple[Revocation, ...]
    more: bool = False


class SeveralRevoked(Record):
    """A press on several clients, as it was stored: whose access ends by it, and why others were left out."""

    revoked: tuple[Client, ...]
    left_out: tuple[str, ...] = ()
    """A sentence for each."""


class Blocked(Record):
    """An account that was just blocked or unblocked, its clients, and the owners of the messages that show it."""

    account: Account
    clients: tuple[Client, ...]
    to_show: tuple[str, ...] = ()


class Cancelled(Record):
    """A cancelled invitation. `blocked` is the account that had used it, where that was blocked too."""

    invitation: Invitation
    blocked: Blocked | None = None


class OpenInvitations(Record):
    """Invitations that can still be used, and refused attempts, for approvers."""

    invitations: tuple[Invitation, ...]
    refused: tuple[RefusedAttempts, ...]
    more_invitations: int = 0
    more_refused: int = 0


class Invited(Record):
    """A new invitation with its token, which is shown once and not stored."""

    invitation: Invitation
    token: str
    namesakes: tuple[Client, ...]
    teams: tuple[str, ...] = ()
    """The teams that an approval will let in, unless the approver chooses others."""
