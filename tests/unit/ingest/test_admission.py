"""What lets an event in once a client is known: its stacks, its role, and the invitations it was sent."""

from __future__ import annotations

import pytest

from bot.domain.errors import NotInvited
from bot.domain.ids import token_hash
from bot.domain.search import Search
from bot.domain.vocabulary import AccessLevel, Kind, Standing, State, Verb
from tests.fakes import ADA, World, event_body


@pytest.fixture
def world() -> World:
    return World()


def approve(world: World) -> None:
    world.press(Verb.APPROVE)
    world.work()


def leave(world: World, parent: int = 1) -> None:
    world.happens("DELETE_COMPLETE", last_word=True, parent=parent)
    approve(world)


def is_spent(world: World, token: str) -> bool:
    invitation = world.store.invitation(token_hash(token))
    assert invitation is not None
    return invitation.spent_at is not None


def recreated(world: World) -> str:
    """A client whose first stack was replaced by a second, which is known too. Answers its id."""
    client_id = world.onboard()
    world.happens("CREATE_COMPLETE", parent=2, level="PowerUser")
    approve(world)
    return client_id


@pytest.mark.safety("Once a stack is let in, the stack and its role belong to that client", "bot/ingest/admission.py")
@pytest.mark.safety(
    "The end of a known stack is always heard, also after its client has left", "bot/ingest/admission.py"
)
def test_the_end_of_an_older_stack_is_heard_after_the_client_has_left(world: World) -> None:
    recreated(world)
    leave(world, parent=2)
    world.happens("DELETE_COMPLETE", last_word=True, parent=1)
    assert world.client().standing is Standing.OFFBOARDED
    assert len(world.store.stored_gone) == 2


@pytest.mark.safety("A client that has left needs a new invitation to come back", "bot/ingest/admission.py")
@pytest.mark.safety("A recreated stack does not use up an invitation that is no longer good", "bot/ingest/admission.py")
def test_an_older_stack_lets_nobody_back_in_while_the_group_is_removed_or_afterwards(world: World) -> None:
    recreated(world)
    world.happens("DELETE_COMPLETE", last_word=True, parent=2)
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    with pytest.raises(NotInvited):
        world.happens("UPDATE_COMPLETE", parent=1)
    world.work()
    with pytest.raises(NotInvited):
        world.happens("UPDATE_COMPLETE", parent=1)


@pytest.mark.safety("Another client's invitation does not move a known stack to that client", "bot/ingest/admission.py")
@pytest.mark.safety("An invitation of one client lets in no other", "bot/ingest/admission.py")
@pytest.mark.safety("The use of an invitation is stored in the transaction of the event", "bot/ingest/admission.py")
def test_an_invitation_of_one_client_does_not_bring_another_one_back(world: World) -> None:
    recreated(world)
    leave(world, parent=2)
    token = world.invite("Globex")
    world.happens("CREATE_COMPLETE", token=token, role="second-role", parent=3)
    with pytest.raises(NotInvited, match="another client stack"):
        world.happens("UPDATE_COMPLETE", token=token, parent=1)


@pytest.mark.safety(
    "While a client's group is being removed, a new stack needs an invitation", "bot/ingest/admission.py"
)
def test_a_removal_that_is_approved_but_not_begun_keeps_the_door_shut(world: World) -> None:
    world.onboard()
    world.happens("DELETE_COMPLETE", last_word=True)
    world.press(Verb.APPROVE)
    with pytest.raises(NotInvited):
        world.happens("CREATE_COMPLETE", parent=2)


@pytest.mark.safety("Nothing but an approved removal makes a client need a new invitation", "bot/ingest/admission.py")
def test_an_approved_update_keeps_no_door_shut(world: World) -> None:
    world.onboard()
    world.happens("UPDATE_COMPLETE")
    world.press(Verb.APPROVE)
    world.happens("CREATE_COMPLETE", parent=2)
    assert (world.last.kind, world.last.warnings.recreated) == (Kind.UPDATE, True)


@pytest.mark.safety("The end of an unknown stack needs an invitation", "bot/ingest/admission.py")
def test_the_end_of_a_stack_that_nobody_knows_needs_an_invitation_too(world: World) -> None:
    world.onboard()
    leave(world)
    with pytest.raises(NotInvited):
        world.happens("DELETE_COMPLETE", last_word=True, parent=2)


@pytest.mark.safety("A known stack needs no invitation, even while its client has no group", "bot/ingest/admission.py")
def test_a_stack_that_is_known_is_heard_after_its_invitation_has_expired(world: World) -> None:
    token = world.invite()
    world.happens("CREATE_COMPLETE", token=token)
    world.happens("CREATE_COMPLETE", token=token, parent=2)
    world.clock.turn(days=8)
    world.happens("UPDATE_COMPLETE", token=token, parent=1)
    assert world.states == [State.SUPERSEDED, State.SUPERSEDED, State.PENDING]


@pytest.mark.safety("The gate of a stack that is known asks like any other", "bot/ingest/admission.py")
def test_the_gate_of_a_known_stack_whose_client_has_left_is_told_no(world: World) -> None:
    token = world.invite()
    world.happens("CREATE_COMPLETE", token=token)
    approve(world)
    asks = event_body("-", world.clock.moment, token=token, last_word=True).replace(b'"last_word"', b'"knock"')
    world.send(asks)
    world.revoke("Acme")
    world.work()
    with pytest.raises(NotInvited):
        world.send(asks)


def test_an_invitation_that_is_not_stored_any_more_is_not_missed(world: World) -> None:
    world.onboard()
    world.store.stored_invitations.clear()
    world.happens("UPDATE_COMPLETE", level="PowerUser")
    assert (world.last.invited.level, world.last.invited.by) == (None, "")
    approve(world)
    assert world.last.state is State.DONE


@pytest.mark.safety("A role that its stack renamed still belongs to the stack's client", "bot/ingest/admission.py")
def test_a_role_that_was_renamed_is_known_to_the_next_stack(world: World) -> None:
    client_id = world.onboard()
    world.happens("UPDATE_COMPLETE", role="renamed")
    approve(world)
    world.happens("DELETE_COMPLETE", role="renamed", last_word=True)
    world.happens("CREATE_COMPLETE", role="renamed", parent=2)
    assert (world.last.kind, world.last.client_id) == (Kind.UPDATE, client_id)


@pytest.mark.safety(
    "A stack that is known stays its client's, though another client has its role now", "bot/ingest/admission.py"
)
@pytest.mark.safety("News of a known stack take no role from another client", "bot/ingest/admission.py")
def test_a_role_that_was_given_up_stays_with_whoever_has_it_now(world: World) -> None:
    world.onboard()
    world.happens("UPDATE_COMPLETE", role="renamed")
    approve(world)
    world.happens("CREATE_COMPLETE", parent=2, token=world.invite("Globex"), company="Globex")
    approve(world)
    second = world.last.client_id
    world.happens("CREATE_COMPLETE", parent=1, seconds=-3600)
    world.happens("CREATE_COMPLETE", parent=3, company="Globex")
    assert world.last.client_id == second


@pytest.mark.safety("A client's company is the invitation's, not what the client says", "bot/ingest/admission.py")
def test_an_update_that_brings_another_invitation_keeps_its_own(world: World) -> None:
    world.onboard()
    token = world.invite("Globex")
    world.happens("UPDATE_COMPLETE", token=token)
    approve(world)
    assert world.last.company == "Acme"
    assert not is_spent(world, token)


def test_a_new_invitation_gives_a_recreated_stack_its_company_and_is_no_second_client(world: World) -> None:
    world.onboard()
    world.happens("DELETE_COMPLETE", last_word=True)
    token = world.invite("ACME")
    world.happens("CREATE_COMPLETE", parent=2, token=token)
    assert world.last.company == "ACME"
    world.happens("CREATE_COMPLETE", parent=3, token=token, role="second-role")
    assert len(world.workflow.find(Search(), ADA).clients) == 1


@pytest.mark.safety("A client that is let in anew no longer counts as having left", "bot/ingest/admission.py")
def test_who_comes_back_by_a_new_invitation_needs_it_once_and_uses_it_up(world: World) -> None:
    world.onboard()
    leave(world)
    token = world.invite("Acme", AccessLevel.POWER_USER)
    world.happens("CREATE_COMPLETE", token=token, parent=2)
    world.happens("UPDATE_COMPLETE", parent=2)
    assert (world.last.kind, world.last.invited.level) == (Kind.ONBOARD, AccessLevel.POWER_USER)
    approve(world)
    assert is_spent(world, token)


def test_who_comes_back_and_leaves_before_the_decision_has_no_group_to_remove(world: World) -> None:
    world.onboard()
    leave(world)
    world.happens("CREATE_COMPLETE", token=world.invite(), parent=2)
    world.happens("DELETE_COMPLETE", parent=2, last_word=True)
    assert world.states == [State.DONE, State.DONE, State.SUPERSEDED]


def test_who_is_let_back_in_while_the_old_group_goes_is_a_client_like_any_other(world: World) -> None:
    world.onboard()
    world.happens("DELETE_COMPLETE", last_word=True)
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    token = world.invite("Acme Again")
    world.happens("CREATE_COMPLETE", token=token, parent=2)
    world.press(Verb.APPROVE)
    world.bench.waiting.clear()
    world.work()
    assert not is_spent(world, token)
    world.clock.turn(minutes=2)
    world.workflow.sweep()
    world.work()
    assert (world.client().standing, len(world.stacks.groups)) == (Standing.ONBOARDED, 1)
    world.happens("UPDATE_COMPLETE", parent=2)
    world.happens("DELETE_COMPLETE", parent=2, last_word=True)
    assert world.last.kind is Kind.OFFBOARD
