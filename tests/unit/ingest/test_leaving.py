"""A client deletes its stack, with all that can be in the way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.errors import NotInvited
from bot.domain.vocabulary import Kind, Standing, State, Verb
from tests.fakes import ADA, World, event_body


@pytest.fixture
def world() -> World:
    world = World()
    world.onboard()
    return world


@pytest.mark.safety("A group is emptied before it is deleted", "bot/provisioning/run.py")
@pytest.mark.safety("After a removal the client's record says that it has no access", "bot/provisioning/attempt.py")
@pytest.mark.safety(
    "After a removal the client has left, unless it was let in anew meanwhile", "bot/provisioning/attempt.py"
)
@pytest.mark.safety("`/clients` shows the effect of an event at once", "bot/ingest/plan.py")
def test_an_approved_removal_deletes_the_group_and_names_its_members(world: World) -> None:
    client_id = world.last.client_id
    world.stacks.groups[client_id][1].update({"olli", "ada"})
    world.happens("DELETE_COMPLETE", last_word=True)
    assert (world.last.kind, world.last.state) == (Kind.OFFBOARD, State.PENDING)
    assert world.client().standing is Standing.LEAVING
    world.press(Verb.APPROVE)
    world.work()
    assert world.stacks.groups == {}
    assert world.last.state is State.DONE
    assert world.last.attempt.removed_members == ("ada", "olli")
    assert ("removes members", "ada, olli") in [(a.action, a.detail) for a in world.store.trail(client_id)]
    assert world.client().standing is Standing.OFFBOARDED
    assert len(world.channel.cards) == 1


def test_a_denied_removal_keeps_the_group(world: World) -> None:
    world.happens("DELETE_COMPLETE", last_word=True)
    world.press(Verb.DENY)
    world.work()
    assert len(world.stacks.groups) == 1
    assert world.client().standing is Standing.KEPT


@pytest.mark.safety("An event counts once", "bot/ingest/receive.py")
def test_the_notification_and_the_last_word_are_one_event(world: World) -> None:
    world.happens("DELETE_COMPLETE", last_word=True)
    world.happens("DELETE_COMPLETE", last_word=True)
    assert len(world.channel.messages) == 2


def test_the_last_word_alone_is_enough(world: World) -> None:
    world.happens("DELETE_COMPLETE", last_word=True)
    assert world.last.kind is Kind.OFFBOARD
    assert world.last.stack == world.client().stack


@pytest.mark.safety("Nothing but its failures counts of a stack that is gone", "bot/ingest/deletion.py")
def test_nothing_of_a_deleted_stack_counts_any_more(world: World) -> None:
    world.happens("DELETE_COMPLETE", last_word=True)
    world.happens("UPDATE_COMPLETE", level="Administrator")
    assert [m.request.kind for m in world.channel.messages] == [Kind.ONBOARD, Kind.OFFBOARD]


def test_leaving_before_the_decision_only_closes_what_was_pending() -> None:
    world = World()
    token = world.invite()
    world.happens("CREATE_COMPLETE", token=token)
    world.happens("DELETE_COMPLETE", token=token)
    assert world.states == [State.SUPERSEDED]
    assert world.last.reason == "The client has deleted its stack since."
    assert world.client().standing is Standing.WITHDRAWN


def test_deleted_and_created_again_before_the_removal_was_decided(world: World) -> None:
    world.happens("DELETE_COMPLETE", last_word=True)
    world.happens("CREATE_IN_PROGRESS", parent=2)
    world.happens("CREATE_COMPLETE", parent=2)
    assert world.states == [State.DONE, State.SUPERSEDED, State.PENDING]
    assert (world.last.kind, world.last.warnings.recreated) == (Kind.UPDATE, True)
    world.press(Verb.APPROVE)
    world.work()
    assert world.last.state is State.DONE
    assert world.client().standing is Standing.ONBOARDED


@pytest.mark.safety("The end of a stack that was replaced asks nothing", "bot/ingest/deletion.py")
@pytest.mark.safety(
    "The end of a replaced stack asks nothing while something newer is on its way", "bot/ingest/deletion.py"
)
def test_the_end_of_a_stack_that_was_replaced_already_asks_nothing(world: World) -> None:
    world.happens("CREATE_COMPLETE", parent=2)
    world.happens("DELETE_COMPLETE", parent=1, seconds=-30)
    assert world.states == [State.DONE, State.PENDING]
    assert world.last.kind is Kind.UPDATE


@pytest.mark.safety("A client that is let in anew has the company of its new invitation", "bot/ingest/admission.py")
def test_after_offboarding_a_new_invitation_is_needed(world: World) -> None:
    world.happens("DELETE_COMPLETE", last_word=True)
    world.press(Verb.APPROVE)
    world.work()
    with pytest.raises(NotInvited):
        world.happens("CREATE_COMPLETE", parent=2)
    world.happens("CREATE_COMPLETE", parent=2, token=world.invite("Acme Again"))
    assert (world.last.kind, world.last.company) == (Kind.ONBOARD, "Acme Again")
    world.press(Verb.APPROVE)
    world.work()
    assert world.client().standing is Standing.ONBOARDED


def test_a_member_added_at_the_last_moment_fails_the_removal_and_retry_finishes_it(world: World) -> None:
    client_id = world.last.client_id
    world.happens("DELETE_COMPLETE", last_word=True)
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    world.stacks.groups[client_id][1].add("mallory")
    world.work()
    assert world.states[-1:] == [State.FAILED]
    assert "remove users" in world.last.reason
    assert world.client().standing is Standing.REMOVAL_FAILED
    world.press(Verb.RETRY)
    world.work()
    assert world.states[-1:] == [State.DONE]
    assert world.last.attempt.removed_members == ("mallory",)


@pytest.mark.safety("One change per client at a time", "bot/provisioning/run.py")
@pytest.mark.safety("The end of a request frees its client's slot", "bot/provisioning/ending.py")
@pytest.mark.safety("A hand-over to the provision Lambda that was lost is made again", "bot/sweep.py")
def test_a_removal_asked_while_the_group_is_being_made_waits_its_turn() -> None:
    world = World()
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    world.happens("DELETE_COMPLETE", last_word=True)
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    assert world.last.state is State.APPROVED
    world.work()
    assert world.states == [State.DONE, State.APPROVED]
    world.clock.turn(minutes=2)
    world.workflow.sweep()
    world.work()
    assert world.states == [State.DONE, State.DONE]
    assert world.stacks.groups == {}


def test_retry_of_an_old_failure_cannot_bring_a_leaver_back() -> None:
    world = World()
    world.stacks.refuse = "LimitExceeded"
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE)
    world.work()
    assert world.states == [State.FAILED]
    world.stacks.refuse = ""
    world.happens("DELETE_COMPLETE", last_word=True)
    assert world.states == [State.SUPERSEDED, State.PENDING]
    world.press(Verb.APPROVE)
    world.work()
    assert world.states == [State.SUPERSEDED, State.DONE]
    assert world.client().standing is Standing.OFFBOARDED


@pytest.mark.safety("A removal shows what the group gives", "bot/ingest/deletion.py")
def test_a_removal_shows_what_the_group_gives_not_what_was_asked_last(world: World) -> None:
    granted = world.client().grant
    world.happens("UPDATE_COMPLETE", role="renamed", level="Administrator")
    world.happens("DELETE_COMPLETE", role="renamed", level="Administrator", last_word=True)
    assert granted is not None
    assert (world.last.stack.role_name, world.last.stack.access_level) == (granted.role_name, granted.access_level)
    assert not world.last.warnings.recreated


@pytest.mark.safety("A client that has left is no namesake", "bot/ingest/draft.py")
def test_who_has_left_is_no_namesake(world: World) -> None:
    world.happens("DELETE_COMPLETE", last_word=True)
    world.press(Verb.APPROVE)
    world.work()
    world.happens("CREATE_COMPLETE", token=world.invite("ACME"), account="333333333333", company="ACME")
    assert world.last.warnings.namesakes == ()


@pytest.mark.safety("Other late events of a stack that is gone are only noted", "bot/ingest/admission.py")
@pytest.mark.safety(
    "Failures of a stack that is gone are only noted once its client has left", "bot/ingest/deletion.py"
)
def test_late_failures_of_who_has_left_are_only_noted(world: World) -> None:
    world.happens("DELETE_COMPLETE", seconds=60, last_word=True)
    world.press(Verb.APPROVE)
    world.work()
    world.happens("DELETE_FAILED", seconds=-10)
    assert world.states == [State.DONE, State.DONE]


def test_the_end_of_a_stack_is_shown_with_the_failure_before_it() -> None:
    world = World()
    token = world.invite()
    world.happens("CREATE_FAILED", token=token)
    world.happens("DELETE_COMPLETE", token=token, last_word=True)
    [message] = world.channel.messages
    assert [event.status for event in message.timeline] == ["CREATE_FAILED", "DELETE_COMPLETE"]


@pytest.mark.safety("A client's record does not grow without end", "bot/ingest/draft.py")
def test_every_deletion_is_kept_and_the_client_does_not_grow(world: World) -> None:
    client = world.client()
    for serial in range(2, 27):
        world.happens("CREATE_IN_PROGRESS", parent=serial)
        world.happens("DELETE_COMPLETE", parent=serial, last_word=True)
    assert len(world.store.stored_gone) == 25
    assert world.client() == replace(client, version=world.client().version)
    world.happens("UPDATE_COMPLETE", parent=2, level="Administrator")
    assert len(world.channel.messages) == 1


@pytest.mark.safety("An event that comes again after its client has left is a duplicate", "bot/ingest/receive.py")
@pytest.mark.safety(
    "After a client has left, only an event that was stored before counts as a duplicate", "bot/ingest/receive.py"
)
@pytest.mark.safety("A revocation is handed over to the provision Lambda", "bot/workflow.py")
def test_an_event_that_arrives_again_after_the_client_has_left_is_a_duplicate(world: World) -> None:
    """No attempt to get in, though nothing of it is let in any more."""
    body = event_body("UPDATE_COMPLETE", world.clock.now())
    world.send(body)
    world.revoke("Acme", ADA)
    world.work()
    assert world.client().standing is Standing.OFFBOARDED
    world.send(body)
    assert world.workflow.list_invitations(ADA).refused == ()
    with pytest.raises(NotInvited):
        world.happens("UPDATE_COMPLETE")
    assert len(world.workflow.list_invitations(ADA).refused) == 1
