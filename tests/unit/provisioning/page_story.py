"""A random story of many clients and several teams, before a judge.

Between any two calls to the outside a Lambda may die, a call may fail, or somebody else may do something first.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, cast

from bot.commands import Commands
from bot.domain import transitions
from bot.domain.errors import SwitchyardError
from bot.domain.model import Client
from bot.domain.page import PageName, Teams
from bot.domain.vocabulary import UNDER_WAY, State, TeamVerb, Verb
from tests.fakes import ADA, World
from tests.faults.injection import Counting, Fault, Injector, ProcessDied
from tests.unit.provisioning.page_judge import JudgedStore

ACCOUNTS = ("222222222222", "222222222222", "222222222222", "333333333333", "444444444444", "444444444444")
"""Of each client stack."""
ROLES = ("a", "b", "a-role-with-a-longer-name", "c")
DEPLOYED = (
    *(Teams(("ops",)), Teams(("ops", "data")), Teams(("data",)), Teams(("data", "ops"), client_groups=False)),
    *(Teams(), Teams(("ops",), client_groups=False)),
)
"""What a deployment may say of teams."""
FAULTS = (*(Fault.DIED_BEFORE, Fault.DIED_AFTER, Fault.REFUSED, Fault.ANSWER_LOST, Fault.OVERTAKEN),)


class Act(NamedTuple):
    """Something happens. Before call number `at` of it, there is a fault, or `meanwhile` somebody else's act."""

    what: str
    which: int = 0
    how: int = 0
    at: int = 0
    fault: Fault | None = None
    meanwhile: Act | None = None


@dataclass
class StruckWorld(World):
    """The world of `fakes`, whose calls to the outside are counted."""

    injector: Injector = field(default_factory=Injector)

    @property
    def workflow(self) -> Commands:
        def counted(name: str, port: object) -> Any:
            return cast(Any, Counting(name, port, self.injector))

        return replace(
            super().workflow,
            store=counted("store", self.store),
            access=counted("access", self.stacks),
            pages=counted("pages", self.pages),
            handoff=counted("handoff", self.bench),
        )


@dataclass
class Story:
    """What happens, act by act."""

    store: JudgedStore = field(default_factory=JudgedStore)
    moved: list[str] = field(default_factory=list)
    """Stacks that have changed, of which EventBridge tells late, twice, or never."""

    def __post_init__(self) -> None:
        self.world = StruckWorld(store=self.store, teams=DEPLOYED[0])
        self.store.world = self.world
        self.world.bench.shows = lambda _: None
        self.tokens = [self.world.invite(f"C{number}") for number in range(len(ACCOUNTS))]
        self.roles = [ROLES[number % 2] for number in range(len(ACCOUNTS))]
        self.serials = [100 * number for number in range(len(ACCOUNTS))]
        self.alive = [False] * len(ACCOUNTS)

    def act(self, act: Act, *, alone: bool = True) -> None:
        """Let it happen, with what strikes it; then nothing may be wrong."""
        before = self.world.injector
        fault = Fault.OTHERS_FIRST if act.meanwhile else act.fault
        self.world.injector = Injector({act.at: fault} if fault else {})
        if act.meanwhile is not None:
            other = act.meanwhile
            self.world.injector.meanwhile = lambda: self.act(other, alone=False)
        self.world.injector.begin()
        if alone:
            self.world.clock.turn(seconds=1)
        with suppress(ProcessDied, SwitchyardError):
            self._do(act, alone=alone)
        self.world.injector = before
        self.check()

    def _do(self, act: Act, *, alone: bool) -> None:
        getattr(self, f"_{act.what.replace(' ', '_')}")(act.which, act.how)
        if act.what == "sweep" and alone:
            self.world.clock.turn(minutes=2)

    def _stack_completes(self, which: int, how: int) -> None:
        client = which % len(ACCOUNTS)
        if self.alive[client]:
            self.roles[client] = ROLES[how % len(ROLES)]
            self._event("UPDATE_COMPLETE", client)
        else:
            self.serials[client], self.alive[client] = self.serials[client] + 1, True
            self._event("CREATE_COMPLETE", client)

    def _stack_goes(self, which: int, how: int) -> None:
        client = which % len(ACCOUNTS)
        self.alive[client] = False
        self._event("DELETE_COMPLETE", client, last_word=True)

    def _event(self, status: str, client: int, **more: Any) -> None:
        self.world.happens(
            status,
            token=self.tokens[client],
            account=ACCOUNTS[client],
            role=self.roles[client],
            company=f"C{client}",
            parent=self.serials[client],
            seconds=0.001,
            **more,
        )

    def _somebody_presses(self, which: int, how: int) -> None:
        """The first button that a request has, or another one."""
        asked = [one for one in self.store.stored_requests.values() if transitions.buttons(one.state)]
        if asked:
            request = asked[-1 - which % len(asked)]
            offered = transitions.buttons(request.state)
            self.world.workflow.decide(request.id, offered[how % 5 // 4 % len(offered)], ADA)

    def _somebody_chooses_teams(self, which: int, how: int) -> None:
        """Beside Approve, or by command."""
        names = self.world.teams.names
        teams = (names, names[:1], names[1:])[how % 3]
        waiting = [one for one in self.store.stored_requests.values() if one.state is State.PENDING]
        if waiting:
            self.world.workflow.decide(waiting[-1].id, Verb.APPROVE, ADA, teams=teams)
        else:
            asked = self.world.workflow.ask_to_regroup(f"C{which % len(ACCOUNTS)}", teams, ADA)
            self.world.workflow.regroup(asked.client.id, asked.teams, asked.state, ADA)

    def _somebody_changes_a_team(self, which: int, how: int) -> None:
        verb, team = list(TeamVerb)[how % 3], ("ops", "data")[which % 2]
        asked = self.world.workflow.ask_about_team(verb, team, ADA)
        if verb is TeamVerb.ADOPT:
            self.store.adopted.add(team)
        self.world.workflow.begin_with_team(verb, team, asked.state, ADA)

    def _somebody_revokes(self, which: int, how: int) -> None:
        self.world.revoke(f"C{which % len(ACCOUNTS)}", ADA)

    def _provision_runs(self, which: int, how: int) -> None:
        waiting = self.world.bench.waiting
        if waiting:
            number = which % len(waiting)
            self.world.workflow.provision(waiting[number] if how % 5 == 4 else waiting.pop(number))

    def _provision_packs(self, which: int, how: int) -> None:
        asked = self.world.bench.asked_pages
        if asked:
            number = which % len(asked)
            self.world.workflow.work_on_pages(*(asked[number] if how % 5 == 4 else asked.pop(number)))

    def _provision_does_everything(self, which: int, how: int) -> None:
        for _ in range(20):
            self._provision_runs(which, 0)
            self._provision_packs(which, 0)

    def _all_goes_well(self, which: int, how: int) -> None:
        """A client's stack completes, somebody presses, and all of it is carried out."""
        self._stack_completes(which, how)
        self._somebody_presses(0, 0)
        for _ in range(4):
            self._provision_does_everything(0, 0)
            self._everything_ends(0, 0)
            self._outcomes_all_run(0, 0)

    def _invocations_are_lost(self, which: int, how: int) -> None:
        self.world.bench.waiting.clear()
        self.world.bench.asked_pages.clear()

    def _group_ends(self, which: int, how: int) -> None:
        stacks = self.world.stacks
        self.moved += self._one(stacks, which, how) if stacks.running else []

    def _page_ends(self, which: int, how: int) -> None:
        self.moved += self._one(self.world.pages, which, how) if self.world.pages.running else []

    def _one(self, stacks: Any, which: int, how: int) -> list[str]:
        """One of those that run ends; one in five fails."""
        everything = dict(stacks.running)
        key = list(everything)[which % len(everything)]
        stacks.running = {key: everything.pop(key)}
        moved: list[str] = stacks.complete("LimitExceeded" if how % 5 == 4 else "")
        stacks.running = everything
        return moved

    def _everything_ends(self, which: int, how: int) -> None:
        self.moved += [*self.world.stacks.complete(), *self.world.pages.complete()]

    def _outcome_runs(self, which: int, how: int) -> None:
        if self.moved:
            number = which % len(self.moved)
            self.world.workflow.record_outcome(self.moved[number] if how % 5 == 4 else self.moved.pop(number))

    def _outcomes_all_run(self, which: int, how: int) -> None:
        for _ in range(len(self.moved)):
            self._outcome_runs(which, 0)

    def _outcomes_are_lost(self, which: int, how: int) -> None:
        self.moved.clear()

    def _sweep(self, which: int, how: int) -> None:
        self.world.workflow.sweep()

    def _teams_change(self, which: int, how: int) -> None:
        self.world.teams = DEPLOYED[which % len(DEPLOYED)]

    def _aws_falters(self, which: int, how: int) -> None:
        stacks = (self.world.stacks, self.world.pages)[which % 2]
        stacks.unreachable, stacks.refuse = how % 3 == 1, "AccessDenied" if how % 3 == 2 else ""

    def check(self) -> None:
        """What holds at every moment: nobody gets in anywhere but where people said so."""
        assert self.store.wrong == []
        for name, listed in self.world.pages.documents.items():
            assert listed <= self.store.allowed(name.team), f"{name} lists what nobody approved"
        for client_id, (role_name, _) in self.world.stacks.groups.items():
            roles = {one.role.rpartition("/")[2] for one in self.store.approved.get(client_id, {}).values()}
            assert role_name in roles, "a group grants what nobody approved"

    def rest(self) -> None:
        """Everything works, and minutes pass until nothing is left to do."""
        self.world.injector = Injector()
        for stacks in (self.world.stacks, self.world.pages):
            stacks.unreachable, stacks.refuse = False, ""
        for _ in range(60):
            for what in ("sweep", "provision does everything", "everything ends", "outcomes all run"):
                self.act(Act(what))
            if not self.unfinished():
                return

    def unfinished(self) -> Sequence[Any]:
        """What is half-done."""
        store = self.store
        requests = [one for one in store.stored_requests.values() if one.state in UNDER_WAY]
        pages = [one for one in store.stored_pages.values() if one.due_at is not None]
        tasks = [one for one in store.stored_teams.values() if one.task is not None]
        return [*requests, *pages, *store.stored_asked.values(), *tasks, *store.unshown]

    def check_at_rest(self) -> None:
        """What holds when everything has worked for a while."""
        assert self.unfinished() == []
        for page in self.store.stored_pages.values():
            listed = frozenset(entry.role_arn for entry in page.entries)
            assert self.world.pages.documents[page.name] == listed
            assert self.store.stored_teams[page.team].filled[page.number - 1] == page.length
        for client in self.store.stored_clients.values():
            self._check_client_at_rest(client)

    def _check_client_at_rest(self, client: Client) -> None:
        """Every page that lists it is where its record says, and of the teams that it is granted to."""
        pages = self.store.stored_pages.values()
        on = {page.name: role for page in pages for role in [page.role_of(client.id)] if role is not None}
        own = [one for one in self.store.stored_requests.values() if one.client_id == client.id]
        teams = client.given.teams if client.given else ()
        listing = sorted(name.team for name in on)
        assert client.provisioning is None
        if any(one.outstanding for one in own):
            assert set(listing) <= set(teams), f"{client.id} leaves, is on {on} and granted to {teams}"
        else:
            assert listing == sorted(teams), f"{client.id} is on {on}, granted to {teams}"
        assert set(on.values()) <= ({self.world.pages.role_arn(client.given.stack)} if client.given else set())
        places = {PageName(place.team, place.number) for place in client.places}
        assert all(name in places or PageName(name.team, 0) in places for name in on), f"{client.id} is on {on}"
