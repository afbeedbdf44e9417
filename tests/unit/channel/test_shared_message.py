"""The message, the card and the reminder that the accounts of one invitation share."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.errors import SlackUnavailable, TryAgain
from bot.domain.message import MOST_SHARED, Shows, home_of
from bot.domain.vocabulary import Kind, State, Verb
from tests.channel import Shown
from tests.fakes import ADA, World
from tests.interruptions import SharedStore
from tests.unit.decisions.batch import Batch, account

DONE, PENDING = State.DONE, State.PENDING


@pytest.fixture
def world() -> World:
    return World(store=SharedStore())


def states(shown: Shown) -> list[State]:
    return [one.request.state for one in shown.batch]


def starts(world: World, *numbers: int, batch: Batch) -> None:
    """Approve these accounts, and let CloudFormation begin with them, no more."""
    for number in numbers:
        batch.decide(number)
    world.take_up()


def ends(world: World, batch: Batch, *numbers: int, failing: str = "") -> None:
    """Let CloudFormation end with these accounts."""
    for number in numbers:
        client_id = batch.request(number).client_id
        others = {token: one for token, one in world.stacks.running.items() if one.client_id != client_id}
        world.stacks.running = {t: one for t, one in world.stacks.running.items() if one.client_id == client_id}
        for stack_id in world.stacks.complete(failing):
            world.workflow.record_outcome(stack_id)
        world.stacks.running = others


@pytest.mark.safety("The accounts of one invitation are asked about in one message", "bot/ingest/together.py")
def test_each_account_joins_the_message(world: World) -> None:
    batch = Batch(world, 3)
    assert [len(one.batch) for one in world.channel.messages] == [3]
    assert {home_of(one).owner for one in batch.requests} == {batch.requests[0].invited.shared.owner}  # type: ignore[union-attr]
    assert world.message(batch.requests[0]).request_ids == tuple(one.id for one in batch.requests)
    assert {one.invited.shared for one in batch.requests} == {batch.home}


def test_an_invitation_for_one_account_has_a_message_of_its_own(world: World) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    assert world.last.invited.shared is None
    assert world.message().owner == world.last.client_id
    assert world.channel.messages[0].batch == ()
    assert len(world.store.stored_messages) == 1


def test_one_account_alone_is_shown_with_everything(world: World) -> None:
    Batch(world, 3, arrive=1)
    [shown] = world.channel.messages
    assert len(shown.batch) == 1
    assert [one.status for one in shown.timeline] == ["CREATE_COMPLETE"]


@pytest.mark.safety("Two accounts that come at once share the message", "bot/ingest/together.py")
def test_two_that_make_the_message_at_once_make_one(world: World) -> None:
    batch = Batch(world, 2, arrive=0)
    for number in (1, 2):
        batch.arrives(number, seconds=1)
        world.store.stored_requests.clear()
    # both seats are taken by now: what follows are first requests, without a conflict over the invitation
    world.store.stored_messages.clear()
    world.channel.messages.clear()
    assert isinstance(world.store, SharedStore)
    world.store.before_saving.meanwhile = lambda: world.happens(
        "UPDATE_COMPLETE", token=batch.token, account=account(2), parent=2
    )
    world.happens("UPDATE_COMPLETE", token=batch.token, account=account(1), parent=1)
    assert len({one.invited.shared for one in batch.requests}) == 1
    assert [len(one.batch) for one in world.channel.messages] == [2]


@pytest.mark.safety("A shared message holds no more than fits into Slack's limits", "bot/ingest/together.py")
def test_a_full_message_is_followed_by_another_one(world: World) -> None:
    batch = Batch(world, 100)
    for number in (7, 8):
        world.happens("UPDATE_COMPLETE", token=batch.token, account=account(number), parent=number)
    sizes = [len(one.request_ids) for one in world.store.stored_messages.values() if one.shows is Shows.REQUEST]
    assert sizes == [MOST_SHARED, 2]
    assert [len(one.batch) for one in world.channel.messages] == [100, 2]


def test_what_is_held_back_has_a_message_of_its_own(world: World) -> None:
    """Its client makes too many messages."""
    batch = Batch(world, 2)
    for _ in range(30):
        world.happens("UPDATE_COMPLETE", token=batch.token, account=account(1), parent=1)
    held = (
        world.client(batch.request(2)),
        [one for one in world.store.stored_requests.values() if not one.invited.shared],
    )
    assert held[1]
    assert {one.stack.account_id for one in held[1]} == {account(1)}
    assert all(world.message(one).owner == one.client_id for one in held[1])


@pytest.mark.safety("The card of a shared message is posted once, at the end", "bot/channel/delivery.py")
def test_the_card_waits_for_the_last_account(world: World) -> None:
    batch = Batch(world, 3)
    starts(world, 1, 2, batch=batch)
    ends(world, batch, 1)
    assert world.channel.cards == []
    assert states(batch.shown) == [DONE, State.PROVISIONING, PENDING]
    ends(world, batch, 2)
    [card] = world.channel.cards
    assert states(card) == [DONE, DONE, PENDING]
    assert card.thread == batch.shown.ts
    starts(world, 3, batch=batch)
    ends(world, batch, 3)
    assert [states(one) for one in world.channel.cards] == [[DONE] * 3]
    assert not world.store.unshown


@pytest.mark.safety("The card of a shared message is posted once, at the end", "bot/channel/delivery.py")
def test_the_card_waits_for_a_press_that_is_not_applied_yet(world: World) -> None:
    batch = Batch(world, 3)
    batch.press()
    starts_alone = world.bench.bulks.pop()
    batch.decide(1)
    while world.bench.waiting:
        world.workflow.provision(world.bench.waiting.pop())
    ends(world, batch, 1)
    assert world.channel.cards == []
    world.bench.bulks.append(starts_alone)
    world.work()
    assert [states(one) for one in world.channel.cards] == [[DONE] * 3]


@pytest.mark.safety("A stuck account holds up the card of the others for ten minutes", "bot/domain/message.py")
def test_one_that_is_stuck_does_not_hold_up_the_card_for_ever(world: World) -> None:
    batch = Batch(world, 2)
    starts(world, 1, 2, batch=batch)
    ends(world, batch, 1)
    for _ in range(9):
        world.minute()
    assert world.channel.cards == []
    world.minute()
    world.minute()
    assert [states(one) for one in world.channel.cards] == [[DONE, State.PROVISIONING]]
    ends(world, batch, 2)
    assert [states(one) for one in world.channel.cards] == [[DONE, DONE]]


@pytest.mark.safety("A card whose delivery died is posted by the sweep", "bot/channel/delivery.py")
def test_a_card_that_could_not_be_posted_comes_within_minutes(world: World) -> None:
    batch = Batch(world, 2)
    world.channel.rule = lambda call: _refuse() if call.name == "post" else None
    batch.press()
    world.work()
    assert world.channel.cards == []
    world.channel.rule = None
    world.minute()
    world.minute()
    assert [states(one) for one in world.channel.cards] == [[DONE, DONE]]


def _refuse() -> None:
    raise SlackUnavailable("Slack is down")


def test_without_any_access_there_is_no_card(world: World) -> None:
    batch = Batch(world, 2)
    batch.decide(1, Verb.DENY)
    starts(world, 2, batch=batch)
    ends(world, batch, 2, failing="Group already exists.")
    for _ in range(12):
        world.minute()
    assert batch.states == [State.DENIED, State.FAILED]
    assert world.channel.cards == []
    assert not world.store.unshown


def test_a_single_account_brings_the_ordinary_card(world: World) -> None:
    batch = Batch(world, 5, arrive=1)
    starts(world, 1, batch=batch)
    ends(world, batch, 1)
    [card] = world.channel.cards
    assert [one.request.id for one in card.batch] == [card.request.id]
    assert card.client is not None


@pytest.mark.safety("What ends one account's access is shown in its shared message and card", "bot/workflow.py")
def test_an_account_that_leaves_is_shown_in_message_and_card(world: World) -> None:
    batch = Batch(world, 2)
    batch.press()
    world.work()
    edits = world.channel.cards[0].edits
    world.happens("DELETE_COMPLETE", account=account(2), parent=2, last_word=True)
    assert world.last.kind is Kind.OFFBOARD
    assert world.channel.messages[-1].batch == ()
    world.press(Verb.APPROVE)
    world.work()
    first, gone = [one.client for one in world.channel.cards[0].batch]
    assert first is not None
    assert gone is not None
    assert (first.grant is None, gone.grant is None) == (False, True)
    assert world.channel.cards[0].edits > edits
    shown = [one.client for one in batch.shown.batch]
    assert [one.grant is None for one in shown if one] == [False, True]


def test_a_blocked_account_is_shown_in_the_message(world: World) -> None:
    batch = Batch(world, 2)
    world.workflow.block(account(2), ADA)
    assert states(batch.shown) == [PENDING, State.SUPERSEDED]


@pytest.mark.safety("One reminder for a shared message, not one for each account", "bot/channel/reminding.py")
def test_one_reminder_for_all(world: World) -> None:
    batch = Batch(world, 20)
    world.clock.turn(hours=4)
    for _ in range(3):
        world.minute()
    [reminder] = world.channel.reminders
    assert [one.request.state for one in reminder.batch] == [PENDING] * 20
    assert reminder.thread == batch.shown.ts
    due = {one.deadlines.reminded_of for one in batch.requests}
    assert len(due) == 1
    assert None not in due
    world.clock.turn(hours=4)
    for _ in range(3):
        world.minute()
    assert len(world.channel.reminders) == 2
    assert not world.store.unshown


@pytest.mark.safety("One reminder for a shared message, not one for each account", "bot/channel/reminding.py")
def test_what_came_hours_later_is_reminded_of_in_its_own_time(world: World) -> None:
    batch = Batch(world, 2, arrive=1)
    world.clock.turn(hours=2)
    batch.arrives(2)
    world.clock.turn(hours=2)
    world.minute()
    world.minute()
    assert len(world.channel.reminders) == 1
    assert [one.deadlines.reminded_of is None for one in batch.requests] == [False, True]
    world.clock.turn(hours=2)
    world.minute()
    world.minute()
    assert len(world.channel.reminders) == 2


def test_nobody_is_reminded_of_what_was_decided_meanwhile(world: World) -> None:
    batch = Batch(world, 2)
    world.channel.down = True
    world.clock.turn(hours=4)
    world.minute()
    world.channel.down = False
    batch.press(Verb.DENY)
    world.work()
    for _ in range(3):
        world.minute()
    assert world.channel.reminders == []
    assert not world.store.unshown


@pytest.mark.safety("Failures of accounts that were approved together are told once", "bot/channel/reminding.py")
def test_failures_are_told_once_everything_has_ended(world: World) -> None:
    batch = Batch(world, 3)
    batch.press()
    world.take_up()
    ends(world, batch, 1, failing="Group already exists.")
    world.minute()
    assert world.channel.reminders == []
    ends(world, batch, 2, failing="Group already exists.")
    ends(world, batch, 3)
    world.minute()
    world.minute()
    [reminder] = world.channel.reminders
    assert states(reminder) == [State.FAILED, State.FAILED, DONE]
    assert states(world.channel.cards[0]) == [State.FAILED, State.FAILED, DONE]


def test_each_expires_in_its_own_time(world: World) -> None:
    batch = Batch(world, 2, arrive=1)
    world.clock.turn(days=3)
    batch.arrives(2)
    for days in (4, 3):
        world.clock.turn(days=days)
        world.minute()
        world.minute()
        world.clock.turn(hours=1)
    assert batch.states == [State.EXPIRED] * 2
    assert states(batch.shown) == [State.EXPIRED] * 2
    assert world.channel.cards == []
    assert not world.store.unshown


@pytest.mark.safety("A shared message that Slack lost is found, or posted anew, once", "bot/slack/notifier.py")
def test_a_lost_answer_is_found_by_the_first_request(world: World) -> None:
    world.channel.loses.add("post")
    batch = Batch(world, 2)
    for _ in range(3):
        world.minute()
    assert [len(one.batch) for one in world.channel.messages] == [2]
    assert world.channel.asked("find") == 1
    assert world.message(batch.requests[0]).ts == batch.shown.ts


def test_a_deleted_message_comes_back_with_all_accounts(world: World) -> None:
    batch = Batch(world, 3, arrive=2)
    world.channel.messages.clear()
    batch.arrives(3)
    assert [len(one.batch) for one in world.channel.messages] == [3]


@pytest.mark.safety("An account that joins while its message is drawn is not lost", "bot/channel/delivery.py")
def test_one_that_joins_while_the_message_is_on_its_way_is_drawn(world: World) -> None:
    batch = Batch(world, 3, arrive=1)
    world.channel.meanwhile = lambda: batch.arrives(3)
    batch.arrives(2)
    assert [len(one.batch) for one in world.channel.messages] == [3]
    assert world.message(batch.requests[0]).request_ids == tuple(one.id for one in batch.requests)
    assert not world.store.unshown


def test_the_second_message_comes_after_the_first(world: World) -> None:
    """What Slack did not take is not overtaken."""
    world.channel.down = True
    batch = Batch(world, 3, arrive=1)
    batch.decide(1)
    batch.arrives(2)
    world.channel.down = False
    world.channel.fails["post"] = [SlackUnavailable("Too fast.", retry_after=30)]
    world.workflow.show([batch.home.owner])
    assert world.channel.messages == []
    for _ in range(3):
        world.minute()
    assert [one.request.id for one in world.channel.messages] == [one.id for one in batch.requests]


def test_a_stored_card_has_nothing_to_show_at_first(world: World) -> None:
    batch = Batch(world, 2)
    card = world.card(batch.requests[0])
    assert (card.wanted, card.unshown, card.due_at) == (0, False, None)
    assert replace(card, wanted=1).unshown


@pytest.mark.safety("A card that had nothing to show for hours rings no alarm", "bot/domain/message.py")
def test_a_card_waits_only_since_it_has_something_to_show(world: World) -> None:
    batch = Batch(world, 2)
    world.clock.turn(hours=3)
    batch.press()
    card = world.card(batch.requests[0])
    assert card.waits_since == card.held_until
    assert replace(card, held_until=None).waits_since == card.wanted_at
    assert world.clock.moment - card.wanted_at < timedelta(minutes=1)


@pytest.mark.safety("One reminder for a shared message, not one for each account", "bot/channel/reminding.py")
def test_what_came_within_the_hour_is_reminded_of_by_the_same_reminder(world: World) -> None:
    batch = Batch(world, 2, arrive=1)
    world.clock.turn(minutes=40)
    batch.arrives(2)
    for hours in (3.5, 0.7):
        world.clock.turn(hours=hours)
        world.minute()
        world.minute()
    assert len(world.channel.reminders) == 1
    assert len({one.deadlines.reminded_of for one in batch.requests}) == 1


def test_a_reminder_that_was_never_posted_reminds_of_nothing_else(world: World) -> None:
    """What it was about was decided before Slack came back."""
    batch = Batch(world, 2, arrive=1)
    world.clock.turn(minutes=40)
    batch.arrives(2)
    world.clock.turn(hours=3.4)
    world.channel.down = True
    world.minute()
    batch.decide(1, Verb.DENY)
    world.channel.down = False
    world.minute()
    world.minute()
    assert world.channel.reminders == []
    world.clock.turn(hours=1)
    world.minute()
    world.minute()
    [reminder] = world.channel.reminders
    assert states(reminder) == [State.DENIED, PENDING]


@pytest.mark.safety("A failure is told, however short ago approvers were reminded", "bot/channel/reminding.py")
def test_a_failure_after_a_reminder_is_told_as_well(world: World) -> None:
    batch = Batch(world, 2)
    world.clock.turn(hours=4)
    world.minute()
    world.minute()
    assert len(world.channel.reminders) == 1
    starts(world, 1, batch=batch)
    ends(world, batch, 1, failing="Group already exists.")
    world.minute()
    world.minute()
    assert [states(one) for one in world.channel.reminders][1:] == [[State.FAILED, PENDING]]


@pytest.mark.safety("A message that changes again and again is let go of", "bot/channel/delivery.py")
def test_who_can_not_keep_up_with_a_message_lets_it_go(world: World) -> None:
    batch = Batch(world, 9, arrive=1)
    others = iter(range(3, 9))

    def joins() -> None:
        number = next(others, None)
        if number is not None:
            world.channel.meanwhile = joins
            batch.arrives(number)

    world.channel.meanwhile = joins
    batch.arrives(2)
    assert world.message(batch.requests[0]).lease_until is None
    world.channel.meanwhile = None
    world.workflow.show([batch.home.owner])
    assert len(batch.shown.batch) == len(batch.requests)
    assert not world.store.unshown


def test_accounts_that_begin_together_leave_their_message_alone(world: World) -> None:
    """A hundred of them would all write it at the same moment."""
    batch = Batch(world, 2)
    batch.press()
    while world.bench.bulks:
        world.workflow.apply_bulk(world.bench.bulks.pop())
    wanted = world.message(batch.requests[0]).wanted
    world.take_up()
    assert batch.states == [State.PROVISIONING] * 2
    assert world.message(batch.requests[0]).wanted == wanted
    ends(world, batch, 1)
    assert states(batch.shown) == [DONE, State.PROVISIONING]


def test_one_account_alone_is_shown_as_it_begins(world: World) -> None:
    batch = Batch(world, 2, arrive=1)
    starts(world, 1, batch=batch)
    assert states(batch.shown) == [State.PROVISIONING]


@pytest.mark.safety("What a press for all has approved is carried out though Slack fails", "bot/workflow.py")
def test_what_was_approved_is_handed_over_though_the_rest_fails(world: World) -> None:
    batch = Batch(world, 3)
    name = batch.press().name
    assert isinstance(world.store, SharedStore)
    world.store.after_saving.meanwhile = lambda: setattr(world.store.before_saving, "meanwhile", _no_table)
    with pytest.raises(TryAgain):
        world.workflow.apply_bulk(name)
    assert world.bench.waiting == [batch.request(1).id]
    assert batch.states == [State.APPROVED, PENDING, PENDING]


def _no_table() -> None:
    raise TryAgain("the table does not answer")
