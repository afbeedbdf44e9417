"""One request, and what follows from it alone. `message.py` has what Slack shows of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.ids import REQUEST, new_id
from bot.domain.limits import Limit
from bot.domain.model import OWN_GROUP, Client, ClientStack, Difference, Grant
from bot.domain.record import Record
from bot.domain.vocabulary import UNDER_WAY, AccessLevel, Kind, Phase, Remedy, State, Verb

EXPIRE_AFTER = timedelta(days=7)
"""Default time until a pending request expires."""
LEASE = timedelta(seconds=60)
"""How long one Lambda may deliver a message, or work on a request, before the sweep takes over. No Lambda that speaks
to Slack may run longer, so that two never post the same message."""


class Decision(Record):
    """The last press: who, what and when."""

    verb: Verb
    actor: str
    at: datetime
    reason: str = ""
    """The reason for a denial, where one is asked for."""
    team_id: str = ""
    """The workspace of who pressed."""
    tells_client: bool = False
    """Whether the approver wants the client to read the reason."""


class Deadlines(Record):
    """How long a request waits for people."""

    asked_at: datetime
    """When it last became PENDING; reminders and expiry count from here."""
    remind_at: datetime | None = None
    expires_at: datetime | None = None
    reminded_of: datetime | None = None
    """The `remind_at` of the newest reminder; an older one that was not posted is dropped."""


class SharedIn(Record):
    """The message that shows this request together with the others of its invitation."""

    owner: str
    """The token hash of the invitation."""
    place: str


class InvitedAs(Record):
    """How the client was invited, as far as known, and its own name for itself where that differs."""

    level: AccessLevel | None = None
    by: str = ""
    claimed_company: str = ""
    shared: SharedIn | None = None
    """Where the request is shown, if the invitation is for several accounts; else it has a message of its own."""


class Regrouping(Record):
    """An approver changes which teams get in; nothing of the client's stack changes."""

    before: tuple[str, ...]
    """The teams so far."""
    by: str
    """Who asked for it."""


class LetsIn(Record):
    """The teams that a request lets in, or takes out. So it does members of the client's own group, if it has one."""

    teams: tuple[str, ...] = ()
    regrouping: Regrouping | None = None
    """Where the request changes these teams and nothing else."""
    posted_again: int = 0
    """How often its card was posted once more for everybody."""


class RoleHolder(Record):
    """Another client of the same account that has the same role."""

    client_id: str
    company: str
    grants: bool
    """Whether it lets people switch into that role, or is being set up to."""


class Warnings(Record):
    """What an approver should look at twice."""

    recreated: bool = False
    """The client deleted its stack and made a new one for the same role."""
    unconfirmed: bool = False
    """On a removal: only a notification reports the deletion; the gate has not confirmed it yet."""
    contradicted: bool = False
    """Only a notification reported the stack as deleted, and it has completed an operation since."""
    shared_with: tuple[RoleHolder, ...] = ()
    """Other clients of the account that have this role; on a removal, those that still grant it."""
    namesakes: tuple[str, ...] = ()
    """Account ids of other clients with the same company name."""
    denied: bool = False
    """The client has asked again, after an approver denied its access."""
    known_as: str = ""
    """The other company's name under which the client has asked before, with another invitation."""


class Attempt(Record):
    """One attempt by AWS at an approved request. Number 0 is none."""

    number: int = 0
    stack_id: str | None = None
    """Our stack that CloudFormation works on."""
    tried_at: datetime | None = None
    """When the next step last failed, while the attempt is in progress."""
    asking_until: datetime | None = None
    """Until then a Lambda may be calling AWS for it, and it is not given up."""
    removed_members: tuple[str, ...] = ()
    """Users removed from the group, by this attempt and earlier ones."""
    waits_for: tuple[str, ...] = ()
    """The teams whose pages are still to be changed; nothing else is under way while there are any."""
    paged: bool = False
    """Whether its changes of pages have ended."""
    without_group: bool = False
    """Whether it lets in, or takes out, teams alone."""
    near_limits: tuple[Limit, ...] = ()
    """The limits that the account was near when the work began."""

    def next(self) -> Attempt:
        """Return the attempt that follows when somebody approves or presses Retry or Repair."""
        return Attempt(
            self.number + 1,
            removed_members=self.removed_members,
            without_group=self.without_group,
            near_limits=self.near_limits,
        )


class Request(Record):
    """One decision asked of the team: a snapshot, so that exactly what was read is approved."""

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
    """An approver ends the access while the client's stack still exists."""
    warnings: Warnings = Warnings()
    differences: tuple[Difference, ...] = ()
    """What was found changed by hand, for a repair."""
    decision: Decision | None = None
    approvals: tuple[Decision, ...] = ()
    """Who has approved it so far, while it takes more than one."""
    lapsed: tuple[Decision, ...] = ()
    """Approvals that do not count, because these people were no longer approvers when they were counted."""
    presses: int = 0
    """How many presses have counted; a button drawn before the last of them is stale."""
    reason: str = ""
    """Why it waits, failed or was superseded; of a report, CloudFormation's reason."""
    attempt: Attempt = Attempt()
    lets_in: LetsIn = LetsIn()
    version: int = 0

    @property
    def teams(self) -> tuple[str, ...]:
        """Return the teams that it lets in, or takes out."""
        return self.lets_in.teams

    @property
    def regrouping(self) -> Regrouping | None:
        """Return what an approver has asked to change about these teams, where it is about nothing else."""
        return self.lets_in.regrouping

    def letting_in(self, teams: tuple[str, ...]) -> Request:
        """Return the request with these teams."""
        return replace(self, lets_in=replace(self.lets_in, teams=teams))

    @property
    def token(self) -> str:
        """Return the attempt's ClientRequestToken, which identifies our operation among a stack's events."""
        return f"{self.id}-{self.attempt.number}"

    @property
    def asker(self) -> str:
        """Return who asked for it to be granted: whoever invited the client, or wants other teams to get in."""
        return self.regrouping.by if self.regrouping else self.invited.by

    @property
    def outstanding(self) -> bool:
        """Return whether it is an approved removal and the access may still exist."""
        return self.kind.takes_away and self.state in (*UNDER_WAY, State.FAILED)

    @property
    def makes_anew(self) -> bool:
        """Return whether it repairs deleted access, so that afterwards people have to be added again."""
        return any(one.remedy is Remedy.RENEW for one in self.differences)

    @property
    def revoking(self) -> bool:
        """Return whether it takes access away whatever the client's stack does, even with a new invitation."""
        return self.revoked and self.outstanding

    @property
    def waits(self) -> bool:
        """Return whether a person has to act, so that approvers are reminded."""
        return self.state.phase is Phase.WAITS

    @property
    def expiry(self) -> datetime:
        """Return when it expires if nobody decides."""
        return self.deadlines.expires_at or self.deadlines.asked_at + EXPIRE_AFTER

    @property
    def brings_card(self) -> bool:
        """Return whether its success changes the switch-role card, so that a new one is posted."""
        return self.kind.lets_in and (self.kind is Kind.ONBOARD or self.previous != self.stack.grant)

    @property
    def due_at(self) -> datetime | None:
        """Return when the sweep should next look at it; None when there is nothing left to do."""
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
    request = Request(
        id=new_id(REQUEST),
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
        lets_in=LetsIn(client.given.teams if client.given else ()),
    )
    return taking_all(request, client) if kind.takes_away else request


def taking_all(removal: Request, client: Client) -> Request:
    """Return the removal with every place where people may get in by now."""
    ways = client.ways_in
    attempt = replace(removal.attempt, without_group=OWN_GROUP not in ways)
    teams = tuple(place.team for place in ways if place.team)
    return replace(removal.letting_in(teams), attempt=attempt)


def touched(request: Request, now: datetime) -> Request:
    """Return the request with something new to show in Slack."""
    return replace(request, updated_at=now)


def about(request: Request) -> dict[str, str]:
    """Return fields that identify the request, client and account in log lines, for `extra` of a logging call."""
    return {"request_id": request.id, "client_id": request.client_id, "account_id": request.stack.account_id}
