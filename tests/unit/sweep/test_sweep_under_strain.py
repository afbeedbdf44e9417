"""What one service's trouble in the sweep must not do: keep everything else waiting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bot.domain.errors import SlackUnavailable, TryAgain
from bot.domain.request import Request
from bot.domain.vocabulary import Kind, State, Verb
from bot.ports import Progress
from tests.channel import Call, Channel
from tests.fakes import Stacks, World

HANGS = 35
"""Seconds until a question to CloudFormation is given up, with all that botocore does by itself."""


@dataclass
class HangingStacks(Stacks):
    """A CloudFormation that swallows every question."""

    hang: Callable[[], None] | None = None
    asked: list[str] = field(default_factory=list)

    def progress(self, request: Request) -> Progress:
        if self.hang is None:
            return super().progress(request)
        self.asked.append(request.id)
        self.hang()
        raise TryAgain("CloudFormation can't be reached")


def no_history(call: Call) -> None:
    """Slack takes messages, and limits whoever looks for one."""
    if call.name == "find":
        raise SlackUnavailable("ratelimited", 60)


def no_reports(call: Call) -> None:
    """A bug of ours in what one kind of message shows."""
    if call.request.kind is Kind.REPORT:
        raise ValueError("nothing to show")


def under_way(world: World, number: int) -> list[str]:
    """So many requests that CloudFormation works on."""
    for one in range(number):
        world.happens("CREATE_COMPLETE", token=world.invite(f"Company {one}"), account=f"{222222222222 + one}")
        world.press(Verb.APPROVE)
        world.workflow.provision(world.bench.waiting.pop(0))
    return [message.request.id for message in world.channel.messages]


def unposted(world: World, company: str, account: str) -> str:
    world.channel.down = True
    world.happens("CREATE_COMPLETE", token=world.invite(company), account=account)
    world.channel.down = False
    return next(one.id for one in world.store.stored_requests.values() if one.company == company)


@pytest.fixture
def stacks() -> HangingStacks:
    return HangingStacks()


@pytest.fixture
def world(stacks: HangingStacks) -> World:
    return World(stacks=stacks)


def test_a_hanging_cloudformation_leaves_time_for_slack(world: World, stacks: HangingStacks) -> None:
    under_way(world, 4)
    unposted(world, "Late", "333333333333")
    stacks.hang = lambda: world.clock.turn(seconds=HANGS)
    world.clock.turn(minutes=2)
    began = world.clock.moment
    world.workflow.sweep()
    assert world.channel.messages[-1].request.company == "Late"
    assert world.clock.moment - began < timedelta(seconds=55)


def test_a_hanging_cloudformation_is_asked_about_each_in_turn(world: World, stacks: HangingStacks) -> None:
    ids = under_way(world, 4)
    stacks.hang = lambda: world.clock.turn(seconds=HANGS)
    world.clock.turn(minutes=2)
    for _ in range(4):
        world.workflow.sweep()
        world.clock.turn(seconds=60 - HANGS)
    assert sorted(stacks.asked) == sorted(ids)


def test_a_hanging_cloudformation_leaves_time_for_reminders(world: World, stacks: HangingStacks) -> None:
    under_way(world, 1)
    world.happens("CREATE_COMPLETE", token=world.invite("Late"), account="333333333333")
    stacks.hang = lambda: world.clock.turn(seconds=HANGS)
    world.clock.turn(hours=5)
    world.workflow.sweep()
    assert [one.request.company for one in world.channel.reminders] == ["Late"]
    assert len(stacks.asked) == 1


def test_who_can_only_be_looked_for_does_not_keep_others_from_being_posted() -> None:
    world = World(channel=Channel(rule=no_history))
    lost = unposted(world, "Lost", "333333333333")
    for one in range(3):
        fresh = world.store.stored_requests[unposted(world, f"Company {one}", f"{222222222222 + one}")]
        own = world.message(fresh)
        world.store.stored_messages[own.owner, own.place] = replace(own, lease_until=None)
    for _ in range(3):
        world.clock.turn(minutes=1)
        world.workflow.sweep()
    assert [message.request.company for message in world.channel.messages] == [f"Company {one}" for one in range(3)]
    assert world.store.stored_requests[lost].state is State.PENDING


def test_a_message_that_cannot_be_made_does_not_keep_its_clients_others_waiting() -> None:
    world = World(channel=Channel(rule=no_reports))
    token = world.invite()
    with pytest.raises(ValueError, match="nothing to show"):
        world.happens("ROLLBACK_COMPLETE", token=token)
    world.happens("CREATE_COMPLETE", token=token)
    assert world.states == [State.PENDING]
