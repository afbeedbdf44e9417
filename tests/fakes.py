"""A small world to run the workflow in: a clock one can turn, a CloudFormation that behaves, and `channel`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from bot.aws.entrance import entrance_by
from bot.commands import Commands
from bot.domain.answers import Actor, AtHome
from bot.domain.app_home import AppHome
from bot.domain.approvers import Approvers, Waiting, Workspaces
from bot.domain.bulk import BulkName
from bot.domain.entrance import Entrance
from bot.domain.errors import ProofRefused, ProvisioningFailed, TryAgain
from bot.domain.kit import KitAsked
from bot.domain.limits import Limit
from bot.domain.message import Message, Shows, home_of, place_of
from bot.domain.model import Client, ClientStack, Difference, Grant, Place, Terms
from bot.domain.page import PAGES_IN_A_GROUP, ROOM, Page, PageName, Teams
from bot.domain.request import Request
from bot.domain.vocabulary import AccessLevel, Kind, Measure, Remedy, State, Verb
from bot.ports import Identity, Progress, Proof, StackOutcome, Started
from tests.channel import Channel, Interruption
from tests.memory_store import MemoryStore
from tests.unit.slack.samples import SETTINGS

ADA = Actor("U0ADA", "T0HOME", "T0HOME")
BEA = Actor("U0BEA", "T0HOME", "T0HOME")
OLLI = Actor("U0OLLI", "T0HOME", "T0HOME")
STRANGER = Actor("U0ADA", "T0ELSEWHERE", "T0HOME")
ACME = "222222222222"
TERMS = Terms(require_mfa=True, max_session_seconds=3600)
"""What the client template asks for by default."""
PROOF = Proof("eu-west-1", "20261123T060000Z", "ASIA", "token", "0" * 64)


@dataclass
class TurnableClock:
    """The one clock of a test."""

    moment: datetime = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)

    def now(self) -> datetime:
        self.moment += timedelta(milliseconds=1)
        return self.moment

    def turn(self, **by: float) -> None:
        self.moment += timedelta(**by)

    def sleep(self, seconds: float) -> None:
        self.turn(seconds=seconds)


@dataclass
class Stacks:
    """The Access port: one group per client, made by `complete` as CloudFormation would, at its own pace."""

    groups: dict[str, tuple[str, set[str]]] = field(default_factory=dict)
    """client id → (role name the group grants, members)"""
    running: dict[str, Request] = field(default_factory=dict)
    ended: dict[str, StackOutcome] = field(default_factory=dict)
    refuse: str = ""
    unreachable: bool = False
    starts: int = 0
    by_hand: dict[str, tuple[Difference, ...]] = field(default_factory=dict)
    """What somebody has changed about a client's group by hand, until a repair."""
    looks: list[str] = field(default_factory=list)
    """The clients whose groups were compared."""
    room_for_groups: bool = True
    counts: tuple[Limit, ...] = ()
    """What IAM tells of the account."""
    client_groups: bool = True

    def differences(self, client_id: str, account_id: str, grant: Grant) -> tuple[Difference, ...]:
        if self.unreachable:
            raise TryAgain("IAM does not answer")
        self.looks.append(client_id)
        group = self.groups.get(client_id)
        if group is None:
            return (Difference(Remedy.RENEW, "The group is gone."),)
        other = () if group[0] == grant.role_name else (Difference(Remedy.PUT_BACK, f"It grants {group[0]}."),)
        return (*other, *self.by_hand.get(client_id, ()))

    def has_room_for_groups(self) -> bool:
        return self.room_for_groups

    def limits(self) -> tuple[Limit, ...]:
        return self.counts

    def entrance(self, client_id: str, places: Sequence[Place]) -> Entrance:
        return entrance_by(replace(SETTINGS, stage="prod", client_groups=self.client_groups), client_id, places)

    def members(self, client_id: str) -> tuple[str, ...]:
        if self.unreachable:
            raise TryAgain("IAM does not answer")
        return tuple(sorted(self.groups[client_id][1])) if client_id in self.groups else ()

    def leaving(self, request: Request) -> tuple[str, ...]:
        there = request.kind is Kind.OFFBOARD and request.client_id in self.groups
        return tuple(sorted(self.groups[request.client_id][1])) if there else ()

    def start(self, request: Request, leaving: Sequence[str] = ()) -> Started:
        if self.unreachable:
            raise TryAgain("CloudFormation does not answer")
        if self.refuse:
            raise ProvisioningFailed(self.refuse)
        self.starts += 1
        group = self.groups.get(request.client_id)
        if group is not None:
            group[1].difference_update(leaving)
        if request.kind is Kind.OFFBOARD and group is None:
            return Started(None, finished=True)
        same = group is not None and group[0] == request.stack.role_name
        if request.kind not in (Kind.OFFBOARD, Kind.REPAIR) and same:
            return Started(self.stack_id(request.client_id), finished=True)
        self.running[request.token] = request
        return Started(self.stack_id(request.client_id))

    def progress(self, request: Request) -> Progress:
        if request.token in self.ended:
            return Progress(begun=True, outcome=self.ended[request.token])
        return Progress(begun=request.token in self.running)

    def client_id_of(self, stack_id: str) -> str | None:
        return stack_id.removeprefix("stack-") if stack_id.startswith("stack-") else None

    def stack_id(self, client_id: str) -> str:
        return f"stack-{client_id}"

    def complete(self, failing: str = "") -> list[str]:
        """Let CloudFormation finish everything that runs; answers the ids of the stacks that moved."""
        moved = []
        for token, request in self.running.items():
            moved.append(self.stack_id(request.client_id))
            group = self.groups.get(request.client_id)
            reason = failing
            if request.kind is Kind.OFFBOARD and group is not None and group[1]:
                reason = "Cannot delete entity, must remove users from group first."
            self.ended[token] = StackOutcome(succeeded=not reason, reason=reason)
            if reason:
                continue
            self.by_hand.pop(request.client_id, None)
            if request.kind is Kind.OFFBOARD:
                del self.groups[request.client_id]
            else:
                self.groups[request.client_id] = (request.stack.role_name, group[1] if group else set())
        self.running.clear()
        return moved


@dataclass
class PageWork:
    """The PageStacks port: pages made by `complete`, as CloudFormation would, at its own pace."""

    documents: dict[PageName, frozenset[str]] = field(default_factory=dict)
    """By page: the roles that AWS lets its team's people assume."""
    running: dict[PageName, Page] = field(default_factory=dict)
    ended: dict[tuple[PageName, str], StackOutcome] = field(default_factory=dict)
    refuse: str = ""
    unreachable: bool = False
    writes: list[PageName] = field(default_factory=list)
    """The pages that CloudFormation was asked for, one for each operation that began."""
    by_hand: dict[PageName, tuple[Difference, ...]] = field(default_factory=dict)

    def role_arn(self, stack: ClientStack) -> str:
        return f"arn:aws:iam::{stack.account_id}:role/{stack.role_name}"

    def name_of(self, stack_id: str) -> PageName | None:
        kind, _, name = stack_id.partition("-")
        team, _, number = name.partition("-")
        return PageName(team, int(number)) if kind == "page" else None

    def stack_id(self, name: PageName) -> str:
        return f"page-{name.team}-{name.number}"

    def write(self, page: Page) -> Started:
        if self.unreachable:
            raise TryAgain("CloudFormation does not answer")
        if self.refuse:
            raise ProvisioningFailed(self.refuse)
        if not self.progress(page).begun:
            if page.name in self.running:
                raise TryAgain("The page's stack is changing at the moment.")
            self.writes.append(page.name)
            self.running[page.name] = page
        return Started(self.stack_id(page.name))

    def progress(self, page: Page) -> Progress:
        if self.unreachable:
            raise TryAgain("CloudFormation does not answer")
        running = self.running.get(page.name)
        begun = (page.name, page.token) in self.ended or (running is not None and running.token == page.token)
        return Progress(begun, self.ended.get((page.name, page.token)), self.stack_id(page.name))

    def differences(self, page: Page) -> tuple[Difference, ...]:
        if self.unreachable:
            raise TryAgain("IAM does not answer")
        return self.by_hand.get(page.name, ())

    def complete(self, failing: str = "") -> list[str]:
        """Let CloudFormation finish everything that runs; answers the ids of the stacks that moved."""
        moved = []
        for name, page in self.running.items():
            group = PageName(name.team, (name.group - 1) * PAGES_IN_A_GROUP + 1)
            reason = failing or ("" if name.makes_group or group in self.documents else "The group does not exist.")
            assert page.length <= ROOM
            self.ended[name, page.token] = StackOutcome(succeeded=not reason, reason=reason)
            if not reason:
                self.documents[name] = frozenset(entry.role_arn for entry in page.entries)
                self.by_hand.pop(name, None)
            moved.append(self.stack_id(name))
        self.running.clear()
        return moved

    def lets_into(self, team: str) -> set[str]:
        """The roles that the team's people can assume."""
        return {role for name, roles in self.documents.items() if name.team == team for role in roles}


@dataclass
class Bench:
    """The Handoff: what the provision Lambda has not begun. It shows things at once. `broken`: it can't be invoked."""

    shows: Callable[[str], None] = lambda _: None
    """Bring the messages of a client, or of an invitation for several accounts, up to date."""
    owner_of: Callable[[str], str] = lambda _: ""
    """Whose messages show the request of this id."""
    waiting: list[str] = field(default_factory=list)
    asked_pages: list[tuple[tuple[str, ...], tuple[PageName, ...]]] = field(default_factory=list)
    """The teams and the pages that were asked for together."""
    kits: list[KitAsked] = field(default_factory=list)
    bulks: list[BulkName] = field(default_factory=list)
    """Presses on several requests that are to be applied."""
    asked_kits: list[tuple[str, ...]] = field(default_factory=list)
    """The teams whose kits were to be renewed together."""
    broken: bool = False

    def provision(self, request_id: str) -> None:
        self.show([self.owner_of(request_id)])
        self.waiting.append(request_id)

    def show(self, owners: Sequence[str]) -> None:
        if self.broken:
            raise TryAgain("Lambda does not answer")
        for owner in owners:
            self.shows(owner)

    def bulk(self, name: BulkName) -> None:
        if self.broken:
            raise TryAgain("Lambda does not answer")
        self.bulks.append(name)

    def pages(self, teams: Sequence[str] = (), pages: Sequence[PageName] = ()) -> None:
        if self.broken:
            raise TryAgain("Lambda does not answer")
        self.asked_pages.append((tuple(teams), tuple(pages)))

    def kit(self, asked: KitAsked) -> None:
        if self.broken:
            raise TryAgain("Lambda does not answer")
        self.kits.append(asked)

    def renew(self, teams: Sequence[str]) -> None:
        if self.broken:
            raise TryAgain("Lambda does not answer")
        self.asked_kits.append(tuple(teams))


@dataclass
class HomeTabs(Interruption):
    """The Homes port: what people's Homes show. `meanwhile` happens just before the next one is published."""

    shown: dict[str, tuple[str, AtHome | None]] = field(default_factory=dict)
    """By person: what Slack calls what is published, and what that is."""
    published: list[str] = field(default_factory=list)
    """For whom Home was published, by whomever."""
    fails: dict[str, Exception] = field(default_factory=dict)
    """By person: what a refresh fails with."""
    asked: list[str] = field(default_factory=list)
    """Whose Home was to be refreshed."""

    def open(self, user_id: str, shown: AtHome | None) -> str:
        """Publish over whatever there is, as a press does."""
        self.published.append(user_id)
        self.shown[user_id] = f"hash {len(self.published)}", shown
        return self.shown[user_id][0]

    def refresh(self, published: AppHome, shown: AtHome | None) -> AppHome | None:
        self.asked.append(published.user_id)
        if published.user_id in self.fails:
            raise self.fails[published.user_id]
        if digest_of(shown) == published.digest:
            return published
        self.let_in()
        if published.user_id not in self.shown or self.shown[published.user_id][0] != published.hash:
            return None
        return replace(published, digest=digest_of(shown), hash=self.open(published.user_id, shown))


def digest_of(shown: AtHome | None) -> str:
    """What tells whether this Home would look like another."""
    return sha256(repr(shown).encode()).hexdigest()


@dataclass
class TrustedSts:
    """The Verifier: vouches for what it is told to."""

    identity: Identity | None = None

    def verify(self, proof: Proof, event_sha256: str) -> Identity:
        if self.identity is None or len(event_sha256) != 64:
            raise ProofRefused("STS does not vouch for this.")
        return self.identity


@dataclass
class Readings:
    """The Meter: keeps what it is told."""

    counted: list[tuple[Measure, str]] = field(default_factory=list)
    timed: list[tuple[Measure, float]] = field(default_factory=list)
    shares: list[tuple[Measure, float, str]] = field(default_factory=list)

    def count(self, measure: Measure, kind: str = "") -> None:
        self.counted.append((measure, kind))

    def seconds(self, measure: Measure, value: float) -> None:
        self.timed.append((measure, value))

    def percent(self, measure: Measure, value: float, kind: str) -> None:
        self.shares.append((measure, value, kind))

    def last(self, measure: Measure) -> float:
        return next(value for name, value in reversed(self.timed) if name is measure)


@dataclass
class World:
    """Everything together, with the verbs a test reads like."""

    clock: TurnableClock = field(default_factory=TurnableClock)
    channel: Channel = field(default_factory=Channel)
    stacks: Stacks = field(default_factory=Stacks)
    pages: PageWork = field(default_factory=PageWork)
    teams: Teams = field(default_factory=Teams)
    bench: Bench = field(default_factory=Bench)
    homes: HomeTabs = field(default_factory=HomeTabs)
    sts: TrustedSts = field(default_factory=TrustedSts)
    store: MemoryStore = field(default_factory=MemoryStore)
    approvers: Approvers = field(default_factory=lambda: Approvers(("U0ADA", "U0BEA"), ("S0APPROVERS",)))

    waiting: Waiting = field(default_factory=Waiting)
    workspaces: Workspaces = field(default_factory=Workspaces)
    readings: Readings = field(default_factory=Readings)

    def __post_init__(self) -> None:
        self.stacks.client_groups = self.teams.client_groups
        self.bench.shows = lambda client_id: self.workflow.show([client_id])
        self.bench.owner_of = self._owner_of

    def _owner_of(self, request_id: str) -> str:
        request = self.store.request(request_id)
        assert request is not None
        return home_of(request).owner

    @property
    def workflow(self) -> Commands:
        return Commands(
            store=self.store,
            verifier=self.sts,
            channel=self.channel,
            directory=self.channel,
            homes=self.homes,
            handoff=self.bench,
            access=self.stacks,
            pages=self.pages,
            teams=self.teams,
            clock=self.clock,
            approvers=self.approvers,
            partition="aws",
            provider_account_id="111111111111",
            waiting=self.waiting,
            workspaces=self.workspaces,
            meter=self.readings,
        )

    def invite(self, company: str = "Acme", level: AccessLevel = AccessLevel.READ_ONLY) -> str:
        """The token of a fresh invitation."""
        return self.workflow.invite(company, level, ADA).token

    def happens(self, status: str, *, token: str = "", seconds: float = 1, **fields: Any) -> None:
        """The client's child stack moved; `seconds` after the last thing, by its own timestamp."""
        self.clock.turn(seconds=max(seconds, 0))
        body = event_body(status, self.clock.moment + timedelta(seconds=min(seconds, 0)), token=token, **fields)
        self.send(body)

    def send(self, body: bytes) -> None:
        """Deliver a body with a proof that holds for what it claims."""
        claims = json.loads(body)
        self.sts.identity = Identity(claims["account_id"], claims["role_name"])
        self.workflow.receive_event(body, PROOF)

    def press(
        self,
        verb: Verb,
        actor: Actor = ADA,
        message: int = -1,
        reason: str = "",
        *,
        teams: tuple[str, ...] | None = None,
    ) -> Request:
        """Press a button under one of the channel's messages, with these teams chosen beside it."""
        request_id = self.channel.messages[message].request.id
        return self.workflow.decide(request_id, verb, actor, reason=reason, teams=teams)

    def revoke(self, named: str, actor: Actor = ADA) -> Request:
        """Type the command, and press Revoke on the question that answers it."""
        asked = self.workflow.ask_to_revoke(named, actor)
        return self.workflow.revoke(asked.client.id, asked.state, actor)

    def work(self) -> None:
        """Let the provisioning Lambda take what waits, CloudFormation finish, and its events arrive."""
        self.take_up()
        for stack_id in [*self.stacks.complete(), *self.pages.complete()]:
            self.workflow.record_outcome(stack_id)
        if self.bench.waiting or self.bench.asked_pages or self.pages.running:
            self.work()

    def take_up(self) -> None:
        """Let the provisioning Lambda take what waits."""
        while self.bench.bulks:
            self.workflow.apply_bulk(self.bench.bulks.pop(0))
        while self.bench.waiting:
            self.workflow.provision(self.bench.waiting.pop(0))
        while self.bench.asked_pages:
            self.workflow.work_on_pages(*self.bench.asked_pages.pop(0))

    def onboard(self, **fields: Any) -> str:
        """A client that has been invited, deployed, approved and set up. Answers its id."""
        self.happens("CREATE_COMPLETE", token=self.invite(), **fields)
        self.press(Verb.APPROVE)
        self.work()
        return self.last.client_id

    @property
    def last(self) -> Request:
        """The newest message, as it is stored now."""
        request = self.store.request(self.channel.messages[-1].request.id)
        assert request is not None
        return request

    def client(self, request: Request | None = None) -> Client:
        """The client of a request (the newest one's)."""
        client = self.store.client((request or self.last).client_id)
        assert client is not None
        return client

    def minute(self) -> None:
        """A minute passes, and the sweep runs."""
        self.clock.turn(minutes=1)
        self.workflow.sweep()

    def message(self, request: Request | None = None, shows: Shows = Shows.REQUEST) -> Message:
        """The record of a request's message (the newest one's)."""
        about = request or self.last
        return self.store.stored_messages[home_of(about).owner, place_of(about, shows)]

    def card(self, request: Request | None = None) -> Message:
        """The record of a request's card (the newest one's)."""
        return self.message(request, Shows.CARD)

    @property
    def states(self) -> list[State]:
        """What the channel shows, message by message."""
        return [message.request.state for message in self.channel.messages]


def stack_id(name: str = "switchyard-access", account: str = ACME, serial: int = 1) -> str:
    """A StackId as CloudFormation makes them."""
    return f"arn:aws:cloudformation:eu-west-1:{account}:stack/{name}/{serial:08d}-aaaa-bbbb-cccc-0123456789ab"


def event_body(
    status: str,
    at: datetime,
    *,
    token: str = "",
    account: str = ACME,
    role: str = "switchyard-access",
    level: str = "ReadOnly",
    company: str = "Acme",
    parent: int = 1,
    reason: str = "",
    resource: str = "",
    event_id: str = "",
    last_word: bool = False,
    terms: Terms | None = TERMS,
    **more: Any,
) -> bytes:
    """What a forwarder would post; without `terms`, one of version 1."""
    child = stack_id("switchyard-access-Role-1X", account, parent)
    stamp = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    about: dict[str, str] = {
        "StackId": child,
        "Timestamp": stamp,
        "EventId": event_id or f"{resource}-{status}-{stamp}",
        "LogicalResourceId": resource or "switchyard-access-Role-1X",
        "PhysicalResourceId": "" if resource else child,
        "ResourceProperties": "null",
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
        "ResourceType": "AWS::IAM::Role" if resource else "AWS::CloudFormation::Stack",
    }
    body: dict[str, Any] = {
        "version": 1 if terms is None else 2,
        "account_id": account,
        "company": company,
        "role_name": role,
        "access_level": level,
        "invitation": token,
        "parent_stack_id": stack_id("switchyard-access", account, parent),
        "child_stack_id": None if last_word else child,
    }
    if terms is not None:
        body |= asdict(terms)
    if last_word:
        body["last_word"] = {"timestamp": stamp}
    else:
        body["notification"] = "".join(f"{key}='{value}'\n" for key, value in about.items())
    return json.dumps(body | more).encode()
