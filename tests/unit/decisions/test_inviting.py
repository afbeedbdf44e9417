"""Invitations: for several accounts, cancelled, asked about at the door, and attempts that were refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.domain.errors import BadCommand, InvitationClosed, NotAllowed, NotInvited
from bot.domain.ids import token_hash
from bot.domain.invitation import Invitation, RefusedAttempts
from bot.domain.vocabulary import AccessLevel, Kind, State, Verb
from bot.ports import Identity
from tests.fakes import ADA, BEA, OLLI, PROOF, World, event_body

OTHER = "333333333333"
THIRD = "444444444444"


@pytest.fixture
def world() -> World:
    return World()


def invite_several(world: World, accounts: int) -> str:
    return world.workflow.invite("Acme", AccessLevel.READ_ONLY, ADA, accounts).token


def arrives(world: World, account: str, token: str, **fields: Any) -> None:
    world.happens("CREATE_COMPLETE", token=token, account=account, **fields)


def invitation(world: World, token: str) -> Invitation:
    found = world.store.invitation(token_hash(token))
    assert found is not None
    return found


def admission_check(world: World, token: str, account: str = "222222222222", parent: int = 1) -> None:
    body = json.loads(event_body("-", world.clock.now(), token=token, account=account, parent=parent, last_word=True))
    body["knock"] = body.pop("last_word")
    world.sts.identity = Identity(account, body["role_name"])
    world.workflow.receive_event(json.dumps(body).encode(), PROOF)


def refused(world: World) -> list[tuple[str, str, int]]:
    found = world.workflow.list_invitations(ADA).refused
    return [(one.account_id, one.token_hash, one.count) for one in found]


@pytest.mark.safety("An invitation for several accounts lets in no more accounts than that", "bot/ingest/redemption.py")
@pytest.mark.safety("Each seat of an invitation that is taken is counted", "bot/ingest/redemption.py")
def test_one_invitation_lets_in_as_many_accounts_as_it_is_for(world: World) -> None:
    token = invite_several(world, 2)
    arrives(world, "222222222222", token)
    arrives(world, OTHER, token)
    with pytest.raises(NotInvited, match="All 2 accounts"):
        arrives(world, THIRD, token)
    [message] = world.channel.messages
    assert [one.request.stack.account_id for one in message.batch] == ["222222222222", OTHER]
    assert {one.request.invited.by for one in message.batch} == {"U0ADA"}
    assert {one.company for one in world.store.stored_clients.values()} == {"Acme"}


@pytest.mark.safety("An invitation that has become a client leads back to that client", "bot/ingest/admission.py")
@pytest.mark.safety("Each account takes one seat of an invitation, however often it tries", "bot/ingest/redemption.py")
def test_an_account_takes_one_seat_however_often_it_tries(world: World) -> None:
    token = invite_several(world, 2)
    arrives(world, OTHER, token)
    arrives(world, OTHER, token, parent=2)
    arrives(world, OTHER, token, parent=3, role="another-role")
    assert invitation(world, token).seats_taken == 1
    assert len(world.store.stored_clients) == 1


@pytest.mark.safety("One seat of an invitation is used up without the others", "bot/ingest/redemption.py")
def test_a_seat_is_used_up_by_its_own_account_alone(world: World) -> None:
    token = invite_several(world, 3)
    arrives(world, OTHER, token)
    world.press(Verb.APPROVE)
    world.work()
    world.happens("DELETE_COMPLETE", last_word=True, account=OTHER)
    world.press(Verb.APPROVE)
    world.work()
    with pytest.raises(NotInvited, match="has been used"):
        arrives(world, OTHER, token, parent=2)
    arrives(world, THIRD, token)
    assert world.last.stack.account_id == THIRD


@pytest.mark.safety("Only the hash of an invitation's token is stored", "bot/ingest/redemption.py")
@pytest.mark.safety("No token leads to a seat of an invitation", "bot/ingest/redemption.py")
def test_a_seat_cannot_be_reached_by_a_token_of_its_own(world: World) -> None:
    token = invite_several(world, 2)
    arrives(world, OTHER, token)
    seat = next(one for one in world.store.stored_invitations.values() if one.seat_of)
    assert seat.seat_of == token_hash(token)
    for guess in (seat.token_hash, f"{token_hash(token)}.{OTHER}"):
        with pytest.raises(NotInvited, match="no such invitation"):
            arrives(world, OTHER, guess, parent=2, role="another-role")


@pytest.mark.safety("A cancelled invitation lets nobody in, nor do its seats", "bot/ingest/redemption.py")
def test_a_cancelled_invitation_closes_its_seats_too(world: World) -> None:
    token = invite_several(world, 3)
    arrives(world, OTHER, token)
    world.workflow.cancel_invitation(token_hash(token), BEA)
    for account, role in ((OTHER, "another-role"), (THIRD, "switchyard-access")):
        with pytest.raises(NotInvited, match="has been cancelled"):
            arrives(world, account, token, parent=2, role=role)
    world.happens("UPDATE_COMPLETE", token=token, account=OTHER)
    assert (world.last.kind, world.last.state) == (Kind.ONBOARD, State.PENDING)


@pytest.mark.safety("A seat of an invitation is not listed by itself", "bot/ingest/redemption.py")
def test_a_full_invitation_is_listed_for_its_company_alone_and_can_still_be_cancelled(world: World) -> None:
    token = invite_several(world, 2)
    arrives(world, OTHER, token)
    assert len(world.workflow.list_invitations(ADA).invitations) == 1
    arrives(world, THIRD, token)
    assert world.workflow.list_invitations(ADA).invitations == ()
    [full] = world.workflow.list_invitations(ADA, "Acme").invitations
    assert (full.seats_taken, full.accounts) == (2, 2)
    world.workflow.cancel_invitation(full.token_hash, ADA)
    with pytest.raises(NotInvited, match="has been cancelled"):
        arrives(world, OTHER, token, parent=2, role="another-role")


@pytest.mark.safety("A recreated stack does not use up an invitation for another company", "bot/ingest/admission.py")
def test_another_companys_invitation_does_not_rename_a_client_that_has_a_group(world: World) -> None:
    world.onboard()
    token = world.invite("Globex")
    world.happens("CREATE_COMPLETE", token=token, parent=2)
    assert (world.last.kind, world.last.company, world.client().company) == (Kind.UPDATE, "Acme", "Acme")
    assert invitation(world, token).client_id is None


@pytest.mark.safety("An invitation that a newer one has replaced lets nobody in", "bot/ingest/admission.py")
@pytest.mark.safety(
    "A recreated stack is not let in by an invitation that a newer one has replaced", "bot/ingest/admission.py"
)
@pytest.mark.safety("A client that is let in anew hangs on the new invitation", "bot/ingest/admission.py")
@pytest.mark.safety("The audit says that a client hangs on another invitation now", "bot/ingest/admission.py")
def test_an_older_invitation_of_the_same_client_never_comes_back(world: World) -> None:
    older = world.invite()
    world.happens("CREATE_COMPLETE", token=older)
    newer = world.invite()
    world.happens("CREATE_IN_PROGRESS", token=newer, parent=2)
    assert world.client().token_hash == token_hash(newer)
    assert "uses another invitation" in [line.action for line in world.store.trail(world.last.client_id)]
    world.happens("CREATE_COMPLETE", token=newer, parent=2)
    world.press(Verb.APPROVE)
    world.work()
    world.happens("CREATE_COMPLETE", token=older, parent=3)
    assert world.client().token_hash == token_hash(newer)
    world.happens("DELETE_COMPLETE", last_word=True, parent=3)
    world.press(Verb.APPROVE)
    world.work()
    with pytest.raises(NotInvited, match="newer invitation has replaced"):
        world.happens("CREATE_COMPLETE", token=older, parent=4)


@pytest.mark.safety(
    "Refused attempts with an invitation of ours are not pushed out of the list by others", "bot/decisions/invite.py"
)
def test_attempts_with_an_invitation_of_ours_are_not_pushed_out_by_others(world: World) -> None:
    token = world.invite()
    arrives(world, "222222222222", token)
    with pytest.raises(NotInvited):
        arrives(world, OTHER, token)
    for number in range(20):
        with pytest.raises(NotInvited):
            arrives(world, f"5555555555{number:02}", "guess")
    found = world.workflow.list_invitations(ADA)
    assert found.refused[0].token_hash == token_hash(token)
    assert (len(found.refused), found.more_refused) == (8, 13)


@pytest.mark.safety("Every invitation can be reached, however many there are", "bot/decisions/invite.py")
def test_every_open_invitation_can_be_reached_by_its_company(world: World) -> None:
    first = world.invite("Globex")
    for _ in range(15):
        world.invite("Acme")
    found = world.workflow.list_invitations(ADA)
    assert (len(found.invitations), found.more_invitations) == (15, 1)
    [only] = world.workflow.list_invitations(ADA, "  globex").invitations
    assert only.token_hash == token_hash(first)


def test_the_beginning_of_its_name_is_enough_and_its_whole_name_comes_first(world: World) -> None:
    acme = world.invite("Acme")
    for _ in range(15):
        world.invite("Acme Holding")
    world.invite("Globex")
    found = world.workflow.list_invitations(ADA, "acm")
    assert {one.company for one in found.invitations} == {"Acme Holding"} and found.more_invitations == 1
    assert world.workflow.list_invitations(ADA, "acme").invitations[0].token_hash == token_hash(acme)
    assert world.workflow.list_invitations(ADA, "holding").invitations == ()


@pytest.mark.safety("An invitation is for a hundred accounts at most", "bot/decisions/invite.py")
@pytest.mark.parametrize("accounts", [0, -1, 101])
def test_an_invitation_is_for_one_to_a_hundred_accounts(world: World, accounts: int) -> None:
    with pytest.raises(BadCommand, match="1 to 100"):
        invite_several(world, accounts)
    assert world.store.stored_invitations == {}


@pytest.mark.safety("Only approvers list and cancel invitations", "bot/decisions/invite.py")
@pytest.mark.safety("Inviting and cancelling are in the audit", "bot/decisions/invite.py")
def test_only_approvers_see_and_cancel_invitations(world: World) -> None:
    token = world.invite()
    with pytest.raises(NotAllowed):
        world.workflow.list_invitations(OLLI)
    with pytest.raises(NotAllowed):
        world.workflow.cancel_invitation(token_hash(token), OLLI)
    assert invitation(world, token).cancelled_at is None
    assert [line.action for line in world.store.trail("invitation")] == [
        "invited",
        "refused: cancel",
    ]
    [refused] = world.store.refused_people("invitation", 9)
    assert (refused.actor, refused.count) == ("U0OLLI", 2)


@pytest.mark.safety("Who cancelled an invitation is stored", "bot/decisions/invite.py")
def test_a_cancelled_invitation_lets_nobody_in_and_is_not_listed(world: World) -> None:
    token = world.invite()
    assert [one.company for one in world.workflow.list_invitations(ADA).invitations] == ["Acme"]
    assert world.workflow.cancel_invitation(token_hash(token), BEA).invitation.cancelled_at is not None
    assert [one.actor for one in world.store.written if one.action == "cancelled"] == ["U0BEA"]
    assert world.workflow.list_invitations(ADA).invitations == ()
    with pytest.raises(NotInvited, match="has been cancelled"):
        world.happens("CREATE_COMPLETE", token=token)
    assert world.channel.messages == []
    assert [(line.actor, line.action) for line in world.store.trail("invitation")][-1] == ("U0BEA", "cancelled")


@pytest.mark.safety("A closed invitation is not cancelled", "bot/decisions/invite.py")
def test_what_is_no_open_invitation_cannot_be_cancelled(world: World) -> None:
    token = world.invite()
    world.workflow.cancel_invitation(token_hash(token), ADA)
    for hashed in (token_hash(token), token_hash("guess"), "", "x" * 3000):
        with pytest.raises(InvitationClosed):
            world.workflow.cancel_invitation(hashed, ADA)


@pytest.mark.safety("An admission check writes nothing", "bot/ingest/receive.py")
def test_an_admission_check_is_answered_and_changes_nothing(world: World) -> None:
    token = world.invite()
    before = invitation(world, token)
    admission_check(world, token)
    assert invitation(world, token) == before
    assert world.store.stored_clients == {}
    assert world.store.stored_events == {}


@pytest.mark.safety("An admission check is judged like an event", "bot/ingest/receive.py")
@pytest.mark.safety("A token that nobody was given lets nobody in", "bot/ingest/redemption.py")
@pytest.mark.parametrize("token", ["", "guess"])
def test_an_admission_check_without_an_invitation_is_refused(world: World, token: str) -> None:
    with pytest.raises(NotInvited, match="There is no such invitation"):
        admission_check(world, token)


@pytest.mark.safety("A client without a group needs an invitation for a new stack", "bot/ingest/admission.py")
@pytest.mark.safety(
    "An invitation for one account belongs to the account that used it first", "bot/ingest/redemption.py"
)
def test_an_admission_check_is_refused_for_what_an_event_would_be(world: World) -> None:
    token = world.invite()
    world.happens("CREATE_IN_PROGRESS", token=token)
    admission_check(world, token)
    with pytest.raises(NotInvited, match="another AWS account"):
        admission_check(world, token, OTHER)
    world.clock.turn(days=8)
    with pytest.raises(NotInvited, match="has expired"):
        admission_check(world, token, parent=2)
    admission_check(world, token)


def test_a_known_role_needs_no_invitation_for_an_admission_check(world: World) -> None:
    world.onboard()
    admission_check(world, "")


def test_a_stack_without_a_child_asks_when_its_role_is_there_and_when_it_has_changed(world: World) -> None:
    token = world.invite()
    for operation, level, kind in (("CREATE", "ReadOnly", Kind.ONBOARD), ("UPDATE", "Administrator", Kind.UPDATE)):
        at = world.clock.now()
        body = json.loads(event_body("-", at, token=token, level=level, last_word=True))
        stamp = body.pop("last_word")["timestamp"]
        body["completed"] = {"operation": operation, "request_id": f"id-{operation}", "timestamp": stamp}
        for _ in range(2):
            world.send(json.dumps(body).encode())
        assert (world.last.kind, world.last.stack.access_level) == (kind, AccessLevel(level))
        world.press(Verb.APPROVE)
        world.work()
    assert len(world.channel.messages) == 2


def test_no_completed_operation_can_be_mistaken_for_the_deletion(world: World) -> None:
    world.onboard()
    body = json.loads(event_body("-", world.clock.now(), last_word=True))
    body["completed"] = {"operation": "UPDATE", "request_id": "DELETED", **body.pop("last_word")}
    world.send(json.dumps(body).encode())
    world.happens("DELETE_COMPLETE", last_word=True)
    assert world.last.kind is Kind.OFFBOARD


@pytest.mark.safety("The provider's own account is refused as a client", "bot/ingest/receive.py")
def test_our_own_account_is_no_client(world: World) -> None:
    token = world.invite()
    own = world.workflow.provider_account_id
    with pytest.raises(NotInvited, match="provider's own account"):
        arrives(world, own, token)
    with pytest.raises(NotInvited, match="provider's own account"):
        admission_check(world, token, own)
    assert world.store.stored_clients == {}
    assert world.channel.messages == []


@pytest.mark.safety("Who is refused is counted, with the invitation", "bot/ingest/receive.py")
def test_refused_attempts_are_counted_by_account_and_invitation_and_post_nothing(world: World) -> None:
    token = world.invite()
    arrives(world, "222222222222", token)
    for _ in range(3):
        with pytest.raises(NotInvited):
            arrives(world, OTHER, token)
        with pytest.raises(NotInvited):
            arrives(world, OTHER, "guess")
    assert refused(world) == [(OTHER, token_hash(token), 3), (OTHER, "", 3)]
    assert len(world.channel.messages) == 1
    world.clock.turn(days=8)
    assert refused(world) == []


def test_what_is_refused_for_its_proof_counts_against_nobody(world: World) -> None:
    token = world.invite()
    body = event_body("CREATE_COMPLETE", world.clock.now(), token=token, account=OTHER)
    world.sts.identity = Identity(THIRD, "switchyard-access")
    with pytest.raises(Exception, match="another account"):
        world.workflow.receive_event(body, PROOF)
    assert refused(world) == []


def test_nothing_that_only_the_sender_says_is_kept_of_a_refused_attempt(world: World) -> None:
    with pytest.raises(NotInvited):
        arrives(world, OTHER, "guess", company="<!channel>", role="evil")
    [attempt] = world.store.stored_refused.values()
    assert attempt == RefusedAttempts(OTHER, "", attempt.reason, attempt.last_at)
    assert attempt.reason.startswith("There is no such invitation")
