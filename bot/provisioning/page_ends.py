"""Ends the requests of a page's batch, several in one transaction, and with the last of them the batch itself.

Killed in between, it is run again: the page is still under way then, and a request that has ended is left alone. Each
transaction stores the page, so whoever comes too late records nothing: what a batch asks next must not be asked again
once its clients have moved on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

from bot.domain.model import Client
from bot.domain.page import Page, PageChange, Team, Todo
from bot.domain.request import Request
from bot.domain.team_kit import kit_changes
from bot.domain.vocabulary import State
from bot.ports import Clock, StackOutcome
from bot.ports.store import Change, Concerned, Store, saved, together
from bot.provisioning.page_changes import expecting, restoring, with_place, with_team, without_team
from bot.provisioning.run import Provisioning

READ_AT_ONCE = 10
"""Changes whose ends are planned together; as many are saved as fit into one transaction."""
MOST = 90
"""Records in one transaction; DynamoDB takes 100."""
_BUSY = "The requests that wait for a team's page keep changing. Trying again in a minute."


@dataclass(eq=False, repr=False)
class BatchEnd:
    """One outcome of one page. Without a page, the changes needed nothing, and are only taken from what is asked."""

    store: Store
    provisioning: Provisioning
    clock: Clock
    todo: Todo
    outcome: StackOutcome
    page: Page | None = None
    stack_id: str | None = None
    team: Team | None = None
    """Without a page: the team as it was when that was found out."""
    rest: Sequence[PageChange] = ()
    """What is still to be recorded."""
    taken: int = 0
    """How much of it the last plan holds."""
    read_again: bool = False
    """Whether the page must be read before the next plan."""

    def ended_of(self, page: Page) -> list[PageChange]:
        """Return the changes of its batch that are over; those that are tried alone next are not."""
        tried_alone = self._afterwards(page).batch
        return [change for change in page.batch if change not in tried_alone]

    def record(self, ended: Sequence[PageChange]) -> Team | None:
        """Record what has become of these changes, and note what comes next. Return the team, without a page.

        Raises Conflict only over a team.
        """
        self.rest = ended
        while True:
            self.read_again = False
            change = saved(self.store, self._plan, _BUSY) if self.team is None else self._over(self.team)
            if change is None:
                break
            self.rest = self.rest[self.taken :]
            self.page = replace(self.page, version=self.page.version + 1) if self.page is not None else None
            self.provisioning.measure(change)
            self._note(change)
            if not self.rest:
                break
        return self.team

    def _over(self, team: Team) -> Change | None:
        """Save the next plan over this version of the team. Raises Conflict when somebody has packed since."""
        change = self._plan()
        if change is not None:
            self.store.save(change)
            self.team = replace(team, version=team.version + 1)
        return change

    def _plan(self) -> Change | None:
        """Plan as many ends as fit. None when somebody else has recorded them."""
        page = self._page_now()
        if self.page is not None and page is None:
            return None
        known = self.store.concerned(self.rest[:READ_AT_ONCE])
        parts: list[Change] = []
        for change in self.rest[:READ_AT_ONCE]:
            part = self._ended(change, known)
            part = replace(part, packed=(change,)) if self.page is None else part
            part = replace(part, kits=kit_changes(_other_teams(part, change.team), self.clock.now()))
            planned = together([*parts, part])
            if parts and (planned.weight > MOST or planned.holds_twice):
                break
            parts.append(part)
        self.taken = len(parts)
        if self.team is not None:
            parts.append(Change(teams=(self.team,), kits=kit_changes([self.team.name], self.clock.now())))
        if page is not None:
            self.page = page
            parts.append(self._closing(page) if self.taken == len(self.rest) else Change(pages=(page,)))
        return together(parts)

    def _page_now(self) -> Page | None:
        """Return the page while this is its outcome: as it was read, the first time; after a conflict, as stored."""
        if self.page is None or not self.read_again:
            self.read_again = True
            return self.page
        now = self.store.pages(self.page.team, [self.page.number]).get(self.page.number)
        return now if now is not None and now.under_way and now.token == self.page.token else None

    def _ended(self, change: PageChange, known: Concerned) -> Change:
        """Return what the end of one change changes; nothing where its client is not stored."""
        client = known.clients.get(change.client_id)
        if client is None:
            return Change()
        request = known.requests.get(change.request_id)
        if request is not None and not _waits(request, change):
            request = None
        if self.outcome.succeeded:
            return self._carried_out(change, client, request, known)
        return self._refused(change, client, request, known)

    def _refused(self, step: PageChange, client: Client, request: Request | None, known: Concerned) -> Change:
        """Return what becomes of a step that CloudFormation refused. What takes people's access away stays wanted."""
        leaves = step.role_arn is None and (request is None or request.kind.takes_away)
        if leaves or (request is None and step.adds and step.was is None):
            client = without_team(client, step.team)
        if request is None:
            return Change(others=(client,))
        end = self.provisioning.end_of(request, client, self.outcome, known.invitations)
        if end is None or request.kind.takes_away:
            return end or Change()
        given_arn = self.provisioning.pages.role_arn(client.given.stack) if client.given else ""
        asked = restoring(step, request, client, given_arn, self.clock.now())
        return replace(end, client=reduce(expecting, asked, end.client or client), asked=asked)

    def _carried_out(self, change: PageChange, client: Client, request: Request | None, known: Concerned) -> Change:
        if self.page is None and change.leaves:
            return Change()
        follow = change.next_step()
        client = with_place(client, change)
        if follow is not None:
            return Change(others=(client,), asked=(follow,))
        if request is None:
            return Change(others=(with_team(client, change),))
        left = tuple(team for team in request.attempt.waits_for if team != change.team)
        request = replace(request, attempt=replace(request.attempt, waits_for=left, paged=not left))
        if left or request.kind.takes_away:
            client = without_team(client, change.team) if request.kind.takes_away else client
            return Change(others=(client,), requests=(request,))
        return self.provisioning.end_of(request, client, self.outcome, known.invitations) or Change()

    def _afterwards(self, page: Page) -> Page:
        if self.outcome.succeeded:
            return page.succeeded(self.stack_id or page.stack_id or "")
        return page.failed(self.clock.now())

    def _closing(self, page: Page) -> Change:
        """Return the page after its batch, and what its team has to know."""
        after = self._afterwards(page)
        makes_group = self.outcome.succeeded and page.stack_id is None and page.name.makes_group
        kits = kit_changes([page.team] if page.batch else [], self.clock.now())
        if not makes_group and after.entries == page.entries:
            return Change(pages=(after,), kits=kits)
        team, _ = self.store.asked_of(page.team, 0)
        return Change(pages=(after,), teams=(team.after(after),), kits=kits)

    def _note(self, change: Change) -> None:
        """Note what comes next: a removal goes on with the client's group, and what is asked is packed."""
        self.todo.owners |= dict.fromkeys(change.to_show)
        paged = (one for one in change.requests if one.state is State.PROVISIONING and one.attempt.paged)
        self.todo.requests += [one.id for one in paged]
        self.todo.teams |= {one.team for one in change.asked}
        self.todo.kits |= {one.team for one in change.kits}
        for page in () if self.rest else change.pages:
            if change.teams or (self.page is not None and self.page.again):
                self.todo.teams.add(page.team)
            if page.batch:
                self.todo.pages.add(page.name)


def _other_teams(change: Change, team: str) -> list[str]:
    """Return the teams besides this one that get in at the clients of this change: their kits show these clients.

    As many as the transaction has room for, which is more than 70. The kits of any others follow at their next change.
    """
    others = [one for client in change.clients for one in client.teams if one != team]
    return others[: max(MOST - change.records, 0)]


def _waits(request: Request, change: PageChange) -> bool:
    """Return whether the request still waits for this change."""
    under_way = request.state is State.PROVISIONING and request.token == change.token
    return under_way and change.team in request.attempt.waits_for
