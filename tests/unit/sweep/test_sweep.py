"""What a crash, a lost answer or a sleepy team leaves behind, and how the minute repairs it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.approvers import Waiting
from bot.domain.errors import TryAgain
from bot.domain.vocabulary import State, Verb
from bot.ports.store import Change
from tests.changed import changed
from tests.channel import Channel
from tests.fakes import World


@pytest.fixture
def world() -> World:
    world = World()
    world.happens("CREATE_COMPLETE", token=world.invite())
    return world


def minute(world: World, minutes: float = 2) -> None:
    world.clock.turn(minutes=minutes)
    world.workflow.sweep()


@pytest.mark.safety("Nobody posts a message without claiming it first", "bot/channel/delivery.py")
@pytest.mark.safety(
    "Where a post may have come through, the message is looked for before it is posted again", "bot/channel/delivery.py"
)
def test_a_message_that_was_posted_but_not_noted_is_found_again_not_posted_twice() -> None:
    world = World()
    token = world.invite()
    world.channel.loses.add("post")
    world.happens("CREATE_COMPLETE", token=token)
    assert world.store.request(world.channel.messages[0].request.id) is not None
    minute(world)
    assert len(world.channel.messages) == 1
    assert world.message().ts == "1.0"


def test_the_sweep_leaves_alone_what_somebody_is_still_showing() -> None:
    world = World()
    token = world.invite()
    world.channel.down = True
    world.happens("CREATE_COMPLETE", token=token)
    world.channel.down = False
    minute(world, 0.5)
    assert world.channel.messages == []
    minute(world)
    assert world.states == [State.PENDING]
    assert world.channel.reminders == []


def test_an_approval_that_was_not_handed_over_is_handed_over(world: World) -> None:
    world.bench.broken = True
    world.press(Verb.APPROVE)
    world.bench.broken = False
    minute(world)
    world.work()
    assert world.states == [State.DONE]
    assert len(world.channel.cards) == 1


@pytest.mark.safety("Work that crashed before CloudFormation was asked starts over", "bot/sweep.py")
def test_a_crash_before_cloudformation_was_asked_starts_over(world: World) -> None:
    world.press(Verb.APPROVE)
    world.stacks.unreachable = True
    with pytest.raises(TryAgain):
        world.workflow.provision(world.bench.waiting.pop())
    assert world.states == [State.PROVISIONING]
    world.stacks.unreachable = False
    minute(world)
    world.work()
    assert world.states == [State.DONE]
    assert world.stacks.starts == 1


@pytest.mark.safety("What the sweep itself changes is shown at once", "bot/sweep.py")
def test_an_outcome_that_no_event_told_is_looked_up(world: World) -> None:
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    world.stacks.complete()
    minute(world)
    assert world.states == [State.DONE]
    assert world.bench.waiting == []


@pytest.mark.safety("A request that nobody hands to CloudFormation fails in the end", "bot/provisioning/run.py")
def test_what_cloudformation_never_heard_of_fails_in_the_end_with_a_retry(world: World) -> None:
    world.press(Verb.APPROVE)
    world.stacks.unreachable = True
    with pytest.raises(TryAgain):
        world.workflow.provision(world.bench.waiting.pop())
    minute(world, 31)
    assert world.states == [State.FAILED] and "30 minutes" in world.last.reason
    world.stacks.unreachable = False
    world.press(Verb.RETRY)
    world.work()
    assert world.states == [State.DONE]


def test_running_work_is_not_started_twice(world: World) -> None:
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    minute(world, 31)
    assert world.bench.waiting == []
    assert world.states == [State.PROVISIONING]


def test_a_repeated_hand_over_does_the_work_once(world: World) -> None:
    request = world.press(Verb.APPROVE)
    world.work()
    world.workflow.provision(request.id)
    world.workflow.record_outcome(world.stacks.stack_id(request.client_id))
    assert world.stacks.starts == 1
    assert len(world.channel.cards) == 1


def test_a_card_that_slack_did_not_take_is_posted_later_once(world: World) -> None:
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    world.channel.down = True
    for moved in world.stacks.complete():
        world.workflow.record_outcome(moved)
    world.channel.down = False
    minute(world)
    minute(world)
    assert world.states == [State.DONE]
    assert len(world.channel.cards) == 1


def hours_of_reminders(world: World, hours: int) -> list[int]:
    """After how many hours each reminder came."""
    found = []
    for hour in range(1, hours + 1):
        before = len(world.channel.reminders)
        minute(world, 60)
        found += [hour] * (len(world.channel.reminders) - before)
    return found


def test_it_reminds_after_four_hours_then_whenever_it_has_waited_twice_as_long_and_expires(world: World) -> None:
    assert hours_of_reminders(world, 24 * 7 - 1) == [4, 8, 16, 32, 64, 128]
    assert world.states == [State.PENDING]
    assert hours_of_reminders(world, 24 * 30) == []
    assert world.states == [State.EXPIRED]


@pytest.mark.safety("A reopened request waits as long as a new one", "bot/decisions/decide.py")
def test_a_reopened_request_waits_from_then_on(world: World) -> None:
    minute(world, 60 * 24 * 8)
    world.channel.reminders.clear()
    world.press(Verb.REOPEN)
    assert hours_of_reminders(world, 9) == [4, 8]
    assert world.states == [State.PENDING]


def test_both_periods_can_be_set() -> None:
    world = World(waiting=Waiting(first_reminder=timedelta(hours=1), expiry=timedelta(hours=10)))
    world.happens("CREATE_COMPLETE", token=world.invite())
    assert hours_of_reminders(world, 9) == [1, 2, 4, 8]
    minute(world, 61)
    assert world.states == [State.EXPIRED]


def test_reminders_that_were_missed_are_not_made_up_for(world: World) -> None:
    minute(world, 60 * 20)
    assert hours_of_reminders(world, 20) == [12]
    assert len(world.channel.reminders) == 2


def test_a_request_of_old_expires_after_seven_days(world: World) -> None:
    world.store.save(Change(requests=(changed(world.last, remind_at=None, expires_at=None),)))
    minute(world, 60 * 24 * 7 - 10)
    assert world.states == [State.PENDING]
    minute(world, 20)
    assert world.states == [State.EXPIRED]


def test_the_trouble_of_one_does_not_keep_the_others_waiting() -> None:
    world = World()
    for account in ("222222222222", "333333333333"):
        world.channel.down = True
        token = world.invite()
        world.happens("CREATE_COMPLETE", token=token, account=account)
    world.channel.down = False
    world.channel.loses.add("post")
    minute(world)
    assert len(world.channel.messages) == 2


def test_two_sweeps_at_once_post_one_message() -> None:
    channel = Channel()
    world = World(channel=channel)
    token = world.invite()
    world.channel.down = True
    world.happens("CREATE_COMPLETE", token=token)
    world.channel.down = False
    world.clock.turn(minutes=2)
    channel.meanwhile = world.workflow.sweep
    world.workflow.sweep()
    assert len(world.channel.messages) == 1


@pytest.mark.safety("Retry takes the old failure off the request's message", "bot/decisions/decide.py")
@pytest.mark.safety(
    "Each attempt to carry out a request has a CloudFormation token of its own", "bot/decisions/decide.py"
)
@pytest.mark.safety("Each attempt to carry out a request learns its stack's id anew", "bot/decisions/decide.py")
def test_a_failure_shows_the_reason_and_retry_does_it_again(world: World) -> None:
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    for moved in world.stacks.complete(failing="Group already exists"):
        world.workflow.record_outcome(moved)
    assert world.states == [State.FAILED]
    assert world.last.reason == "Group already exists"
    assert world.channel.cards == []
    failed = world.last
    assert failed.attempt.stack_id == world.stacks.stack_id(failed.client_id)
    retried = world.press(Verb.RETRY)
    assert (retried.attempt.number, retried.attempt.stack_id, retried.reason) == (failed.attempt.number + 1, None, "")
    world.work()
    assert world.states == [State.DONE]
    assert world.last.reason == ""


def test_a_decision_long_after_the_request_is_given_its_time(world: World) -> None:
    world.clock.turn(days=6)
    world.press(Verb.APPROVE)
    world.workflow.sweep()
    assert len(world.bench.waiting) == 1
    world.stacks.unreachable = True
    with pytest.raises(TryAgain):
        world.workflow.provision(world.bench.waiting.pop())
    minute(world)
    assert world.states == [State.PROVISIONING]


def test_what_was_approved_in_time_does_not_expire(world: World) -> None:
    world.clock.turn(days=6)
    world.bench.broken = True
    world.press(Verb.APPROVE)
    world.bench.broken = False
    minute(world, 60 * 24 * 2)
    world.work()
    assert world.states == [State.DONE]
