"""`/clients revoke`: an approver ends a client's access though its stack still stands, whatever that stack does."""

from __future__ import annotations

import pytest

from bot.domain.errors import ActionRefused, BadCommand, NotAllowed, NotInvited, TryAgain
from bot.domain.request import Request
from bot.domain.vocabulary import Kind, Standing, State, Verb
from bot.slack.render.views import request_message
from tests.fakes import ADA, BEA, OLLI, World
from tests.unit.slack.samples import SETTINGS, pictured, words


@pytest.fixture
def world() -> World:
    world = World()
    world.onboard()
    return world


def revoke(world: World) -> Request:
    return world.revoke("Acme", BEA)


def test_the_group_goes_with_its_members_and_the_channel_tells_who_did_it(world: World) -> None:
    [(_, members)] = world.stacks.groups.values()
    members.add("olli")
    removal = revoke(world)
    assert world.states == [State.DONE, State.APPROVED]
    world.work()
    assert world.stacks.groups == {}
    assert (world.last.id, world.last.state, world.last.attempt.removed_members) == (removal.id, State.DONE, ("olli",))
    assert world.last.decision is not None
    assert (world.last.decision.verb, world.last.decision.actor) == (Verb.REVOKE, "U0BEA")
    assert (world.client().grant, world.client().standing) == (None, Standing.OFFBOARDED)
    assert ("U0BEA", "revoke") in [(line.actor, line.action) for line in world.store.trail(removal.client_id)]


@pytest.mark.safety("A revocation becomes the client's current request", "bot/decisions/revoke.py")
def test_afterwards_the_standing_stack_needs_a_new_invitation(world: World) -> None:
    revoke(world)
    world.work()
    with pytest.raises(NotInvited):
        world.happens("UPDATE_COMPLETE")
    world.happens("UPDATE_COMPLETE", token=world.invite())
    assert (world.last.kind, world.last.state) == (Kind.ONBOARD, State.PENDING)
    assert world.stacks.groups == {}


@pytest.mark.safety("The events of a client's own stack are heard, whatever else goes on", "bot/ingest/admission.py")
@pytest.mark.safety("A revocation is not taken for a removal that the client asked for", "bot/decisions/revoke.py")
@pytest.mark.safety("Nothing that a client does stops a revocation", "bot/ingest/deletion.py")
@pytest.mark.safety("The deletion of a client's stack does not stop a revocation", "bot/ingest/deletion.py")
@pytest.mark.parametrize("begun", [False, True])
@pytest.mark.parametrize("status", ["UPDATE_COMPLETE", "DELETE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])
def test_nothing_that_the_clients_stack_does_stops_it(world: World, status: str, begun: bool) -> None:
    removal = revoke(world)
    if begun:
        world.workflow.provision(world.bench.waiting.pop())
    world.happens(status)
    world.work()
    stored = world.store.request(removal.id)
    assert stored is not None
    assert stored.state is State.DONE
    assert world.stacks.groups == {}
    assert world.client(removal).grant is None
    assert [one for one in world.store.stored_requests.values() if one.state is State.PENDING] == []


def test_a_failed_one_keeps_its_retry_whatever_the_clients_stack_does(world: World) -> None:
    removal = revoke(world)
    world.stacks.refuse = "Throttled"
    world.work()
    world.happens("UPDATE_COMPLETE")
    assert world.last.id == removal.id
    world.stacks.refuse = ""
    world.workflow.decide(removal.id, Verb.RETRY, ADA)
    world.work()
    assert world.stacks.groups == {}


@pytest.mark.safety(
    "A client that is invited anew while its group is removed comes back afterwards", "bot/ingest/plan.py"
)
def test_who_is_invited_anew_meanwhile_is_asked_to_come_back_later(world: World) -> None:
    token = world.invite()
    revoke(world)
    with pytest.raises(TryAgain):
        world.happens("CREATE_COMPLETE", token=token, parent=2)
    world.work()
    world.happens("CREATE_COMPLETE", token=token, parent=2)
    assert (world.last.kind, world.last.state) == (Kind.ONBOARD, State.PENDING)


@pytest.mark.safety(
    "What was asked before a revocation no longer counts, and its message says why", "bot/decisions/revoke.py"
)
@pytest.mark.safety("A revocation is in the audit, and so is what it supersedes", "bot/decisions/revoke.py")
@pytest.mark.safety("What a revocation supersedes loses its buttons", "bot/workflow.py")
def test_what_was_asked_before_loses_its_buttons(world: World) -> None:
    world.happens("UPDATE_COMPLETE", level="Administrator")
    asked = world.last
    revoke(world)
    stored = world.store.request(asked.id)
    assert stored is not None
    assert stored.state is State.SUPERSEDED
    assert "revoked" in stored.reason
    trail = [(line.action, line.request_id) for line in world.store.trail(asked.client_id)]
    assert trail[-2:] == [("superseded", asked.id), ("revoke", world.last.id)]
    assert world.states == [State.DONE, State.SUPERSEDED, State.APPROVED]


@pytest.mark.safety("A set-up under way does not stop a revocation", "bot/decisions/revoke.py")
def test_it_waits_for_what_is_being_set_up(world: World) -> None:
    world.happens("UPDATE_COMPLETE", role="other-role")
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    removal = revoke(world)
    world.work()
    world.clock.turn(minutes=2)
    world.workflow.sweep()
    world.work()
    assert world.stacks.groups == {}
    assert world.client(removal).standing is Standing.OFFBOARDED


def test_a_client_whose_group_was_never_made_is_not_told_that_it_is_gone() -> None:
    world = World()
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    for stack_id in world.stacks.complete("The limit of groups is reached."):
        world.workflow.record_outcome(stack_id)
    revoke(world)
    world.work()
    assert (world.last.state, world.last.revoked) == (State.DONE, True)
    shown = words(request_message(pictured(world.last), SETTINGS))
    assert "does not exist" in shown and "deleted" not in shown


@pytest.mark.safety("Only approvers revoke", "bot/decisions/revoke.py")
@pytest.mark.safety("A refused revocation is in the history of the client that was meant", "bot/decisions/revoke.py")
def test_only_approvers_revoke(world: World) -> None:
    with pytest.raises(NotAllowed):
        world.revoke("Acme", OLLI)
    assert len(world.stacks.groups) == 1
    [last] = world.workflow.history("Acme", ADA).refused
    assert (last.actor, last.action) == ("U0OLLI", "revoke")


@pytest.mark.safety("Where a client has no group, nothing is revoked", "bot/decisions/revoke.py")
@pytest.mark.safety("A group that is being removed is not removed twice", "bot/decisions/revoke.py")
@pytest.mark.safety(
    "After a removal the client's record says that there is no group to take away", "bot/provisioning/attempt.py"
)
def test_twice_is_once(world: World) -> None:
    revoke(world)
    with pytest.raises(ActionRefused, match="being taken away already"):
        revoke(world)
    world.work()
    with pytest.raises(ActionRefused, match="nothing to revoke"):
        revoke(world)
    assert len(world.channel.messages) == 2


def test_a_client_that_nobody_knows_is_said_so(world: World) -> None:
    with pytest.raises(BadCommand, match="There is no client"):
        world.revoke("Globex", ADA)


def test_a_press_cannot_revoke(world: World) -> None:
    world.happens("UPDATE_COMPLETE")
    with pytest.raises(ActionRefused):
        world.press(Verb.REVOKE)
    assert len(world.stacks.groups) == 1


@pytest.mark.safety(
    "A name whose stored form is too long for the table, in bytes, is not looked up", "bot/decisions/find_client.py"
)
@pytest.mark.safety(
    "A refusal is in the audit also when nobody is known by the name that was typed", "bot/decisions/find_client.py"
)
@pytest.mark.parametrize(
    "name", ["x" * 3000, "\N{EURO SIGN}" * 700, "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 70]
)
def test_a_name_longer_than_any_is_refused_like_another_one(name: str) -> None:
    world = World()
    with pytest.raises(NotAllowed):
        world.revoke(name, OLLI)
    assert [line.action for line in world.store.trail("invitation")] == ["refused: revoke"]
    with pytest.raises(BadCommand, match="no client called"):
        world.revoke(name, ADA)
