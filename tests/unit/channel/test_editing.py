"""Edits of a message: whatever order they and their answers arrive in, what is stored is shown in the end."""

from __future__ import annotations

import pytest

from bot.domain.vocabulary import State, Verb
from tests.channel import Channel
from tests.fakes import World


@pytest.fixture
def channel() -> Channel:
    return Channel()


@pytest.fixture
def world(channel: Channel) -> World:
    world = World(channel=channel)
    world.happens("CREATE_COMPLETE", token=world.invite())
    return world


def test_an_edit_that_slack_did_not_take_keeps_no_later_one_waiting(world: World) -> None:
    world.channel.down = True
    world.press(Verb.DENY)
    world.channel.down = False
    world.press(Verb.REOPEN)
    assert world.states == [State.PENDING]


@pytest.mark.safety("The sweep leaves a message to whoever is editing it", "bot/channel/delivery.py")
def test_the_sweep_leaves_an_edit_to_whoever_is_at_it(world: World, channel: Channel) -> None:
    world.clock.turn(hours=25)
    channel.meanwhile = world.workflow.sweep
    world.press(Verb.DENY)
    assert world.channel.messages[0].edits == 1


@pytest.mark.safety("Events that arrive late edit a message only while it waits", "bot/ingest/plan.py")
def test_only_late_events_of_what_still_waits_edit_its_message(world: World) -> None:
    world.happens("UPDATE_IN_PROGRESS")
    assert world.channel.messages[0].edits == 0
    world.press(Verb.DENY)
    world.happens("CREATE_IN_PROGRESS", seconds=-60)
    assert world.channel.messages[0].edits == 1


def test_of_two_edits_at_once_the_newer_one_stays(world: World, channel: Channel) -> None:
    channel.meanwhile = lambda: world.press(Verb.REOPEN)
    world.press(Verb.DENY)
    assert world.states == [State.PENDING]


@pytest.mark.safety("When two edits of a message meet, it is drawn again", "bot/channel/delivery.py")
def test_who_edits_meanwhile_leaves_it_to_whoever_has_begun(world: World, channel: Channel) -> None:
    """So no older edit can land on a newer one."""
    seen: list[int] = []

    def again() -> None:
        world.press(Verb.REOPEN)
        seen.append(channel.messages[0].edits)

    channel.meanwhile = again
    world.press(Verb.DENY)
    assert (seen, channel.messages[0].edits, world.states) == ([0], 2, [State.PENDING])


@pytest.mark.safety("A message whose edit got no answer is drawn again", "bot/channel/delivery.py")
def test_an_older_edit_whose_answer_was_lost_is_drawn_over_by_the_sweep(world: World, channel: Channel) -> None:
    def reopened() -> None:
        world.press(Verb.REOPEN)
        channel.loses.add("edit")

    channel.meanwhile = reopened
    world.press(Verb.DENY)
    assert world.states == [State.DENIED]
    world.clock.turn(minutes=2)
    world.workflow.sweep()
    assert world.states == [State.PENDING]


def test_a_slack_that_is_down_is_asked_once(world: World) -> None:
    world.channel.down = True
    world.press(Verb.DENY)
    assert world.channel.asked("edit") == 1
