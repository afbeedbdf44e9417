"""A deletion that a notification alone tells may be made up by whoever may publish to the client's SNS topic.

It is asked after 10 minutes and marked; the gate's last word takes the mark off; a later completed operation of that
very stack takes the deletion back, and no access is given or taken without a person.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.domain.errors import NotInvited
from bot.domain.vocabulary import Kind, Standing, State, Verb
from tests.fakes import ADA, BEA, World, event_body
from tests.interruptions import SharedStore


@pytest.fixture
def world() -> World:
    world = World()
    world.onboard()
    return world


def is_posted_after(world: World, minutes: float) -> None:
    world.clock.turn(minutes=minutes)
    world.workflow.sweep()


def removal_is_asked(world: World) -> None:
    world.happens("DELETE_COMPLETE")
    is_posted_after(world, 10.1)
    assert (world.last.kind, world.last.state, world.last.warnings.unconfirmed) == (Kind.OFFBOARD, State.PENDING, True)


def asked_again(world: World, kind: Kind) -> None:
    """The newest message asks, says what is doubtful, and nothing was given for it."""
    assert (world.last.kind, world.last.state, world.last.warnings.contradicted) == (kind, State.PENDING, True)
    world.workflow.sweep()
    world.work()
    assert (world.last.kind, world.last.state) == (kind, State.PENDING)


def history(world: World, client_id: str) -> list[str]:
    return [audit.action for audit in world.store.trail(client_id)]


# Told by a notification alone


@pytest.mark.safety(
    "A deletion that a notification alone tells is asked after 10 minutes, and marked", "bot/ingest/deletion.py"
)
def test_a_deletion_by_notification_alone_is_asked_after_ten_minutes_and_marked(world: World) -> None:
    world.happens("DELETE_COMPLETE")
    assert world.client().standing is Standing.LEAVING
    is_posted_after(world, 9.5)
    assert world.states == [State.DONE]
    is_posted_after(world, 0.6)
    assert world.states == [State.DONE, State.PENDING]
    assert world.last.warnings.unconfirmed


def test_it_is_believed_all_the_same(world: World) -> None:
    """The gate has one chance only, which an outage can take."""
    removal_is_asked(world)
    world.press(Verb.APPROVE)
    world.work()
    assert world.stacks.groups == {}
    assert world.client().standing is Standing.OFFBOARDED


def test_the_gates_last_word_alone_is_asked_at_once_without_a_mark(world: World) -> None:
    world.happens("DELETE_COMPLETE", last_word=True)
    assert (world.last.kind, world.last.warnings.unconfirmed, world.message().held_until) == (
        Kind.OFFBOARD,
        False,
        None,
    )


# Confirmed


@pytest.mark.safety(
    "The gate's word takes the mark off an unconfirmed deletion, and has it posted at once", "bot/ingest/deletion.py"
)
def test_the_gate_takes_the_mark_off_and_the_request_is_posted_at_once(world: World) -> None:
    world.happens("DELETE_COMPLETE")
    world.happens("DELETE_COMPLETE", last_word=True)
    assert world.states == [State.DONE, State.PENDING]
    assert not world.last.warnings.unconfirmed
    assert "deletion confirmed by the gate" in history(world, world.last.client_id)


@pytest.mark.safety("A request that an event confirms is saved once in its transaction", "bot/ingest/plan.py")
def test_a_gate_that_spoke_before_the_notification_takes_the_mark_off_as_well(world: World) -> None:
    world.happens("DELETE_COMPLETE")
    world.happens("DELETE_COMPLETE", last_word=True, seconds=-5)
    assert (world.last.state, world.last.warnings.unconfirmed) == (State.PENDING, False)


@pytest.mark.parametrize("decided", [None, Verb.APPROVE])
def test_it_takes_the_mark_off_a_message_that_is_there_already(world: World, decided: Verb | None) -> None:
    removal_is_asked(world)
    if decided:
        world.press(decided)
    state = world.last.state
    world.happens("DELETE_COMPLETE", last_word=True)
    assert not world.channel.messages[-1].request.warnings.unconfirmed
    assert world.states == [State.DONE, state]


def test_the_notification_after_the_gates_word_marks_nothing(world: World) -> None:
    world.happens("DELETE_COMPLETE", last_word=True)
    world.happens("DELETE_COMPLETE")
    assert world.states == [State.DONE, State.PENDING]
    assert not world.last.warnings.unconfirmed


def test_a_press_and_the_gates_word_at_once_both_count(world: World) -> None:
    store = SharedStore()
    world = World(store=store)
    world.onboard()
    removal_is_asked(world)
    store.before_saving.meanwhile = lambda: world.happens("DELETE_COMPLETE", last_word=True)
    world.press(Verb.APPROVE)
    assert (world.last.state, world.last.warnings.unconfirmed) == (State.APPROVED, False)


@pytest.mark.safety("A deletion that the gate confirmed is final", "bot/ingest/deletion.py")
@pytest.mark.parametrize("told", [("notification", "gate"), ("gate", "notification"), ("gate",)])
def test_what_the_gate_confirmed_stays_final(world: World, told: tuple[str, ...]) -> None:
    for signal in told:
        world.happens("DELETE_COMPLETE", last_word=signal == "gate")
    world.happens("UPDATE_COMPLETE", level="Administrator")
    assert world.states == [State.DONE, State.PENDING]
    world.press(Verb.APPROVE)
    world.work()
    world.happens("UPDATE_COMPLETE", level="Administrator")
    assert world.states == [State.DONE, State.DONE]
    assert world.client().standing is Standing.OFFBOARDED


def test_while_a_client_floods_the_channel_a_confirmed_deletion_waits_no_longer_than_any_other() -> None:
    world = World()
    world.onboard()
    for _ in range(9):
        world.happens("UPDATE_COMPLETE")
    world.happens("DELETE_COMPLETE")
    world.happens("DELETE_COMPLETE", last_word=True)
    assert (world.last.kind, world.last.state) == (Kind.OFFBOARD, State.PENDING)


# Taken back


@pytest.mark.safety("What waits for a made-up deletion is superseded, or never posted", "bot/ingest/deletion.py")
def test_while_it_is_held_a_completed_operation_takes_it_back_and_it_is_never_posted(world: World) -> None:
    world.happens("DELETE_COMPLETE")
    world.happens("UPDATE_COMPLETE")
    asked_again(world, Kind.UPDATE)
    is_posted_after(world, 30)
    assert [message.request.kind for message in world.channel.messages] == [Kind.ONBOARD, Kind.UPDATE]
    assert "reopened: its stack was not deleted" in history(world, world.last.client_id)


def test_a_removal_that_waits_is_superseded_and_says_why(world: World) -> None:
    removal_is_asked(world)
    world.happens("UPDATE_COMPLETE")
    assert world.states == [State.DONE, State.SUPERSEDED, State.PENDING]
    assert "was not deleted" in world.channel.messages[1].request.reason
    asked_again(world, Kind.UPDATE)
    assert len(world.stacks.groups) == 1


def test_an_approved_removal_that_has_not_begun_is_superseded(world: World) -> None:
    removal_is_asked(world)
    world.press(Verb.APPROVE)
    world.happens("UPDATE_COMPLETE")
    assert world.states == [State.DONE, State.SUPERSEDED, State.PENDING]
    asked_again(world, Kind.UPDATE)
    assert len(world.stacks.groups) == 1


def test_a_removal_under_way_goes_on_and_the_client_is_asked_for_again(world: World) -> None:
    removal_is_asked(world)
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    world.happens("UPDATE_COMPLETE")
    asked_again(world, Kind.ONBOARD)
    assert world.states == [State.DONE, State.DONE, State.PENDING]
    assert world.stacks.groups == {}
    world.press(Verb.APPROVE)
    world.work()
    assert world.client().standing is Standing.ONBOARDED


@pytest.mark.safety(
    "A made-up deletion is taken back by what the stack completes, and nothing is given for it",
    "bot/ingest/deletion.py",
)
def test_after_the_removal_the_client_is_asked_for_again_and_not_let_in(world: World) -> None:
    client_id = world.last.client_id
    removal_is_asked(world)
    world.press(Verb.APPROVE)
    world.work()
    world.happens("UPDATE_COMPLETE")
    asked_again(world, Kind.ONBOARD)
    assert world.stacks.groups == {}
    assert (world.client().id, world.client().standing) == (client_id, Standing.WAITING)
    world.happens("UPDATE_COMPLETE", level="PowerUser")
    asked_again(world, Kind.ONBOARD)
    world.press(Verb.APPROVE)
    world.work()
    assert world.client().standing is Standing.ONBOARDED


def test_once_asked_for_again_its_failures_are_told_like_anybodys(world: World) -> None:
    removal_is_asked(world)
    world.press(Verb.APPROVE)
    world.work()
    world.happens("UPDATE_COMPLETE")
    assert not world.client().offboarded
    world.happens("UPDATE_ROLLBACK_COMPLETE")
    assert world.last.kind is Kind.REPORT


@pytest.mark.parametrize("failed", [True, False])
def test_a_removal_that_failed_or_was_denied_is_superseded(world: World, *, failed: bool) -> None:
    removal_is_asked(world)
    world.stacks.refuse = "AccessDenied" if failed else ""
    world.press(Verb.APPROVE if failed else Verb.DENY)
    world.work()
    world.happens("UPDATE_COMPLETE")
    assert world.states == [State.DONE, State.SUPERSEDED, State.PENDING]
    asked_again(world, Kind.UPDATE)


def test_a_client_without_a_group_is_asked_for_again_too() -> None:
    world = World()
    token = world.invite()
    world.happens("CREATE_COMPLETE", token=token)
    world.happens("DELETE_COMPLETE", token=token)
    assert (world.states, world.client().standing) == ([State.SUPERSEDED], Standing.WITHDRAWN)
    world.happens("UPDATE_COMPLETE", token=token)
    asked_again(world, Kind.ONBOARD)


@pytest.mark.safety("The warning about a made-up deletion stays until somebody has decided", "bot/ingest/deletion.py")
def test_the_warning_stays_while_nobody_has_decided(world: World) -> None:
    """Or whoever made it up would send another event, and the warning would be gone."""
    world.happens("DELETE_COMPLETE")
    world.happens("UPDATE_COMPLETE")
    world.happens("UPDATE_COMPLETE", level="Administrator")
    asked_again(world, Kind.UPDATE)
    world.press(Verb.APPROVE)
    world.work()
    world.happens("UPDATE_COMPLETE")
    assert not world.last.warnings.contradicted


@pytest.mark.parametrize("before", [timedelta(0), timedelta(milliseconds=5)])
def test_what_was_completed_before_the_deletion_takes_nothing_back(world: World, before: timedelta) -> None:
    removal_is_asked(world)
    [gone] = world.store.stored_gone.values()
    world.send(event_body("UPDATE_COMPLETE", gone.at - before))
    assert world.states == [State.DONE, State.PENDING]


def test_neither_do_a_failure_a_resource_or_another_stack(world: World) -> None:
    removal_is_asked(world)
    world.happens("UPDATE_ROLLBACK_COMPLETE")
    world.happens("UPDATE_COMPLETE", resource="AccessRole")
    world.happens("UPDATE_IN_PROGRESS")
    assert world.client().current_request == world.channel.messages[1].request.id
    [gone] = world.store.stored_gone.values()
    assert not gone.refuted


@pytest.mark.safety("A deletion told from the future outranks nothing", "bot/ingest/deletion.py")
def test_a_deletion_told_from_the_future_does_not_outrank_what_the_stack_does_until_then(world: World) -> None:
    world.send(event_body("DELETE_COMPLETE", world.clock.moment.replace(minute=59)))
    world.happens("UPDATE_COMPLETE", seconds=5)
    asked_again(world, Kind.UPDATE)


def test_a_deletion_from_before_what_the_stack_completed_is_not_asked(world: World) -> None:
    """By their own times the operation came later, so it is the same as if it had arrived later."""
    world.happens("UPDATE_COMPLETE", seconds=60)
    world.happens("DELETE_COMPLETE", seconds=-30)
    is_posted_after(world, 30)
    assert [message.request.kind for message in world.channel.messages] == [Kind.ONBOARD, Kind.UPDATE]
    assert "reported a deletion that never happened" in history(world, world.last.client_id)
    world.happens("DELETE_COMPLETE", seconds=-30, last_word=True)
    assert (world.last.kind, world.last.warnings.unconfirmed) == (Kind.OFFBOARD, False)


@pytest.mark.safety("A made-up deletion does not use up the real one", "bot/ingest/payload.py")
def test_a_made_up_deletion_does_not_use_up_the_real_one(world: World) -> None:
    world.happens("DELETE_COMPLETE", event_id="made-up")
    world.happens("UPDATE_COMPLETE")
    world.press(Verb.APPROVE)
    world.work()
    removal_is_asked(world)
    world.happens("DELETE_COMPLETE", last_word=True)
    assert (world.last.kind, world.last.warnings.unconfirmed) == (Kind.OFFBOARD, False)
    world.happens("UPDATE_COMPLETE")
    assert world.last.kind is Kind.OFFBOARD


def test_an_older_stack_that_stands_after_all_is_asked_for_with_the_warning(world: World) -> None:
    world.happens("CREATE_COMPLETE", parent=2)
    world.press(Verb.APPROVE)
    world.work()
    world.happens("DELETE_COMPLETE", parent=1)
    world.happens("UPDATE_COMPLETE", parent=1)
    asked_again(world, Kind.UPDATE)
    assert world.last.warnings.recreated


# A revocation is an approver's word, which nothing of this brings back


@pytest.mark.safety("A revoked client is not reopened", "bot/ingest/admission.py")
def test_a_revoked_client_is_not_reopened(world: World) -> None:
    world.happens("DELETE_COMPLETE")
    world.revoke("Acme", BEA)
    world.happens("UPDATE_COMPLETE")
    world.work()
    assert world.client().standing is Standing.OFFBOARDED
    with pytest.raises(NotInvited):
        world.happens("UPDATE_COMPLETE")
    assert world.states == [State.DONE, State.DONE]


def test_but_a_new_invitation_lets_its_standing_stack_ask(world: World) -> None:
    world.happens("DELETE_COMPLETE")
    world.revoke("Acme")
    world.work()
    world.happens("UPDATE_COMPLETE", token=world.invite("Acme Again"))
    asked_again(world, Kind.ONBOARD)
    assert world.last.company == "Acme Again"


def test_a_reopened_client_uses_the_invitation_that_it_brings(world: World) -> None:
    removal_is_asked(world)
    world.press(Verb.APPROVE)
    world.work()
    world.happens("UPDATE_COMPLETE", token=world.invite("Acme Again"))
    asked_again(world, Kind.ONBOARD)
    assert world.last.company == "Acme Again"


# What it costs


def test_no_look_at_deletions_on_the_plain_path(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    asked: list[str] = []
    monkeypatch.setattr(world.store, "gone", asked.append)
    world.onboard()
    world.happens("UPDATE_IN_PROGRESS")
    world.happens("UPDATE_COMPLETE")
    world.happens("CREATE_COMPLETE", parent=2)
    assert asked == []


def test_a_deletion_that_comes_between_is_not_overlooked() -> None:
    store = SharedStore()
    world = World(store=store)
    world.onboard()
    store.before_saving.meanwhile = lambda: world.happens("DELETE_COMPLETE", seconds=60, last_word=True)
    world.happens("UPDATE_COMPLETE", seconds=1)
    assert [message.request.kind for message in world.channel.messages] == [Kind.ONBOARD, Kind.OFFBOARD]


# What a made-up deletion must not use up or open


def denied(world: World) -> None:
    removal_is_asked(world)
    world.press(Verb.DENY)


def expired(world: World) -> None:
    removal_is_asked(world)
    world.clock.turn(days=8)
    world.workflow.sweep()


@pytest.mark.safety("What people denied unconfirmed is asked again once the gate confirms it", "bot/ingest/plan.py")
@pytest.mark.safety("What people denied unconfirmed is asked again once the gate confirms it", "bot/ingest/deletion.py")
@pytest.mark.parametrize("settled", [denied, expired])
def test_what_people_refused_unconfirmed_is_asked_again_once_the_gate_confirms_it(
    world: World, settled: Callable[[World], None]
) -> None:
    settled(world)
    world.happens("DELETE_COMPLETE")
    assert len(world.states) == 2, "another notification alone asks nothing new"
    world.happens("DELETE_COMPLETE", last_word=True)
    assert world.states == [State.DONE, State.SUPERSEDED, State.PENDING]
    assert (world.last.kind, world.last.warnings.unconfirmed) == (Kind.OFFBOARD, False)
    world.press(Verb.APPROVE)
    world.work()
    assert world.stacks.groups == {}


def test_a_group_for_a_stack_that_was_replaced_is_asked_about_once_the_gate_confirms_its_end(world: World) -> None:
    world.happens("DELETE_COMPLETE")
    world.happens("CREATE_COMPLETE", parent=2)
    world.press(Verb.DENY)
    world.happens("DELETE_COMPLETE", last_word=True)
    assert (world.last.kind, world.last.state) == (Kind.OFFBOARD, State.PENDING)


@pytest.mark.safety("A made-up deletion undoes no revocation", "bot/ingest/plan.py")
@pytest.mark.safety("A made-up deletion undoes no revocation", "bot/ingest/deletion.py")
@pytest.mark.parametrize("deleted_first", [True, False])
def test_a_made_up_deletion_does_not_undo_a_revocation(world: World, deleted_first: bool) -> None:
    if deleted_first:
        world.happens("DELETE_COMPLETE")
    world.revoke("Acme", ADA)
    world.work()
    if not deleted_first:
        world.happens("DELETE_COMPLETE")
    before = world.states
    with pytest.raises(NotInvited):
        world.happens("UPDATE_COMPLETE", level="Administrator")
    assert world.states == before
    assert world.client().standing is Standing.OFFBOARDED


@pytest.mark.safety("An older stack's unconfirmed deletion is no way around an invitation", "bot/ingest/admission.py")
def test_an_unconfirmed_deletion_of_an_older_stack_is_no_way_around_an_invitation(world: World) -> None:
    world.happens("DELETE_COMPLETE")
    world.happens("CREATE_COMPLETE", parent=2)
    world.press(Verb.APPROVE)
    world.work()
    world.happens("DELETE_COMPLETE", parent=2, last_word=True)
    world.press(Verb.APPROVE)
    world.work()
    assert world.client().standing is Standing.OFFBOARDED
    world.clock.turn(days=300)
    with pytest.raises(NotInvited):
        world.happens("UPDATE_COMPLETE", level="Administrator")


@pytest.mark.safety("A completion dated ahead hides nothing that comes later", "bot/ingest/plan.py")
def test_a_completion_dated_ahead_hides_nothing_that_comes_later(world: World) -> None:
    world.happens("UPDATE_COMPLETE", seconds=1, role="a")
    ahead = event_body("UPDATE_COMPLETE", world.clock.now() + timedelta(minutes=59), role="b")
    world.send(ahead)
    world.press(Verb.APPROVE)
    world.work()
    world.clock.turn(minutes=2)
    world.happens("UPDATE_COMPLETE", role="c", level="Administrator")
    assert (world.last.state, world.last.stack.role_name) == (State.PENDING, "c")
    world.press(Verb.DENY)
    world.happens("DELETE_COMPLETE", role="c")
    is_posted_after(world, 11)
    assert (world.last.kind, world.last.state) == (Kind.OFFBOARD, State.PENDING)
