"""Pages: the lists of roles that the people of a team may assume, and what is asked of them. Pure.

A page is one managed policy, made by one stack. Where a role stands is stored and never recomputed, so that each change
rewrites one document. What is asked waits in a queue of its team until CloudFormation is not at work on its page: so
many changes at once cost one update of each page.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.domain.request import LEASE

POLICY_LENGTH = 6_144
"""Characters of a managed policy, without blanks (IAM User Guide, "IAM and AWS STS quotas")."""
FRAME = (
    '{"Version":"2012-10-17","Statement":[{"Sid":"R0000000000","Effect":"Allow","Action":"sts:AssumeRole",'
    '"Resource":[]}]}'
)
ROOM = POLICY_LENGTH - len(FRAME)
"""Characters that a page has for roles."""
PAGES_IN_A_GROUP = 10
"""IAM attaches at most ten managed policies to a group, so that each ten pages have a group of their own."""
TRIED_AGAIN_AFTER = timedelta(minutes=15)
"""When what CloudFormation refused, and nobody waits for, is tried again."""


class PageName(NamedTuple):
    """A team's page, by its number; the first is 1."""

    team: str
    number: int

    @property
    def group(self) -> int:
        """Return the number of the group that the page is attached to; the first is 1."""
        return (self.number - 1) // PAGES_IN_A_GROUP + 1

    @property
    def makes_group(self) -> bool:
        """Return whether the page's stack makes that group, too."""
        return (self.number - 1) % PAGES_IN_A_GROUP == 0


@dataclass(frozen=True)
class Teams:
    """The teams of this deployment. The first is let in where nobody says otherwise."""

    names: tuple[str, ...] = ()
    client_groups: bool = True
    """Whether each client gets a group of its own as well."""

    def chosen(self, *choices: tuple[str, ...]) -> tuple[str, ...]:
        """Return the first choice of teams of which some exist, without the others; the usual team where none does."""
        existing = (tuple(team for team in teams if team in self.names) for teams in choices)
        return next(filter(None, existing), self.names[:1])


@dataclass(frozen=True)
class Entry:
    """One role on a page. It belongs to a client; another client with the same role has an entry of its own."""

    client_id: str
    role_arn: str

    @property
    def length(self) -> int:
        """Return how many characters it takes, with its quotes and a comma."""
        return len(self.role_arn) + 3


@dataclass(frozen=True)
class PageChange:
    """What is asked of a team's pages for one client: that one of them lists this role, or, without a role, none does.

    A role that has to move is added first; `leaves` is the page that it is taken off afterwards.
    """

    team: str
    client_id: str
    asked_at: datetime
    role_arn: str | None = None
    number: int | None = None
    """The page that lists the client; 0 where that is not known, None where none does."""
    leaves: int = 0
    request_id: str = ""
    """The request that waits for it; empty for none."""
    token: str = ""
    """That request's attempt."""
    key: str = ""
    """Which of that attempt's changes it is."""
    token_hash: str = ""
    """The client's invitation."""
    anew: bool = False
    """Whether the page is to be written even if it lists that already: something was changed by hand."""
    was: str | None = None
    """What the page listed for the client before; known once the change is in a batch."""

    @property
    def due_at(self) -> datetime:
        """Return when the sweep should look after it, while it waits."""
        return self.asked_at + LEASE

    @property
    def adds(self) -> bool:
        """Return whether the page lists a role only since this change."""
        return self.role_arn is not None and self.role_arn != self.was

    @property
    def removes(self) -> bool:
        """Return whether the page no longer lists a role since this change."""
        return self.was is not None and self.role_arn != self.was


@dataclass(frozen=True)
class Page:
    """One page, as wanted. CloudFormation has been asked for `revision` while there is a `sent_at`."""

    team: str
    number: int
    entries: tuple[Entry, ...] = ()
    revision: int = 0
    batch: tuple[PageChange, ...] = ()
    """What this revision changes, until CloudFormation has ended."""
    changed_at: datetime | None = None
    sent_at: datetime | None = None
    owed: bool = False
    """Whether the policy may still list what `entries` no longer does: CloudFormation has refused to remove it."""
    again: bool = False
    """Whether more has been asked since it was sent."""
    stack_id: str | None = None
    version: int = 0

    @property
    def name(self) -> PageName:
        """Return team and number."""
        return PageName(self.team, self.number)

    @property
    def token(self) -> str:
        """Return the revision's ClientRequestToken."""
        return f"R{self.revision}"

    @property
    def length(self) -> int:
        """Return how many characters its roles take."""
        return sum(entry.length for entry in self.entries)

    @property
    def under_way(self) -> bool:
        """Return whether CloudFormation has been asked for what it is now."""
        return self.sent_at is not None

    @property
    def unsent(self) -> bool:
        """Return whether CloudFormation must still be asked for what it is now."""
        return not self.under_way and (bool(self.batch) or self.owed or self.stack_id is None)

    @property
    def due_at(self) -> datetime | None:
        """Return when the sweep should look at it; None when it is as wanted."""
        if self.sent_at is not None:
            return self.sent_at + LEASE
        if not self.unsent or self.changed_at is None:
            return None
        return self.changed_at + (LEASE if self.batch else TRIED_AGAIN_AFTER)

    def role_of(self, client_id: str) -> str | None:
        """Return what it lists for the client; None when that is nothing."""
        return next((entry.role_arn for entry in self.entries if entry.client_id == client_id), None)

    def listing(self, client_id: str, role_arn: str | None) -> Page:
        """Return the page with this role for the client, in the place of any other; without one, with none."""
        kept = tuple(entry for entry in self.entries if entry.client_id != client_id)
        if role_arn is None:
            return replace(self, entries=kept)
        if self.role_of(client_id) is None:
            return replace(self, entries=(*kept, Entry(client_id, role_arn)))
        renamed = (Entry(client_id, role_arn) if one.client_id == client_id else one for one in self.entries)
        return replace(self, entries=tuple(renamed))

    def with_change(self, change: PageChange, now: datetime) -> Page | None:
        """Return the page with this change in its batch; None when the role has no room. Not while it is under way."""
        was = self.role_of(change.client_id)
        page = self.listing(change.client_id, change.role_arn)
        if page.length > max(ROOM, self.length):
            return None
        revision = self.revision if self.batch else self.revision + 1
        batch = (*self.batch, replace(change, was=was, number=self.number))
        return replace(page, revision=revision, batch=batch, changed_at=now)

    def sent(self, now: datetime, *, again: bool = False) -> Page:
        """Return the page as CloudFormation is asked for it; `again` where more is asked for already."""
        return replace(self, revision=max(self.revision, 1), sent_at=now, again=again)

    def succeeded(self, stack_id: str) -> Page:
        """Return the page after CloudFormation has done what was wanted."""
        return replace(self, batch=(), sent_at=None, owed=False, again=False, stack_id=stack_id)

    def failed(self, now: datetime) -> Page:
        """Return the page without what this batch adds. What it takes away stays wanted, and is tried alone once."""
        page = self
        for change in reversed(self.batch):
            if change.adds:
                page = page.listing(change.client_id, change.was)
        taken = tuple(change for change in self.batch if not change.adds)
        alone = taken if len(taken) < len(self.batch) else ()
        owed = self.owed or any(change.removes for change in taken)
        return replace(
            page, revision=self.revision + 1, batch=alone, sent_at=None, owed=owed, again=False, changed_at=now
        )


@dataclass(frozen=True)
class Team:
    """The people who work in clients' accounts together, and how full each of their pages is wanted to be."""

    name: str
    filled: tuple[int, ...] = ()
    """By page, in characters."""
    groups: int = 0
    """How many of its groups are made. A page can be attached only then."""
    version: int = 0

    def filling(self, number: int, length: int) -> Team:
        """Return the team with that page so full; the page after the last is a new one."""
        filled = [*self.filled, *[0] * (number - len(self.filled))]
        filled[number - 1] = length
        return replace(self, filled=tuple(filled))

    def page_for(self, length: int, besides: int = 0) -> int | None:
        """Return the first page with so much room besides this one, or a new one; None while its group is missing."""
        for number, used in enumerate(self.filled, 1):
            if used + length <= ROOM and number != besides:
                return number
        name = PageName(self.name, len(self.filled) + 1)
        return name.number if name.makes_group or name.group <= self.groups else None

    @property
    def group_being_made(self) -> int:
        """Return the page that makes the group of the next new page."""
        return len(self.filled) // PAGES_IN_A_GROUP * PAGES_IN_A_GROUP + 1

    @property
    def ahead(self) -> int | None:
        """Return the number of the empty page that is to be made ahead; None where there is one, or can't be yet."""
        if not self.filled or self.filled[-1] == 0:
            return None
        return self.page_for(ROOM + 1)


@dataclass(eq=False, repr=False)
class Todo:
    """What has to be done next. Whatever is forgotten of it, the sweep finds."""

    requests: list[str] = field(default_factory=list)
    """Requests to run."""
    teams: set[str] = field(default_factory=set)
    """Teams whose changes are to be packed."""
    pages: set[PageName] = field(default_factory=set)
    """Pages to be sent."""
    clients: dict[str, None] = field(default_factory=dict)
    """Clients with something new to show, in this order."""
