"""Frozen records, with no behaviour beyond what follows from one record alone.

Times are timezone-aware UTC. `version` is the optimistic lock of a stored record: 0 means "not stored yet", and a save
succeeds only if the stored version is still the one that was read.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.record import Record
from bot.domain.vocabulary import AccessLevel, Remedy, Standing


class Terms(Record):
    """The terms of a switch, as the client's stack claims. AWS enforces the real ones."""

    require_mfa: bool
    max_session_seconds: int
    """The longest session, in seconds."""


class Grant(Record):
    """The role that a grant lets people assume."""

    role_name: str
    access_level: AccessLevel
    terms: Terms | None = None
    """None means unknown: the client's forwarder speaks version 1."""


class ClientStack(Record):
    """What a client's stack claims: its account, its access role, and the terms for assuming it."""

    account_id: str
    role_name: str
    access_level: AccessLevel
    parent_stack_id: str
    terms: Terms | None = None

    @property
    def grant(self) -> Grant:
        """Return the grant that lets people assume this stack's role."""
        return Grant(self.role_name, self.access_level, self.terms)

    def giving(self, grant: Grant) -> ClientStack:
        """Return this stack with that role, level and terms instead of its own."""
        return replace(self, role_name=grant.role_name, access_level=grant.access_level, terms=grant.terms)


class Difference(Record):
    """One difference between a client's access and what was approved; `told` is its sentence."""

    remedy: Remedy
    told: str


class Event(Record):
    """One CloudFormation notification about a child stack, or the gate's last word about it.

    `key` makes it idempotent: (child StackId, EventId); the gate has one last word about a parent. What the client
    claims (company, role name, access level, terms) is kept as claimed.
    """

    key: str
    stack: ClientStack
    child_stack_id: str | None
    company: str
    timestamp: datetime
    status: str
    reason: str
    resource_type: str
    logical_id: str
    about_stack: bool
    """Whether it is about the child stack itself rather than one of its resources."""

    @property
    def deletes(self) -> bool:
        """Return whether it says that the child stack is deleted."""
        return self.about_stack and self.status == "DELETE_COMPLETE"

    @property
    def by_the_gate(self) -> bool:
        """Return whether it is the gate's last word, the only deletion that names no child stack.

        Nobody can forge it by publishing to the client's topic: notifications always name the child.
        """
        return self.deletes and self.child_stack_id is None


class GoneStack(Record):
    """The reported deletion of a client's parent stack. The gate's word makes it final."""

    parent_stack_id: str
    client_id: str
    at: datetime
    """When it was deleted, as reported, but never later than when the report came."""
    confirmed: bool
    """Whether the gate confirmed it. Anybody who may publish to the topic can send a mere notification."""
    refuted: bool = False
    """Whether the stack has completed an operation since, so that it still exists."""
    version: int = 0


class Place(Record):
    """Where people may get into a client's role: a team's page, or the client's own group."""

    team: str = ""
    """Empty for the client's own group."""
    number: int = 0
    """The page's; 0 where it is not known."""


OWN_GROUP = Place()


class Given(Record):
    """The current grant: the role of this stack, approved by these requests, the newest of them last."""

    stack: ClientStack
    by: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    """The teams whose pages list it."""
    by_group: bool = True
    """Whether the client has a group of its own."""


class Asked(Record):
    """When a client last caused messages, so that it can't flood the channel; a future time is one held back."""

    at: tuple[datetime, ...] = ()
    removal_at: datetime | None = None
    """When its removal was last asked for."""


class KnownBy(Record):
    """How people find a client, besides its company's name."""

    label: str = ""
    """What approvers call it, such as "production"."""
    words: tuple[str, ...] = ()
    """The words under which the table's index lists it now."""


class Client(Record):
    """One access role in one client account.

    `stack` is what the client's last completed stack operation claims; `given` is the current grant. `may_have_group`
    turns true with the first approval, before anything exists, and false only when the removal has succeeded, so it
    never says "no" while anybody may have access.
    """

    id: str
    company: str
    stack: ClientStack
    token_hash: str
    created_at: datetime
    standing: Standing = Standing.ARRIVING
    given: Given | None = None
    may_have_group: bool = False
    offboarded: bool = False
    provisioning: str | None = None
    """The request that holds the client's one provisioning slot."""
    current_request: str | None = None
    """The newest request that asks for a decision; only it can be decided."""
    open_report: str | None = None
    """The report of the failed operation that is still running, so that it gets only one message."""
    decided_by_event_at: datetime | None = None
    """Timestamp of the newest completed stack operation; older ones that arrive late change nothing."""
    asked: Asked = Asked()
    known_by: KnownBy = KnownBy()
    stack_gone: bool = False
    """Whether its stack is reported as deleted; the store's `GoneStack` has the details."""
    places: tuple[Place, ...] = ()
    """Wherever people may get in, or might by now; stored before AWS is asked. Before teams, its group went unsaid."""
    version: int = 0

    @property
    def came_by(self) -> str:
        """Return the token hash of the invitation for several accounts that it came by; of any other, nothing."""
        invitation, seat, _ = self.token_hash.partition(".")
        return invitation if seat else ""

    @property
    def grant(self) -> Grant | None:
        """Return the current grant; None when there is none."""
        return self.given.stack.grant if self.given else None

    @property
    def gives(self) -> Grant:
        """Return the current grant; where there is none, what the client's stack offers."""
        return self.grant or self.stack.grant

    @property
    def label(self) -> str:
        """Return what approvers call it; empty where they don't."""
        return self.known_by.label

    @property
    def teams(self) -> tuple[str, ...]:
        """Return the teams that get in now."""
        return self.given.teams if self.given else ()

    @property
    def granted_by(self) -> tuple[str, ...]:
        """Return the requests whose green messages show the current grant."""
        return self.given.by if self.given else ()

    def on_team(self, team: str) -> tuple[int, ...]:
        """Return the pages of the team that may list it; 0 stands for one that is not known."""
        return tuple(place.number for place in self.places if place.team == team)

    def lets_in_without(self, team: str) -> bool:
        """Return whether people get in by its own group or by a page of another team."""
        given = self.given
        return given is not None and (given.by_group or any(one != team for one in given.teams))

    @property
    def may_have_own_group(self) -> bool:
        """Return whether there may be a group for this client alone."""
        return OWN_GROUP in self.places or (self.given is not None and self.given.by_group)

    @property
    def ways_in(self) -> tuple[Place, ...]:
        """Return where people may get in, or might by now: each team once, then the client's own group."""
        given = {team: Place(team) for team in (self.given.teams if self.given else ())}
        teams = given | {place.team: place for place in self.places if place.team}
        return (*teams.values(), *((OWN_GROUP,) if self.may_have_own_group else ()))

    def has_newest_stack_of(self, event: Event) -> bool:
        """Return whether the event is of the client's newest stack."""
        return event.stack.parent_stack_id == self.stack.parent_stack_id

    @property
    def blocked(self) -> bool:
        """Return whether its account is blocked. Stored together with the `Account`, so that no event reads both."""
        return self.standing is Standing.BLOCKED


class Account(Record):
    """One AWS account of clients: which clients ever were in it, and who has blocked it."""

    id: str
    client_ids: tuple[str, ...] = ()
    blocked_by: str = ""
    blocked_at: datetime | None = None
    version: int = 0

    @property
    def blocked(self) -> bool:
        """Return whether its events are refused."""
        return self.blocked_at is not None


class Audit(Record):
    """One line of the append-only record: who did what. Refusals are counted separately, as `RefusedPerson`."""

    at: datetime
    actor: str
    action: str
    client_id: str
    request_id: str = ""
    detail: str = ""

    @property
    def of_client(self) -> bool:
        """Return whether the client's own stack did it."""
        return self.actor.startswith("account ")
