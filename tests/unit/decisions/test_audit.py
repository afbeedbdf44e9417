"""Who did what is written down, step by step, and refusals too."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.errors import NotAllowed
from bot.domain.vocabulary import AccessLevel, Verb
from tests.fakes import ACME, ADA, OLLI, World


@pytest.fixture
def world() -> World:
    world = World()
    world.happens("CREATE_COMPLETE", token=world.invite())
    return world


def trail(world: World) -> list[tuple[str, str]]:
    return [(line.actor, line.action) for line in world.store.trail(world.last.client_id)]


@pytest.mark.safety("What an event changes is in the audit", "bot/ingest/admission.py")
def test_every_step_of_a_client_is_written_down(world: World) -> None:
    world.happens("UPDATE_COMPLETE")
    world.press(Verb.APPROVE)
    world.work()
    account = f"account {ACME}"
    assert trail(world) == [
        (account, "asked to onboard"),
        (account, "superseded"),
        (account, "asked to onboard"),
        ("U0ADA", "approve"),
        ("switchyard", "onboard done"),
    ]
    lines = world.store.trail(world.last.client_id)
    assert {line.request_id for line in lines} == {message.request.id for message in world.channel.messages}
    assert (lines[0].detail, lines[2].detail) == ("CREATE_COMPLETE", "UPDATE_COMPLETE")


def test_a_failure_is_written_down_with_its_reason(world: World) -> None:
    world.stacks.refuse = "LimitExceeded"
    world.press(Verb.APPROVE)
    world.work()
    line = world.store.trail(world.last.client_id)[-1]
    assert (line.actor, line.action, line.detail) == ("switchyard", "onboard failed", "LimitExceeded")


@pytest.mark.safety("The expiry of a request is in the audit", "bot/sweep.py")
def test_an_expiry_is_nobodys_decision(world: World) -> None:
    world.clock.turn(days=7, minutes=1)
    world.workflow.sweep()
    line = world.store.trail(world.last.client_id)[-1]
    assert (line.actor, line.action, line.request_id) == ("switchyard", "expire", world.last.id)


@pytest.mark.safety("What is written down of a refusal has a maximum length", "bot/decisions/decide.py")
@pytest.mark.safety("Neither an invitation's token nor its whole hash is in the audit", "bot/decisions/invite.py")
def test_invitations_are_written_down_and_so_are_refused_ones(world: World) -> None:
    world.invite("Globex", AccessLevel.POWER_USER)
    with pytest.raises(NotAllowed):
        world.workflow.invite("x" * 200, AccessLevel.READ_ONLY, OLLI)
    lines = world.store.trail("invitation")[-2:]
    [made] = [one for one in world.store.stored_invitations.values() if one.company == "Globex"]
    assert [(line.actor, line.action, line.detail) for line in lines] == [
        ("U0ADA", "invited", f"Globex, PowerUser, {made.token_hash[:8]}"),
        ("U0OLLI", "refused: invite", "x" * 100),
    ]


def test_everybody_taken_out_of_a_large_group_is_named_a_hundred_a_line(world: World) -> None:
    world.press(Verb.APPROVE)
    world.work()
    everybody = [f"user-{number:03d}" for number in range(250)]
    world.stacks.groups[world.last.client_id][1].update(everybody)
    world.happens("DELETE_COMPLETE", last_word=True)
    world.press(Verb.APPROVE)
    world.work()
    lines = [line.detail for line in world.store.trail(world.last.client_id) if line.action == "removes members"]
    assert [len(line.split(", ")) for line in lines] == [100, 100, 50]
    assert ", ".join(lines).split(", ") == everybody


def test_an_invitation_lasts_a_week_and_is_used_up_once(world: World) -> None:
    invited = world.workflow.invite("Globex", AccessLevel.READ_ONLY, ADA).invitation
    assert invited.expires_at - invited.created_at == timedelta(days=7)
    world.press(Verb.APPROVE)
    world.work()
    spent = world.store.invitation(world.client().token_hash)
    assert spent is not None
    assert spent.spent_at is not None
    world.happens("UPDATE_COMPLETE", level="PowerUser")
    world.press(Verb.APPROVE)
    world.work()
    assert world.store.invitation(spent.token_hash) == spent
