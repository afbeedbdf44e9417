"""A removal fails after the client was invited anew: whether its group goes or stays is what people decided last."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.answers import Actor
from bot.domain.approvers import Approvers
from bot.domain.errors import AlreadyDecided, NotInvited, StalePress
from bot.domain.transitions import REVOKED, STACK_CHANGED, STACK_DELETED
from bot.domain.vocabulary import AccessLevel, Kind, Standing, State, Verb
from bot.ports import StackOutcome
from bot.provisioning.ending import ending
from tests.fakes import ADA, BEA, World
from tests.interruptions import SlowStacks

GUARDED = "The group is guarded."


@pytest.fixture
def world() -> World:
    """The client's group is being removed, and a second stack of the client asks to be let in by an invitation."""
    world = World(stacks=SlowStacks())
    world.onboard()
    world.happens("DELETE_COMPLETE", last_word=True)
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    world.happens("CREATE_COMPLETE", parent=2, token=world.invite())
    assert (world.last.kind, world.last.state) == (Kind.ONBOARD, State.PENDING)
    return world


def the_removal_fails(world: World) -> None:
    for stack_id in world.stacks.complete(GUARDED):
        world.workflow.record_outcome(stack_id)


def time_runs_out(world: World) -> None:
    world.clock.turn(days=8)
    world.workflow.sweep()


@pytest.mark.safety(
    "A request takes its client's slot in the transaction in which its work begins", "bot/provisioning/run.py"
)
@pytest.mark.safety("A failed removal is open again when a newer onboarding was denied", "bot/provisioning/ending.py")
@pytest.mark.safety("A failed removal that is open again is the client's current request", "bot/provisioning/ending.py")
@pytest.mark.safety("While the group is being removed, a new stack is an onboarding", "bot/ingest/plan.py")
def test_a_removal_outlives_an_onboarding_that_was_denied_meanwhile(world: World) -> None:
    world.press(Verb.DENY)
    the_removal_fails(world)
    assert world.states == [State.DONE, State.FAILED, State.SUPERSEDED]
    assert world.channel.messages[1].request.reason == GUARDED
    assert world.last.reason == (
        "This was denied while the client's access was being removed. That removal has failed, so the access "
        "still exists: press Retry on the removal. To give the client access again, invite it again."
    )
    assert world.client().standing is Standing.REMOVAL_FAILED
    assert world.client().current_request == world.channel.messages[1].request.id


@pytest.mark.safety("A successful request changes what the client's record says it has", "bot/provisioning/ending.py")
def test_retry_of_that_removal_takes_the_group_away_and_the_client_needs_an_invitation(world: World) -> None:
    world.press(Verb.DENY)
    the_removal_fails(world)
    world.press(Verb.RETRY, message=1)
    world.work()
    assert world.states == [State.DONE, State.DONE, State.SUPERSEDED]
    assert world.stacks.groups == {}
    assert (world.client().standing, world.client().offboarded) == (Standing.OFFBOARDED, True)


def test_the_denied_onboarding_cannot_be_reopened_beside_it(world: World) -> None:
    world.press(Verb.DENY)
    the_removal_fails(world)
    with pytest.raises(AlreadyDecided):
        world.press(Verb.REOPEN)


@pytest.mark.safety("The end of a request is in the audit", "bot/provisioning/run.py")
def test_that_it_counts_no_more_is_in_the_history(world: World) -> None:
    world.press(Verb.DENY)
    the_removal_fails(world)
    removal = world.channel.messages[1].request
    trail = [(one.action, one.request_id, one.detail) for one in world.store.trail(removal.client_id)]
    assert trail[-2:] == [
        ("offboard failed", removal.id, GUARDED),
        ("superseded", world.last.id, f"removal {removal.id} failed"),
    ]


@pytest.mark.safety("A new request supersedes the one that waits", "bot/ingest/plan.py")
def test_the_client_is_let_in_by_a_new_invitation_all_the_same(world: World) -> None:
    world.press(Verb.DENY)
    the_removal_fails(world)
    world.happens("CREATE_COMPLETE", parent=3, token=world.invite())
    assert world.states == [State.DONE, State.SUPERSEDED, State.SUPERSEDED, State.PENDING]
    world.press(Verb.APPROVE)
    world.work()
    assert world.last.state is State.DONE
    assert world.client().standing is Standing.ONBOARDED


@pytest.mark.safety("A request that CloudFormation works on is not given up", "bot/provisioning/run.py")
@pytest.mark.safety("A request that nobody decides expires", "bot/sweep.py")
@pytest.mark.safety("Only a request that waits expires", "bot/sweep.py")
def test_a_removal_outlives_an_onboarding_that_nobody_decided_upon(world: World) -> None:
    time_runs_out(world)
    assert world.last.state is State.EXPIRED
    the_removal_fails(world)
    assert world.states == [State.DONE, State.FAILED, State.SUPERSEDED]
    assert world.last.reason.startswith("Nobody decided on this while the client")


@pytest.mark.safety(
    "A request that fails after something newer was asked loses its Retry", "bot/provisioning/ending.py"
)
@pytest.mark.parametrize("denials", [1, 2])
def test_a_reopened_onboarding_outranks_the_removal_until_it_is_denied_again(world: World, denials: int) -> None:
    for _ in range(denials):
        world.press(Verb.DENY)
        world.press(Verb.REOPEN, BEA)
    the_removal_fails(world)
    assert world.states == [State.DONE, State.SUPERSEDED, State.PENDING]
    assert world.last.kind is Kind.UPDATE


def test_reopening_at_the_moment_the_removal_fails_keeps_only_one_of_both(world: World) -> None:
    """Somebody reopens between CloudFormation's answer and its being stored: the later of the two finds that out."""
    assert isinstance(world.stacks, SlowStacks)
    world.press(Verb.DENY)
    world.stacks.meanwhile = lambda: world.press(Verb.REOPEN)
    the_removal_fails(world)
    assert world.states == [State.DONE, State.SUPERSEDED, State.PENDING]


@pytest.mark.safety("Work that began and crashed goes on", "bot/provisioning/run.py")
@pytest.mark.safety("A request that CloudFormation refuses fails, with a Retry button", "bot/provisioning/run.py")
@pytest.mark.safety("When work ends, the message of what it supersedes is redrawn too", "bot/workflow.py")
def test_the_same_holds_when_the_removal_cannot_even_be_started() -> None:
    world = World()
    world.onboard()
    world.happens("DELETE_COMPLETE", last_word=True)
    world.press(Verb.APPROVE)
    world.stacks.unreachable = True
    removal = world.bench.waiting.pop()
    with pytest.raises(Exception, match="does not answer"):
        world.workflow.provision(removal)
    world.happens("CREATE_COMPLETE", parent=2, token=world.invite())
    world.press(Verb.DENY)
    world.stacks.unreachable, world.stacks.refuse = False, "AccessDenied"
    world.workflow.provision(removal)
    assert world.states == [State.DONE, State.FAILED, State.SUPERSEDED]


def test_a_sweep_that_hears_of_the_failure_first_shows_both_in_the_end(world: World) -> None:
    world.press(Verb.DENY)
    world.stacks.complete(GUARDED)
    for _ in range(2):
        world.clock.turn(minutes=2)
        world.workflow.sweep()
    assert world.states == [State.DONE, State.FAILED, State.SUPERSEDED]


@pytest.mark.safety(
    "A press is stored together with its client, so that it can't overtake a newer event", "bot/decisions/decide.py"
)
@pytest.mark.safety("`/clients` shows the effect of a press at once", "bot/decisions/decide.py")
def test_what_still_waits_is_told_as_an_update_and_its_denial_leaves_the_group(world: World) -> None:
    the_removal_fails(world)
    assert world.states == [State.DONE, State.SUPERSEDED, State.PENDING]
    assert (world.last.kind, world.last.previous) == (Kind.UPDATE, world.client().grant)
    world.press(Verb.DENY)
    assert len(world.stacks.groups) == 1
    assert world.client().standing is Standing.ONBOARDED


@pytest.mark.safety("A press on an older drawing of a request does not count", "bot/decisions/decide.py")
@pytest.mark.safety(
    "A press on a request that means something else by now does not count", "bot/provisioning/ending.py"
)
def test_a_denial_meant_for_the_onboarding_does_not_count_for_the_update(world: World) -> None:
    """The button was drawn under `Onboard?`; under `Update?` its denial would leave the group as it is."""
    drawn = world.last
    the_removal_fails(world)
    with pytest.raises(StalePress):
        world.workflow.decide(drawn.id, Verb.DENY, ADA, drawn.presses)
    world.workflow.decide(drawn.id, Verb.DENY, ADA, world.last.presses)
    assert world.last.state is State.DENIED


@pytest.mark.parametrize("first", [ADA, BEA])
def test_an_approval_of_the_onboarding_does_not_count_for_the_update_either(world: World, first: Actor) -> None:
    """Where it takes two people, both have to have read the same question."""
    world.approvers = Approvers(("U0ADA", "U0BEA"), needed=((AccessLevel.READ_ONLY, 2),))
    world.press(Verb.APPROVE, first)
    the_removal_fails(world)
    assert (world.last.kind, world.last.approvals) == (Kind.UPDATE, ())
    assert world.press(Verb.APPROVE, BEA).state is State.PENDING
    assert world.press(Verb.APPROVE, ADA).state is State.APPROVED
    assert [one.actor for one in world.last.approvals] == ["U0BEA", "U0ADA"]


def test_who_approved_an_onboarding_stays_known_when_it_goes_on_as_an_update(world: World) -> None:
    world.approvers = Approvers(("U0ADA", "U0BEA"), needed=((AccessLevel.READ_ONLY, 2),))
    world.press(Verb.APPROVE, ADA)
    world.press(Verb.APPROVE, BEA)
    the_removal_fails(world)
    assert (world.last.kind, world.last.state) == (Kind.UPDATE, State.APPROVED)
    assert [one.actor for one in world.last.approvals] == ["U0ADA", "U0BEA"]


@pytest.mark.safety(
    "A removal that succeeded is not open again when a newer onboarding was denied", "bot/provisioning/ending.py"
)
def test_a_removal_that_succeeds_leaves_the_denied_onboarding_to_be_reopened(world: World) -> None:
    world.press(Verb.DENY)
    world.work()
    assert world.states == [State.DONE, State.DONE, State.DENIED]
    assert world.client().standing is Standing.DENIED
    assert world.stacks.groups == {}


@pytest.mark.safety(
    "A newer removal stays a removal, and keeps the group when it is denied", "bot/provisioning/ending.py"
)
@pytest.mark.safety("A deletion supersedes the request that waits, or failed", "bot/ingest/deletion.py")
def test_a_newer_removal_takes_the_place_of_one_that_fails(world: World) -> None:
    world.happens("DELETE_COMPLETE", parent=2, last_word=True)
    the_removal_fails(world)
    assert world.states == [State.DONE, State.SUPERSEDED, State.SUPERSEDED, State.PENDING]
    assert world.last.kind is Kind.OFFBOARD
    assert [one.request.reason for one in world.channel.messages[1:3]] == [STACK_DELETED, STACK_DELETED]


def test_work_that_fails_under_a_revocation_says_that_it_was_revoked() -> None:
    world = World(stacks=SlowStacks())
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    world.revoke("Acme", ADA)
    the_removal_fails(world)
    assert world.states == [State.SUPERSEDED, State.APPROVED]
    assert world.channel.messages[0].request.reason == REVOKED


def test_why_the_attempt_failed_is_in_the_history_and_not_in_the_superseded_message(world: World) -> None:
    removal = world.channel.messages[1].request
    the_removal_fails(world)
    shown = world.channel.messages[1].request
    assert (shown.state, shown.reason) == (State.SUPERSEDED, STACK_CHANGED)
    trail = [(audit.action, audit.detail) for audit in world.store.trail(removal.client_id)]
    assert trail[-2:] == [("offboard failed", GUARDED), ("superseded", STACK_CHANGED)]


def test_a_failure_gives_way_to_the_reason_that_supersedes_it() -> None:
    world = World()
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    the_removal_fails(world)
    assert world.channel.messages[0].request.reason == GUARDED
    world.happens("UPDATE_COMPLETE")
    assert world.channel.messages[0].request.reason == STACK_CHANGED


@pytest.mark.safety(
    "A failed removal is not open again when something else than an onboarding was denied", "bot/provisioning/ending.py"
)
def test_a_newer_removal_that_was_denied_keeps_the_group(world: World) -> None:
    world.happens("DELETE_COMPLETE", parent=2, last_word=True)
    world.press(Verb.DENY)
    the_removal_fails(world)
    assert world.states == [State.DONE, State.SUPERSEDED, State.SUPERSEDED, State.DENIED]
    assert (world.last.kind, world.client().standing) == (Kind.OFFBOARD, Standing.KEPT)


@pytest.mark.safety("Work begins for an approved request only", "bot/provisioning/run.py")
def test_an_approved_onboarding_goes_on_after_a_removal_that_fails(world: World) -> None:
    world.press(Verb.APPROVE)
    the_removal_fails(world)
    world.clock.turn(minutes=2)
    world.workflow.sweep()
    world.work()
    assert world.states == [State.DONE, State.SUPERSEDED, State.DONE]
    assert world.client().standing is Standing.ONBOARDED


def test_an_update_that_fails_after_a_denial_is_not_held_against_it() -> None:
    """Only a removal outlives what was denied: nothing else is worth a retry that nobody asked for."""
    world = World()
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    world.happens("UPDATE_COMPLETE")
    world.press(Verb.DENY)
    the_removal_fails(world)
    assert world.states == [State.SUPERSEDED, State.DENIED]
    assert (world.last.kind, world.stacks.groups) == (Kind.ONBOARD, {})
    assert world.channel.messages[0].request.reason == STACK_CHANGED


@pytest.mark.safety(
    "Nothing but a failed removal is open again when a newer onboarding was denied", "bot/provisioning/ending.py"
)
def test_only_a_removal_outlives_a_denied_onboarding(world: World) -> None:
    """No event leads to it today: beside an update that is under way, nothing is asked as an onboarding."""
    denied = world.press(Verb.DENY)
    removal = world.store.stored_requests[world.channel.messages[1].request.id]
    failed = StackOutcome(succeeded=False, reason=GUARDED)
    update = replace(removal, kind=Kind.UPDATE)
    ended = [ending(work, denied, world.client(), failed, world.clock.now()) for work in (removal, update)]
    assert [(end.finished.state, end.overruled) for end in ended if end] == [
        (State.FAILED, True),
        (State.SUPERSEDED, False),
    ]


@pytest.mark.safety(
    "What is settled is not told anew when a failed removal is open again", "bot/provisioning/ending.py"
)
def test_what_is_settled_already_is_not_told_anew(world: World) -> None:
    """No event leads to it today: nothing newer comes to an end while older work holds the client's slot."""
    done = replace(world.last, state=State.DONE)
    removal = world.store.stored_requests[world.channel.messages[1].request.id]
    end = ending(removal, done, world.client(), StackOutcome(succeeded=False, reason=GUARDED), world.clock.now())
    assert end is not None
    assert end.newest is None


@pytest.mark.safety("A failed removal is not called off by what its client does", "bot/ingest/plan.py")
def test_a_failed_removal_is_not_called_off_by_what_the_denied_client_does(world: World) -> None:
    """An update of its stack asks nothing anew: the removal and its Retry count until it has succeeded."""
    world.press(Verb.DENY)
    the_removal_fails(world)
    before = world.states
    world.happens("UPDATE_COMPLETE", parent=2)
    assert world.states == before
    world.press(Verb.RETRY, message=1)
    world.work()
    assert (world.stacks.groups, world.client().standing) == ({}, Standing.OFFBOARDED)


@pytest.mark.safety(
    "A stack made anew without an invitation does not call a failed removal off", "bot/ingest/admission.py"
)
def test_after_a_failed_removal_a_stack_made_anew_needs_an_invitation() -> None:
    world = World()
    world.onboard()
    world.happens("DELETE_COMPLETE", last_word=True)
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    the_removal_fails(world)
    with pytest.raises(NotInvited):
        world.happens("CREATE_COMPLETE", parent=2)
    assert world.states == [State.DONE, State.FAILED]
    world.happens("CREATE_COMPLETE", parent=2, token=world.invite())
    assert (world.last.kind, world.last.state) == (Kind.UPDATE, State.PENDING)
