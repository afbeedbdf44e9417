"""Slack and the table: what is stored is shown, once, whoever else is at it and whatever Slack does not take."""

from __future__ import annotations

import pytest

from bot.domain.vocabulary import State, Verb
from bot.ingest.plan import touched
from bot.ports import Change
from tests.fakes import World
from tests.unit.interruptions import SharedStore, SlowChannel


@pytest.fixture
def store() -> SharedStore:
    return SharedStore()


@pytest.fixture
def channel() -> SlowChannel:
    return SlowChannel()


@pytest.fixture
def world(store: SharedStore, channel: SlowChannel) -> World:
    return World(store=store, channel=channel)


def test_where_a_message_is_gets_noted_although_an_event_comes_between(
    world: World, store: SharedStore, channel: SlowChannel
) -> None:
    token = world.invite()

    def late() -> None:
        world.happens("CREATE_IN_PROGRESS", token=token, seconds=-30)

    channel.meanwhile = lambda: setattr(store.before_saving, "meanwhile", late)
    world.happens("CREATE_COMPLETE", token=token)
    [message] = world.channel.messages
    assert (world.last.message_ts, message.edits) == (message.ts, 1)
    assert [event.status for event in message.timeline] == ["CREATE_IN_PROGRESS", "CREATE_COMPLETE"]


def not_shown_yet(world: World) -> str:
    """The id of a request that Slack did not take at first; it does again, two minutes later."""
    token = world.invite()
    world.channel.down = True
    world.happens("CREATE_COMPLETE", token=token)
    world.channel.down = False
    world.clock.turn(minutes=2)
    [request_id] = world.store.stored_requests
    return request_id


def test_what_somebody_else_posts_first_is_not_posted_again(world: World, store: SharedStore) -> None:
    request_id = not_shown_yet(world)
    store.before_saving.meanwhile = lambda: world.workflow.delivery.show(store.stored_requests[request_id])
    world.workflow.delivery.show(store.stored_requests[request_id])
    assert len(world.channel.messages) == 1


def test_what_changes_just_before_it_is_posted_is_posted_all_the_same(world: World, store: SharedStore) -> None:
    request_id = not_shown_yet(world)

    def changes() -> None:
        request = store.stored_requests[request_id]
        store.save(Change(requests=(touched(request, world.clock.now()),)))

    store.before_saving.meanwhile = changes
    world.workflow.delivery.show(store.stored_requests[request_id])
    assert len(world.channel.messages) == 1
    assert not world.last.undelivered


def test_two_at_once_post_one_card(world: World, channel: SlowChannel) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    request = world.press(Verb.APPROVE)
    channel.meanwhile = lambda: world.workflow.delivery.show(request)
    world.work()
    assert len(world.channel.cards) == 1
    assert world.last.card_ts == "1.5"


def pending(world: World) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())


def test_what_slack_has_taken_is_not_due_any_more(world: World) -> None:
    pending(world)
    world.press(Verb.APPROVE)
    world.work()
    assert (world.last.card_ts, world.last.due_at) == ("1.5", None)


def test_what_is_not_shown_yet_is_not_reminded_of(world: World) -> None:
    world.channel.down = True
    pending(world)
    world.clock.turn(hours=25)
    world.workflow.sweep()
    world.channel.down = False
    world.clock.turn(minutes=2)
    world.workflow.sweep()
    assert (world.states, len(world.channel.reminders)) == ([State.PENDING], 1)


def test_a_change_of_the_message_is_no_second_reminder(world: World) -> None:
    pending(world)
    world.clock.turn(hours=25)
    world.workflow.sweep()
    world.channel.down = True
    world.happens("CREATE_IN_PROGRESS", seconds=-100_000)
    world.channel.down = False
    world.clock.turn(minutes=2)
    world.workflow.sweep()
    assert (world.channel.messages[0].edits, len(world.channel.reminders)) == (1, 1)


def test_what_was_decided_in_time_is_not_reminded_of(world: World) -> None:
    pending(world)
    world.clock.turn(hours=3)
    world.channel.down = True
    world.press(Verb.DENY)
    world.channel.down = False
    world.clock.turn(hours=2)
    world.workflow.sweep()
    assert (world.states, world.channel.reminders) == ([State.DENIED], [])


def test_an_event_that_is_stored_is_taken_though_its_message_could_not_be_noted(
    world: World, store: SharedStore, channel: SlowChannel
) -> None:
    token = world.invite()
    channel.meanwhile = lambda: setattr(store, "busy", True)
    world.happens("CREATE_COMPLETE", token=token)
    store.busy = False
    world.clock.turn(minutes=2)
    world.workflow.sweep()
    assert (world.states, world.last.message_ts) == ([State.PENDING], "1.0")
