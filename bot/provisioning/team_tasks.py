"""Carries out what is asked of a whole team: every client onto its pages, every client off them, pages made ahead.

The clients are read page by page, and what is asked for each is stored together with how far the task is. So a crash
loses nothing, and two workers never do the same twice. Whoever is busy is left for the end. What the pages make of the
changes is the business of `paging.py`: many changes at once cost each page one update or two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from bot.domain.message import raised
from bot.domain.model import Audit, Client
from bot.domain.page import PAGES_IN_A_GROUP, Page, PageChange, Team, TeamTask, Todo
from bot.domain.request import LEASE, Request, touched
from bot.domain.vocabulary import Standing, TeamVerb
from bot.ports import Access, Clock, PageStacks
from bot.ports.store import Change, Store, saved
from bot.provisioning.page_changes import expecting, with_team

AT_ONCE = 16
"""Clients of one transaction, which takes 100 records: each is two, with an audit line, a change, and at most an open
request with its message."""
NAMED = 100
"""Users of client groups that are kept, to be shown."""
WORK = timedelta(seconds=20)
"""How long one Lambda goes on; the pages come after that."""
LEAVING = (Standing.LEAVING, Standing.REMOVAL_FAILED, Standing.KEPT, Standing.OFFBOARDED, Standing.WITHDRAWN)
_BUSY = "The clients of team {} keep changing. Trying again in a minute."


@dataclass(eq=False, repr=False)
class TeamWork:
    """The task of one team, if it has one."""

    store: Store
    stacks: PageStacks
    access: Access
    clock: Clock

    def go_on(self, name: str, todo: Todo) -> None:
        """Do as much of the team's task as there is time for; the rest is due again at once. Raises TryAgain."""
        until = self.clock.now() + WORK
        while True:
            rest = self.clock.now() >= until
            change = saved(self.store, partial(self._step, name, rest=rest), _BUSY.format(name))
            if change is None:
                return
            todo.pages |= {page.name for page in change.pages}
            task = change.teams[0].task
            if task is None or task.due_at > self.clock.now() or rest:
                return

    def _step(self, name: str, *, rest: bool) -> Change | None:
        """Plan the next step; `rest` when the time is over. None where nothing is asked or can be done."""
        team, _ = self.store.asked_of(name, 0)
        task = team.task
        if task is None:
            return None
        if rest:
            return Change(teams=(replace(team, task=replace(task, due_at=self.clock.now())),))
        if task.verb is TeamVerb.PREPARE:
            return self._prepared(team)
        if not task.listed:
            return self._of_list(team, task)
        if not task.busy:
            return Change(teams=(replace(team, task=None),), audits=(self._end(team, task),))
        return self._of_busy(team, task)

    def _of_list(self, team: Team, task: TeamTask) -> Change:
        page = self.store.clients(AT_ONCE, task.cursor or None)
        asked, busy = self._asked(team.name, task, [client.id for client in page.clients])
        task = replace(task, cursor=page.cursor or "", listed=page.cursor is None, busy=(*task.busy, *busy))
        return self._stored(team, task, asked)

    def _of_busy(self, team: Team, task: TeamTask) -> Change:
        """Try the first of them again. When one is still busy, the sweep goes on later, with the others first."""
        tried, others = task.busy[:AT_ONCE], task.busy[AT_ONCE:]
        asked, busy = self._asked(team.name, task, tried)
        waits = bool(busy) and not (others and asked)
        return self._stored(team, replace(task, busy=(*others, *busy)), asked, waits=waits)

    def _stored(
        self, team: Team, task: TeamTask, asked: Sequence[tuple[Client, PageChange]], *, waits: bool = False
    ) -> Change:
        """Return the change that stores what is asked, and how far the task is; `waits` where it must go on later."""
        now, by = self.clock.now(), task.by
        task = replace(task, done=task.done + len(asked), due_at=now + LEASE if waits else now)
        requests = tuple(filter(None, (self._rewritten(team.name, task, client) for client, _ in asked)))
        how = "put on team" if task.verb is TeamVerb.ADOPT else "taken off team"
        seen = self._members([client for client, _ in asked]) if task.verb is TeamVerb.ADOPT else set[str]()
        named = tuple(sorted({*team.in_client_groups, *seen})[:NAMED])
        return Change(
            teams=(replace(team, task=task, in_client_groups=named),),
            others=tuple(client for client, _ in asked),
            requests=requests,
            raises=tuple(raised(request, now) for request in requests),
            asked=tuple(change for _, change in asked),
            audits=tuple(Audit(now, by, how, client.id, detail=team.name) for client, _ in asked),
        )

    def _members(self, clients: Sequence[Client]) -> set[str]:
        """Return who is in these clients' own groups. Whoever is put into the team's group needs those no longer."""
        own = (client.id for client in clients if client.may_have_own_group)
        return {user for client_id in own for user in self.access.members(client_id)}

    def _rewritten(self, team: str, task: TeamTask, client: Client) -> Request | None:
        """Return the client's open update with this team added or left out; None where there is none to change.

        Approved later, it would undo what the task has done. Who approved it before has not seen that.
        """
        open_still = client.standing in (Standing.UPDATE_WAITING, Standing.FAILED)
        request = self.store.request(client.current_request) if open_still and client.current_request else None
        if request is None or not request.kind.lets_in:
            return None
        others = tuple(one for one in request.teams if one != team)
        teams = (*others, team) if task.verb is TeamVerb.ADOPT else others
        if len(teams) == len(request.teams):
            return None
        changed = replace(request.letting_in(teams), approvals=(), presses=request.presses + 1)
        return touched(changed, self.clock.now())

    def _asked(
        self, team: str, task: TeamTask, ids: Sequence[str]
    ) -> tuple[list[tuple[Client, PageChange]], list[str]]:
        """Return what is asked, each with its client, and who is busy. Clients are read by id: lists lag behind."""
        now = self.clock.now()
        known = self.store.concerned(PageChange(team, one, now) for one in ids).clients
        clients = [known[one] for one in ids if one in known]
        asks = self._to_adopt if task.verb is TeamVerb.ADOPT else self._to_take_off
        busy = [client.id for client in clients if _is_busy(client)]
        free = [client for client in clients if not _is_busy(client)]
        asked = [(client, change) for client in free if (change := asks(team, task, client))]
        return [(_expecting(client, change), change) for client, change in asked], busy

    def _to_adopt(self, team: str, task: TeamTask, client: Client) -> PageChange | None:
        given = client.given
        if given is None or team in given.teams or client.standing in LEAVING:
            return None
        if given.stack.access_level in task.left_out:
            return None
        return self._change(team, client, task, self.stacks.role_arn(given.stack))

    def _to_take_off(self, team: str, task: TeamTask, client: Client) -> PageChange | None:
        alone = client.given is not None and not client.lets_in_without(team)
        return None if alone or not client.on_team(team) else self._change(team, client, task, None)

    def _change(self, team: str, client: Client, task: TeamTask, role_arn: str | None) -> PageChange:
        number = next(iter(client.on_team(team)), 0)
        return PageChange(
            team=team,
            client_id=client.id,
            asked_at=self.clock.now(),
            role_arn=role_arn,
            number=number,
            key=f"{team}.{task.verb}",
            token_hash=client.token_hash,
        )

    def _prepared(self, team: Team) -> Change:
        """Plan the pages of the first group: its first page makes the group, so the others come after it."""
        now = self.clock.now()
        first = team.groups == 0
        numbers = range(len(team.filled) + 1, (1 if first else PAGES_IN_A_GROUP) + 1)
        pages = tuple(Page(team.name, number, changed_at=now) for number in numbers)
        for page in pages:
            team = team.filling(page.number, 0)
        task = replace(team.task, due_at=now + LEASE) if first and team.task else None
        return Change(teams=(replace(team, task=task),), pages=pages)

    def _end(self, team: Team, task: TeamTask) -> Audit:
        detail = f"{team.name}, {task.done} clients"
        return Audit(self.clock.now(), "switchyard", f"team {task.verb} done", "invitation", detail=detail)


def _expecting(client: Client, change: PageChange) -> Client:
    """Return the client as it is once the change is asked.

    From then on its role may be on the page; or the team is no other way in any more, so that two teams that are
    emptied at once don't both rely on the other.
    """
    if change.role_arn is None:
        return with_team(client, change)
    return expecting(client, change)


def _is_busy(client: Client) -> bool:
    """Return whether an approved request is at work on the client, or about to be."""
    return client.provisioning is not None or client.standing is Standing.PROVISIONING
