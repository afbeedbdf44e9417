"""What is measured and told of the account's limits when the work on an approval begins."""

from __future__ import annotations

import pytest

from bot.domain.limits import Limit
from bot.domain.page import Teams
from bot.domain.vocabulary import Counted, Measure, State, Verb
from tests.fakes import World

OPERATORS = Teams(("operators",))
GROUPS, POLICIES = Limit(Counted.GROUPS, 239, 300), Limit(Counted.POLICIES, 1_200, 1_500)


def world_with(*counts: Limit, teams: Teams = OPERATORS) -> World:
    world = World(teams=teams)
    world.stacks.counts = counts
    return world


def test_each_limit_is_measured_once_an_approval_and_kept_from_four_fifths_on() -> None:
    world = world_with(GROUPS, POLICIES)
    world.onboard()
    shares = [(kind, round(value, 1)) for measure, value, kind in world.readings.shares]
    assert shares == [("groups", 79.7), ("policies", 80.0)]
    assert {measure for measure, _, _ in world.readings.shares} == {Measure.QUOTA_USED}
    assert world.last.state is State.DONE and world.last.attempt.near_limits == (POLICIES,)


@pytest.mark.parametrize(("used", "kept"), [(239, False), (240, True), (300, True), (310, True)])
def test_four_fifths_are_exact(used: int, kept: bool) -> None:
    world = world_with(Limit(Counted.GROUPS, used, 300), teams=Teams())
    world.onboard()
    assert bool(world.last.attempt.near_limits) is kept


def test_an_iam_that_tells_nothing_is_no_news() -> None:
    world = world_with()
    world.onboard()
    assert world.readings.shares == [] and world.last.attempt.near_limits == ()


def test_what_gets_no_new_group_asks_nothing() -> None:
    world = world_with(POLICIES)
    world.onboard()
    world.readings.shares.clear()
    world.happens("UPDATE_COMPLETE", role="another-role")
    world.press(Verb.APPROVE)
    world.work()
    assert world.last.state is State.DONE
    assert world.readings.shares == [] and world.last.attempt.near_limits == ()


def test_where_clients_get_no_groups_both_are_measured_and_only_policies_told() -> None:
    full = Limit(Counted.GROUPS, 300, 300)
    world = world_with(full, POLICIES, teams=Teams(("operators",), client_groups=False))
    world.onboard()
    assert [kind for _, _, kind in world.readings.shares] == ["groups", "policies"]
    assert world.last.state is State.DONE and world.last.attempt.near_limits == (POLICIES,)


def test_a_retry_keeps_what_was_found() -> None:
    world = world_with(POLICIES)
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE)
    world.take_up()
    for stack_id in world.stacks.complete(failing="no"):
        world.workflow.record_outcome(stack_id)
    assert world.states == [State.FAILED]
    world.press(Verb.RETRY)
    world.work()
    assert world.last.state is State.DONE and world.last.attempt.near_limits == (POLICIES,)
