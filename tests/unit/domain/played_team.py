"""Plays one team: what is asked of its pages, the workers that pack it, CloudFormation, and what each may do wrong.

The driver does what `bot/provisioning/paging.py` and `page_ends.py` do, in smaller steps, so that others come between
any two of them: it reads the team, later the pages, later it saves page by page, each on condition of the versions that
it has read. `PlayedAws` knows of documents and tokens alone. `judge` compares what people were told with the documents.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

from bot.domain.packing import Packing, compaction
from bot.domain.page import PAGES_IN_A_GROUP, POLICY_LENGTH, Page, PageChange, PageName, Team

TEAM = "operators"
MINUTE = timedelta(minutes=1)


def document(roles: Sequence[str], revision: int) -> str:
    """Return the policy as client-templates/team-page.yaml renders it, without blanks."""
    allowed: dict[str, object] = {"Action": "sts:AssumeRole", "Resource": list(roles)}
    allowed = allowed if roles else {"Action": "sts:GetCallerIdentity", "Resource": "*"}
    statement = {"Sid": f"R{revision}", "Effect": "Allow", **allowed}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))


@dataclass(eq=False)
class PlayedAws:
    """CloudFormation and IAM: one document per page, and what was sent with which token."""

    documents: dict[int, tuple[str, ...]] = field(default_factory=dict)
    sent: dict[tuple[int, str], tuple[str, ...]] = field(default_factory=dict)
    running: dict[int, str] = field(default_factory=dict)
    updates: dict[int, int] = field(default_factory=dict)
    rewritten: int = 0
    """Updates that changed what a document lists."""
    groups: dict[int, set[int]] = field(default_factory=dict)
    """The groups that are made, each with the pages attached to it."""

    def write(self, page: Page) -> None:
        roles = tuple(entry.role_arn for entry in page.entries)
        before = self.sent.setdefault((page.number, page.token), roles)
        assert before == roles, "a token was used for two contents"
        assert len(document(roles, page.revision)) <= POLICY_LENGTH, "the policy is too long"
        assert page.number not in self.running or self.running[page.number] == page.token, "two updates at once"
        name = PageName(TEAM, page.number)
        assert name.makes_group or name.group in self.groups, "attached to a group that is not made"
        self.running[page.number] = page.token

    def end(self, number: int, *, written: bool, succeeded: bool) -> None:
        """End an update. One that has failed may have been written all the same, where its rollback failed, too."""
        roles = self.sent[number, self.running.pop(number)]
        self.updates[number] = self.updates.get(number, 0) + 1
        if succeeded:
            name = PageName(TEAM, number)
            self.groups.setdefault(name.group, set()).add(number)
            assert len(self.groups[name.group]) <= PAGES_IN_A_GROUP
        if written:
            self.rewritten += roles != self.documents.get(number, ())
            self.documents[number] = roles

    @property
    def listed(self) -> set[str]:
        return {role for roles in self.documents.values() for role in roles}


@dataclass
class Told:
    """What people know of one client: the role that is granted, and the roles that might be, until this has ended."""

    granted: str | None = None
    maybe: set[str] = field(default_factory=set)
    asked: int = 0
    """The number of its newest wish."""
    waiting: bool = False
    failed: bool = False
    leaving: bool = False
    """Whether its removal was asked since it was granted."""


@dataclass(eq=False)
class Work:
    """One worker on its way, with what it has read so far."""

    team: Team
    queue: tuple[PageChange, ...]
    packing: Packing | None = None
    steps: Generator[None] | None = None


@dataclass(eq=False)
class PlayedTeam:
    random: Random
    team: Team = field(default_factory=lambda: Team(TEAM))
    pages: dict[int, Page] = field(default_factory=dict)
    queue: list[PageChange] = field(default_factory=list)
    aws: PlayedAws = field(default_factory=PlayedAws)
    told: dict[str, Told] = field(default_factory=dict)
    now: datetime = datetime(2026, 11, 26, tzinfo=UTC)
    to_pack: bool = False
    to_send: set[int] = field(default_factory=set)
    held: set[int] = field(default_factory=set)
    """Pages that a worker has saved and is about to send; a lease keeps others from them."""
    ended: dict[int, bool] = field(default_factory=dict)
    """Updates that have ended, and how, without anybody having recorded it to the end."""
    changes: int = 0

    def ask(self, client_id: str, role_arn: str | None) -> None:
        """Ask for this role; for none, with None."""
        told = self.told.setdefault(client_id, Told())
        number = None
        if told.asked and (told.granted or told.maybe or told.waiting or told.failed):
            number = self.random.choice([0, self._where(client_id), self.random.randint(1, len(self.team.filled) + 1)])
        told.asked += 1
        told.waiting, told.failed, told.leaving = True, False, told.leaving or role_arn is None
        told.maybe |= {role for role in (told.granted, role_arn) if role}
        self.tick()
        self.queue.append(
            PageChange(TEAM, client_id, self.now, role_arn, number, request_id="q", token=str(told.asked), key=TEAM)
        )
        self.changes += 1
        self.to_pack = True

    def _where(self, client_id: str) -> int:
        return next((page.number for page in self.pages.values() if page.role_of(client_id)), 0)

    # -- the worker

    def begin(self) -> Work:
        self.to_pack = False
        return Work(self.team, tuple(sorted(self.queue, key=lambda change: change.asked_at)))

    def dies(self, work: Work) -> None:
        """Kill the worker where it is. What it holds is anybody's once its lease is over."""
        if work.steps is not None:
            work.steps.close()

    def proceed(self, work: Work) -> bool:
        """Take the worker's next step. Return False once it has nothing more to do."""
        if work.packing is None:
            work.packing = self._packing(work)
            return True
        if work.steps is None:
            work.steps = self._saves(work, work.packing)
        return next(work.steps, work) is None

    def _packing(self, work: Work) -> Packing:
        read: dict[int, Page] = {}
        while True:
            packing = Packing(work.team, read, self.now)
            for change in work.queue:
                packing.pack(change)
            if not packing.missing:
                return packing
            assert not packing.missing & read.keys(), "a page is read for ever"
            read |= {number: self.pages.get(number) or Page(TEAM, number) for number in packing.missing}

    def _saves(self, work: Work, packing: Packing) -> Generator[None]:
        """Save page by page. Where somebody else came first, give up: they, or who comes next, pack it anew."""
        team = work.team
        if packing.done:
            if self.team.version != team.version or not self._wait(packing.done):
                self.to_pack = True
                return
            team = self.team = replace(team, version=team.version + 1)
            for change in packing.done:
                self._told(change)
            yield
        for number, steps in packing.packed.items():
            page = packing.read[number]
            for step in steps:
                changed = page.with_change(step, self.now)
                assert changed is not None
                page = changed
            page = page.sent(self.now, again=number in packing.awaited)
            if not self._save(team.after(page), page, steps):
                return
            team = self.team
            yield from self._write(number)
        if team.ahead is not None:
            page = Page(TEAM, team.ahead).sent(self.now)
            if not self._save(team.after(page), page, ()):
                return
            team = self.team
            yield from self._write(page.number)
        for number in sorted(packing.awaited - packing.packed.keys()):
            page = packing.read[number]
            if not page.again and not self._save(None, replace(page, again=True), ()):
                return
            yield

    def _write(self, number: int) -> Generator[None]:
        self.held.add(number)
        try:
            yield
        finally:
            self.held.remove(number)
        self.aws.write(self.pages[number])
        yield

    def _save(self, team: Team | None, page: Page, packed: Sequence[PageChange]) -> bool:
        stored = self.pages.get(page.number) or Page(TEAM, page.number)
        current = team is None or team.version == self.team.version
        if not current or stored.version != page.version or not self._wait(packed, keep=True):
            self.to_pack = True
            return False
        self._wait(packed)
        self.pages[page.number] = replace(page, version=page.version + 1)
        self.team = replace(team, version=team.version + 1) if team else self.team
        return True

    def _wait(self, changes: Sequence[PageChange], *, keep: bool = False) -> bool:
        """Return whether all of them still wait; they don't after that, unless they are to be kept."""
        keys = {self._key(change) for change in changes}
        if not keys <= {self._key(change) for change in self.queue}:
            return False
        if not keep:
            self.queue = [change for change in self.queue if self._key(change) not in keys]
        return True

    @staticmethod
    def _key(change: PageChange) -> tuple[object, ...]:
        return change.asked_at, change.client_id, change.key

    # -- the end of an update

    def end(self, number: int, *, succeeded: bool, written: bool | None = None, dies_after: int | None = None) -> None:
        """End the page's update, and record that; whoever records may die after so many steps of the batch."""
        if number in self.aws.running:
            self.aws.end(number, written=succeeded if written is None else written, succeeded=succeeded)
        succeeded = self.ended.setdefault(number, succeeded)
        page = self.pages[number]
        after = page.succeeded(f"stack-{number}") if succeeded else page.failed(self.now)
        for place, step in enumerate(page.batch):
            if dies_after is not None and place >= dies_after:
                return
            if succeeded:
                self._carried_out(step)
            elif step not in after.batch:
                self._failed(step)
        del self.ended[number]
        wakes = page.again or after.entries != page.entries or page.stack_id is None
        team = self.team.after(after) if wakes else None
        assert self._save(team, after, ())
        self.to_pack |= wakes
        if after.batch:
            self.to_send.add(number)

    def _carried_out(self, step: PageChange) -> None:
        follow = step.next_step()
        if follow is None:
            self._told(step)
        else:
            self.queue = [change for change in self.queue if self._key(change) != self._key(follow)] + [follow]
            self.to_pack = True

    def _told(self, change: PageChange) -> None:
        told = self.told[change.client_id]
        if change.request_id and told.waiting and change.token == str(told.asked):
            told.granted, told.maybe, told.waiting, told.leaving = change.role_arn, set(), False, False

    def _failed(self, step: PageChange) -> None:
        told = self.told[step.client_id]
        if step.request_id and told.waiting and step.token == str(told.asked):
            told.waiting, told.failed = False, True

    def send(self, number: int) -> None:
        """Have CloudFormation asked for a page that is tried again, or of which nobody knows whether it was asked."""
        self.to_send.discard(number)
        page = self.pages[number]
        if page.unsent:
            self._save(None, page.sent(self.now), ())
            page = self.pages[number]
        if page.under_way and number not in self.held | self.ended.keys():
            self.aws.write(page)

    def sweep(self) -> None:
        """Do what the sweep does about all that is due, whenever that was."""
        self.to_pack |= bool(self.queue)
        for page in list(self.pages.values()):
            if page.number in self.ended:
                self.end(page.number, succeeded=self.ended[page.number])
            elif page.under_way and not {page.number} & (self.held | self.aws.running.keys()):
                self.send(page.number)
            elif page.unsent:
                assert page.due_at is not None
                self.send(page.number)

    def compact(self) -> bool:
        """Do what the sweep does once a minute to need fewer pages."""
        number = self.team.to_clear
        change = compaction(self.team, self.pages[number], self.tick()) if number is not None else None
        if change is not None:
            self.queue.append(change)
            self.to_pack = True
        return change is not None

    def tick(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def settle(self, most: int = 10_000, *, sweeps: bool = False) -> None:
        """Let all go well from now on, until nothing is left to do. Fails where something is forgotten."""
        for _ in range(most):
            if self.to_pack:
                work = self.begin()
                while self.proceed(work):
                    pass
            elif self.to_send:
                self.send(min(self.to_send))
            elif self.aws.running:
                self.end(min(self.aws.running), succeeded=True)
            elif sweeps and (self.queue or any(page.due_at for page in self.pages.values())):
                self.sweep()
            else:
                break
        assert not self.queue, "a change waits, and nobody will look after it"
        assert not any(page.batch for page in self.pages.values()), "a step waits, and nobody will look after it"

    # -- the judge

    def judge(self) -> None:
        """Compare what people were told with the documents alone."""
        sure = {told.granted for told in self.told.values() if not told.waiting and not told.failed} - {None}
        maybe = {role for told in self.told.values() for role in (*told.maybe, told.granted)}
        assert self.aws.listed <= maybe, "listed, though nobody is granted it"
        assert sure <= self.aws.listed, "granted, but not listed"
        changing = (told for told in self.told.values() if told.granted and not told.leaving)
        assert all(self.aws.listed & {told.granted, *told.maybe} for told in changing), "gone while it is renamed"

    def judge_at_rest(self) -> None:
        """Compare them once all has ended well: exactly what is granted is listed, once for each client."""
        self.judge()
        assert all(not told.waiting and not told.failed for told in self.told.values())
        assert self.aws.listed == {told.granted for told in self.told.values() if told.granted}
        lines = [role for roles in self.aws.documents.values() for role in roles]
        assert len(lines) == sum(told.granted is not None for told in self.told.values())
        assert list(self.team.filled) == [self.pages[number + 1].length for number in range(len(self.team.filled))]
