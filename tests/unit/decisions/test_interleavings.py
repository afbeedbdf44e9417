"""Several things about one client at once: what was started meanwhile, answered late, or asked anew."""

from __future__ import annotations

import pytest

from bot.domain.errors import NotInvited
from bot.domain.model import Grant
from bot.domain.vocabulary import AccessLevel, Kind, Standing, State, Verb
from tests.fakes import TERMS, World


@pytest.fixture
def world() -> World:
    return World()


def removal_runs(world: World) -> str:
    """An onboarded client has left, and CloudFormation is removing its group. Answers the client's id."""
    client_id = world.onboard()
    world.happens("DELETE_COMPLETE", last_word=True)
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    return client_id


@pytest.mark.safety("A message that is found is brought up to date", "bot/channel/delivery.py")
def test_a_lost_answer_is_looked_for_by_whoever_shows_next(world: World) -> None:
    world.channel.loses.add("post")
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    world.clock.turn(seconds=65)
    for moved in world.stacks.complete():
        world.workflow.record_outcome(moved)
    assert world.states == [State.DONE]
    assert len(world.channel.cards) == 1


def test_a_late_event_does_not_post_again_what_was_posted_and_not_noted(world: World) -> None:
    token = world.invite()
    world.channel.loses.add("post")
    world.happens("CREATE_COMPLETE", token=token)
    world.clock.turn(seconds=61)
    world.happens("CREATE_IN_PROGRESS", token=token, seconds=-90)
    assert len(world.channel.messages) == 1
    world.minute()
    assert len(world.channel.messages[0].timeline) == 2


@pytest.mark.safety(
    "After a removal the client has left, unless it was let in anew meanwhile", "bot/provisioning/attempt.py"
)
def test_who_was_invited_anew_during_the_removal_is_not_locked_out_by_its_end(world: World) -> None:
    removal_runs(world)
    token = world.invite()
    world.happens("CREATE_COMPLETE", parent=2, token=token)
    world.work()
    assert (world.last.kind, world.last.state, world.last.previous) == (Kind.ONBOARD, State.PENDING, None)
    world.clock.turn(days=7)
    world.happens("UPDATE_COMPLETE", parent=2, token=token)
    world.press(Verb.APPROVE)
    world.work()
    assert world.client().standing is Standing.ONBOARDED


def test_when_the_removal_fails_the_newer_request_is_told_as_the_update_it_is(world: World) -> None:
    client_id = removal_runs(world)
    world.happens("CREATE_COMPLETE", parent=2, token=world.invite())
    world.stacks.groups[client_id][1].add("mallory")
    world.work()
    assert world.states == [State.DONE, State.SUPERSEDED, State.PENDING]
    assert world.channel.messages[-1].request.kind is Kind.UPDATE
    assert world.last.previous == Grant("switchyard-access", AccessLevel.READ_ONLY, TERMS)


def test_what_changed_is_told_from_what_the_group_gives_in_the_end(world: World) -> None:
    world.onboard(role="a")
    world.happens("UPDATE_COMPLETE", role="b")
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    world.happens("UPDATE_COMPLETE", role="a")
    world.work()
    assert world.last.previous == Grant("b", AccessLevel.READ_ONLY, TERMS)
    world.press(Verb.APPROVE)
    world.work()
    assert world.channel.cards[-1].request.stack.role_name == "a"


@pytest.mark.safety("Work that begins may leave a group, even after a removal", "bot/provisioning/run.py")
def test_a_group_made_after_a_removal_is_asked_about_when_its_client_leaves(world: World) -> None:
    removal_runs(world)
    token = world.invite()
    world.happens("CREATE_COMPLETE", parent=2, token=token)
    world.press(Verb.APPROVE)
    world.bench.waiting.clear()
    for moved in world.stacks.complete():
        world.workflow.record_outcome(moved)
    world.clock.turn(minutes=2)
    world.workflow.sweep()
    world.workflow.provision(world.bench.waiting.pop())
    world.happens("DELETE_COMPLETE", parent=2, token=token, last_word=True)
    assert world.last.kind is Kind.OFFBOARD
    for moved in world.stacks.complete():
        world.workflow.record_outcome(moved)
    world.press(Verb.APPROVE)
    world.work()
    assert world.stacks.groups == {}


@pytest.mark.safety(
    "After an onboarding the client's record says what the group gives, and to which stack's role",
    "bot/provisioning/attempt.py",
)
@pytest.mark.safety(
    "The end of a replaced stack is asked about while the group still grants that stack's role",
    "bot/ingest/deletion.py",
)
def test_a_group_whose_role_is_gone_is_asked_about_although_a_newer_stack_was_denied(world: World) -> None:
    token = world.invite()
    world.happens("CREATE_COMPLETE", token=token, role="a", parent=1)
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    world.happens("CREATE_COMPLETE", token=token, role="b", parent=2)
    world.work()
    world.press(Verb.DENY)
    world.happens("DELETE_COMPLETE", token=token, role="a", parent=1, last_word=True)
    assert (world.last.kind, world.last.stack.role_name) == (Kind.OFFBOARD, "a")


def test_an_invitation_that_a_newer_one_replaced_is_worth_nothing(world: World) -> None:
    replaced = world.invite()
    world.happens("CREATE_COMPLETE", token=replaced)
    world.happens("DELETE_COMPLETE", last_word=True)
    world.happens("CREATE_COMPLETE", parent=2, token=world.invite())
    world.press(Verb.APPROVE)
    world.work()
    world.happens("DELETE_COMPLETE", parent=2, last_word=True)
    world.press(Verb.APPROVE)
    world.work()
    with pytest.raises(NotInvited, match="newer"):
        world.happens("CREATE_COMPLETE", parent=3, token=replaced)


def test_a_reminder_whose_answer_was_lost_is_not_repeated_every_minute(world: World) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.clock.turn(hours=25)
    world.channel.down = True
    world.workflow.sweep()
    world.channel.down = False
    for _ in range(3):
        world.clock.turn(minutes=1)
        world.workflow.sweep()
    assert len(world.channel.reminders) <= 1


def test_the_end_of_a_replaced_stack_does_not_withdraw_what_is_asked_for_the_living_one(world: World) -> None:
    world.onboard(role="a")
    world.happens("CREATE_COMPLETE", role="a", parent=2)
    world.press(Verb.APPROVE)
    world.work()
    world.happens("UPDATE_COMPLETE", role="b", parent=2)
    world.happens("DELETE_COMPLETE", role="a", parent=1, seconds=-30, last_word=True)
    assert (world.last.kind, world.last.state, world.last.stack.role_name) == (Kind.UPDATE, State.PENDING, "b")


def test_the_end_of_a_stack_that_never_had_the_role_asks_nothing(world: World) -> None:
    world.onboard(role="a")
    world.happens("UPDATE_COMPLETE", role="b")
    world.press(Verb.DENY)
    world.happens("CREATE_IN_PROGRESS", role="b", parent=3)
    world.happens("DELETE_COMPLETE", role="a", parent=3, last_word=True)
    assert [message.request.kind for message in world.channel.messages] == [Kind.ONBOARD, Kind.UPDATE]


def test_an_edit_that_slack_did_not_confirm_is_drawn_again(world: World) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.DENY)
    request = world.last
    world.channel.down = True
    world.workflow.delivery.show(request.client_id)
    world.press(Verb.REOPEN)
    world.channel.down = False
    edits = world.channel.messages[0].edits
    world.clock.turn(minutes=2)
    world.workflow.sweep()
    assert world.channel.messages[0].edits > edits
    assert world.states == [State.PENDING]
