"""A revocation among other things: what it meets, what it comes after, and what it shows."""

from __future__ import annotations

import pytest

from bot.domain.errors import NotAllowed, SlackUnavailable, TryAgain
from bot.domain.request import Request
from bot.domain.vocabulary import AccessLevel, Kind, Standing, State, Verb
from tests.channel import Channel
from tests.fakes import ADA, BEA, OLLI, World
from tests.interruptions import SharedStore


def limited(times: int) -> list[SlackUnavailable | None]:
    """What the next so many posts are answered."""
    return [SlackUnavailable("ratelimited", 5)] * times


@pytest.fixture
def store() -> SharedStore:
    return SharedStore()


@pytest.fixture
def channel() -> Channel:
    return Channel()


@pytest.fixture
def world(store: SharedStore, channel: Channel) -> World:
    world = World(store=store, channel=channel)
    world.onboard()
    return world


def revoke(world: World) -> Request:
    return world.revoke("Acme", BEA)


def told(world: World) -> list[Kind]:
    return [message.request.kind for message in world.channel.messages]


def minutes(world: World, number: int) -> None:
    for _ in range(number):
        world.clock.turn(minutes=1)
        world.workflow.sweep()


@pytest.mark.safety("A revocation that meets another save reads again", "bot/decisions/revoke.py")
def test_a_request_that_comes_in_between_is_superseded_too(world: World, store: SharedStore) -> None:
    store.before_saving.meanwhile = lambda: world.happens("UPDATE_COMPLETE", level="PowerUser")
    removal = revoke(world)
    assert world.states == [State.DONE, State.SUPERSEDED, State.APPROVED]
    assert world.client().current_request == removal.id


@pytest.mark.safety("A revocation is not said to be made when it is not", "bot/decisions/revoke.py")
def test_when_somebody_is_always_faster_it_is_to_be_pressed_again(world: World, store: SharedStore) -> None:
    store.busy = True
    with pytest.raises(TryAgain, match="Try again in a minute"):
        revoke(world)
    assert world.bench.waiting == []
    assert told(world) == [Kind.ONBOARD]


@pytest.mark.safety(
    "A removal that waits for a decision, or has failed, does not stop a revocation", "bot/decisions/revoke.py"
)
def test_it_takes_the_place_of_a_removal_that_nobody_has_decided_upon(world: World) -> None:
    world.happens("DELETE_COMPLETE", last_word=True)
    revoke(world)
    assert world.states == [State.DONE, State.SUPERSEDED, State.APPROVED]
    world.work()
    assert world.stacks.groups == {}


@pytest.mark.safety(
    "A removal that waits for a decision, or has failed, does not stop a revocation", "bot/decisions/revoke.py"
)
def test_it_takes_the_place_of_a_removal_that_failed(world: World) -> None:
    world.happens("DELETE_COMPLETE", last_word=True)
    world.press(Verb.APPROVE)
    world.stacks.refuse = "AccessDenied"
    world.work()
    world.stacks.refuse = ""
    revoke(world)
    world.work()
    assert world.states == [State.DONE, State.SUPERSEDED, State.DONE]
    assert world.stacks.groups == {}


@pytest.mark.safety("A revocation shows what the group gives, not what was asked last", "bot/decisions/revoke.py")
def test_it_shows_what_the_group_gives_not_what_was_asked_last(world: World) -> None:
    world.happens("UPDATE_COMPLETE", role="other-role", level="Administrator")
    removal = revoke(world)
    assert (removal.stack.role_name, removal.stack.access_level) == ("switchyard-access", AccessLevel.READ_ONLY)


@pytest.mark.safety("`/clients` shows a revocation at once", "bot/decisions/revoke.py")
def test_clients_know_of_it_at_once(world: World) -> None:
    assert world.client().standing is Standing.ONBOARDED
    revoke(world)
    assert world.client().standing is Standing.PROVISIONING


@pytest.mark.safety("The attempts of a revocation are counted like those of other requests", "bot/decisions/revoke.py")
def test_its_retry_is_its_second_attempt(world: World) -> None:
    assert revoke(world).attempt.number == 1
    world.stacks.refuse = "AccessDenied"
    world.work()
    assert world.press(Verb.RETRY).attempt.number == 2


@pytest.mark.safety("A refused revocation says what was typed", "bot/decisions/revoke.py")
def test_whose_access_somebody_wanted_to_revoke_is_written_down(world: World) -> None:
    with pytest.raises(NotAllowed):
        world.revoke("acme", OLLI)
    [last] = world.workflow.history("Acme", ADA).refused
    assert (last.action, last.detail) == ("revoke", "acme")


@pytest.mark.safety("A revocation's message comes after the messages of what came before it", "bot/decisions/revoke.py")
def test_what_it_makes_pointless_before_it_was_told_hides_nothing_that_is_still_to_come(
    world: World, channel: Channel
) -> None:
    channel.fails["post"] = limited(1)
    world.happens("UPDATE_ROLLBACK_COMPLETE")
    world.happens("UPDATE_COMPLETE", level="PowerUser")
    revoke(world)
    assert told(world) == [Kind.ONBOARD]
    minutes(world, 4)
    assert told(world) == [Kind.ONBOARD, Kind.REPORT, Kind.OFFBOARD]


@pytest.mark.safety(
    "A revocation's message comes before the messages of what comes after it", "bot/decisions/revoke.py"
)
def test_what_comes_afterwards_is_told_afterwards(world: World, channel: Channel) -> None:
    channel.fails["post"] = limited(3)
    revoke(world)
    world.work()
    world.happens("UPDATE_COMPLETE", token=world.invite())
    assert told(world) == [Kind.ONBOARD]
    minutes(world, 4)
    assert told(world) == [Kind.ONBOARD, Kind.OFFBOARD, Kind.ONBOARD]


@pytest.mark.safety(
    "After a removal the end of the client's old stack calls nothing off", "bot/provisioning/attempt.py"
)
def test_the_end_of_the_stack_that_stood_on_does_not_call_off_what_came_after(world: World) -> None:
    revoke(world)
    world.work()
    world.happens("CREATE_COMPLETE", parent=2, token=world.invite())
    world.press(Verb.DENY)
    world.happens("DELETE_COMPLETE", last_word=True)
    assert world.last.state is State.DENIED
