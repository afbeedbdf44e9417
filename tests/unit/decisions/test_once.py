"""A signed command counts once: its mark is stored with what it changes, or before what it tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.commands import Commands
from bot.domain.errors import BadCommand, Conflict, NotAllowed, Replayed, TryAgain
from bot.domain.page import Teams
from bot.domain.search import Search
from bot.domain.vocabulary import AccessLevel, State, TeamVerb
from bot.ports.store import Change
from tests.fakes import ADA, OLLI, World
from tests.memory_store import MemoryStore

MARK = "0" * 64


def revoked(workflow: Commands) -> Any:
    asked = workflow.ask_to_revoke("Acme", ADA)
    return workflow.revoke(asked.client.id, asked.state, ADA)


def revoked_together(workflow: Commands) -> Any:
    asked = workflow.ask_to_revoke("Acme", ADA)
    return workflow.revoke_several([(asked.client.id, asked.state)], ADA)


def regrouped(workflow: Commands) -> Any:
    asked = workflow.ask_to_regroup("Acme", ("data",), ADA)
    return workflow.regroup(asked.client.id, asked.teams, asked.state, ADA)


def begun(workflow: Commands) -> Any:
    asked = workflow.ask_about_team(TeamVerb.ADOPT, "data", ADA)
    return workflow.begin_with_team(TeamVerb.ADOPT, "data", asked.state, ADA)


def posted(workflow: Commands) -> Any:
    [client] = workflow.find(Search(), ADA).clients
    return workflow.post_card(client.id, ADA)


COMMANDS: dict[str, Callable[[Commands], Any]] = {
    "invite": lambda once: once.invite("Globex", AccessLevel.READ_ONLY, ADA),
    "invitations": lambda once: once.list_invitations(ADA),
    "history": lambda once: once.history("Acme", ADA),
    "show": lambda once: once.show_client("Acme", ADA),
    "card": lambda once: once.card("Acme", OLLI),
    "post card": posted,
    "revoke": revoked,
    "revoke several": revoked_together,
    "ask whom to revoke": lambda once: once.ask_whom_to_revoke("Acme", ADA),
    "ask to revoke": lambda once: once.ask_to_revoke("Acme", ADA),
    "teams": lambda once: once.list_teams(ADA),
    "ask to regroup": lambda once: once.ask_to_regroup("Acme", ("data",), ADA),
    "regroup": regrouped,
    "ask about team": lambda once: once.ask_about_team(TeamVerb.ADOPT, "data", ADA),
    "begin with team": begun,
    "refused": lambda once: once.history("Acme", OLLI),
}


class Table(MemoryStore):
    """Counts its transactions, and can be down or lose to another writer."""

    def __init__(self) -> None:
        super().__init__()
        self.saves: list[Change] = []
        self.down = False
        self.rivals = 0

    def save(self, change: Change) -> None:
        if self.down:
            raise TryAgain("the table does not answer")
        if self.rivals:
            self.rivals -= 1
            raise Conflict
        super().save(change)
        self.saves.append(change)


@pytest.fixture
def world() -> World:
    world = World(store=Table(), teams=Teams(("operators", "data")))
    world.onboard()
    return world


def table(world: World) -> Table:
    assert isinstance(world.store, Table)
    world.store.saves.clear()
    return world.store


@pytest.mark.safety(
    "A command that changes something stores its replay mark in the same transaction", "bot/decisions/once.py"
)
@pytest.mark.parametrize("name", ["invite", "revoke", "regroup", "begin with team", "post card"])
def test_what_changes_something_stores_its_mark_in_that_very_transaction(world: World, name: str) -> None:
    saves = table(world).saves
    world.workflow.once(MARK, COMMANDS[name])
    assert saves[0].command is not None
    assert saves[0].command.mark == MARK
    assert saves[0].audits, "with the change, not alone"
    assert [change.command for change in saves[1:]] == [None] * len(saves[1:])


@pytest.mark.safety("A command that only answers stores its replay mark before it answers", "bot/decisions/once.py")
@pytest.mark.parametrize(
    "name",
    ["invitations", "history", "show", "card", "ask to revoke", "teams", "ask to regroup", "ask about team"],
)
def test_what_only_tells_stores_its_mark_alone(world: World, name: str) -> None:
    saves = table(world).saves
    world.workflow.once(MARK, COMMANDS[name])
    [saved] = saves
    assert saved == Change(command=saved.command)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_second_arrival_does_nothing(world: World, name: str) -> None:
    try:
        world.workflow.once(MARK, COMMANDS[name])
    except NotAllowed:
        assert name == "refused"
    saves = table(world).saves
    with pytest.raises(Replayed):
        world.workflow.once(MARK, COMMANDS[name])
    assert saves == []


def test_a_refusal_is_counted_once_and_after_its_mark(world: World) -> None:
    for refused in (NotAllowed, Replayed):
        with pytest.raises(refused):
            world.workflow.once(MARK, COMMANDS["refused"])
    assert [one.count for one in world.store.stored_refusals.values()] == [1]
    table(world).down = True
    with pytest.raises(TryAgain):
        world.workflow.once("1" * 64, COMMANDS["refused"])
    assert [one.count for one in world.store.stored_refusals.values()] == [1]


@pytest.mark.safety("The refusal of a command is told once, also when the command is sent again", "bot/workflow.py")
def test_a_refusal_that_names_clients_is_told_once(world: World) -> None:
    with pytest.raises(BadCommand):
        world.workflow.once(MARK, lambda once: once.history("nobody", ADA))
    with pytest.raises(Replayed):
        world.workflow.once(MARK, lambda once: once.history("nobody", ADA))


@pytest.mark.safety("A command that only answers stores its replay mark before it answers", "bot/decisions/once.py")
@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_is_told_while_the_table_is_down(world: World, name: str) -> None:
    table(world).down = True
    with pytest.raises(TryAgain):
        world.workflow.once(MARK, COMMANDS[name])
    assert (world.store.stored_commands, world.bench.waiting) == ({}, [])


def test_who_lost_to_another_writer_tries_again_with_the_mark(world: World) -> None:
    table(world).rivals = 2
    world.workflow.once(MARK, COMMANDS["revoke"])
    assert list(world.store.stored_commands) == [MARK]
    assert world.last.state is State.APPROVED


def test_of_two_arrivals_at_once_the_one_that_lost_tells_nothing(world: World) -> None:
    table(world).rivals = 1
    with pytest.raises(TryAgain):
        world.workflow.once(MARK, COMMANDS["history"])


def test_another_command_is_not_held_back(world: World) -> None:
    for mark in ("1" * 64, "2" * 64):
        world.workflow.once(mark, COMMANDS["invite"])
    assert len(world.store.stored_commands) == 2


@pytest.mark.safety("A command that failed halfway is not done by whoever sends it again", "bot/workflow.py")
@pytest.mark.parametrize("down", [False, True])
def test_a_command_that_broke_is_not_done_by_whoever_sends_it_again(world: World, down: bool) -> None:
    def broken(_once: Commands) -> None:
        raise ValueError("a fault of ours")

    table(world).down = down
    with pytest.raises(ValueError, match="a fault of ours"):
        world.workflow.once(MARK, broken)
    assert list(world.store.stored_commands) == ([] if down else [MARK])
