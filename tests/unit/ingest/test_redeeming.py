"""Invitations at the edges: who meets whom at one, what an attempt in vain leaves, and whose they stay."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.domain.errors import Conflict, InvitationClosed, NotInvited, TryAgain
from bot.domain.ids import token_hash
from bot.domain.invitation import Invitation, RefusedAttempts, RefusedPerson
from bot.domain.vocabulary import AccessLevel, Kind, State, Verb
from bot.ingest.redemption import redeem
from bot.ports.store import Change
from tests.fakes import ACME, ADA, BEA, World
from tests.interruptions import SharedStore
from tests.memory_store import MemoryStore

OTHER, THIRD = "333333333333", "444444444444"


class ContestedStore(MemoryStore):
    """Somebody is always faster at an invitation."""

    def save(self, change: Change) -> None:
        if any(one.cancelled_at for one in change.invitations):
            raise Conflict
        super().save(change)


class FullTable(MemoryStore):
    """A table that takes no more writes for now."""

    def count_refused(self, refused: RefusedAttempts | RefusedPerson) -> None:
        raise TryAgain("the table is throttled")


@pytest.fixture
def world() -> World:
    return World()


def stored(world: World, token: str) -> Invitation:
    found = world.store.invitation(token_hash(token))
    assert found is not None
    return found


def used(world: World, token: str) -> None:
    world.happens("CREATE_COMPLETE", token=token)
    world.press(Verb.APPROVE)
    world.work()


def expired(world: World, token: str) -> None:
    world.clock.turn(days=8)


def cancelled(world: World, token: str) -> None:
    world.workflow.cancel_invitation(token_hash(token), BEA)


@pytest.mark.safety("An attempt in vain is stored with the invitation it was made with", "bot/ingest/redemption.py")
@pytest.mark.parametrize(
    ("becomes", "why"), [(used, "has been used"), (expired, "has expired"), (cancelled, "has been cancelled")]
)
def test_an_attempt_in_vain_is_told_with_the_invitation_it_was_made_with(
    world: World, becomes: Callable[[World, str], None], why: str
) -> None:
    token = world.invite()
    becomes(world, token)
    with pytest.raises(NotInvited, match=why):
        world.happens("CREATE_COMPLETE", token=token, account=OTHER)
    assert (OTHER, token_hash(token)) in world.store.stored_refused


@pytest.mark.safety("An attempt in vain is stored with the invitation it was made with", "bot/ingest/redemption.py")
def test_so_is_one_with_an_invitation_whose_accounts_are_all_taken(world: World) -> None:
    token = world.workflow.invite("Acme", AccessLevel.READ_ONLY, ADA, 2).token
    for account in (ACME, THIRD):
        world.happens("CREATE_COMPLETE", token=token, account=account)
    with pytest.raises(NotInvited, match="All 2 accounts"):
        world.happens("CREATE_COMPLETE", token=token, account=OTHER)
    assert (OTHER, token_hash(token)) in world.store.stored_refused


@pytest.mark.safety("A refusal stays a refusal when it can't be counted", "bot/ingest/receive.py")
def test_a_refusal_stays_one_although_the_table_can_not_count_it(caplog: pytest.LogCaptureFixture) -> None:
    world = World(store=FullTable())
    with pytest.raises(NotInvited, match="no such invitation"):
        world.happens("CREATE_COMPLETE", token="guess")
    assert "was not counted" in caplog.text


@pytest.mark.safety("An invitation lets nobody in after it has expired", "bot/ingest/redemption.py")
def test_an_invitation_is_good_until_its_end_and_not_at_it(world: World) -> None:
    token = world.invite()
    end = stored(world, token).expires_at
    assert redeem(world.store, token, ACME, end - timedelta(milliseconds=1)).invitation.company == "Acme"
    with pytest.raises(NotInvited, match="has expired"):
        redeem(world.store, token, ACME, end)


@pytest.mark.safety("An invitation's token can't be guessed", "bot/decisions/invite.py")
def test_a_token_cannot_be_guessed(world: World) -> None:
    tokens = {world.invite() for _ in range(20)}
    assert len(tokens) == 20
    assert all(len(base64.urlsafe_b64decode(one)) * 8 >= 128 for one in tokens)


@pytest.mark.safety("A value that is no invitation id of ours is not looked up in the table", "bot/decisions/invite.py")
def test_only_what_may_be_an_invitation_is_looked_up_as_one() -> None:
    with pytest.raises(InvitationClosed):
        World().workflow.cancel_invitation("x" * 3000, ADA)


@pytest.mark.safety(
    "An invitation that is used while it is cancelled is cancelled, and keeps its use", "bot/decisions/invite.py"
)
def test_an_invitation_that_is_used_as_it_is_cancelled_keeps_both() -> None:
    store = SharedStore()
    world = World(store=store)
    token = world.invite()
    store.before_saving.meanwhile = lambda: world.happens("CREATE_COMPLETE", token=token)
    world.workflow.cancel_invitation(token_hash(token), BEA)
    assert stored(world, token).account_id == ACME
    assert stored(world, token).cancelled_at is not None


@pytest.mark.safety("An invitation is not said to be cancelled when it is not", "bot/decisions/invite.py")
def test_when_somebody_is_always_faster_it_is_not_said_to_be_cancelled() -> None:
    world = World(store=ContestedStore())
    token = world.invite()
    with pytest.raises(TryAgain, match="Try again in a minute"):
        world.workflow.cancel_invitation(token_hash(token), BEA)
    assert stored(world, token).listed


@pytest.mark.safety("A known stack does not use up the invitation it brings", "bot/ingest/admission.py")
def test_a_known_stack_that_brings_a_new_invitation_of_its_company_leaves_it_unused(world: World) -> None:
    world.onboard()
    hung_on = world.client().token_hash
    token = world.invite()
    world.happens("UPDATE_COMPLETE", token=token)
    assert (world.last.kind, world.client().token_hash) == (Kind.UPDATE, hung_on)
    assert stored(world, token).client_id is None


@pytest.mark.safety("A recreated stack does not use up another client's invitation", "bot/ingest/admission.py")
def test_a_recreated_stack_takes_no_other_clients_invitation(world: World) -> None:
    first = world.onboard()
    token = world.invite()
    world.happens("CREATE_COMPLETE", token=token, role="second-role", parent=2)
    second = world.last.client_id
    world.happens("CREATE_COMPLETE", token=token, parent=3)
    assert (world.last.client_id, world.last.kind) == (first, Kind.UPDATE)
    assert stored(world, token).client_id == second


@pytest.mark.safety(
    "The audit does not say so when a client comes again with the same invitation", "bot/ingest/admission.py"
)
def test_who_tries_again_with_the_same_invitation_is_not_said_to_use_another(world: World) -> None:
    token = world.invite()
    for parent in (1, 2):
        world.happens("CREATE_COMPLETE", token=token, parent=parent)
    assert [line.action for line in world.store.trail(world.last.client_id)] == [
        "asked to onboard",
        "superseded",
        "asked to onboard",
    ]


@pytest.mark.safety("The newest completion is remembered also when another stack completes", "bot/ingest/admission.py")
def test_an_older_completion_of_another_stack_changes_nothing_either(world: World) -> None:
    """Its invitation lets it in, which is no reason to forget what came last."""
    token = world.invite()
    world.happens("CREATE_COMPLETE", token=token)
    world.happens("CREATE_COMPLETE", token=token, parent=2, seconds=-3600)
    assert world.states == [State.PENDING]
