"""Keeps teams' pages as they are asked to be: packs what is asked, has CloudFormation carry it out, records the end.

Everything here may be killed at any line and run again. What is asked stays in the table until it is packed; a page
says what CloudFormation is asked for before it is asked, and keeps its batch until all requests in it have ended.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from bot.domain.errors import Conflict, ProvisioningFailed, TryAgain
from bot.domain.packing import Packing, compaction
from bot.domain.page import Page, PageChange, PageName, Team, Todo
from bot.ports import Clock, PageStacks, StackOutcome
from bot.ports.store import ATTEMPTS, Change, Store
from bot.provisioning.page_ends import BatchEnd
from bot.provisioning.page_looks import empty_after
from bot.provisioning.run import Provisioning
from bot.provisioning.team_tasks import TeamWork

FIRST, AT_ONCE = 60, 1_200
"""Changes read: a few, since most often their page is under way; then more than the pages of one group hold."""
IN_ONE_SAVE = 90
"""Changes packed in one transaction, which holds at most 100 records."""
_BUSY = "The pages of the team {} keep changing. Trying again in a minute."
Kept = TypeVar("Kept", Page, Team)
_SUCCESS = StackOutcome(succeeded=True)
log = logging.getLogger(__name__)


@dataclass(eq=False, repr=False)
class Paging:
    """The pages of all teams. `provisioning` ends the requests that wait for them."""

    store: Store
    stacks: PageStacks
    provisioning: Provisioning
    clock: Clock

    def work(self, name: str, todo: Todo) -> None:
        """Pack and send what is asked of the team's pages, as far as possible now."""
        for _ in range(ATTEMPTS):
            try:
                if not self._pack(name, todo):
                    return
            except Conflict:
                continue
        raise TryAgain(_BUSY.format(name))

    def send(self, name: PageName, todo: Todo) -> None:
        """Ask CloudFormation for the page as it is wanted, unless somebody else is at that.

        A page under way is asked for again only after its lease. Until then, who has saved it may still be about to ask
        for it, and must never do so when the next revision is there already.
        """
        page, now = self.store.pages(name.team, [name.number]).get(name.number), self.clock.now()
        if page is None or not (page.unsent or (page.due_at is not None and page.due_at <= now)):
            return
        if page.unsent:
            page = page.sent(now)
            try:
                self.store.save(Change(pages=(page,)))
            except Conflict:
                return
            page = _stored(page)
        self._send(page, todo)

    def settle(self, name: PageName, todo: Todo) -> bool:
        """Record the outcome once CloudFormation is done. Return False when CloudFormation must be asked to start."""
        page = self.store.pages(name.team, [name.number]).get(name.number)
        if page is None or not page.under_way:
            return True
        progress = self.stacks.progress(page)
        if progress.outcome is None:
            return progress.begun
        self._end(page, progress.outcome, progress.stack_id, todo)
        return True

    def compact(self, name: str, todo: Todo) -> None:
        """Ask for one client to move to an earlier page, once the team's clients lie on too many."""
        team, _ = self.store.asked_of(name, 0)
        if team.to_clear is None:
            return
        page = self.store.pages(name, [team.to_clear]).get(team.to_clear)
        change = compaction(team, page, self.clock.now()) if page is not None else None
        if change is not None:
            self.store.save(Change(asked=(change,)))
            todo.teams.add(name)

    def _pack(self, name: str, todo: Todo) -> bool:
        """Return whether there is more. Raises Conflict when somebody else is packing; what is saved then is sent."""
        team, asked = self.store.asked_of(name, FIRST)
        if team.task is not None and name not in todo.tasked:
            todo.tasked.add(name)
            TeamWork(self.store, self.stacks, self.provisioning.access, self.clock).go_on(name, todo)
            team, asked = self.store.asked_of(name, FIRST)
        packing = self._packing(team, asked)
        if len(asked) == FIRST and (packing.packed or packing.done):
            team, asked = self.store.asked_of(name, AT_ONCE)
            packing = self._packing(team, asked)
        if packing.done:  # first, so that nothing asked later of the same client comes before it
            end = BatchEnd(self.store, self.provisioning, self.clock, todo, _SUCCESS, team=team)
            team = end.record(packing.done) or team
        for number, changes in packing.packed.items():
            team, page = self._save(team, packing.read[number], changes, again=number in packing.awaited)
            self._send(page, todo)
            if any(change.anew for change in changes):
                self._renew_empty_ones_after(page, todo)
        ahead = team.ahead
        if ahead is not None:
            page = Page(name, ahead).sent(self.clock.now())
            team = team.filling(ahead, 0)
            self.store.save(Change(teams=(team,), pages=(page,)))
            team = _stored(team)
            self._send(_stored(page), todo)
        for page in (packing.read[number] for number in packing.awaited - packing.packed.keys()):
            if not page.again:
                self.store.save(Change(pages=(replace(page, again=True),)))
        return len(asked) == AT_ONCE

    def _renew_empty_ones_after(self, page: Page, todo: Todo) -> None:
        """Have the empty pages after a page that is repaired written anew as well: no client stands for them."""
        for empty in empty_after(self.store, page.name):
            again = empty.sent(self.clock.now())
            self.store.save(Change(pages=(again,)))
            self._send(_stored(again), todo)

    def _packing(self, team: Team, asked: Sequence[PageChange]) -> Packing:
        """Pack the changes, reading only the pages that they concern."""
        read: dict[int, Page] = {}
        while True:
            packing = Packing(team, read, self.clock.now())
            for change in asked:
                packing.pack(change)
            if not packing.missing:
                return packing
            found = self.store.pages(team.name, packing.missing)
            read |= {number: found.get(number) or Page(team.name, number) for number in packing.missing}

    def _save(self, team: Team, page: Page, changes: Sequence[PageChange], *, again: bool) -> tuple[Team, Page]:
        """Save the page with these changes, the last of them together with the fact that it is sent."""
        now = self.clock.now()
        for at in range(0, len(changes), IN_ONE_SAVE):
            packed = changes[at : at + IN_ONE_SAVE]
            for change in packed:
                page = page.with_change(change, now) or page
            if at + IN_ONE_SAVE >= len(changes):
                page = page.sent(now, again=again)
            team = team.after(page)
            self.store.save(Change(teams=(team,), pages=(page,), packed=tuple(packed)))
            team, page = _stored(team), _stored(page)
        return team, page

    def _send(self, page: Page, todo: Todo) -> None:
        try:
            started = self.stacks.write(page)
        except ProvisioningFailed as error:
            self._end(page, StackOutcome(succeeded=False, reason=str(error)), page.stack_id, todo)
        except TryAgain as error:
            log.warning("page %s of team %s waits for the sweep: %s", page.number, page.team, error)
        else:
            if started.finished:
                self._end(page, _SUCCESS, started.stack_id, todo)

    def _end(self, page: Page, outcome: StackOutcome, stack_id: str | None, todo: Todo) -> None:
        end = BatchEnd(self.store, self.provisioning, self.clock, todo, outcome, page, stack_id)
        end.record(end.ended_of(page))


def _stored(record: Kept) -> Kept:
    return replace(record, version=record.version + 1)
