"""What the workflow needs from the world, as Protocols. `bootstrap.py` chooses what stands behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from bot.domain.entrance import Entrance
from bot.domain.errors import Conflict, TryAgain
from bot.domain.invitation import Invitation, RefusedAttempts, RefusedPerson
from bot.domain.message import Message, Raise
from bot.domain.model import Account, Audit, Client, Difference, Event, GoneStack, Grant, RoleHolder, Turn
from bot.domain.request import Request
from bot.domain.vocabulary import Measure


@dataclass(frozen=True)
class Proof:
    """The scalars of a signed `sts:GetCallerIdentity`, exactly as received (strings, unchecked)."""

    region: str
    date: str
    access_key_id: str
    session_token: str
    signature: str


@dataclass(frozen=True)
class Identity:
    """Whom STS vouched for: the account, and the access role that the forwarder's role name is bound to."""

    account_id: str
    role_name: str


@dataclass(frozen=True)
class Located:
    """The client an event may belong to.

    `client` was found by parent StackId if `by_stack`, else by (account, role name). `role_owner` is the client id that
    the (account, role name) entry names now, whoever that is; `Claim` hands it back so that two first events can't
    both make a client.
    """

    client: Client | None
    by_stack: bool
    role_owner: str | None
    account: Account
    """The event's, read before the client."""


@dataclass(frozen=True)
class Claim:
    """Makes `client_id` the one found by this parent StackId and this (account, role name)."""

    client_id: str
    parent_stack_id: str
    account_id: str
    role_name: str
    role_owner: str | None


ATTEMPTS = 5
"""How often a save is planned anew when somebody else was faster."""


@dataclass(frozen=True)
class Command:
    """One signed command of Slack. `mark` tells it from every other one; `at` is when it came."""

    mark: str
    at: datetime


@dataclass(frozen=True)
class Change:
    """Everything one step stores, all of it or nothing. Records with version 0 are new."""

    client: Client | None = None
    requests: tuple[Request, ...] = ()
    invitations: tuple[Invitation, ...] = ()
    event: Event | None = None
    event_client_id: str = ""
    claim: Claim | None = None
    gone: GoneStack | None = None
    """Only together with its client, whose version guards it against what was read before."""
    audits: tuple[Audit, ...] = ()
    turn: Turn | None = None
    command: Command | None = None
    """The command that wants it, where that must not count twice."""
    messages: tuple[Message, ...] = ()
    """New ones."""
    raises: tuple[Raise, ...] = ()
    """Stored messages that have something new to show."""
    account: Account | None = None
    others: tuple[Client, ...] = ()
    """The clients of that account, where all of them change together."""

    @property
    def to_show(self) -> tuple[str, ...]:
        """Whose messages may not wait for the sweep."""
        raised = [one.owner for one in self.raises if not one.lazily]
        return tuple(dict.fromkeys([one.owner for one in self.messages] + raised))


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


class Store(Protocol):
    """The one table. Reads by id are strongly consistent; lists are not."""

    def client(self, client_id: str) -> Client | None: ...

    def locate(self, parent_stack_id: str, account_id: str, role_name: str) -> Located: ...

    def account(self, account_id: str) -> Account:
        """The account as it is stored; a new one, with no client in it, where none is."""

    def role_holders(self, account_id: str, role_name: str) -> Sequence[str]:
        """The ids of all clients that ever claimed this role, whoever has it now."""

    def gone(self, parent_stack_id: str) -> GoneStack | None:
        """What was told of this stack's deletion; None where nothing was."""

    def invitation(self, token_hash: str) -> Invitation | None: ...

    def invitations(self, since: datetime, limit: int) -> Sequence[Invitation]:
        """Those made since then that are `listed`, newest first."""

    def refused_attempts(self, since: datetime, limit: int, *, invited: bool) -> Sequence[RefusedAttempts]:
        """What was refused since then, last first: with an invitation of ours if `invited`, else without one.

        Read apart, so that refusals without an invitation, which anybody can cause, never take the others' place.
        """

    def count_refused(self, attempt: RefusedAttempts) -> None:
        """Add it to what the same account was refused with the same invitation."""

    def request(self, request_id: str) -> Request | None: ...

    def events(self, client_id: str) -> Sequence[Event]:
        """The client's stored events, oldest first by their own timestamps; at most the newest 100."""

    def clients(self, limit: int, cursor: str | None = None) -> ClientPage:
        """Newest first. A cursor that is not ours counts as none."""

    def namesakes(self, company: str, limit: int) -> Sequence[Client]:
        """Clients with this company name, whatever its case and spacing, newest first."""

    def turn(self) -> Turn:
        """Whose access is compared next; at the start of the list when none was yet."""

    def due(self, now: datetime) -> Sequence[Request]:
        """Requests whose `due_at` has passed, longest overdue first."""

    def message(self, owner: str, place: str) -> Message | None: ...

    def messages(self, owner: str, limit: int) -> Sequence[Message]:
        """The owner's messages, newest first."""

    def due_messages(self, now: datetime) -> Sequence[Message]:
        """Messages whose `due_at` has passed, longest overdue first."""

    def claim(self, message: Message, now: datetime, until: datetime) -> Message | None:
        """Take the lease on it until then. The message as it was before; None while somebody else has the lease."""

    def keep(self, message: Message, lease: datetime) -> bool:
        """Store how far it is shown, while the lease is still this one and nothing newer is wanted than was drawn."""

    def audits(self, client_id: str, limit: int, cursor: str | None = None) -> AuditPage:
        """One page of a client's audit; invitations are audited under the client id `invitation`.

        At most `limit` lines of people and of Switchyard, and among them at most `limit` of the client's own stack. A
        cursor that is not ours counts as none.
        """

    def refused_people(self, client_id: str, limit: int) -> Sequence[RefusedPerson]:
        """Who was refused something about this client, last first."""

    def count_refusal(self, refused: RefusedPerson) -> None:
        """Add it to what the same person was refused about the same client."""

    def save(self, change: Change) -> None:
        """Store all of it in one transaction, each record's version raised by one.

        Raises Replayed when the command is stored already, whatever else is so; Conflict when a record's version has
        moved, the event is already stored, or the claim is taken; TryAgain when the table does not answer.
        """


Planned = TypeVar("Planned", bound=Change | None)


def saved(store: Store, plan: Callable[[], Planned], too_busy: str, attempts: int = ATTEMPTS) -> Planned:
    """Save what `plan` makes of the table as it is now, and return it. When somebody was faster, plan again.

    `plan` reads everything anew each time; None means that there is nothing to save. Raises what `plan` raises,
    Replayed, Conflict for an event that is stored already, and TryAgain with `too_busy` after that many attempts.
    """
    for _ in range(attempts):
        change = plan()
        try:
            if change is not None:
                store.save(change)
        except Conflict as conflict:
            if conflict.duplicate:
                raise
        else:
            return change
    raise TryAgain(too_busy)


class Verifier(Protocol):
    """Proof of the account, by STS's own word."""

    def verify(self, proof: Proof, event_sha256: str) -> Identity:
        """Raise ProofRefused when STS, or the form of the proof, says no; TryAgain when STS does not answer."""


@dataclass(frozen=True)
class StackOutcome:
    """What CloudFormation made of one attempt. `reason` is CloudFormation's own, empty on success."""

    succeeded: bool
    reason: str = ""


@dataclass(frozen=True)
class Progress:
    """How far an attempt is. Not `begun`: CloudFormation has never heard of it. `outcome` is None while it runs."""

    begun: bool
    outcome: StackOutcome | None = None


@dataclass(frozen=True)
class Started:
    """CloudFormation took the work; `finished` when there was nothing to do and no event will come."""

    stack_id: str | None
    finished: bool = False


class Access(Protocol):
    """Gives people access to clients' roles, and takes it away. What it is made of is nobody else's business.

    Every method but `entrance` and `client_id_of` asks AWS, and raises TryAgain when it does not answer.
    """

    def entrance(self, client_id: str) -> Entrance:
        """Return how people get into this client's role, whether or not they may by now."""

    def leaving(self, request: Request) -> tuple[str, ...]:
        """Return who would be taken out if this were started now; nobody where it is not known to be of our making.

        Raises ProvisioningFailed when something of the client's name is not of our making.
        """

    def start(self, request: Request, leaving: Sequence[str] = ()) -> Started:
        """Give, change, repair or take away access, by `request.kind`, with `request.token`. Idempotent.

        `leaving` are those whom `leaving` returned. The caller has recorded them, since they are taken out first.
        Raises ProvisioningFailed when refused for good, TryAgain when not now.
        """

    def progress(self, request: Request) -> Progress:
        """Return how far this attempt is."""

    def differences(self, client_id: str, account_id: str, grant: Grant) -> Sequence[Difference]:
        """Return what is not as this grant, in a fixed order; empty when all is.

        Raises ProvisioningFailed when AWS refuses to tell, TryAgain when not now too.
        """

    def client_id_of(self, stack_id: str) -> str | None:
        """Return the client whose access this stack makes, by its name; None for any other stack."""


@dataclass(frozen=True)
class Picture:
    """What a message shows, as it is stored at the moment it is drawn."""

    message: Message
    request: Request
    entrance: Entrance
    client: Client | None = None
    """Read where the message needs it: for a card, for what was given, and for what may be blocked."""
    timeline: tuple[Event, ...] = ()
    account: Account | None = None
    """Where it is blocked."""


class Channel(Protocol):
    """The channel. Every method raises SlackUnavailable when Slack does not take it."""

    def post(self, picture: Picture, thread: str | None) -> str:
        """Post the message, into this thread if there is one; answers its ts."""

    def edit(self, picture: Picture) -> None:
        """Bring the posted message up to date. Raises MessageGone when there is none to be changed any more."""

    def find(self, picture: Picture, thread: str | None) -> str | None:
        """The ts of this message, if it was posted before a crash, by its metadata."""


class Directory(Protocol):
    """Who is who in Slack."""

    def group_members(self, group_id: str) -> frozenset[str]:
        """Slack user ids in a user group. Raises SlackUnavailable when it can't be read."""

    def organization_of(self, user_id: str) -> str:
        """The Enterprise Grid organization that Slack says the person is of; empty for none, and for a stranger."""


class Handoff(Protocol):
    """Hands a request to the Lambda that provisions."""

    def provision(self, request_id: str) -> None:
        """Raises TryAgain when it can't be handed over."""


class Meter(Protocol):
    """Numbers for whoever operates this. Measuring never raises."""

    def count(self, measure: Measure, kind: str = "") -> None:
        """It happened once more; `kind` tells it from others of the same measure."""

    def seconds(self, measure: Measure, value: float) -> None: ...


class NoMeter:
    """Where nobody looks."""

    def count(self, measure: Measure, kind: str = "") -> None: ...

    def seconds(self, measure: Measure, value: float) -> None: ...


class Clock(Protocol):
    """The one clock."""

    def now(self) -> datetime: ...

    def sleep(self, seconds: float) -> None: ...


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
