"""When an invitation is used up, that who comes back by one starts afresh, and one client's several stacks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.errors import NotInvited, TryAgain
from bot.domain.ids import token_hash
from bot.domain.vocabulary import Kind, State, Verb
from tests.fakes import World, event_body


@pytest.fixture
def world() -> World:
    return World()


def approve(world: World) -> None:
    world.press(Verb.APPROVE)
    world.work()


def is_spent(world: World, token: str) -> bool:
    invitation = world.store.invitation(token_hash(token))
    assert invitation is not None
    return invitation.spent_at is not None


def test_an_invitation_is_used_up_by_a_success_alone(world: World) -> None:
    token = world.invite()
    world.stacks.refuse = "LimitExceeded"
    world.happens("CREATE_COMPLETE", token=token)
    approve(world)
    assert (world.last.state, world.last.reason) == (State.FAILED, "LimitExceeded")
    assert not is_spent(world, token)
    world.stacks.refuse = ""
    world.happens("DELETE_COMPLETE", last_word=True)
    approve(world)
    assert not is_spent(world, token)


@pytest.mark.safety("A failed set-up does not use the invitation up", "bot/provisioning/run.py")
def test_a_failed_update_does_not_use_up_a_new_invitation(world: World) -> None:
    world.onboard()
    world.happens("DELETE_COMPLETE", last_word=True)
    token = world.invite()
    world.happens("CREATE_COMPLETE", parent=2, token=token, level="PowerUser")
    world.stacks.refuse = "LimitExceeded"
    approve(world)
    assert world.last.state is State.FAILED
    assert not is_spent(world, token)


@pytest.mark.safety(
    "An event time ahead of ours, from before the client left, does not outrank its events afterwards",
    "bot/ingest/admission.py",
)
def test_who_comes_back_is_asked_about_although_its_clock_was_ahead_before(world: World) -> None:
    world.onboard()
    world.send(event_body("UPDATE_COMPLETE", world.clock.now() + timedelta(minutes=50)))
    world.happens("DELETE_COMPLETE", last_word=True)
    approve(world)
    world.happens("CREATE_COMPLETE", parent=2, token=world.invite())
    assert (world.last.kind, world.last.state) == (Kind.ONBOARD, State.PENDING)


@pytest.mark.safety(
    "While an onboarding waits behind a removal, a new stack needs an invitation", "bot/ingest/admission.py"
)
def test_an_invitation_during_the_removal_lets_in_the_stack_it_was_made_for_alone(world: World) -> None:
    world.onboard()
    world.happens("DELETE_COMPLETE", last_word=True)
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    world.happens("CREATE_COMPLETE", parent=2, token=world.invite())
    with pytest.raises(NotInvited):
        world.happens("CREATE_COMPLETE", parent=3)


def test_news_of_an_older_stack_does_not_hide_the_end_of_the_newer_one(world: World) -> None:
    token = world.invite()
    for parent in (1, 2):
        world.happens("CREATE_COMPLETE", parent=parent, token=token)
    world.happens("UPDATE_IN_PROGRESS", parent=1)
    for parent in (2, 1):
        world.happens("DELETE_COMPLETE", parent=parent, last_word=True)
        assert world.states == [State.SUPERSEDED, State.SUPERSEDED]


@pytest.mark.parametrize("begun", [False, True])
def test_the_end_of_a_replaced_stack_stops_no_approved_update(world: World, begun: bool) -> None:
    world.onboard()
    world.happens("CREATE_COMPLETE", parent=2)
    world.press(Verb.APPROVE)
    if begun:
        world.stacks.unreachable = True
        with pytest.raises(TryAgain):
            world.workflow.provision(world.bench.waiting[0])
        world.stacks.unreachable = False
    world.happens("DELETE_COMPLETE", last_word=True, parent=1)
    world.work()
    assert world.states == [State.DONE, State.DONE]
