"""Whatever changes what a team's kit shows raises the kit, in the same save or in a later one that must come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.decisions.rename import state_of
from bot.domain.page import Teams
from bot.domain.vocabulary import State, TeamVerb, Verb
from bot.ports.store import Change
from tests.fakes import ADA, World
from tests.memory_store import MemoryStore

TEAMS = Teams(("operators", "auditors"))
MANY = 70
"""Teams of one client."""
Shown = frozenset[tuple[Any, ...]]


@dataclass
class Watch:
    """The table, watched: which save last changed what a team's kit shows, and which last raised the kit."""

    store: MemoryStore
    saves: int = 0
    names: tuple[str, ...] = TEAMS.names
    shown: dict[str, tuple[Shown, int]] = field(default_factory=dict)
    raised: dict[str, tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._save = self.store.save
        self.store.save = self.save  # type: ignore[method-assign]

    def save(self, change: Change) -> None:
        self._save(change)
        self.saves += 1
        for team in self.names:
            shown, wanted = self.shows(team), self.store.kit(team).wanted
            if shown != self.shown.get(team, (frozenset(), 0))[0]:
                self.shown[team] = shown, self.saves
            if wanted != self.raised.get(team, (0, 0))[0]:
                self.raised[team] = wanted, self.saves

    def shows(self, team: str) -> Shown:
        return frozenset(
            (one.id, one.company, one.label, one.given.stack, one.given.teams)
            for one in self.store.stored_clients.values()
            if one.given is not None and team in one.given.teams
        )

    def stale(self) -> list[str]:
        """The teams whose kit shows something else since it was last raised."""
        never = frozenset[Any](), 0
        return [team for team in self.names if self.shown.get(team, never)[1] > self.raised.get(team, (0, 0))[1]]


def a_world() -> tuple[World, Watch]:
    world = World(teams=TEAMS)
    return world, Watch(world.store)


def updated(world: World, **fields: Any) -> None:
    world.happens("UPDATE_COMPLETE", **fields)
    world.press(Verb.APPROVE)
    world.work()


def both_teams(world: World) -> str:
    client_id = world.onboard()
    chosen = world.workflow.ask_to_regroup(client_id, TEAMS.names, ADA)
    world.workflow.regroup(client_id, TEAMS.names, chosen.state, ADA)
    world.work()
    assert set(world.client().teams) == set(TEAMS.names)
    return client_id


def many_teams() -> tuple[World, Watch]:
    names = tuple(f"team{number}" for number in range(MANY))
    world = World(teams=Teams(names))
    watch = Watch(world.store, names=names)
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE, teams=names)
    world.work()
    assert set(world.client().teams) == set(names)
    return world, watch


def removed(world: World) -> None:
    both_teams(world)
    world.happens("DELETE_COMPLETE", last_word=True)
    world.press(Verb.APPROVE)
    world.work()
    assert world.last.state is State.DONE


def another_level(world: World) -> None:
    both_teams(world)
    updated(world, level="Administrator")


def another_role(world: World) -> None:
    both_teams(world)
    updated(world, role="renamed")


def one_team_less(world: World) -> None:
    client_id = both_teams(world)
    chosen = world.workflow.ask_to_regroup(client_id, ("auditors",), ADA)
    world.workflow.regroup(client_id, ("auditors",), chosen.state, ADA)
    world.work()
    assert world.client().teams == ("auditors",)


def renamed_and_labelled(world: World) -> None:
    client_id = both_teams(world)
    world.workflow.rename(client_id, "Globex", ADA, state_of(world.client()))
    world.workflow.label(client_id, "production", ADA, state_of(world.client()))


def a_page_fails(world: World) -> None:
    world.onboard()
    world.happens("UPDATE_COMPLETE", role="renamed")
    world.press(Verb.APPROVE)
    world.take_up()
    for stack_id in world.stacks.complete():
        world.workflow.record_outcome(stack_id)
    world.take_up()
    for stack_id in world.pages.complete(failing="no"):
        world.workflow.record_outcome(stack_id)
    world.work()
    assert world.last.state is State.FAILED


def a_whole_team_is_let_in_and_out(world: World) -> None:
    for account in ("222222222222", "333333333333"):
        world.onboard(account=account)
    for verb in (TeamVerb.ADOPT, TeamVerb.REMOVE):
        asked = world.workflow.ask_about_team(verb, "auditors", ADA)
        world.workflow.begin_with_team(verb, "auditors", asked.state, ADA)
        world.work()
        assert all(("auditors" in one.teams) is (verb is TeamVerb.ADOPT) for one in world.store.stored_clients.values())


@pytest.mark.safety("Whatever changes what a team's kit shows has the kit renewed", "bot/provisioning/page_ends.py")
@pytest.mark.parametrize(
    "happening",
    [
        *(both_teams, removed, another_level, another_role, one_team_less, renamed_and_labelled, a_page_fails),
        *(a_whole_team_is_let_in_and_out,),
    ],
)
def test_a_kit_is_raised_after_the_last_change_of_what_it_shows(happening: Callable[[World], object]) -> None:
    world, watch = a_world()
    happening(world)
    assert watch.shown
    assert watch.stale() == []
    assert {team for teams in world.bench.asked_kits for team in teams} >= set(watch.shown)


def test_a_client_of_many_teams_is_raised_in_the_kits_of_all_and_no_save_is_too_large() -> None:
    world, watch = many_teams()
    updated(world, level="Administrator")
    assert world.last.state is State.DONE
    assert watch.stale() == []
