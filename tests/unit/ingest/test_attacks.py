"""What a clever or clumsy client must not achieve."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.approvers import Waiting
from bot.domain.errors import AlreadyDecided, Malformed, NotInvited, ProofRefused
from bot.domain.page import Teams
from bot.domain.search import Search
from bot.domain.vocabulary import AccessLevel, Kind, Standing, State, Verb
from bot.ingest.draft import Draft
from bot.ingest.payload import parse
from bot.ports import Identity, Proof
from tests.fakes import ACME, ADA, PROOF, World, event_body


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.safety("From the first approval on, a client may have a group", "bot/decisions/decide.py")
def test_an_older_approval_is_never_carried_out_after_a_newer_one(world: World) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE)
    late = world.bench.waiting.pop()
    world.happens("DELETE_COMPLETE", last_word=True)
    world.press(Verb.APPROVE)
    world.work()
    world.workflow.provision(late)
    world.clock.turn(minutes=2)
    world.workflow.sweep()
    world.work()
    assert world.stacks.groups == {}
    assert world.client().standing is Standing.OFFBOARDED


@pytest.mark.safety("An event changes no client of another account, whatever led to that client", "bot/ingest/draft.py")
def test_an_event_of_another_account_is_never_planned_for_a_client(world: World) -> None:
    world.onboard()
    event = parse(event_body("UPDATE_COMPLETE", world.clock.now(), account="333333333333"), "aws").event
    with pytest.raises(ValueError, match="its own account"):
        Draft(world.client(), event, world.clock.now(), world.store, Waiting(), Teams(), None, None)


@pytest.mark.safety("The message of a new stack, while the old group is removed, claims no group", "bot/ingest/plan.py")
def test_a_stack_made_anew_while_its_group_is_removed_needs_an_invitation(world: World) -> None:
    world.onboard()
    world.happens("DELETE_COMPLETE", last_word=True)
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    with pytest.raises(NotInvited):
        world.happens("CREATE_COMPLETE", parent=2)
    world.happens("CREATE_COMPLETE", parent=2, token=world.invite())
    assert (world.last.kind, world.last.previous) == (Kind.ONBOARD, None)


def test_a_denial_never_says_no_group_while_there_is_one(world: World) -> None:
    token = world.invite()
    world.happens("CREATE_COMPLETE", token=token)
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    world.happens("UPDATE_COMPLETE")
    world.happens("UPDATE_COMPLETE")
    world.work()
    assert world.last.kind is Kind.UPDATE
    world.press(Verb.DENY)
    assert world.client().standing is Standing.ONBOARDED


@pytest.mark.safety("A role that its client gave up leads to nobody", "bot/ingest/admission.py")
def test_a_role_that_was_given_up_does_not_let_another_stack_in(world: World) -> None:
    world.onboard()
    world.happens("UPDATE_COMPLETE", role="renamed")
    world.press(Verb.APPROVE)
    world.work()
    first = world.last.client_id
    with pytest.raises(NotInvited):
        world.happens("CREATE_COMPLETE", parent=2)
    world.happens("CREATE_COMPLETE", parent=2, token=world.invite("Globex"), company="Globex")
    assert (world.last.kind, world.last.company) == (Kind.ONBOARD, "Globex")
    assert world.last.client_id != first
    world.happens("DELETE_COMPLETE", role="renamed", last_word=True)
    assert (world.last.kind, world.last.client_id) == (Kind.OFFBOARD, first)


def test_one_invitation_is_one_client_however_many_roles_it_is_tried_with(world: World) -> None:
    token = world.invite()
    for number in range(3):
        world.happens("CREATE_COMPLETE", token=token, role=f"role-{number}", parent=number + 1)
    assert len(world.workflow.find(Search(), ADA).clients) == 1
    assert world.states == [State.SUPERSEDED, State.SUPERSEDED, State.PENDING]
    world.press(Verb.APPROVE)
    world.work()
    assert [role for role, _ in world.stacks.groups.values()] == ["role-2"]


def test_a_client_cannot_flood_the_channel_and_its_newest_state_is_asked_for_later(world: World) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    for _ in range(9):
        world.happens("UPDATE_COMPLETE")
    for level in ("PowerUser", "Administrator"):
        world.happens("UPDATE_COMPLETE", level=level)
    world.happens("UPDATE_IN_PROGRESS")
    world.happens("UPDATE_ROLLBACK_COMPLETE")
    world.clock.turn(minutes=30)
    world.workflow.sweep()
    assert world.states == [State.SUPERSEDED] * 10
    world.clock.turn(minutes=31)
    world.workflow.sweep()
    assert world.states == [State.SUPERSEDED] * 10 + [State.PENDING]
    assert world.last.stack.access_level is AccessLevel.ADMINISTRATOR
    world.clock.turn(minutes=5)
    assert world.store.due(world.clock.moment, 100) == []


def test_that_a_stack_is_gone_is_heard_however_much_it_changed(world: World) -> None:
    world.onboard()
    for _ in range(9):
        world.happens("UPDATE_COMPLETE")
    world.happens("DELETE_COMPLETE", last_word=True)
    assert world.last.kind is Kind.OFFBOARD


@pytest.mark.safety("One client can't flood the channel with deletions", "bot/ingest/deletion.py")
def test_inventing_stacks_that_are_gone_does_not_flood_the_channel(world: World) -> None:
    world.onboard()
    for parent in range(2, 60):
        world.happens("CREATE_COMPLETE", parent=parent)
        world.happens("DELETE_COMPLETE", parent=parent, last_word=True)
    told = len(world.channel.messages)
    assert told <= 13
    world.clock.turn(minutes=6)
    world.workflow.sweep()
    assert len(world.channel.messages) == told + 1
    assert world.last.kind is Kind.OFFBOARD


def test_failures_of_an_operation_that_is_over_are_only_noted(world: World) -> None:
    world.onboard()
    world.happens("UPDATE_COMPLETE", seconds=60)
    for seconds in (-50, -49):
        world.happens("UPDATE_ROLLBACK_COMPLETE", seconds=seconds)
    assert [message.request.kind for message in world.channel.messages] == [Kind.ONBOARD, Kind.UPDATE]


@pytest.mark.safety("An event whose time can't be right is refused", "bot/ingest/receive.py")
@pytest.mark.parametrize("days", [1, -10000])
def test_a_time_that_cannot_be_right_is_refused(world: World, days: int) -> None:
    body = event_body("CREATE_COMPLETE", world.clock.moment + timedelta(days=days), token=world.invite())
    with pytest.raises(Malformed, match="time"):
        world.send(body)


@pytest.mark.safety("An event with the proof of another region is refused", "bot/ingest/receive.py")
def test_the_proofs_region_must_be_the_stacks(world: World) -> None:
    body = event_body("CREATE_COMPLETE", world.clock.now(), token=world.invite())
    world.sts.identity = Identity(ACME, "switchyard-access")
    with pytest.raises(ProofRefused, match="region"):
        world.workflow.receive_event(body, replace(PROOF, region="us-east-1"))
    forged = body.replace(b"eu-west-1", b"s3-us-west-2")
    with pytest.raises(ProofRefused, match="region"):
        world.workflow.receive_event(forged, PROOF)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000])
def test_deep_nesting_is_malformed(world: World, body: bytes) -> None:
    with pytest.raises(Malformed):
        world.workflow.receive_event(body, Proof("", "", "", "", ""))


@pytest.mark.parametrize("stamp", ["9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+23:00"])
def test_a_time_at_the_edge_of_the_calendar_is_malformed(world: World, stamp: str) -> None:
    body = json.loads(event_body("-", world.clock.now(), last_word=True))
    body["last_word"]["timestamp"] = stamp
    with pytest.raises(Malformed):
        world.send(json.dumps(body).encode())


def test_half_a_surrogate_is_malformed(world: World) -> None:
    body = json.loads(event_body("CREATE_COMPLETE", world.clock.now())) | {"company": "Ac\ud800me"}
    with pytest.raises(Malformed, match="company"):
        world.send(json.dumps(body).encode())


def test_a_failure_that_is_out_of_date_offers_no_retry(world: World) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    world.happens("UPDATE_COMPLETE")
    for moved in world.stacks.complete(failing="no"):
        world.workflow.record_outcome(moved)
    assert world.states == [State.SUPERSEDED, State.PENDING]
    with pytest.raises(AlreadyDecided):
        world.press(Verb.RETRY, message=0)


def test_two_events_at_once_make_one_message() -> None:
    world = World()
    token = world.invite()
    world.channel.meanwhile = lambda: world.happens("CREATE_IN_PROGRESS", token=token, seconds=-30)
    world.happens("CREATE_COMPLETE", token=token)
    [message] = world.channel.messages
    assert [event.status for event in message.timeline] == ["CREATE_IN_PROGRESS", "CREATE_COMPLETE"]


def test_work_goes_on_while_slack_is_down(world: World) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.bench.broken = True
    world.press(Verb.APPROVE)
    world.bench.broken, world.channel.down = False, True
    world.clock.turn(minutes=2)
    world.workflow.sweep()
    world.work()
    assert world.last.state is State.DONE
    world.channel.down = False
    world.clock.turn(minutes=2)
    world.workflow.sweep()
    assert world.states == [State.DONE]
    assert len(world.channel.cards) == 1


def test_what_slack_never_took_expires_all_the_same(world: World) -> None:
    token = world.invite()
    world.channel.down = True
    world.happens("CREATE_COMPLETE", token=token)
    world.clock.turn(days=8)
    world.workflow.sweep()
    [request] = world.store.stored_requests.values()
    assert request.state is State.EXPIRED
