"""A request's message that somebody deleted comes back, and what follows goes to where it is then."""

from __future__ import annotations

import pytest

from bot.domain.message import Shows
from bot.domain.vocabulary import State, Verb
from tests.channel import Channel
from tests.fakes import ADA, World


@pytest.fixture
def channel() -> Channel:
    return Channel()


@pytest.fixture
def world(channel: Channel) -> World:
    world = World(channel=channel)
    world.happens("CREATE_COMPLETE", token=world.invite())
    return world


@pytest.mark.safety("A message that was deleted is posted anew, and its new address is kept", "bot/channel/delivery.py")
def test_it_comes_back_with_the_next_change_and_its_new_address_is_kept(world: World, channel: Channel) -> None:
    request, first = world.last, channel.messages.pop()
    world.workflow.decide(request.id, Verb.DENY, ADA)
    [again] = channel.messages
    assert (again.request.state, world.message(request).ts) == (State.DENIED, again.ts)
    assert again.ts != first.ts
    world.press(Verb.REOPEN)
    assert (again.request.state, again.edits, len(channel.messages)) == (State.PENDING, 1, 1)


def test_card_and_reminders_go_to_where_it_is_by_then(world: World, channel: Channel) -> None:
    request = world.last
    channel.messages.clear()
    world.workflow.decide(request.id, Verb.APPROVE, ADA)
    world.work()
    [again] = channel.messages
    assert [card.thread for card in channel.cards] == [again.ts]


@pytest.mark.safety("A deleted message that nobody presses comes back with its reminder", "bot/sweep.py")
def test_one_that_waits_comes_back_with_its_buttons_when_it_is_reminded_of(world: World, channel: Channel) -> None:
    channel.messages.clear()
    world.clock.turn(hours=4)
    world.workflow.sweep()
    world.minute()
    [again] = channel.messages
    assert again.request.state is State.PENDING
    assert [reminder.thread for reminder in channel.reminders] == [again.ts]
    assert world.press(Verb.APPROVE).state is State.APPROVED


def test_five_days_without_it_are_no_failed_reminders(world: World, channel: Channel) -> None:
    channel.messages.clear()
    for _ in range(5 * 24):
        world.clock.turn(hours=1)
        world.workflow.sweep()
    assert len(channel.messages) == 1
    assert len(channel.reminders) == 5


def test_a_card_that_is_drawn_anew_knows_its_requests_message(world: World, channel: Channel) -> None:
    world.press(Verb.APPROVE)
    world.work()
    world.revoke("Acme", ADA)
    world.work()
    [drawn] = [one.drawn for one in channel.calls if one.name == "edit" and one.shows(Shows.CARD)][-1:]
    assert drawn is not None and drawn.thread == channel.messages[0].ts
