"""Pages: the lists of roles that the people of a team may assume, and what is asked of them. Pure.

A page is one managed policy, made by one stack. Where a role stands is stored and never recomputed, so that each change
rewrites one document. What is asked waits in a queue of its team until CloudFormation is not at work on its page: so
many changes at once cost one update of each page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.domain.errors import BadCommand
from bot.domain.record import Record
from bot.domain.request import LEASE
from bot.domain.vocabulary import AccessLevel, TeamVerb

POLICY_LENGTH = 6_144
"""Characters of a managed policy, without blanks (IAM User Guide, "IAM and AWS STS quotas")."""
FRAME = (
    '{"Version":"2012-10-17","Statement":[{"Sid":"R0000000000","Effect":"Allow","Action":"sts:AssumeRole",'
    '"Resource":[]}]}'
)
ROOM = POLICY_LENGTH - len(FRAME) + 1
"""Characters that a page has for roles, each with a comma; the last one's is not written."""
SPARE = 60
"""Characters of them that additions leave free, so that a role can get a longer name without moving to another page."""
PAGES_IN_A_GROUP = 10
"""IAM attaches at most ten managed policies to a group, so that each ten pages have a group of their own."""
MOST_UNSURE = 500
"""Steps at most of which it is not known whether AWS has carried them out. So a page fits into one item of the table
(400 KB), however often CloudFormation refuses."""
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


class Teams(Record):
    """The teams of this deployment. The first is let in where nobody says otherwise."""

    names: tuple[str, ...] = ()
    client_groups: bool = True
    """Whether each client gets a group of its own as well."""

    def chosen(self, *choices: tuple[str, ...]) -> tuple[str, ...]:
        """Return the first choice of teams of which some exist, without the others; the usual team where none does."""
        existing = (tuple(team for team in teams if team in self.names) for teams in choices)
        return next(filter(None, existing), self.names[:1])

    def require(self, named: Sequence[str]) -> tuple[str, ...]:
        """Return these teams, each once, in the order of the deployment. Raises BadCommand unless all of them exist."""
        for name in named:
            if name not in self.names:
                quoted = name[:40].replace("`", "'")
                raise BadCommand(f"There is no team called `{quoted}`. {teams_there_are(self.names)}")
        return tuple(name for name in self.names if name in named)


def teams_there_are(names: Sequence[str]) -> str:
    """Return a sentence that names the teams, for whoever named another one."""
    if not names:
        return "There are no teams here: `TEAMS` names none."
    named = ", ".join(f"`{name}`" for name in names)
    return f"The teams are {named}." if names[1:] else f"The only team is {named}."


class Entry(Record):
    """One role on a page. It belongs to a client; another client with the same role has an entry of its own."""

    client_id: str
    role_arn: str

    @property
    def length(self) -> int:
        """Return how many characters it takes, with its quotes and a comma."""
        return len(self.role_arn) + 3


class PageChange(Record):
    """What is wanted of a team's pages for one client: exactly one of them lists this role, or, without a role, none.

    Each time it is packed, it makes one step of that on one page, and it is asked again until there is nothing more.
    """

    team: str
    client_id: str
    asked_at: datetime
    role_arn: str | None = None
    number: int | None = None
    """None where no page lists the client, so that none is searched. Of a step, its page."""
    leaves: int = 0
    """The page that compaction takes the client off, once another page lists it; 0 for every other change."""
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
    """Of a step: what its page listed for the client before."""
    takes_off: bool = False
    """Of a step: whether it takes the client off its page, since another page lists the role."""
    more: bool = False
    """Of a step: whether it is not the last one."""

    @property
    def due_at(self) -> datetime:
        """Return when the sweep should look after it, while it waits."""
        return self.asked_at + LEASE

    @property
    def lists(self) -> str | None:
        """Return what the step's page lists for the client from then on."""
        return None if self.takes_off else self.role_arn

    @property
    def adds(self) -> bool:
        """Return whether the page lists a role only since this step."""
        return self.lists is not None and self.lists != self.was

    def next_step(self) -> PageChange | None:
        """Return what is to be asked once CloudFormation has carried out this step; None for nothing.

        It keeps its place, so that it is never taken for newer than what was asked meanwhile.
        """
        if not self.more:
            return None
        return replace(self, number=0, was=None, takes_off=False, more=False)


class Page(Record):
    """One page, as wanted. While there is a `sent_at`, CloudFormation is at work on it, and nothing is changed."""

    team: str
    number: int
    entries: tuple[Entry, ...] = ()
    revision: int = 0
    """The number of the last sending. Each has its own, since CloudFormation takes a token for one content only."""
    batch: tuple[PageChange, ...] = ()
    """The steps that CloudFormation has not carried out yet, at most one of each client."""
    changed_at: datetime | None = None
    sent_at: datetime | None = None
    owed: tuple[Entry, ...] = ()
    """What the policy may list though it is not wanted, since CloudFormation has failed."""
    again: bool = False
    """Whether changes wait for the end of what is under way."""
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
        return not self.under_way and (bool(self.batch or self.owed) or self.stack_id is None)

    @property
    def due_at(self) -> datetime | None:
        """Return when the sweep should look at it; None when it is as wanted."""
        if self.sent_at is not None:
            return self.sent_at + LEASE
        if not self.unsent or self.changed_at is None:
            return None
        return self.changed_at + (LEASE if self.batch else TRIED_AGAIN_AFTER)

    @property
    def concerned(self) -> frozenset[str]:
        """Return the clients of which the policy may list a role, or of which it may have listed one before."""
        steps = (step.client_id for step in self.batch)
        return frozenset([*(entry.client_id for entry in (*self.entries, *self.owed)), *steps])

    def owes(self, client_id: str) -> bool:
        """Return whether the policy may not be, about this client, what it is wanted to be."""
        return any(entry.client_id == client_id for entry in self.owed)

    def role_of(self, client_id: str) -> str | None:
        """Return what it lists for the client; None when that is nothing."""
        return next((entry.role_arn for entry in self.entries if entry.client_id == client_id), None)

    def listing(self, client_id: str, role_arn: str | None) -> Page:
        """Return the page with this role for the client, in the place of any other; without one, with none."""
        entry = () if role_arn is None else (Entry(client_id, role_arn),)
        places = [place for place, one in enumerate(self.entries) if one.client_id == client_id]
        at = places[0] if places else len(self.entries)
        return replace(self, entries=(*self.entries[:at], *entry, *self.entries[at + 1 :]))

    def with_change(self, step: PageChange, now: datetime) -> Page | None:
        """Return the page with this step in its batch; None when the role has no room, or too much is unsure already.

        Not while it is under way, nor with another step of the client. What takes a role off is always taken.
        """
        was = self.role_of(step.client_id)
        page = self.listing(step.client_id, step.lists)
        if page.length > max(ROOM, self.length):
            return None
        if step.lists not in (None, was) and len(self.owed) + len(self.batch) >= MOST_UNSURE:
            return None
        return replace(page, batch=(*self.batch, replace(step, was=was, number=self.number)), changed_at=now)

    def sent(self, now: datetime, *, again: bool = False) -> Page:
        """Return the page as CloudFormation is asked for it, anew; `again` where changes wait for its end already."""
        return replace(self, revision=self.revision + 1, sent_at=now, again=again or self.again)

    def succeeded(self, stack_id: str) -> Page:
        """Return the page after CloudFormation has done what was wanted."""
        return replace(self, batch=(), sent_at=None, owed=(), again=False, stack_id=stack_id)

    def failed(self, now: datetime) -> Page:
        """Return the page without what this batch adds. What it takes off stays wanted, and is tried alone once.

        The policy should be what it was before. Should, so both is owed until CloudFormation has written it again.
        """
        page, owed = self, dict.fromkeys(self.owed)
        for step in self.batch:
            if step.adds and step.lists is not None:
                page = page.listing(step.client_id, step.was)
                owed[Entry(step.client_id, step.lists)] = None
            elif step.was is not None and step.lists is None:
                owed[Entry(step.client_id, step.was)] = None
        rest = tuple(step for step in self.batch if not step.adds)
        alone = rest if len(rest) < len(self.batch) else ()
        return replace(page, batch=alone, sent_at=None, owed=tuple(owed), again=False, changed_at=now)


class TeamTask(Record):
    """What an approver has asked of a whole team, and how far that is. It reads the list of clients page by page."""

    verb: TeamVerb
    by: str
    since: datetime
    due_at: datetime
    """When the sweep should have it continued."""
    cursor: str = ""
    """The place in the list of clients; empty for the start."""
    listed: bool = False
    """Whether the list has ended, so that only those are left that were busy."""
    busy: tuple[str, ...] = ()
    """Clients that something else was being done for."""
    done: int = 0
    """Clients whose change is stored."""
    left_out: tuple[AccessLevel, ...] = ()
    """Clients with this access are not adopted: letting people in there takes more than one approver."""


class Team(Record):
    """The people who work in clients' accounts together, and how full each of their pages is wanted to be."""

    name: str
    filled: tuple[int, ...] = ()
    """By page, in characters."""
    groups: int = 0
    """How many of its groups are made. A page can be attached only then."""
    task: TeamTask | None = None
    """What is being done to the whole team."""
    in_client_groups: tuple[str, ...] = ()
    """The users who were in groups of clients when the team last adopted these; at most so many as can be shown."""
    version: int = 0

    @property
    def due_at(self) -> datetime | None:
        """Return when the sweep should look after it; None while nothing is being done to the whole team."""
        return self.task.due_at if self.task else None

    def filling(self, number: int, length: int) -> Team:
        """Return the team with that page so full; the page after the last is a new one."""
        filled = [*self.filled, *[0] * (number - len(self.filled))]
        filled[number - 1] = length
        return replace(self, filled=tuple(filled))

    def after(self, page: Page) -> Team:
        """Return the team with this page as it is now, and with the group that the page's stack has made."""
        made = page.name.group if page.name.makes_group and page.stack_id is not None else 0
        return replace(self.filling(page.number, page.length), groups=max(self.groups, made))

    def page_for(self, length: int, besides: int = 0) -> int | None:
        """Return the first page with so much room, empty ones last, then a new one; None while its group is missing."""
        existing = sorted(enumerate(self.filled, 1), key=lambda one: one[1] == 0)
        for number, used in existing:
            if used + length <= ROOM - SPARE and number != besides:
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
        if not self.filled or 0 in self.filled:
            return None
        return self.page_for(ROOM + 1)

    @property
    def to_clear(self) -> int | None:
        """Return the emptiest page, once clients lie on two pages more than have to be; else None."""
        used = [(length, -number) for number, length in enumerate(self.filled, 1) if length]
        fewest = -(-sum(self.filled) // ROOM)
        return -min(used)[1] if len(used) > fewest + 1 else None


@dataclass(eq=False, repr=False)
class Todo:
    """What has to be done next. Whatever is forgotten of it, the sweep finds."""

    requests: list[str] = field(default_factory=list)
    """Requests to run."""
    teams: set[str] = field(default_factory=set)
    """Teams whose changes are to be packed."""
    pages: set[PageName] = field(default_factory=set)
    """Pages to be sent."""
    tasked: set[str] = field(default_factory=set)
    """Teams whose task was worked on already."""
    kits: set[str] = field(default_factory=set)
    """Teams whose kits show something else now."""
    owners: dict[str, None] = field(default_factory=dict)
    """Whose messages have something new to show, in this order."""
