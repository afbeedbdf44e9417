"""From a client's first event to its request in the channel."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.errors import Malformed, NotInvited, ProofRefused
from bot.domain.search import Search
from bot.domain.vocabulary import AccessLevel, Kind, Standing, State, Verb
from bot.ports import Identity
from tests.fakes import ACME, ADA, PROOF, World, event_body


@pytest.fixture
def world() -> World:
    return World()


def test_a_completed_stack_asks_the_team(world: World) -> None:
    token = world.invite("Acme", AccessLevel.READ_ONLY)
    world.happens("CREATE_IN_PROGRESS", token=token)
    assert world.channel.messages == []
    world.happens("CREATE_COMPLETE", token=token)
    request = world.last
    assert (request.kind, request.state) == (Kind.ONBOARD, State.PENDING)
    assert (request.company, request.invited.claimed_company) == ("Acme", "")
    assert (request.stack.account_id, request.stack.role_name, request.invited.by) == (
        ACME,
        "switchyard-access",
        "U0ADA",
    )
    assert [e.status for e in world.channel.messages[0].timeline] == ["CREATE_IN_PROGRESS", "CREATE_COMPLETE"]
    assert world.client().standing is Standing.WAITING


def test_the_same_event_twice_is_one_request(world: World) -> None:
    body = event_body("CREATE_COMPLETE", world.clock.now(), token=world.invite(), event_id="once")
    world.send(body)
    world.send(body)
    assert len(world.channel.messages) == 1


@pytest.mark.safety("An event counts only with a proof of the account and role that it claims", "bot/ingest/receive.py")
@pytest.mark.safety("An event with the proof of another account or role is refused", "bot/ingest/receive.py")
def test_nothing_is_believed_without_proof(world: World) -> None:
    body = event_body("CREATE_COMPLETE", world.clock.now(), token=world.invite())
    with pytest.raises(ProofRefused):
        world.workflow.receive_event(body, PROOF)
    for identity in (Identity("333333333333", "switchyard-access"), Identity(ACME, "another-role")):
        world.sts.identity = identity
        with pytest.raises(ProofRefused):
            world.workflow.receive_event(body, PROOF)
    assert world.channel.messages == []
    assert world.workflow.find(Search(), ADA).clients == ()


def test_an_uninvited_client_is_not_even_shown(world: World) -> None:
    for token in ("", "guessed"):
        with pytest.raises(NotInvited):
            world.happens("CREATE_COMPLETE", token=token)
    assert world.channel.messages == []
    assert world.workflow.find(Search(), ADA).clients == ()


def test_an_invitation_belongs_to_the_account_that_used_it_first(world: World) -> None:
    token = world.invite()
    world.happens("CREATE_IN_PROGRESS", token=token)
    with pytest.raises(NotInvited, match="another AWS account"):
        world.happens("CREATE_COMPLETE", token=token, account="333333333333")


@pytest.mark.safety("An invitation lets nobody in after it has expired", "bot/ingest/redemption.py")
@pytest.mark.safety("An invitation is good for seven days", "bot/decisions/invite.py")
def test_an_invitation_expires_after_seven_days(world: World) -> None:
    token = world.invite()
    world.clock.turn(days=6, hours=23)
    world.happens("CREATE_IN_PROGRESS", token=token)
    world.clock.turn(hours=1)
    with pytest.raises(NotInvited, match="expired"):
        world.happens("CREATE_COMPLETE", token=token, parent=2)


@pytest.mark.safety("A used invitation lets nobody in", "bot/ingest/redemption.py")
@pytest.mark.safety("The first success of a client uses its invitation up", "bot/provisioning/run.py")
@pytest.mark.safety("An approved request is handed over to the provision Lambda", "bot/workflow.py")
def test_the_account_may_try_again_after_a_rollback_but_not_after_it_is_onboarded(world: World) -> None:
    token = world.invite()
    world.happens("CREATE_IN_PROGRESS", token=token)
    world.happens("CREATE_FAILED", token=token, reason="no")
    world.happens("DELETE_COMPLETE", token=token, last_word=True)
    world.happens("CREATE_COMPLETE", token=token, parent=2)
    assert (world.last.kind, world.last.warnings.recreated) == (Kind.ONBOARD, False)
    world.press(Verb.APPROVE)
    world.work()
    assert world.client().standing is Standing.ONBOARDED
    with pytest.raises(NotInvited, match="used"):
        world.happens("CREATE_COMPLETE", token=token, role="second-role", parent=3)


def test_what_the_client_claims_is_shown_as_claimed(world: World) -> None:
    token = world.invite("Acme", AccessLevel.READ_ONLY)
    world.happens("CREATE_COMPLETE", token=token, company="Globex", level="Administrator")
    request = world.last
    assert (request.company, request.invited.claimed_company) == ("Acme", "Globex")
    assert (request.invited.level, request.stack.access_level) == (AccessLevel.READ_ONLY, AccessLevel.ADMINISTRATOR)


def test_a_company_name_that_another_client_has_is_pointed_out(world: World) -> None:
    world.onboard()
    world.happens("CREATE_COMPLETE", token=world.invite("ACME"), account="333333333333", company="ACME")
    assert world.last.warnings.namesakes == (ACME,)


def test_two_stacks_with_different_roles_in_one_account_are_two_clients(world: World) -> None:
    first = world.onboard()
    world.happens("CREATE_COMPLETE", token=world.invite(), role="second-role", parent=2)
    assert world.last.client_id != first
    assert world.last.kind is Kind.ONBOARD
    assert world.last.warnings.namesakes == ()


@pytest.mark.safety("Only the stack's own events drive anything", "bot/ingest/plan.py")
@pytest.mark.safety("An event that says nothing of a stack is not stored", "bot/ingest/receive.py")
def test_events_of_resources_post_nothing_and_failures_give_the_reason(world: World) -> None:
    token = world.invite()
    world.happens("CREATE_IN_PROGRESS", token=token)
    world.happens("CREATE_COMPLETE", token=token, resource="AccessRole")
    assert world.channel.messages == []
    world.happens("CREATE_FAILED", token=token, resource="AccessRole", reason="Role already exists")
    assert world.channel.messages == []
    world.happens("CREATE_FAILED", token=token, reason="The following resource(s) failed to create: [AccessRole].")
    world.happens("ROLLBACK_IN_PROGRESS", token=token)
    world.happens("ROLLBACK_COMPLETE", token=token)
    [message] = world.channel.messages
    assert (message.request.kind, message.request.state) == (Kind.REPORT, State.REPORTED)
    assert message.request.reason == "AccessRole: Role already exists"
    world.minute()
    assert [e.status for e in message.timeline if e.about_stack][-1] == "ROLLBACK_COMPLETE"


def test_the_next_failed_operation_gets_its_own_message(world: World) -> None:
    world.onboard()
    for _ in range(2):
        world.happens("UPDATE_IN_PROGRESS")
        world.happens("UPDATE_ROLLBACK_IN_PROGRESS")
        world.happens("UPDATE_ROLLBACK_COMPLETE", reason="no")
    assert [m.request.kind for m in world.channel.messages] == [Kind.ONBOARD, Kind.REPORT, Kind.REPORT]


def test_a_failed_update_leaves_a_pending_request_alone(world: World) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.happens("UPDATE_IN_PROGRESS")
    world.happens("UPDATE_ROLLBACK_COMPLETE")
    assert world.states == [State.PENDING, State.REPORTED]
    assert world.press(Verb.APPROVE, message=0).state is State.APPROVED


def test_an_event_that_arrives_late_joins_the_timeline(world: World) -> None:
    token = world.invite()
    world.happens("CREATE_COMPLETE", token=token)
    world.happens("CREATE_IN_PROGRESS", token=token, seconds=-60)
    [message] = world.channel.messages
    world.minute()
    assert [e.status for e in message.timeline] == ["CREATE_IN_PROGRESS", "CREATE_COMPLETE"]
    assert message.edits == 1


def test_a_completion_that_arrives_after_a_failed_update_still_asks(world: World) -> None:
    token = world.invite()
    world.happens("UPDATE_ROLLBACK_COMPLETE", token=token)
    world.happens("CREATE_COMPLETE", token=token, seconds=-60)
    assert world.last.kind is Kind.ONBOARD


@pytest.mark.safety("An older completion changes nothing", "bot/ingest/plan.py")
@pytest.mark.safety("The newest completion is remembered", "bot/ingest/plan.py")
def test_an_older_completion_changes_nothing(world: World) -> None:
    token = world.invite()
    world.happens("UPDATE_COMPLETE", token=token, level="PowerUser")
    world.happens("CREATE_COMPLETE", token=token, seconds=-60)
    assert [r.stack.access_level for r in (m.request for m in world.channel.messages)] == [AccessLevel.POWER_USER]


def test_a_creation_that_arrives_after_its_own_deletion_asks_nothing(world: World) -> None:
    token = world.invite()
    world.happens("DELETE_COMPLETE", token=token, last_word=True)
    world.happens("CREATE_COMPLETE", token=token, seconds=-60)
    assert world.channel.messages == []
    assert world.workflow.find(Search(), ADA).clients[0].standing is Standing.WITHDRAWN


def test_a_body_from_another_time_or_version_is_malformed(world: World) -> None:
    with pytest.raises(Malformed, match="version"):
        world.send(event_body("CREATE_COMPLETE", world.clock.now(), version=3))


def test_a_request_that_slack_did_not_take_is_stored_all_the_same(world: World) -> None:
    token = world.invite()
    world.channel.down = True
    world.happens("CREATE_COMPLETE", token=token)
    world.channel.down = False
    world.clock.turn(minutes=2)
    world.workflow.sweep()
    assert world.states == [State.PENDING]
    assert world.store.due(world.clock.now() + timedelta(minutes=5), 100) == []


def test_a_first_stack_that_failed_is_told_although_its_end_was_heard_first(world: World) -> None:
    token = world.invite()
    world.happens("CREATE_IN_PROGRESS", token=token)
    world.happens("DELETE_COMPLETE", token=token, last_word=True, seconds=60)
    world.happens("CREATE_FAILED", token=token, seconds=-30, reason="The following resource(s) failed: [Role].")
    world.happens("CREATE_FAILED", token=token, seconds=-31, resource="Role", reason="It exists already")
    world.happens("ROLLBACK_COMPLETE", token=token, seconds=-29)
    [message] = world.channel.messages
    assert (message.request.kind, message.request.reason) == (Kind.REPORT, "Role: It exists already")
    assert world.client().standing is Standing.STACK_FAILED
    world.happens("CREATE_COMPLETE", token=token, parent=2)
    assert (world.last.kind, world.client().standing) == (Kind.ONBOARD, Standing.WAITING)


@pytest.mark.safety("A recreated stack uses up the invitation it brings", "bot/ingest/admission.py")
def test_a_recreated_stack_uses_up_the_invitation_it_brings(world: World) -> None:
    world.onboard()
    world.happens("DELETE_COMPLETE", last_word=True)
    token = world.invite("Acme", AccessLevel.ADMINISTRATOR)
    world.happens("CREATE_COMPLETE", parent=2, token=token, level="Administrator")
    assert (world.last.kind, world.last.invited.level) == (Kind.UPDATE, AccessLevel.ADMINISTRATOR)
    with pytest.raises(NotInvited, match="another AWS account"):
        world.happens("CREATE_COMPLETE", token=token, account="333333333333")
    world.press(Verb.APPROVE)
    world.work()
    assert len(world.channel.cards) == 2
    with pytest.raises(NotInvited, match="used"):
        world.happens("CREATE_COMPLETE", token=token, role="other", parent=3)
