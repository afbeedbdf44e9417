"""What is asked of the team: one request, and what follows from it alone. What Slack shows of it is in `message.py`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.ids import new_id
from bot.domain.model import Client, ClientStack, Difference, Grant, RoleHolder
from bot.domain.vocabulary import UNDER_WAY, AccessLevel, Kind, Phase, Remedy, State, Verb

EXPIRE_AFTER = timedelta(days=7)
"""Default time until a pending request expires."""
LEASE = timedelta(seconds=60)
"""How long one Lambda may deliver a message, or work on a request, before the sweep takes over. Longer than any Lambda
that speaks to Slack may run, so that two never post the same message."""


@dataclass(frozen=True)
class Decision:
    """Who pressed what, last."""

    verb: Verb
    actor: str
    at: datetime
    reason: str = ""
    """What was given as the reason for a denial, where one is asked for."""
    team_id: str = ""
    """The workspace of who pressed; empty in older records."""


@dataclass(frozen=True)
class Deadlines:
    """Until when a request waits for people."""

    asked_at: datetime
    """When it last became PENDING; reminding and expiry count from here."""
    remind_at: datetime | None = None
    expires_at: datetime | None = None
    reminded_of: datetime | None = None
    """The `remind_at` of the newest reminder; an older one that was not posted is posted no more."""


@dataclass(frozen=True)
class InvitedAs:
    """How the client was invited, as far as that is known, and what it calls itself where that differs."""

    level: AccessLevel | None = None
    by: str = ""
    claimed_company: str = ""


@dataclass(frozen=True)
class Warnings:
    """What should make an approver look twice."""

    recreated: bool = False
    """The client deleted its stack and made a new one for the same role."""
    unconfirmed: bool = False
    """Of a removal: a notification alone says that the stack is deleted; the gate has not said so yet."""
    contradicted: bool = False
    """The stack was told to be deleted by a notification alone, and has completed an operation since."""
    shared_with: tuple[RoleHolder, ...] = ()
    """Other clients of the account that have this role; of a removal, those by which it is granted all the same."""
    namesakes: tuple[str, ...] = ()
    """Account ids of other clients with the same company name."""


NO_WARNINGS = Warnings()


@dataclass(frozen=True)
class Attempt:
    """What AWS is doing about an approved request. Number 0 is none."""

    number: int = 0
    stack_id: str | None = None
    """The stack of ours that CloudFormation works on."""
    tried_at: datetime | None = None
    """When the next step was last tried in vain, while it is under way."""
    asking_until: datetime | None = None
    """Somebody may be asking AWS for it; until then it is not given up."""
    removed_members: tuple[str, ...] = ()
    """Users taken out of the group, by this attempt and those before it."""

    def next(self) -> Attempt:
        """Return the attempt that follows when somebody approves or presses Retry or Repair."""
        return Attempt(self.number + 1, removed_members=self.removed_members)


@dataclass(frozen=True)
class Request:
    """One decision asked of the team; a snapshot, so that what was read is what gets approved."""

    id: str
    client_id: str
    kind: Kind
    state: State
    company: str
    stack: ClientStack
    """What the client's stack says. Of a removal and a repair, with the role that the group gives."""
    stack_status: str
    event_at: datetime
    created_at: datetime
    updated_at: datetime
    deadlines: Deadlines
    invited: InvitedAs = InvitedAs()
    previous: Grant | None = None
    """What the group gives so far, for an update."""
    revoked: bool = False
    """An approver ends the access, though the client's stack still stands."""
    warnings: Warnings = NO_WARNINGS
    differences: tuple[Difference, ...] = ()
    """What was found changed by hand, for a repair."""
    decision: Decision | None = None
    approvals: tuple[Decision, ...] = ()
    """Who has approved it so far, while more than one has to."""
    lapsed: tuple[Decision, ...] = ()
    """Approvals that do not count, because who gave them was no approver any more when it was counted."""
    presses: int = 0
    """How many presses have counted; a button that was drawn before the last of them is stale."""
    reason: str = ""
    """Why it waits, failed or was superseded; of a report, CloudFormation's reason."""
    attempt: Attempt = Attempt()
    version: int = 0

    @property
    def token(self) -> str:
        """CloudFormation's ClientRequestToken of this attempt: finds our operation among a stack's events."""
        return f"{self.id}-{self.attempt.number}"

    @property
    def outstanding(self) -> bool:
        """Whether it is a removal that was approved, and the access may still be there."""
        return self.kind.takes_away and self.state in (*UNDER_WAY, State.FAILED)

    @property
    def makes_anew(self) -> bool:
        """Whether it is a repair of what is gone, so that nobody can use it afterwards until they are let in again."""
        return any(one.remedy is Remedy.RENEW for one in self.differences)

    @property
    def revoking(self) -> bool:
        """Whether it takes access away whatever the client's stack does meanwhile, even with a new invitation."""
        return self.revoked and self.outstanding

    @property
    def waits(self) -> bool:
        """Whether it is a person's turn, of which the approvers are reminded."""
        return self.state.phase is Phase.WAITS

    @property
    def expiry(self) -> datetime:
        """When it expires, if nobody decides."""
        return self.deadlines.expires_at or self.deadlines.asked_at + EXPIRE_AFTER

    @property
    def brings_card(self) -> bool:
        """Whether its success changes what the switch-role card says, so that a new one is posted."""
        return self.kind.lets_in and (self.kind is Kind.ONBOARD or self.previous != self.stack.grant)

    @property
    def due_at(self) -> datetime | None:
        """When the sweep should next look at it; None when there is nothing left to do."""
        times = []
        if self.state is State.PENDING:
            times.append(self.expiry)
        if self.waits and self.deadlines.remind_at:
            times.append(self.deadlines.remind_at)
        if self.state in UNDER_WAY:
            times.append(self.updated_at + LEASE)
        return min(times, default=None)


def new_request(client: Client, kind: Kind, state: State, stack: ClientStack, now: datetime) -> Request:
    """Return a request about this client as it is now, made now. Whoever asks adds what else there is to say."""
    return Request(
        id=new_id("r", 16),
        client_id=client.id,
        kind=kind,
        state=state,
        company=client.company,
        stack=stack,
        stack_status="",
        event_at=now,
        created_at=now,
        updated_at=now,
        deadlines=Deadlines(now),
        previous=client.grant,
    )


def touched(request: Request, now: datetime) -> Request:
    """The request with something new to show in Slack."""
    return replace(request, updated_at=now)


def about(request: Request) -> dict[str, str]:
    """Fields that let a log line be found by its request, client or account; for `extra` of a logging call."""
    return {"request_id": request.id, "client_id": request.client_id, "account_id": request.stack.account_id}
