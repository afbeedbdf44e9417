"""What Switchyard knows: frozen facts, no behaviour beyond what follows from one record alone.

Times are timezone-aware UTC. `version` is the optimistic lock of a stored record: 0 means "not stored yet", and a save
succeeds only if the stored version is still the one that was read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.vocabulary import UNDER_WAY, AccessLevel, Kind, Standing, State, Verb

EXPIRE_AFTER = timedelta(days=7)
"""How long a request waits that does not say for itself, as those of old don't."""
LEASE = timedelta(seconds=60)
"""How long the one who changed a record has to show it in Slack before the sweep takes over. Longer than any Lambda
that speaks to Slack on the way may run, so that two never post the same message."""


@dataclass(frozen=True)
class Grant:
    """What a client group lets its members assume."""

    role_name: str
    access_level: AccessLevel


@dataclass(frozen=True)
class Invitation:
    """A one-time token for a company. Only the token's SHA-256 (hex) is kept.

    One for several accounts is never bound itself: each account that uses it gets a seat, which is an invitation of its
    own, known by another hash than any token has.
    """

    token_hash: str
    company: str
    access_level: AccessLevel
    invited_by: str
    created_at: datetime
    expires_at: datetime
    account_id: str | None = None
    client_id: str | None = None
    """The client it became; with the account, what its first use binds."""
    spent_at: datetime | None = None
    accounts: int = 1
    seats_taken: int = 0
    """How many accounts have used it, where it is for several."""
    seat_of: str = ""
    """Of a seat: the token hash of the invitation it is a seat of."""
    cancelled_at: datetime | None = None
    cancelled_by: str = ""
    version: int = 0

    @property
    def listed(self) -> bool:
        """Whether somebody could still use it, but for its expiry; the accounts of a full one may try again."""
        return not (self.seat_of or self.spent_at or self.cancelled_at)


@dataclass(frozen=True)
class RefusedAttempts:
    """How often a proven account was refused for one reason: with an invitation of ours, or with none."""

    account_id: str
    token_hash: str
    """Of the invitation it tried to use; empty when there is none such."""
    reason: str
    last_at: datetime
    count: int = 1


@dataclass(frozen=True)
class Event:
    """One CloudFormation notification about a child stack, or the gate's last word about it.

    `key` makes it idempotent: (child StackId, EventId), but every deletion of one parent is the same event. What the
    client claims (company, role name, access level) is kept as claimed.
    """

    key: str
    parent_stack_id: str
    child_stack_id: str | None
    account_id: str
    company: str
    role_name: str
    access_level: AccessLevel
    timestamp: datetime
    status: str
    reason: str
    resource_type: str
    logical_id: str
    about_stack: bool
    """Whether it is about the child stack itself rather than one of its resources."""

    @property
    def region(self) -> str:
        """Where the client stack is, by its StackId."""
        return self.parent_stack_id.split(":")[3]

    @property
    def deletes(self) -> bool:
        """Whether it says that the child stack is gone."""
        return self.about_stack and self.status == "DELETE_COMPLETE"


@dataclass(frozen=True)
class Client:
    """One access role in one client account.

    `role_name` and `access_level` are what the client's last completed stack operation claims; `grant` is what the
    client group gives now. `may_have_group` turns true with the first approval, before anything exists, and false only
    when the removal has succeeded, so it never says "no group" while there is one.
    """

    id: str
    company: str
    account_id: str
    role_name: str
    access_level: AccessLevel
    parent_stack_id: str
    child_stack_id: str | None
    token_hash: str
    created_at: datetime
    standing: Standing = Standing.ARRIVING
    grant: Grant | None = None
    granted_stack_id: str | None = None
    """The parent stack whose request made the grant."""
    granted_by: tuple[str, ...] = ()
    """The requests whose green messages say what the group gives now; the newest of them."""
    may_have_group: bool = False
    offboarded: bool = False
    provisioning: str | None = None
    """The request that holds the client's one provisioning slot."""
    current_request: str | None = None
    """The newest request that asks for a decision; only it can be decided."""
    latest: str | None = None
    """The request or report that was told of last, or is to be."""
    open_report: str | None = None
    """The report of the failed operation that is still going on, so that it gets one message."""
    decided_by_event_at: datetime | None = None
    """Timestamp of the newest completed stack operation; older ones that arrive late change nothing."""
    asked_at: tuple[datetime, ...] = ()
    """When its events last made messages, so that one client can't flood the channel."""
    removal_asked_at: datetime | None = None
    gone_stack_ids: tuple[str, ...] = ()
    """Parent StackIds whose deletion is known. A deletion is final."""
    version: int = 0


@dataclass(frozen=True)
class Decision:
    """Who pressed what, last."""

    verb: Verb
    actor: str
    at: datetime
    reason: str = ""
    """What was given as the reason for a denial, where one is asked for."""


@dataclass(frozen=True)
class Request:
    """One decision asked of the team, with all that its Slack message shows; a snapshot, so that what was read is what
    gets approved.

    `revision` counts changes of what the message shows and `shown` is the last one Slack confirmed.
    """

    id: str
    client_id: str
    kind: Kind
    state: State
    company: str
    account_id: str
    role_name: str
    access_level: AccessLevel
    parent_stack_id: str
    child_stack_id: str | None
    stack_status: str
    event_at: datetime
    created_at: datetime
    updated_at: datetime
    asked_at: datetime
    """When it last became PENDING; reminding and expiry count from here."""
    remind_at: datetime | None = None
    expires_at: datetime | None = None
    claimed_company: str = ""
    """What the client called itself, where that differs from the invitation."""
    invited_level: AccessLevel | None = None
    invited_by: str = ""
    previous: Grant | None = None
    """What the group gives so far, for an update."""
    revoked: bool = False
    """An approver ends the access, though the client's stack still stands."""
    recreated: bool = False
    """The client deleted its stack and made a new one for the same role."""
    namesakes: tuple[str, ...] = ()
    """Account ids of other clients with the same company name."""
    decision: Decision | None = None
    reason: str = ""
    """Why it waits, failed or was superseded; of a report, CloudFormation's reason."""
    attempt: int = 0
    stack_id: str | None = None
    """The client-group stack that CloudFormation works on for this request."""
    tried_at: datetime | None = None
    """When the next step was last tried in vain, while it is under way."""
    asking_until: datetime | None = None
    """Somebody may be asking AWS for it; until then it is not given up."""
    removed_members: tuple[str, ...] = ()
    overtaken_by: Kind | None = None
    """What has changed or taken away since what it gave, so that its message is green no longer."""
    approvals: tuple[Decision, ...] = ()
    """Who has approved it so far, while more than one has to."""
    presses: int = 0
    """How many presses have counted; a button that was drawn before the last of them is stale."""
    revision: int = 1
    shown: int = 0
    drawn: int = 0
    """How many edits of the message were tried; tells of another one in between."""
    follows: str | None = None
    """What is to be told of the client before it, so that the channel keeps the order."""
    lease_until: datetime | None = None
    held_until: datetime | None = None
    """Not to be posted before, because its client has made too many messages."""
    posting_until: datetime | None = None
    """Somebody is posting the message or the card; until then nobody else does."""
    reminding_until: datetime | None = None
    """Somebody is posting the reminder of `remind_at`."""
    refused_by_slack: bool = False
    """Slack takes its message for none that it would show, or it can't be made, so that nothing waits for it."""
    message_ts: str | None = None
    card_ts: str | None = None
    version: int = 0

    @property
    def token(self) -> str:
        """CloudFormation's ClientRequestToken of this attempt: finds our operation among a stack's events."""
        return f"{self.id}-{self.attempt}"

    @property
    def outstanding(self) -> bool:
        """Whether it is a removal that was approved, and the group may still be there."""
        return self.kind is Kind.OFFBOARD and self.state in (*UNDER_WAY, State.FAILED)

    @property
    def revoking(self) -> bool:
        """Whether it takes access away whatever the client's stack does meanwhile, even with a new invitation."""
        return self.revoked and self.outstanding

    @property
    def waits(self) -> bool:
        """Whether it is a person's turn, of which the approvers are reminded."""
        return self.state in (State.PENDING, State.FAILED)

    @property
    def expiry(self) -> datetime:
        """When it expires, if nobody decides."""
        return self.expires_at or self.asked_at + EXPIRE_AFTER

    @property
    def card_due(self) -> bool:
        """Whether the switch-role card is still to be posted: after each success that changed what it says.

        One that is overtaken is only looked for, where somebody began to post it.
        """
        changed = self.previous != Grant(self.role_name, self.access_level)
        news = self.kind is Kind.ONBOARD or (self.kind is Kind.UPDATE and changed)
        wanted = self.overtaken_by is None or self.posting_until is not None
        return self.state is State.DONE and news and self.card_ts is None and wanted

    @property
    def undelivered(self) -> bool:
        """Whether Slack does not show yet what is stored. What was superseded before its posting never will be."""
        if self.state is State.SUPERSEDED and self.message_ts is None and self.posting_until is None:
            return False
        return self.shown < self.revision or self.card_due

    @property
    def awaited(self) -> bool:
        """Whether its message is still to come, and will."""
        return self.message_ts is None and self.undelivered and not self.refused_by_slack

    @property
    def due_at(self) -> datetime | None:
        """When the sweep should next look at it; None when there is nothing left to do."""
        times = []
        if self.undelivered:
            times.append(max(self.lease_until or self.updated_at, self.held_until or self.updated_at))
        if self.state is State.PENDING:
            times.append(self.expiry)
        if self.waits and self.remind_at:
            times.append(self.remind_at)
        if self.state in UNDER_WAY:
            times.append(self.updated_at + LEASE)
        return min(times, default=None)


def about(request: Request) -> dict[str, str]:
    """Fields that let a log line be found by its request, client or account; for `extra` of a logging call."""
    return {"request_id": request.id, "client_id": request.client_id, "account_id": request.account_id}


@dataclass(frozen=True)
class Audit:
    """One line of the append-only record: who did what, and whether it was refused."""

    at: datetime
    actor: str
    action: str
    client_id: str
    request_id: str = ""
    detail: str = ""
