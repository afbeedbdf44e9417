"""The terms on which operators may switch in, MFA and the longest session: from the event to what is granted."""

from __future__ import annotations

import pytest

from bot.domain.model import Grant, Terms
from bot.domain.search import Search
from bot.domain.vocabulary import AccessLevel, Kind, State, Verb
from tests.fakes import ADA, TERMS, World

LAX = Terms(require_mfa=False, max_session_seconds=43200)
ALL = [(one, other) for one in (TERMS, LAX, None) for other in (TERMS, LAX, None)]


@pytest.fixture
def world() -> World:
    return World()


def granted(world: World) -> Terms | None:
    grant = world.client().grant
    assert grant == Grant("switchyard-access", AccessLevel.READ_ONLY, grant.terms if grant else None)
    return grant.terms if grant else None


@pytest.mark.parametrize("terms", [TERMS, LAX, None])
def test_terms_are_asked_and_granted_as_claimed(world: World, terms: Terms | None) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite(), terms=terms)
    assert (world.last.stack.terms, world.client().stack.terms, world.client().grant) == (terms, terms, None)
    world.press(Verb.APPROVE)
    world.work()
    assert granted(world) == terms


def test_terms_are_known_of_a_client_before_its_stack_is_complete(world: World) -> None:
    world.happens("CREATE_IN_PROGRESS", token=world.invite(), terms=LAX)
    [client] = world.workflow.find(Search(), ADA).clients
    assert (client.stack.terms, client.grant) == (LAX, None)


@pytest.mark.parametrize(("before", "after"), ALL)
def test_an_update_compares_terms_with_what_was_granted(
    world: World, before: Terms | None, after: Terms | None
) -> None:
    world.onboard(terms=before)
    world.happens("UPDATE_COMPLETE", terms=after)
    assert (world.last.kind, world.last.state, world.last.stack.terms) == (Kind.UPDATE, State.PENDING, after)
    assert world.last.previous == Grant("switchyard-access", AccessLevel.READ_ONLY, before)
    assert granted(world) == before, "nothing is granted before somebody approves"


@pytest.mark.safety("A change of the terms is an update, also from and to unknown terms", "bot/domain/request.py")
@pytest.mark.parametrize(("before", "after"), ALL)
def test_other_terms_make_a_new_card_and_the_same_do_not(
    world: World, before: Terms | None, after: Terms | None
) -> None:
    world.onboard(terms=before)
    world.happens("UPDATE_COMPLETE", terms=after)
    world.press(Verb.APPROVE)
    world.work()
    assert granted(world) == after
    assert [card.request.stack.terms for card in world.channel.cards] == (
        [before] if before == after else [before, after]
    )
    first = world.channel.cards[0]
    assert first.outdated is (None if before == after else Kind.UPDATE), "an older card must not go on telling"


@pytest.mark.parametrize(("before", "after"), ALL)
def test_a_denied_update_leaves_what_was_granted(world: World, before: Terms | None, after: Terms | None) -> None:
    world.onboard(terms=before)
    world.happens("UPDATE_COMPLETE", terms=after)
    world.press(Verb.DENY)
    assert granted(world) == before
    world.happens("UPDATE_COMPLETE", terms=after)
    assert world.last.previous == Grant("switchyard-access", AccessLevel.READ_ONLY, before)


@pytest.mark.parametrize(("before", "after"), ALL)
def test_a_new_stack_that_takes_the_role_over_is_compared_too(
    world: World, before: Terms | None, after: Terms | None
) -> None:
    world.onboard(terms=before)
    world.happens("CREATE_COMPLETE", parent=2, terms=after)
    assert (world.last.kind, world.last.warnings.recreated) == (Kind.UPDATE, True)
    assert (world.last.previous and world.last.previous.terms, world.last.stack.terms) == (before, after)
    world.press(Verb.APPROVE)
    world.work()
    assert granted(world) == after


@pytest.mark.safety("A removal and a revocation show the terms that were granted", "bot/ingest/deletion.py")
@pytest.mark.safety("A removal and a revocation show the terms that were granted", "bot/decisions/revoke.py")
@pytest.mark.parametrize("last_word", [True, False])
def test_a_removal_is_of_what_was_granted_whatever_is_claimed_last(world: World, last_word: bool) -> None:
    world.onboard(terms=LAX)
    world.happens("UPDATE_COMPLETE", terms=TERMS)
    world.happens("DELETE_COMPLETE", terms=None, last_word=last_word)
    world.clock.turn(minutes=11)
    world.workflow.sweep()
    assert (world.last.kind, world.last.stack.terms) == (Kind.OFFBOARD, LAX)


@pytest.mark.safety("A removal and a revocation show the terms that were granted", "bot/ingest/deletion.py")
@pytest.mark.safety("A removal and a revocation show the terms that were granted", "bot/decisions/revoke.py")
def test_a_revocation_is_of_what_was_granted(world: World) -> None:
    world.onboard(terms=LAX)
    world.happens("UPDATE_COMPLETE", terms=TERMS)
    assert world.revoke("Acme", ADA).stack.terms == LAX


def test_a_late_failure_does_not_change_what_the_client_is_known_to_claim(world: World) -> None:
    world.onboard(terms=TERMS)
    world.happens("UPDATE_ROLLBACK_COMPLETE", terms=LAX)
    assert (world.last.kind, world.client().stack.terms, granted(world)) == (Kind.REPORT, TERMS, TERMS)
