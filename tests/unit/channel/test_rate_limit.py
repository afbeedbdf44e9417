"""How the sweep speaks to Slack: as fast as Slack lets it, in each client's order, and hardly while Slack is down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import pytest

from bot.channel.rate_limit import MOST, SILENCES
from bot.domain.errors import SlackUnavailable
from bot.domain.message import Message, Shows, reminder_place
from bot.domain.vocabulary import Kind, State, Verb
from bot.ports import Picture
from tests.fakes import ADA, Channel, TurnableClock, World

DOWN = SlackUnavailable("no answer")
NOT_SHOWN = SlackUnavailable("invalid_blocks", down=False)


@dataclass
class LimitedChannel(Channel):
    """A channel that takes one post a second once `clock` is set, and counts what it is asked for."""

    clock: TurnableClock | None = None
    fails: list[SlackUnavailable | None] = field(default_factory=list)
    retry_after: int = 1
    asked: int = 0
    looked: int = 0
    free_at: float = 0
    meanwhile: Callable[[], None] | None = None
    blind: list[SlackUnavailable] = field(default_factory=list)
    """What the next searches fail with."""

    def post(self, picture: Picture, thread: str | None) -> str:
        if picture.message.shows is not Shows.CARD:
            self._limited()
        return super().post(picture, thread)

    def find(self, picture: Picture, thread: str | None) -> str | None:
        self.looked += 1
        if self.blind:
            raise self.blind.pop(0)
        return super().find(picture, thread)

    def _limited(self) -> None:
        self.asked += 1
        happens, self.meanwhile = self.meanwhile, None
        if happens is not None:
            happens()
        failure = self.fails.pop(0) if self.fails else None
        if failure is not None:
            raise failure
        if self.clock is not None and self.clock.moment.timestamp() < self.free_at:
            raise SlackUnavailable("ratelimited", self.retry_after)
        if self.clock is not None:
            self.free_at = self.clock.moment.timestamp() + self.retry_after


@pytest.fixture
def channel() -> LimitedChannel:
    return LimitedChannel()


@pytest.fixture
def world(channel: LimitedChannel) -> World:
    return World(channel=channel)


def waiting_clients(world: World, channel: LimitedChannel, number: int) -> None:
    """So many clients whose requests Slack did not take."""
    channel.down = True
    for one in range(number):
        world.happens("CREATE_COMPLETE", token=world.invite(f"Company {one}"), account=f"{222222222222 + one}")
    channel.down = False
    world.clock.turn(minutes=2)


def test_the_sweep_waits_as_long_as_slack_asks_and_goes_on(world: World, channel: LimitedChannel) -> None:
    waiting_clients(world, channel, 20)
    channel.clock, began = world.clock, world.clock.moment
    world.workflow.sweep()
    assert len(channel.messages) == 20
    assert timedelta(seconds=19) <= world.clock.moment - began < timedelta(seconds=21)


def test_the_sweep_uses_its_minute_and_leaves_the_rest_to_the_next(world: World, channel: LimitedChannel) -> None:
    waiting_clients(world, channel, 80)
    channel.clock, began = world.clock, world.clock.moment
    world.workflow.sweep()
    assert MOST - timedelta(seconds=2) <= world.clock.moment - began <= MOST
    assert 50 <= len(channel.messages) <= 56
    world.clock.turn(seconds=5)
    world.workflow.sweep()
    assert len(channel.messages) == 80
    assert channel.looked == 80, "each was looked for once, since their first answers were lost"


def test_what_slack_has_limited_is_not_looked_for(world: World, channel: LimitedChannel) -> None:
    channel.clock, channel.retry_after = world.clock, 8
    for one in range(5):
        world.happens("CREATE_COMPLETE", token=world.invite(f"Company {one}"), account=f"{222222222222 + one}")
    assert len(channel.messages) == 1
    world.clock.turn(seconds=8)
    world.workflow.sweep()
    assert (len(channel.messages), channel.looked) == (5, 0)


def test_a_limit_for_an_hour_is_asked_about_once_a_minute(world: World, channel: LimitedChannel) -> None:
    waiting_clients(world, channel, 3)
    channel.clock, channel.retry_after = world.clock, 3600
    channel.free_at = world.clock.moment.timestamp() + 3600
    channel.asked = 0
    for _ in range(59):
        world.workflow.sweep()
        world.clock.turn(minutes=1)
    assert (channel.asked, channel.messages) == (59, [])
    channel.retry_after = 1
    world.clock.turn(minutes=1)
    world.workflow.sweep()
    assert len(channel.messages) == 3


def test_while_slack_is_down_only_few_are_tried(world: World, channel: LimitedChannel) -> None:
    waiting_clients(world, channel, 20)
    channel.fails, channel.asked = [DOWN] * 1000, 0
    world.workflow.sweep()
    assert channel.asked == SILENCES
    channel.fails = []
    for _ in range(2):
        world.clock.turn(minutes=1)
        world.workflow.sweep()
    assert len(channel.messages) == 20


def test_what_needs_no_word_to_slack_is_no_sign_of_life(world: World, channel: LimitedChannel) -> None:
    """Between the requests that Slack does not take there are others, which are being set up and shown already."""
    for one in range(8):
        world.happens("CREATE_COMPLETE", token=world.invite(f"Shown {one}"), account=f"{333333333333 + one}")
        world.press(Verb.APPROVE)
        channel.down = True
        world.happens("CREATE_COMPLETE", token=world.invite(f"Waiting {one}"), account=f"{444444444444 + one}")
        channel.down = False
    world.clock.turn(minutes=2)
    channel.fails, channel.asked = [DOWN] * 1000, 0
    world.workflow.sweep()
    assert channel.asked == SILENCES


def test_a_call_that_fails_now_and_then_is_no_outage(world: World, channel: LimitedChannel) -> None:
    waiting_clients(world, channel, 20)
    channel.fails = [DOWN, DOWN, None] * 7
    world.workflow.sweep()
    assert len(channel.messages) == 6


def test_messages_that_slack_would_never_show_keep_no_other_waiting(world: World, channel: LimitedChannel) -> None:
    waiting_clients(world, channel, 20)
    channel.fails = [NOT_SHOWN] * 5
    world.workflow.sweep()
    assert len(channel.messages) == 15


def test_while_slack_is_down_approved_work_goes_on(world: World, channel: LimitedChannel) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    channel.down = world.bench.broken = True
    world.press(Verb.APPROVE, ADA)
    world.bench.broken = False
    world.clock.turn(minutes=2)
    world.workflow.sweep()
    world.work()
    assert (world.last.state, world.states) == (State.DONE, [State.PENDING])
    channel.down = False
    world.clock.turn(minutes=2)
    world.workflow.sweep()
    assert (channel.messages[0].request.state, len(channel.cards)) == (State.DONE, 1)


def shown(channel: LimitedChannel) -> list[tuple[Kind, State]]:
    return [(message.request.kind, message.request.state) for message in channel.messages]


def test_what_is_told_of_a_client_keeps_its_order(world: World, channel: LimitedChannel) -> None:
    """Slack takes the later message at once, but the earlier one was not taken yet."""
    token = world.invite()
    channel.fails = [SlackUnavailable("ratelimited", 5)]
    world.happens("ROLLBACK_COMPLETE", token=token, parent=1)
    world.happens("CREATE_COMPLETE", token=token, parent=2)
    assert shown(channel) == []
    world.clock.turn(minutes=2)
    world.workflow.sweep()
    world.clock.turn(minutes=2)
    world.workflow.sweep()
    assert shown(channel) == [(Kind.REPORT, State.REPORTED), (Kind.ONBOARD, State.PENDING)]


def test_nothing_waits_for_what_will_not_be_told(world: World, channel: LimitedChannel) -> None:
    token = world.invite()
    channel.fails = [SlackUnavailable("ratelimited", 5)]
    world.happens("CREATE_COMPLETE", token=token)
    world.happens("UPDATE_COMPLETE", level="PowerUser")
    assert shown(channel) == [(Kind.ONBOARD, State.PENDING)]


def test_what_comes_after_a_superseded_message_still_waits_for_the_one_before(
    world: World, channel: LimitedChannel
) -> None:
    token = world.invite()
    channel.fails = [SlackUnavailable("ratelimited", 5)]
    world.happens("ROLLBACK_COMPLETE", token=token, parent=1)
    world.happens("CREATE_COMPLETE", token=token, parent=2)
    world.happens("UPDATE_COMPLETE", parent=2)
    assert shown(channel) == []
    for _ in range(2):
        world.clock.turn(minutes=2)
        world.workflow.sweep()
    assert shown(channel) == [(Kind.REPORT, State.REPORTED), (Kind.ONBOARD, State.PENDING)]


def test_nothing_waits_for_a_message_that_slack_refuses(world: World, channel: LimitedChannel) -> None:
    token = world.invite()
    channel.fails = [NOT_SHOWN]
    world.happens("ROLLBACK_COMPLETE", token=token, parent=1)
    world.happens("CREATE_COMPLETE", token=token, parent=2)
    assert shown(channel) == [(Kind.ONBOARD, State.PENDING)]


def test_a_revocation_is_told_after_what_came_before(world: World, channel: LimitedChannel) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE)
    world.work()
    channel.fails = [SlackUnavailable("ratelimited", 5)]
    world.happens("UPDATE_ROLLBACK_COMPLETE")
    world.revoke("Acme", ADA)
    assert [kind for kind, _ in shown(channel)] == [Kind.ONBOARD]
    for _ in range(2):
        world.clock.turn(minutes=2)
        world.workflow.sweep()
    assert [kind for kind, _ in shown(channel)] == [Kind.ONBOARD, Kind.REPORT, Kind.OFFBOARD]


def reminders_after(world: World, minutes: int, sweeps: int = 1) -> int:
    for _ in range(sweeps):
        world.clock.turn(minutes=minutes)
        world.workflow.sweep()
    return len(world.channel.reminders)


def reminder(world: World) -> Message:
    """The record of the newest reminder."""
    return world.store.stored_messages[world.last.client_id, reminder_place(world.last)]


def test_a_reminder_that_slack_did_not_take_comes_a_minute_later(world: World, channel: LimitedChannel) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    channel.fails = [SlackUnavailable("ratelimited", 3600)]
    assert reminders_after(world, 241) == 0
    assert reminders_after(world, 1) == 1
    assert reminders_after(world, 1, sweeps=30) == 1
    assert not reminder(world).unshown


def test_a_reminder_whose_answer_was_lost_is_not_posted_twice(world: World, channel: LimitedChannel) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    channel.lose_next = True
    assert reminders_after(world, 241) == 1
    assert reminders_after(world, 1, sweeps=30) == 1
    assert reminders_after(world, 210) == 2, "the next one comes after 8 hours all the same"


@pytest.mark.parametrize("failure", [SlackUnavailable("ratelimited", 3600), DOWN, NOT_SHOWN])
def test_a_search_that_fails_leaves_the_doubt(world: World, channel: LimitedChannel, failure: SlackUnavailable) -> None:
    """The answer to a post was lost, and Slack does not let us look for it either, at first."""
    token = world.invite()
    channel.lose_next, channel.blind = True, [failure]
    world.happens("CREATE_COMPLETE", token=token)
    for _ in range(5):
        world.clock.turn(minutes=1)
        world.workflow.sweep()
    assert (len(channel.messages), channel.blind, world.message().lease_until) == (1, [], None)


@pytest.mark.parametrize("failure", [SlackUnavailable("ratelimited", 3600), DOWN, NOT_SHOWN])
def test_a_search_for_a_reminder_that_fails_leaves_the_doubt(
    world: World, channel: LimitedChannel, failure: SlackUnavailable
) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    channel.lose_next, channel.blind = True, [failure]
    assert reminders_after(world, 241) == 1
    assert reminders_after(world, 1, sweeps=10) == 1
    assert (channel.blind, reminder(world).lease_until) == ([], None)


def test_two_sweeps_at_once_remind_once(world: World, channel: LimitedChannel) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.clock.turn(hours=5)
    channel.meanwhile = world.workflow.sweep
    world.workflow.sweep()
    assert len(channel.reminders) == 1


def press_without_answer(world: World) -> None:
    world.press(Verb.DENY)


def test_what_is_decided_while_it_is_reminded_of_stays_decided(world: World, channel: LimitedChannel) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.clock.turn(hours=5)
    channel.meanwhile = partial(press_without_answer, world)
    world.workflow.sweep()
    world.press(Verb.REOPEN)
    assert reminders_after(world, 241) == 2
