"""What nobody asks AWS for is given up after half an hour, but never while somebody still may be asking."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.aws.cloudformation import GroupStacks
from bot.domain.request import Request
from bot.domain.vocabulary import Standing, State, Verb
from bot.ports import Started
from bot.provisioning.attempt import LONG, NOT_BEGUN, OTHER_FIRST
from tests.fakes import Stacks, World
from tests.interruptions import SharedStore

SERVERLESS = Path(__file__).parents[3] / "serverless.yml"


class Killed(BaseException):
    """The Lambda ran out of its time."""


@dataclass
class DeadlyStacks(Stacks):
    """A CloudFormation at which the provision Lambda dies, or is slow, before it has asked."""

    before_asking: Callable[[], object] | None = None

    def start(self, request: Request, leaving: Sequence[str] = ()) -> Started:
        if self.before_asking is not None:
            self.before_asking()
        return super().start(request, leaving)


@pytest.fixture
def stacks() -> DeadlyStacks:
    return DeadlyStacks()


@pytest.fixture
def world(stacks: DeadlyStacks) -> World:
    """For nearly half an hour each run was killed, every minute, and another one is just about to start."""
    world = World(stacks=stacks, store=SharedStore())
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE)
    begun = world.clock.moment
    stacks.before_asking = killed
    while world.clock.moment - begun < LONG - timedelta(seconds=70):
        run_until_killed(world)
        world.clock.turn(seconds=60)
        world.workflow.sweep()
    world.clock.turn(seconds=30)
    assert (world.last.state, world.bench.waiting) == (State.PROVISIONING, [world.last.id])
    return world


def killed() -> None:
    raise Killed


def run_until_killed(world: World) -> None:
    while world.bench.waiting:
        with pytest.raises(Killed):
            world.workflow.provision(world.bench.waiting.pop(0))


def test_what_nobody_asked_for_is_given_up_once_the_last_run_is_surely_dead(world: World) -> None:
    run_until_killed(world)
    world.clock.turn(seconds=61)
    world.workflow.sweep()
    assert world.last.state is State.FAILED
    assert "has not called CloudFormation within 30 minutes" in world.last.reason
    assert world.bench.waiting == []


@pytest.mark.safety("A request on which a Lambda may still be working is not given up", "bot/provisioning/attempt.py")
def test_a_run_that_is_at_it_is_not_given_up_and_no_group_comes_under_a_failure(
    world: World, stacks: DeadlyStacks
) -> None:
    """A slow answer of AWS lets the minute in between."""

    def slow() -> None:
        world.clock.turn(seconds=45)
        world.workflow.sweep()

    stacks.before_asking = slow
    world.workflow.provision(world.last.id)
    assert world.last.state is State.PROVISIONING
    world.work()
    assert (world.last.state, world.client().standing) == (State.DONE, Standing.ONBOARDED)


def test_nobody_else_is_sent_while_the_last_run_may_still_live(world: World) -> None:
    run_until_killed(world)
    world.clock.turn(seconds=45)
    world.workflow.sweep()
    assert (world.last.state, world.bench.waiting) == (State.PROVISIONING, [])


def test_a_run_that_begins_as_it_is_given_up_asks_for_nothing(world: World, stacks: DeadlyStacks) -> None:
    assert isinstance(world.store, SharedStore)
    world.clock.turn(minutes=2)
    stacks.before_asking = None
    world.store.before_saving.meanwhile = world.workflow.sweep
    world.workflow.provision(world.last.id)
    assert (world.last.state, stacks.starts) == (State.FAILED, 0)


def test_what_is_taken_up_as_it_is_given_up_goes_on(world: World, stacks: DeadlyStacks) -> None:
    """The sweep has read it, a run begins, and the sweep would write."""
    assert isinstance(world.store, SharedStore)
    world.clock.turn(minutes=2)
    stacks.before_asking = None
    world.store.before_saving.meanwhile = lambda: world.workflow.provision(world.last.id)
    world.workflow.sweep()
    world.work()
    assert world.last.state is State.DONE


@pytest.mark.safety("The end of a failed stack is waited for no longer than a Lambda runs", "bot/aws/stacks.py")
def test_waiting_for_a_failed_stack_to_go_ends_before_the_lambda_does() -> None:
    patience = inspect.signature(GroupStacks).parameters
    waited = patience["poll_seconds"].default * patience["polls"].default
    [lives] = re.findall(r"handlers/provision\.handler\n(?:    .*\n)*?    timeout: (\d+)\n", SERVERLESS.read_text())
    assert waited <= int(lives) / 2


def minutes(world: World, number: int, *, runs: bool = False) -> None:
    for _ in range(number):
        while world.bench.waiting and runs:
            world.workflow.provision(world.bench.waiting.pop())
        world.bench.waiting.clear()
        world.clock.turn(seconds=61)
        world.workflow.sweep()


@pytest.mark.safety(
    "An approval that no Lambda begins says so after five minutes, unless its message says so already",
    "bot/provisioning/attempt.py",
)
def test_an_approval_that_no_function_comes_to_begin_says_so_and_goes_on_by_itself() -> None:
    world = World()
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE)
    minutes(world, 4)
    assert world.channel.messages[0].request.reason == ""
    minutes(world, 40)
    shown = world.channel.messages[0]
    assert (shown.request.state, shown.request.reason, shown.edits) == (State.APPROVED, NOT_BEGUN, 2)
    world.work()
    assert (world.last.state, world.last.reason) == (State.DONE, "")


@pytest.mark.safety("A request that waits for another says so after five minutes", "bot/provisioning/attempt.py")
@pytest.mark.safety(
    "An approval that no Lambda begins says so after five minutes, unless its message says so already",
    "bot/provisioning/attempt.py",
)
def test_an_approval_that_waits_its_turn_says_that_instead() -> None:
    world = World()
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    world.happens("UPDATE_COMPLETE", role="another-role")
    world.press(Verb.APPROVE)
    said = set()
    for _ in range(20):
        minutes(world, 1, runs=True)
        said.add(world.last.reason)
    assert said == {"", OTHER_FIRST}
