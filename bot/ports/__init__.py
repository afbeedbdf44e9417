"""The Protocols that the workflow uses to reach AWS and Slack. `bootstrap.py` chooses the implementations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from bot.domain.entrance import Entrance
from bot.domain.kit import KitAsked
from bot.domain.limits import Limit
from bot.domain.message import Message
from bot.domain.model import Account, Client, ClientStack, Difference, Event, Grant, Place
from bot.domain.page import Page, PageName
from bot.domain.record import Record
from bot.domain.request import Request
from bot.domain.vocabulary import Measure

if TYPE_CHECKING:
    from bot.domain.bulk import Bulk, BulkName


class Proof(Record):
    """The scalars of a signed `sts:GetCallerIdentity`, exactly as received (strings, unchecked)."""

    region: str
    date: str
    access_key_id: str
    session_token: str
    signature: str


class Identity(Record):
    """The account that STS confirmed, and the access role that the forwarder's role name is bound to."""

    account_id: str
    role_name: str


class Verifier(Protocol):
    """Checks the proof of an account by asking STS."""

    def verify(self, proof: Proof, event_sha256: str) -> Identity:
        """Raise ProofRefused when STS, or the form of the proof, says no; TryAgain when STS does not answer."""


class StackOutcome(Record):
    """How CloudFormation ended one attempt. `reason` is CloudFormation's own, empty on success."""

    succeeded: bool
    reason: str = ""


class Progress(Record):
    """How far an attempt is. Not `begun`: CloudFormation has never received it. `outcome` is None while it runs."""

    begun: bool
    outcome: StackOutcome | None = None
    stack_id: str | None = None
    """The stack, where it was asked for by name."""


class Started(Record):
    """CloudFormation accepted the work; `finished` when there was nothing to do, so that no event will come."""

    stack_id: str | None
    finished: bool = False


class Access(Protocol):
    """Gives people access to clients' roles and takes it away. No other module knows how.

    Every method but `entrance` and `client_id_of` asks AWS, and raises TryAgain when it does not answer.
    """

    def entrance(self, client_id: str, places: Sequence[Place]) -> Entrance:
        """Return how people get into this client's role by these places, whether or not they may by now."""

    def has_room_for_groups(self) -> bool:
        """Return whether a client may get a group of its own; False when the account has nearly no groups left."""

    def limits(self) -> tuple[Limit, ...]:
        """Return how near the account is to each limit that AWS tells; asks no more than `has_room_for_groups` did."""

    def members(self, client_id: str) -> tuple[str, ...]:
        """Return who is in the client's own group; nobody where it has none."""

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


class PageStacks(Protocol):
    """Makes teams' pages what they are wanted to be: one stack per page, from one template."""

    def role_arn(self, stack: ClientStack) -> str:
        """Return the ARN of a client's access role, as pages list it."""

    def name_of(self, stack_id: str) -> PageName | None:
        """Return the page that this stack makes, by its name; None for any other stack."""

    def write(self, page: Page) -> Started:
        """Have the page's policy list what the page lists, with `page.token`. Idempotent.

        Raises ProvisioningFailed when refused for good, TryAgain when not now.
        """

    def progress(self, page: Page) -> Progress:
        """Return how far CloudFormation is with the page's revision. Raises TryAgain when it does not tell."""

    def differences(self, page: Page) -> Sequence[Difference]:
        """Return what is not as the page, in a fixed order; empty when all is. Raises as `Access.differences`."""


class Batched(Record):
    """One account of a shared message: its newest request, the client, and how people get in."""

    request: Request
    client: Client | None
    entrance: Entrance


class Picture(Record):
    """What a message shows, as stored at the moment it is drawn."""

    message: Message
    request: Request
    entrance: Entrance
    client: Client | None = None
    """Read where the message needs it: for a card, for what was given, and for what may be blocked."""
    timeline: tuple[Event, ...] = ()
    account: Account | None = None
    """Where it is blocked."""
    batch: tuple[Batched, ...] = ()
    """Of a shared message: its accounts, in the order of their requests; `request` is the first one's."""
    bulks: tuple[Bulk, ...] = ()
    """The presses on all of these accounts so far, oldest first."""
    thread: str | None = None
    """Of a card: the address of its request's message, where that is posted."""


class Reviewed(Record):
    """One open request of a shared message, to be decided by itself: the `number`th of `of` accounts."""

    picture: Picture
    number: int
    of: int


class Channel(Protocol):
    """The channel. Every method but `permalink` raises SlackUnavailable when Slack does not take it."""

    def post(self, picture: Picture, thread: str | None) -> str:
        """Post the message, into this thread if there is one; answers its ts."""

    def edit(self, picture: Picture) -> None:
        """Bring the posted message up to date. Raises MessageGone when it can no longer be edited."""

    def find(self, picture: Picture, thread: str | None) -> str | None:
        """Return the ts of this message if it was posted before a crash, found by its metadata; else None."""

    def permalink(self, ts: str) -> str:
        """Return the address that opens this message of the channel; empty where Slack does not tell. Never raises."""


class Directory(Protocol):
    """Who is who in Slack."""

    def group_members(self, group_id: str) -> frozenset[str]:
        """Return the Slack user ids in a user group. Raises SlackUnavailable when it can't be read."""

    def organization_of(self, user_id: str) -> str:
        """Return the person's Enterprise Grid organization according to Slack; empty for none and for strangers."""

    def workspace_of(self, user_id: str) -> str:
        """Return the person's own workspace according to Slack; empty for strangers. Raises SlackUnavailable."""


class Handoff(Protocol):
    """Hands work to the provision Lambda, and kits to the kit Lambda. Raises TryAgain when that is impossible now."""

    def provision(self, request_id: str) -> None:
        """Have the request begun, and shown."""

    def show(self, owners: Sequence[str]) -> None:
        """Have what is new in the messages of these clients and invitations shown."""

    def bulk(self, name: BulkName) -> None:
        """Have a press on several requests applied to each of them."""

    def pages(self, teams: Sequence[str] = (), pages: Sequence[PageName] = ()) -> None:
        """Have what is asked of these teams' pages packed and sent, and these pages sent as they are."""

    def kit(self, asked: KitAsked) -> None:
        """Have the kit sent to whoever has asked for it."""

    def renew(self, teams: Sequence[str]) -> None:
        """Have the kits of these teams written anew."""


class Meter(Protocol):
    """Counts, durations and shares for whoever operates Switchyard. Measuring never raises."""

    def count(self, measure: Measure, kind: str = "") -> None:
        """Count one occurrence; `kind` distinguishes occurrences of the same measure."""

    def seconds(self, measure: Measure, value: float) -> None: ...

    def percent(self, measure: Measure, value: float, kind: str) -> None: ...


class NoMeter:
    """Measures nothing."""

    def count(self, measure: Measure, kind: str = "") -> None: ...

    def seconds(self, measure: Measure, value: float) -> None: ...

    def percent(self, measure: Measure, value: float, kind: str) -> None: ...


class Clock(Protocol):
    """The time, in UTC."""

    def now(self) -> datetime: ...

    def sleep(self, seconds: float) -> None: ...
