"""Green is what is so now: what a removal took away, or an update changed, is green no longer, nor is its card."""

from __future__ import annotations

import pytest

from bot.domain.errors import SlackUnavailable
from bot.domain.message import Shows
from bot.domain.vocabulary import Kind, State, Verb
from tests.channel import Call
from tests.fakes import ADA, World

ONBOARDED, UPDATED, REMOVED = "onboarded", "updated", "removed"


@pytest.fixture
def world() -> World:
    world = World()
    world.onboard()
    return world


def approved(world: World) -> None:
    world.press(Verb.APPROVE)
    world.work()


def overtaken(world: World) -> list[Kind | None]:
    """By what each message is overtaken, as the channel shows it."""
    return [message.outdated for message in world.channel.messages]


@pytest.mark.safety("It is known which messages are green, until their group is removed", "bot/provisioning/attempt.py")
@pytest.mark.safety("A message is green only as long as its access stands", "bot/provisioning/run.py")
@pytest.mark.safety("A message that is no longer true is redrawn at once", "bot/workflow.py")
def test_a_removal_takes_the_green_off_what_it_ended(world: World) -> None:
    assert overtaken(world) == [None]
    world.happens("DELETE_COMPLETE", last_word=True)
    assert overtaken(world) == [None, None]
    approved(world)
    assert overtaken(world) == [Kind.OFFBOARD, None]
    assert (world.states, len(world.channel.cards)) == ([State.DONE, State.DONE], 1)


def test_so_does_a_revocation(world: World) -> None:
    world.revoke("Acme", ADA)
    world.work()
    assert overtaken(world) == [Kind.OFFBOARD, None]


@pytest.mark.safety(
    "It is known which messages are green, until an update changes what they say", "bot/provisioning/attempt.py"
)
def test_an_update_takes_it_off_what_it_changed(world: World) -> None:
    world.happens("UPDATE_COMPLETE", role="another-role")
    approved(world)
    assert overtaken(world) == [Kind.UPDATE, None]
    world.happens("DELETE_COMPLETE", role="another-role", last_word=True)
    approved(world)
    assert overtaken(world) == [Kind.UPDATE, Kind.OFFBOARD, None]


@pytest.mark.safety(
    "It is known which messages are green, until an update changes what they say", "bot/provisioning/attempt.py"
)
@pytest.mark.safety("All green messages that say the same stop being green together", "bot/provisioning/attempt.py")
def test_an_update_that_changes_nothing_leaves_it_and_both_end_with_the_removal(world: World) -> None:
    world.happens("UPDATE_COMPLETE")
    approved(world)
    assert overtaken(world) == [None, None]
    world.happens("DELETE_COMPLETE", last_word=True)
    approved(world)
    assert overtaken(world) == [Kind.OFFBOARD, Kind.OFFBOARD, None]


def test_however_often_it_is_confirmed_what_is_still_so_stays_green(world: World) -> None:
    for _ in range(22):
        world.clock.turn(hours=1)
        world.happens("UPDATE_COMPLETE")
        approved(world)
    assert set(overtaken(world)) == {None}


def test_a_removal_that_fails_leaves_it(world: World) -> None:
    world.happens("DELETE_COMPLETE", last_word=True)
    world.stacks.refuse = "Throttled"
    approved(world)
    assert world.states == [State.DONE, State.FAILED]
    assert overtaken(world) == [None, None]


@pytest.mark.safety("A card that is no longer valid is not posted any more", "bot/domain/request.py")
def test_a_card_that_slack_did_not_take_in_time_is_not_posted_any_more() -> None:
    world = World()
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.channel.down = True
    approved(world)
    world.revoke("Acme", ADA)
    world.work()
    world.channel.down = False
    for _ in range(3):
        world.clock.turn(minutes=2)
        world.workflow.sweep()
    assert (overtaken(world), world.channel.cards) == ([Kind.OFFBOARD, None], [])
    assert [one.id for one in world.store.stored_requests.values() if one.due_at] == []


def lose_card(call: Call) -> None:
    if call.name == "post" and call.shows(Shows.CARD):
        raise SlackUnavailable("the answer was lost")


@pytest.mark.safety("A card whose post was never confirmed is found and redrawn", "bot/channel/delivery.py")
def test_a_card_whose_posting_was_never_confirmed_is_found_and_redrawn() -> None:
    world = World()
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE)
    world.channel.witness = lose_card
    world.work()
    world.revoke("Acme", ADA)
    world.work()
    for _ in range(3):
        world.clock.turn(minutes=2)
        world.workflow.sweep()
    first = world.card(world.channel.messages[0].request)
    assert (first.ts, first.lease_until, len(world.channel.cards)) == (world.channel.cards[0].ts, None, 1)
    assert world.channel.cards[0].outdated is Kind.OFFBOARD


@pytest.mark.safety("A card that becomes outdated while it is posted is redrawn", "bot/channel/delivery.py")
def test_a_card_that_is_overtaken_on_its_way_is_redrawn() -> None:
    """Somebody revokes the access while the card is on its way, and all of that is shown before the card arrives."""
    world = World()

    def revoked() -> None:
        world.revoke("Acme", ADA)
        world.work()

    world.channel.posting[Shows.CARD].meanwhile = revoked
    world.happens("CREATE_COMPLETE", token=world.invite())
    approved(world)
    [card] = world.channel.cards
    assert (world.channel.messages[0].outdated, card.outdated) == (Kind.OFFBOARD, Kind.OFFBOARD)


def test_who_is_let_in_again_is_green_again(world: World) -> None:
    world.revoke("Acme", ADA)
    world.work()
    world.happens("CREATE_COMPLETE", parent=2, token=world.invite())
    approved(world)
    assert overtaken(world) == [Kind.OFFBOARD, None, None]


def hours_of_reminders(world: World, hours: int) -> list[int]:
    """After how many hours the approvers are mentioned."""
    found = []
    for hour in range(hours + 1):
        before = len(world.channel.reminders)
        world.clock.turn(minutes=1 if hour == 0 else 60)
        world.workflow.sweep()
        found += [hour] * (len(world.channel.reminders) - before)
    return found


@pytest.mark.safety("The approvers are mentioned at once when a request fails", "bot/provisioning/ending.py")
@pytest.mark.safety(
    "The approvers are mentioned ever more seldom while a request stays failed", "bot/domain/approvers.py"
)
def test_of_a_failure_the_approvers_are_told_at_once_and_then_seldom(world: World) -> None:
    world.happens("DELETE_COMPLETE", last_word=True)
    world.stacks.refuse = "Throttled"
    approved(world)
    assert hours_of_reminders(world, 10) == [0, 1, 2, 4, 8]
    assert {one.request.state for one in world.channel.reminders} == {State.FAILED}


def test_a_retry_that_works_ends_that_and_one_that_fails_tells_again(world: World) -> None:
    world.happens("DELETE_COMPLETE", last_word=True)
    world.stacks.refuse = "Throttled"
    approved(world)
    assert hours_of_reminders(world, 0) == [0]
    world.press(Verb.RETRY)
    world.work()
    assert hours_of_reminders(world, 0) == [0]
    world.stacks.refuse = ""
    world.press(Verb.RETRY)
    world.work()
    assert hours_of_reminders(world, 30) == []
