"""How the sweep speaks to Slack: as fast as Slack lets it, in each client's order, and hardly while Slack is down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pytest

from bot.channel.rate_limit import MOST, SILENCES, SlackMinute
from bot.domain.errors import SlackUnavailable
from bot.domain.message import Message, Shows, reminder_place
from bot.domain.vocabulary import Kind, State, Verb
from tests.channel import Call, Channel
from tests.fakes import ADA, TurnableClock, World
from tests.unit.slack.samples import pictured, request

DOWN = SlackUnavailable("no answer")
NOT_SHOWN = SlackUnavailable("invalid_blocks", down=False)


@dataclass
class RateLimit:
    """Slack takes one post in so many seconds."""

    clock: TurnableClock
    seconds: int = 1
    free_at: float = 0

    def __call__(self, call: Call) -> None:
        if call.name != "post":
            return
        if self.clock.moment.timestamp() < self.free_at:
            raise SlackUnavailable("ratelimited", self.seconds)
        self.free_at = self.clock.moment.timestamp() + self.seconds


@pytest.fixture
def channel() -> Channel:
    return Channel()


@pytest.fixture
def world(channel: Channel) -> World:
    return World(channel=channel)


def waiting_clients(world: World, channel: Channel, number: int) -> None:
    """So many clients whose requests Slack did not take."""
    channel.down = True
    for one in range(number):
        world.happens("CREATE_COMPLETE", token=world.invite(f"Company {one}"), account=f"{222222222222 + one}")
    channel.down = False
    world.clock.turn(minutes=2)


@pytest.mark.safety("A message that Slack has no time for is due at once", "bot/channel/delivery.py")
@pytest.mark.safety("A message that certainly was not posted stays claimed by nobody", "bot/channel/delivery.py")
@pytest.mark.safety("The sweep waits as long as Slack asks", "bot/sweep.py")
@pytest.mark.safety("After the wait that Slack asked for, the same message is tried again", "bot/channel/rate_limit.py")
def test_the_sweep_waits_as_long_as_slack_asks_and_goes_on(world: World, channel: Channel) -> None:
    waiting_clients(world, channel, 8)
    channel.rule, before = RateLimit(world.clock, seconds=5), channel.asked("post")
    world.workflow.sweep()
    assert len(channel.messages) == 8
    assert channel.asked("post") - before == 8 + 7, "each but the first was refused once"


@pytest.mark.safety("The sweep posts at Slack's pace instead of being refused", "bot/channel/rate_limit.py")
def test_the_sweep_keeps_to_one_post_a_second_by_itself(world: World, channel: Channel) -> None:
    waiting_clients(world, channel, 20)
    channel.rule, began, before = RateLimit(world.clock), world.clock.moment, channel.asked("post")
    world.workflow.sweep()
    assert (len(channel.messages), channel.asked("post") - before) == (20, 20)
    assert timedelta(seconds=19) <= world.clock.moment - began < timedelta(seconds=20)


@pytest.mark.safety("A message that was looked for in vain is posted", "bot/channel/delivery.py")
def test_the_sweep_uses_its_minute_and_leaves_the_rest_to_the_next(world: World, channel: Channel) -> None:
    waiting_clients(world, channel, 80)
    channel.rule, began = RateLimit(world.clock), world.clock.moment
    world.workflow.sweep()
    assert MOST - timedelta(seconds=2) <= world.clock.moment - began <= MOST
    assert 58 <= len(channel.messages) <= 59
    world.clock.turn(seconds=5)
    world.workflow.sweep()
    assert len(channel.messages) == 80
    assert channel.asked("find") == 80, "each was looked for once, since their first answers were lost"


@pytest.mark.safety("After a sweep's time no call to Slack begins", "bot/channel/rate_limit.py")
@pytest.mark.parametrize("name", ["post", "edit", "find"])
def test_once_the_minute_is_over_nobody_is_called(world: World, channel: Channel, name: str) -> None:
    minute, picture = SlackMinute(channel, world.clock, world.clock.moment), pictured(request())
    call = getattr(minute, name)
    with pytest.raises(SlackUnavailable) as late:
        call(picture) if name == "edit" else call(picture, None)
    assert (channel.calls, late.value.undone) == ([], True)
    assert not minute.worth_repeating(late.value)


def test_what_slack_has_limited_is_not_looked_for(world: World, channel: Channel) -> None:
    channel.rule = RateLimit(world.clock, 8)
    for one in range(5):
        world.happens("CREATE_COMPLETE", token=world.invite(f"Company {one}"), account=f"{222222222222 + one}")
    assert len(channel.messages) == 1
    world.clock.turn(seconds=8)
    world.workflow.sweep()
    assert (len(channel.messages), channel.asked("find")) == (5, 0)


@pytest.mark.safety("The sweep ends before its Lambda's time does", "bot/sweep.py")
@pytest.mark.safety(
    "A wait that Slack asks for and that is longer than the minute ends the sweep's posts", "bot/channel/rate_limit.py"
)
def test_a_limit_for_an_hour_is_asked_about_once_a_minute(world: World, channel: Channel) -> None:
    waiting_clients(world, channel, 3)
    channel.rule = limit = RateLimit(world.clock, 3600, world.clock.moment.timestamp() + 3600)
    channel.calls.clear()
    for _ in range(59):
        world.workflow.sweep()
        world.clock.turn(minutes=1)
    assert (channel.asked("post"), channel.messages) == (59, [])
    limit.seconds = 1
    world.clock.turn(minutes=1)
    world.workflow.sweep()
    assert len(channel.messages) == 3


@pytest.mark.safety(
    "After three calls without an answer the sweep leaves Slack alone until the next minute",
    "bot/channel/rate_limit.py",
)
def test_while_slack_is_down_only_few_are_tried(world: World, channel: Channel) -> None:
    waiting_clients(world, channel, 20)
    channel.fails["post"] = [DOWN] * 1000
    channel.calls.clear()
    world.workflow.sweep()
    assert channel.asked("post") == SILENCES
    channel.fails["post"] = []
    for _ in range(2):
        world.clock.turn(minutes=1)
        world.workflow.sweep()
    assert len(channel.messages) == 20


@pytest.mark.safety("Only an answer of Slack is a sign of life", "bot/sweep.py")
def test_what_needs_no_word_to_slack_is_no_sign_of_life(world: World, channel: Channel) -> None:
    """Between the requests that Slack does not take there are others, which are being set up and shown already."""
    for one in range(8):
        world.happens("CREATE_COMPLETE", token=world.invite(f"Shown {one}"), account=f"{333333333333 + one}")
        world.press(Verb.APPROVE)
        channel.down = True
        world.happens("CREATE_COMPLETE", token=world.invite(f"Waiting {one}"), account=f"{444444444444 + one}")
        channel.down = False
    world.clock.turn(minutes=2)
    channel.fails["post"] = [DOWN] * 1000
    channel.calls.clear()
    world.workflow.sweep()
    assert channel.asked("post") == SILENCES


@pytest.mark.safety("One answer of Slack ends the count of calls without an answer", "bot/channel/rate_limit.py")
def test_a_call_that_fails_now_and_then_is_no_outage(world: World, channel: Channel) -> None:
    waiting_clients(world, channel, 20)
    channel.fails["post"] = [DOWN, DOWN, None] * 7
    world.workflow.sweep()
    assert len(channel.messages) == 6


@pytest.mark.safety("A refusal of Slack does not count as a call without an answer", "bot/channel/rate_limit.py")
def test_messages_that_slack_would_never_show_keep_no_other_waiting(world: World, channel: Channel) -> None:
    waiting_clients(world, channel, 20)
    channel.fails["post"] = [NOT_SHOWN] * 5
    world.workflow.sweep()
    assert len(channel.messages) == 15


@pytest.mark.safety("The sweep tries what Slack has refused after everything else", "bot/sweep.py")
def test_not_even_a_minute_full_of_them(world: World, channel: Channel) -> None:
    def refuse(call: Call) -> None:
        if call.name == "post" and int(call.request.company.split()[1]) < 65:
            raise NOT_SHOWN

    waiting_clients(world, channel, 70)
    channel.rule = refuse
    world.workflow.sweep()
    world.clock.turn(minutes=1)
    world.workflow.sweep()
    assert len(channel.messages) == 5


def test_while_slack_is_down_approved_work_goes_on(world: World, channel: Channel) -> None:
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


def shown(channel: Channel) -> list[tuple[Kind, State]]:
    return [(message.request.kind, message.request.state) for message in channel.messages]


@pytest.mark.safety("A client's messages are drawn with what comes before them known", "bot/ingest/draft.py")
@pytest.mark.safety("A client's messages come in order", "bot/channel/delivery.py")
def test_what_is_told_of_a_client_keeps_its_order(world: World, channel: Channel) -> None:
    """Slack takes the later message at once, but the earlier one was not taken yet."""
    token = world.invite()
    channel.fails["post"] = [SlackUnavailable("ratelimited", 5)]
    world.happens("ROLLBACK_COMPLETE", token=token, parent=1)
    world.happens("CREATE_COMPLETE", token=token, parent=2)
    assert shown(channel) == []
    world.clock.turn(minutes=2)
    world.workflow.sweep()
    world.clock.turn(minutes=2)
    world.workflow.sweep()
    assert shown(channel) == [(Kind.REPORT, State.REPORTED), (Kind.ONBOARD, State.PENDING)]


def test_nothing_waits_for_what_will_not_be_told(world: World, channel: Channel) -> None:
    token = world.invite()
    channel.fails["post"] = [SlackUnavailable("ratelimited", 5)]
    world.happens("CREATE_COMPLETE", token=token)
    world.happens("UPDATE_COMPLETE", level="PowerUser")
    assert shown(channel) == [(Kind.ONBOARD, State.PENDING)]


def test_what_comes_after_a_superseded_message_still_waits_for_the_one_before(world: World, channel: Channel) -> None:
    token = world.invite()
    channel.fails["post"] = [SlackUnavailable("ratelimited", 5)]
    world.happens("ROLLBACK_COMPLETE", token=token, parent=1)
    world.happens("CREATE_COMPLETE", token=token, parent=2)
    world.happens("UPDATE_COMPLETE", parent=2)
    assert shown(channel) == []
    for _ in range(2):
        world.clock.turn(minutes=2)
        world.workflow.sweep()
    assert shown(channel) == [(Kind.REPORT, State.REPORTED), (Kind.ONBOARD, State.PENDING)]


@pytest.mark.safety("A message that Slack refuses does not hold up later ones", "bot/channel/delivery.py")
def test_nothing_waits_for_a_message_that_slack_refuses(world: World, channel: Channel) -> None:
    token = world.invite()
    channel.fails["post"] = [NOT_SHOWN]
    world.happens("ROLLBACK_COMPLETE", token=token, parent=1)
    world.happens("CREATE_COMPLETE", token=token, parent=2)
    assert shown(channel) == [(Kind.ONBOARD, State.PENDING)]


@pytest.mark.safety("A revocation's message comes after the messages of what came before it", "bot/decisions/revoke.py")
def test_a_revocation_is_told_after_what_came_before(world: World, channel: Channel) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE)
    world.work()
    channel.fails["post"] = [SlackUnavailable("ratelimited", 5)]
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


def test_a_reminder_that_slack_did_not_take_comes_a_minute_later(world: World, channel: Channel) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    channel.fails["post"] = [SlackUnavailable("ratelimited", 3600)]
    assert reminders_after(world, 241) == 0
    assert reminders_after(world, 1) == 1
    assert reminders_after(world, 1, sweeps=30) == 1
    assert not reminder(world).unshown


@pytest.mark.safety("A reminder whose answer was lost is not posted twice", "bot/channel/delivery.py")
def test_a_reminder_whose_answer_was_lost_is_not_posted_twice(world: World, channel: Channel) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    channel.loses.add("post")
    assert reminders_after(world, 241) == 1
    assert reminders_after(world, 1, sweeps=30) == 1
    assert reminders_after(world, 210) == 2, "the next one comes after 8 hours all the same"


@pytest.mark.parametrize("failure", [SlackUnavailable("ratelimited", 3600), DOWN, NOT_SHOWN])
def test_a_search_that_fails_leaves_the_doubt(world: World, channel: Channel, failure: SlackUnavailable) -> None:
    """The answer to a post was lost, and Slack does not let us look for it either, at first."""
    token = world.invite()
    channel.loses, channel.fails["find"] = {"post"}, [failure]
    world.happens("CREATE_COMPLETE", token=token)
    for _ in range(5):
        world.clock.turn(minutes=1)
        world.workflow.sweep()
    assert (len(channel.messages), channel.fails["find"], world.message().lease_until) == (1, [], None)


@pytest.mark.parametrize("failure", [SlackUnavailable("ratelimited", 3600), DOWN, NOT_SHOWN])
def test_a_search_for_a_reminder_that_fails_leaves_the_doubt(
    world: World, channel: Channel, failure: SlackUnavailable
) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    channel.loses, channel.fails["find"] = {"post"}, [failure]
    assert reminders_after(world, 241) == 1
    assert reminders_after(world, 1, sweeps=10) == 1
    assert (channel.fails["find"], reminder(world).lease_until) == ([], None)


@pytest.mark.safety("Two sweeps at once remind once", "bot/channel/delivery.py")
def test_two_sweeps_at_once_remind_once(world: World, channel: Channel) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.clock.turn(hours=5)
    channel.posting[Shows.REMINDER].meanwhile = world.workflow.sweep
    world.workflow.sweep()
    assert len(channel.reminders) == 1


def press_without_answer(world: World) -> None:
    world.press(Verb.DENY)


def test_what_is_decided_while_it_is_reminded_of_stays_decided(world: World, channel: Channel) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.clock.turn(hours=5)
    channel.posting[Shows.REMINDER].meanwhile = partial(press_without_answer, world)
    world.workflow.sweep()
    world.press(Verb.REOPEN)
    assert reminders_after(world, 241) == 2
