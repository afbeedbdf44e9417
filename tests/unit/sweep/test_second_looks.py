"""What is read once more before it is done, since somebody else may have done it or made it pointless meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.answers import Actor
from bot.domain.approvers import Approvers
from bot.domain.errors import NotAllowed, SlackUnavailable, StalePress
from bot.domain.message import Shows
from bot.domain.vocabulary import AccessLevel, Kind, State, Verb
from bot.sweep import Reconciler
from tests.channel import Channel
from tests.fakes import BEA, World
from tests.interruptions import SharedStore


def asked(world: World) -> World:
    world.happens("CREATE_COMPLETE", token=world.invite())
    return world


@pytest.mark.safety("A press that names no person counts for nobody", "bot/decisions/people.py")
def test_somebody_without_an_id_is_nobody_even_if_slack_lists_one() -> None:
    world = asked(World())
    world.channel.groups["S0APPROVERS"] = frozenset({""})
    with pytest.raises(NotAllowed):
        world.press(Verb.APPROVE, Actor("", "T0HOME", "T0HOME"))


@pytest.mark.safety("Each approval counts as a press, also one of several that are needed", "bot/decisions/decide.py")
def test_a_denial_drawn_before_the_first_of_two_approvals_is_stale() -> None:
    world = asked(World(approvers=Approvers(("U0ADA", "U0BEA"), needed=((AccessLevel.READ_ONLY, 2),))))
    world.press(Verb.APPROVE)
    with pytest.raises(StalePress):
        world.workflow.decide(world.last.id, Verb.DENY, BEA, 0)


@pytest.mark.safety("The card comes after the message is green", "bot/channel/delivery.py")
def test_the_card_comes_after_the_message_is_green() -> None:
    world, shown = World(), list[State]()
    world.channel.posting[Shows.CARD].meanwhile = lambda: shown.extend(world.states)
    world.onboard()
    assert shown == [State.DONE]


@pytest.mark.safety("Two sweeps at once edit a message once", "bot/channel/delivery.py")
def test_two_sweeps_at_once_edit_once() -> None:
    channel = Channel()
    world = asked(World(channel=channel))
    channel.down = True
    world.press(Verb.DENY)
    channel.down = False
    world.clock.turn(minutes=2)
    channel.meanwhile = world.workflow.sweep
    world.workflow.sweep()
    assert (world.states, channel.messages[0].edits) == ([State.DENIED], 1)


@pytest.mark.safety("A search for a message that failed is made again", "bot/channel/delivery.py")
def test_a_failed_search_is_made_again_without_waiting() -> None:
    channel = Channel(loses={"post"})
    world = asked(World(channel=channel))
    client_id = world.last.client_id
    world.clock.turn(minutes=2)
    channel.fails["find"] = [SlackUnavailable("the search failed", down=False)]
    world.workflow.delivery.show(client_id)
    world.workflow.delivery.show(client_id)
    assert (world.message().ts, len(channel.messages)) == ("1.0", 1)


def test_a_reminder_of_what_was_reopened_meanwhile_takes_no_reminder_from_it() -> None:
    channel = Channel()
    world = asked(World(channel=channel))
    world.clock.turn(hours=4)

    def reopened() -> None:
        world.press(Verb.DENY)
        world.press(Verb.REOPEN)

    channel.posting[Shows.REMINDER].meanwhile = reopened
    world.workflow.sweep()
    assert world.last.deadlines.remind_at == world.last.deadlines.asked_at + timedelta(hours=4)


@pytest.mark.safety("Nobody is reminded of a request that has expired", "bot/sweep.py")
def test_what_has_expired_is_not_mentioned_again() -> None:
    world = asked(World())
    world.clock.turn(days=8)
    world.workflow.sweep()
    assert (world.states, world.channel.reminders) == ([State.EXPIRED], [])


@pytest.mark.safety("Nobody is reminded of a request whose message is not shown", "bot/sweep.py")
def test_what_is_not_shown_yet_is_not_mentioned() -> None:
    world = asked(World())
    world.clock.turn(hours=5)
    own = world.message()
    lease = world.clock.moment + timedelta(minutes=1)
    world.store.stored_messages[own.owner, own.place] = replace(own, ts=None, shown=0, lease_until=lease)
    world.workflow.sweep()
    assert world.channel.reminders == []


@pytest.mark.safety("Nobody is reminded of a request that another sweep has just reminded of", "bot/sweep.py")
def test_a_sweep_that_found_what_another_one_has_reminded_of_since_does_not_remind() -> None:
    world = asked(World())
    world.clock.turn(hours=4)
    due = list(world.store.due(world.clock.now(), 1))
    world.workflow.sweep()
    workflow = world.workflow
    sweep = Reconciler(world.store, workflow.provisioning, workflow.paging, workflow.delivery, world.clock)
    sweep.reconcile(world.clock.now(), due, [])
    assert len(world.channel.reminders) == 1


@pytest.mark.safety("A press counts even if the table can't store that its request waits", "bot/provisioning/run.py")
def test_a_press_counts_although_the_table_is_too_busy_to_note_that_it_waits() -> None:
    store = SharedStore()
    world = asked(World(store=store))
    world.bench.broken = True

    def too_busy() -> None:
        store.busy = True

    store.after_saving.meanwhile = too_busy
    assert world.press(Verb.APPROVE).state is State.APPROVED


@pytest.mark.safety("Only the request that holds its client's slot goes on", "bot/provisioning/run.py")
def test_only_the_holder_of_the_clients_slot_goes_on() -> None:
    """Made by hand: the slot is given up in the same step that ends the request."""
    world = asked(World())
    world.press(Verb.APPROVE)
    begun = replace(world.last, state=State.PROVISIONING)
    world.store.stored_requests[begun.id] = begun
    world.work()
    assert world.stacks.starts == 0


@pytest.mark.safety("Work that begins knows what the group gives at that moment", "bot/provisioning/run.py")
def test_a_removal_that_begins_knows_what_the_group_gives_by_then() -> None:
    world = asked(World())
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    world.happens("DELETE_COMPLETE", last_word=True)
    assert (world.last.kind, world.last.previous) == (Kind.OFFBOARD, None)
    world.stacks.complete()
    world.clock.turn(minutes=2)
    world.workflow.sweep()
    granted = world.client().grant
    world.press(Verb.APPROVE)
    world.work()
    assert granted is not None
    assert world.last.previous == granted


@pytest.mark.safety("Whom an earlier attempt of a removal took out is still named", "bot/provisioning/run.py")
def test_whom_a_first_attempt_took_out_is_still_named_after_the_second() -> None:
    world = World()
    client_id = world.onboard()
    world.stacks.groups[client_id][1].add("olli")
    world.happens("DELETE_COMPLETE", last_word=True)
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    world.stacks.groups[client_id][1].add("mallory")
    world.work()
    world.press(Verb.RETRY)
    world.work()
    assert (world.last.state, world.last.attempt.removed_members) == (State.DONE, ("mallory", "olli"))


@pytest.mark.safety("Looking at work that goes on well writes nothing", "bot/provisioning/run.py")
def test_looking_at_what_goes_on_well_writes_nothing() -> None:
    world = asked(World())
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    version = world.last.version
    world.clock.turn(minutes=2)
    world.workflow.record_outcome(world.stacks.stack_id(world.last.client_id))
    assert world.last.version == version


@pytest.mark.safety("A deletion that is held back does not push the next one further", "bot/ingest/deletion.py")
def test_a_deletion_that_is_held_back_does_not_hold_back_the_next_one_for_longer() -> None:
    world = World()
    world.onboard()
    for parent in range(2, 14):
        world.happens("CREATE_COMPLETE", parent=parent)
    world.happens("DELETE_COMPLETE", parent=13, last_word=True)
    told_at = world.client().asked.removal_at
    world.clock.turn(minutes=3)
    world.happens("CREATE_COMPLETE", parent=14)
    world.happens("DELETE_COMPLETE", parent=14, last_word=True)
    assert told_at is not None
    assert world.client().asked.removal_at == told_at
