"""What a person's Home shows, and to whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.decisions.at_home import WAITING_SHOWN, WAITS
from bot.domain.answers import Actor, AtHome
from bot.domain.errors import WrongWorkspace
from bot.domain.invitation import MOST_ACCOUNTS
from bot.domain.search import Search
from bot.domain.vocabulary import Standing
from bot.ports.store import Change
from tests.fakes import ADA, World
from tests.unit.decisions.batch import Batch
from tests.unit.slack.samples import CLIENT

OLLI = Actor("U0OLLI", ADA.team_id, ADA.home_team_id)


def with_clients(*standings: Standing, world: World | None = None, came_by: str = "", after: int = 0) -> World:
    world = world or World()
    for number, standing in enumerate(standings, after):
        stack = replace(CLIENT.stack, account_id=f"{number:012}")
        made = CLIENT.created_at + timedelta(minutes=number)
        world.store.save(
            Change(
                client=replace(
                    CLIENT,
                    id=f"c{number:010}",
                    stack=stack,
                    token_hash=f"{came_by}.{number:012}" if came_by else str(number),
                    standing=standing,
                    created_at=made,
                )
            )
        )
    return world


def seen(world: World, actor: Actor = ADA) -> AtHome:
    return world.workflow.at_home(Search(), actor)


def test_what_waits_for_an_approver_comes_newest_first_and_nothing_else() -> None:
    home = seen(with_clients(*Standing))
    assert {one.standing for one in home.waiting} == set(WAITS)
    assert [*home.waiting] == sorted(home.waiting, key=lambda one: one.created_at, reverse=True)
    assert not home.more


@pytest.mark.parametrize(("number", "more"), [(WAITING_SHOWN, False), (WAITING_SHOWN + 1, True)])
def test_more_than_is_shown_is_said(number: int, more: bool) -> None:
    home = seen(with_clients(*[Standing.WAITING] * number))
    assert (len(home.waiting), home.more) == (WAITING_SHOWN, more)


def test_the_accounts_of_an_invitation_are_one_row_and_hide_nobody() -> None:
    world = with_clients(Standing.WAITING, Standing.FAILED)
    with_clients(*[Standing.WAITING] * MOST_ACCOUNTS, world=world, came_by="several", after=2)
    with_clients(Standing.FAILED, world=world, came_by="several", after=2 + MOST_ACCOUNTS)
    home = seen(world)
    newest = f"c{MOST_ACCOUNTS + 1:010}"
    assert [one.id for one in home.waiting] == [f"c{MOST_ACCOUNTS + 2:010}", newest, "c0000000001", "c0000000000"]
    assert (home.together, home.more) == (((newest, MOST_ACCOUNTS),), False)


def test_accounts_that_have_arrived_by_one_invitation_are_one_row() -> None:
    world = World()
    Batch(world, 3)
    world.happens("CREATE_COMPLETE", token=world.invite())
    home = seen(world)
    assert ([accounts for _, accounts in home.together], len(home.waiting)) == ([3], 2)


@pytest.mark.safety("Only an approver's Home shows what waits", "bot/decisions/at_home.py")
def test_who_is_no_approver_sees_clients_alone() -> None:
    home = seen(with_clients(Standing.WAITING), OLLI)
    assert (home.approves, home.waiting, len(home.found.clients)) == (False, (), 1)


def test_a_guest_is_told_nothing() -> None:
    with pytest.raises(WrongWorkspace):
        seen(with_clients(Standing.WAITING), Actor("U0EVE", "T0ELSEWHERE", ADA.home_team_id))
