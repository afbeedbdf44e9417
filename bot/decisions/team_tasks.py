"""Shows the teams, and has something done to a whole team: adopt every client, empty its pages, make pages ahead.

The command only asks; the press on the answer is checked again, like any press. It stores what is wanted in the team's
record. The provision Lambda then goes through the clients (`bot/provisioning/team_tasks.py`), and the sweep looks after
what that leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import assert_never

from bot.decisions.decide import NO_CLIENT, Approval
from bot.domain.answers import Actor, PageFill, TeamQuestion, TeamShown
from bot.domain.errors import ActionRefused, BadCommand, StalePress
from bot.domain.model import Audit, Client
from bot.domain.page import PAGES_IN_A_GROUP, Page, PageChange, Team, Teams, TeamTask
from bot.domain.request import LEASE
from bot.domain.vocabulary import AccessLevel, TeamVerb
from bot.ports import Clock
from bot.ports.store import Change, Store, saved

LISTED_AT_ONCE, MOST_LISTED = 500, 3_000
"""Clients read to tell which there are to adopt; a person waits for the answer."""
READ_AT_ONCE = 100
NAMED = 5
"""Clients named in a refusal."""
_BUSY = "This team is changing too fast at the moment. Press the button again."


@dataclass(eq=False, repr=False)
class TeamTasks:
    """Everybody of the workspace may see the teams; the rest is for approvers."""

    store: Store
    approval: Approval
    clock: Clock
    teams: Teams

    def shown(self) -> tuple[TeamShown, ...]:
        """Return every team with its pages: two reads for each team."""
        return tuple(map(self._shown, self.teams.names))

    def ask(self, verb: TeamVerb, name: str, actor: Actor) -> TeamQuestion:
        """Return what the task would concern, without changing anything. Raises ActionRefused."""
        self.approval.require(actor, f"team {verb}", NO_CLIENT, detail=name)
        self._require_team(name)
        team, _ = self.store.asked_of(name, 0)
        _require_free(team)
        match verb:
            case TeamVerb.ADOPT:
                clients, more = self._to_adopt(name)
                if not (clients or more):
                    raise ActionRefused(f"The team {name} gets in already wherever one approver alone may let it in.")
                return TeamQuestion(verb, name, _state(verb, team, clients), len(clients), more, self._left_out())
            case TeamVerb.REMOVE:
                listed = self._clients_of(team)
                _require_another_way_in(name, listed)
                return TeamQuestion(verb, name, _state(verb, team, listed), len(listed))
            case TeamVerb.PREPARE:
                _require_unprepared(team)
                return TeamQuestion(verb, name, _state(verb, team))
        assert_never(verb)

    def begin(self, verb: TeamVerb, name: str, state: str, actor: Actor) -> Team:
        """Store that the task is wanted, and return the team.

        `state` is that of the question which the actor saw. Raises ActionRefused; StalePress when it is another by now.
        """
        self.approval.require(actor, f"team {verb}", NO_CLIENT, detail=name)
        self._require_team(name)
        to_adopt = self._to_adopt(name)[0] if verb is TeamVerb.ADOPT else []
        return saved(self.store, lambda: self._begun(verb, name, state, actor, to_adopt), _BUSY).teams[0]

    def _begun(self, verb: TeamVerb, name: str, state: str, actor: Actor, to_adopt: Sequence[Client]) -> Change:
        team, _ = self.store.asked_of(name, 0)
        _require_free(team)
        listed = to_adopt
        if verb is TeamVerb.REMOVE:
            listed = self._clients_of(team)
            _require_another_way_in(name, listed)
        if state != _state(verb, team, listed):
            self.approval.refuse(actor, f"team {verb}", NO_CLIENT, "", "stale")
            raise StalePress(
                f"The team {name} has changed since you were asked, so nothing was changed. Type the command again."
            )
        if verb is TeamVerb.PREPARE:
            _require_unprepared(team)
        now = self.clock.now()
        task = TeamTask(verb, actor.user_id, since=now, due_at=now + LEASE, left_out=self._left_out())
        audit = Audit(now, actor.user_id, f"team {verb}", NO_CLIENT, detail=name)
        seen = () if verb is TeamVerb.ADOPT else team.in_client_groups
        return Change(teams=(replace(team, task=task, in_client_groups=seen),), audits=(audit,))

    def _left_out(self) -> tuple[AccessLevel, ...]:
        """Return the levels whose approval takes several people, so that one person can't let a team in."""
        return tuple(level for level in AccessLevel if not self.approval.approvers.one_suffices(level))

    def _require_team(self, name: str) -> None:
        if not name or name not in self.teams.names:
            self.teams.require([name])
            raise BadCommand("Which team?")

    def _shown(self, name: str) -> TeamShown:
        team, _ = self.store.asked_of(name, 0)
        pages = self._pages(team)
        return TeamShown(team, tuple(PageFill(len(one.entries), one.length, late=_late(one)) for one in pages))

    def _pages(self, team: Team) -> list[Page]:
        found = self.store.pages(team.name, range(1, len(team.filled) + 1))
        return [found.get(number) or Page(team.name, number) for number in range(1, len(team.filled) + 1)]

    def _to_adopt(self, name: str) -> tuple[list[Client], bool]:
        """Return the clients that have access and are not on the team, and whether there are more to look through."""
        found: list[Client] = []
        read, cursor = 0, None
        while read < MOST_LISTED:
            page = self.store.clients(LISTED_AT_ONCE, cursor)
            read, cursor = read + len(page.clients), page.cursor
            granted = ((one, one.given) for one in page.clients if one.given and name not in one.given.teams)
            found += [one for one, given in granted if given.stack.access_level not in self._left_out()]
            if cursor is None:
                return found, False
        return found, True

    def _clients_of(self, team: Team) -> tuple[Client, ...]:
        """Return every client on the team's pages."""
        ids = sorted({entry.client_id for page in self._pages(team) for entry in page.entries})
        several = (self._read(team.name, ids[at : at + READ_AT_ONCE]) for at in range(0, len(ids), READ_AT_ONCE))
        return tuple(client for some in several for client in some)

    def _read(self, team: str, ids: Iterable[str]) -> Iterable[Client]:
        now = self.clock.now()
        return self.store.concerned(PageChange(team, one, now) for one in ids).clients.values()


def _late(page: Page) -> bool:
    return page.under_way or page.unsent


def _require_free(team: Team) -> None:
    """Raise ActionRefused while something else is done to the whole team."""
    if team.task is not None:
        raise ActionRefused(
            f"The team {team.name} {team.task.verb.doing}; that began at {team.task.since:%Y-%m-%d %H:%M} UTC. Nothing "
            "was changed. Try again when it has ended; `/clients teams` shows how far it is."
        )


def _require_unprepared(team: Team) -> None:
    if len(team.filled) >= PAGES_IN_A_GROUP:
        raise ActionRefused(f"The team {team.name} has its first {PAGES_IN_A_GROUP} pages already.")


def _require_another_way_in(team: str, listed: Sequence[Client]) -> None:
    """Raise ActionRefused where somebody could not get into a client's account any more."""
    alone = [client for client in listed if client.given is not None and not client.lets_in_without(team)]
    if alone:
        named = ", ".join(f"{client.company} (`{client.id}`)" for client in alone[:NAMED])
        more = f" and {len(alone) - NAMED} more" if alone[NAMED:] else ""
        number = "1 client" if len(alone) == 1 else f"{len(alone)} clients"
        raise ActionRefused(
            f"Only the team {team} lets people in at {number}: {named}{more}. "
            f"Nothing was changed. Give each another team first with `/clients team <client> <team>`, or have another "
            "team adopt all clients with `/clients teams adopt <team>`, or revoke them."
        )


def _state(verb: TeamVerb, team: Team, listed: Sequence[Client] = ()) -> str:
    """Return a short text that changes with what the question showed."""
    ids = sorted(f"{client.id} {client.granted_by[-1:]}" for client in listed)
    return sha256("\n".join((verb, team.name, *ids)).encode()).hexdigest()[:16]
