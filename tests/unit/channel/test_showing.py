"""Slack and the table: what is stored is shown, once, whoever else is at it and whatever Slack does not take."""

from __future__ import annotations

import pytest

from bot.domain.errors import SlackUnavailable
from bot.domain.message import raised
from bot.domain.request import Request
from bot.domain.vocabulary import State, Verb
from bot.ports.store import Change
from tests.channel import Channel
from tests.fakes import World
from tests.interruptions import SharedStore


@pytest.fixture
def store() -> SharedStore:
    return SharedStore()


@pytest.fixture
def channel() -> Channel:
    return Channel()


@pytest.fixture
def world(store: SharedStore, channel: Channel) -> World:
    return World(store=store, channel=channel)


def test_where_a_message_is_gets_noted_although_an_event_comes_between(
    world: World, store: SharedStore, channel: Channel
) -> None:
    token = world.invite()

    def late() -> None:
        world.happens("CREATE_IN_PROGRESS", token=token, seconds=-30)

    channel.meanwhile = lambda: setattr(store.before_saving, "meanwhile", late)
    world.happens("CREATE_COMPLETE", token=token)
    [message] = world.channel.messages
    assert (world.message().ts, message.edits) == (message.ts, 1)
    assert [event.status for event in message.timeline] == ["CREATE_IN_PROGRESS", "CREATE_COMPLETE"]


def not_shown_yet(world: World) -> Request:
    """A request that Slack did not take at first; it does again, two minutes later."""
    token = world.invite()
    world.channel.down = True
    world.happens("CREATE_COMPLETE", token=token)
    world.channel.down = False
    world.clock.turn(minutes=2)
    [request] = world.store.stored_requests.values()
    return request


@pytest.mark.safety(
    "Only what was certainly not sent is posted again before its lease has ended", "bot/slack/client.py"
)
@pytest.mark.safety(
    "Only what was certainly not sent is posted again before its lease has ended", "bot/domain/errors.py"
)
@pytest.mark.parametrize(("sent", "posted"), [(False, 1), (True, 0)])
def test_only_what_was_certainly_not_sent_is_posted_again_within_the_minute(
    world: World, channel: Channel, sent: bool, posted: int
) -> None:
    def no_answer() -> None:
        raise SlackUnavailable("no answer", sent=sent)

    channel.meanwhile = no_answer
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.clock.turn(seconds=30)
    [request] = world.store.stored_requests.values()
    world.workflow.delivery.show(request.client_id)
    assert len(world.channel.messages) == posted


@pytest.mark.safety("Nobody posts a message that somebody else is posting", "bot/channel/delivery.py")
def test_what_somebody_else_is_posting_is_not_posted_again(world: World, channel: Channel) -> None:
    client_id = not_shown_yet(world).client_id
    channel.meanwhile = lambda: world.workflow.delivery.show(client_id)
    world.workflow.delivery.show(client_id)
    assert len(world.channel.messages) == 1


def test_what_changes_while_it_is_posted_is_drawn_again(world: World, store: SharedStore, channel: Channel) -> None:
    request = not_shown_yet(world)
    channel.meanwhile = lambda: store.save(Change(raises=(raised(request, world.clock.now()),)))
    world.workflow.delivery.show(request.client_id)
    assert (len(world.channel.messages), world.channel.messages[0].edits) == (1, 1)
    assert not world.message().unshown


def test_two_at_once_post_one_card(world: World, channel: Channel) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    request = world.press(Verb.APPROVE)
    channel.meanwhile = lambda: world.workflow.delivery.show(request.client_id)
    world.work()
    assert len(world.channel.cards) == 1
    assert world.card().ts == world.channel.cards[0].ts


def pending(world: World) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())


def test_what_slack_has_taken_is_not_due_any_more(world: World) -> None:
    pending(world)
    world.press(Verb.APPROVE)
    world.work()
    assert world.card().ts == world.channel.cards[0].ts
    assert (world.card().due_at, world.message().due_at, world.last.due_at) == (None, None, None)


def test_what_is_not_shown_yet_is_not_reminded_of(world: World) -> None:
    world.channel.down = True
    pending(world)
    world.clock.turn(hours=25)
    world.workflow.sweep()
    world.channel.down = False
    for _ in range(2):
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
    assert (world.channel.messages[0].edits, len(world.channel.reminders)) == (2, 1)


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
    world: World, store: SharedStore, channel: Channel
) -> None:
    token = world.invite()
    channel.meanwhile = lambda: setattr(store, "busy", True)
    world.happens("CREATE_COMPLETE", token=token)
    store.busy = False
    world.clock.turn(minutes=2)
    world.workflow.sweep()
    assert (world.states, world.message().ts) == ([State.PENDING], "1.0")
