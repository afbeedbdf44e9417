"""Who was refused, as approvers see it: what may be a stolen invitation stays in sight, whatever strangers do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.decisions.invite import ATTEMPTS_READ, ATTEMPTS_SHOWN
from bot.domain.errors import NotInvited
from bot.domain.ids import token_hash
from bot.domain.invitation import RefusedAttempts
from bot.domain.vocabulary import Verb
from bot.slack.render import invitations, views
from tests.fakes import ACME, ADA, World, event_body
from tests.unit.slack.samples import SETTINGS, pictured, words

THIEF = "444444444444"


@pytest.fixture
def world() -> World:
    return World()


def tries(world: World, account: str, token: str = "", **event: Any) -> None:
    with pytest.raises(NotInvited):
        world.happens(event.pop("status", "CREATE_COMPLETE"), account=account, token=token, **event)


def strangers(world: World, number: int) -> None:
    for account in range(number):
        tries(world, f"{500000000000 + account}")


def seen(world: World, company: str = "") -> str:
    return words(invitations.invitations(world.workflow.list_invitations(ADA, company)))


@pytest.mark.safety(
    "Refused attempts with an invitation are found, however many strangers were refused meanwhile", "bot/aws/writes.py"
)
def test_a_stolen_invitation_stays_in_sight_however_many_strangers_try_afterwards(world: World) -> None:
    token = world.invite()
    world.happens("CREATE_COMPLETE", token=token)
    tries(world, THIEF, token)
    strangers(world, ATTEMPTS_READ + 1)
    first = world.workflow.list_invitations(ADA).refused[0]
    assert (first.account_id, first.token_hash, first.company) == (THIEF, token_hash(token), "Acme")
    assert f"account `{THIEF}` with the invitation for *Acme*, once" in seen(world)


@pytest.mark.safety("Refused attempts from many accounts hide none with another invitation", "bot/decisions/invite.py")
def test_an_invitation_tried_from_many_accounts_hides_no_attempt_with_another(world: World) -> None:
    stolen, own = world.invite(), world.invite("Globex")
    world.happens("CREATE_COMPLETE", token=stolen)
    world.happens("CREATE_COMPLETE", token=own, role="second", parent=2)
    tries(world, THIEF, stolen)
    for account in range(ATTEMPTS_SHOWN * 2):
        tries(world, f"{600000000000 + account}", own)
    assert f"account `{THIEF}` with the invitation for *Acme*" in seen(world)


def test_a_spent_invitation_is_named_by_its_company_too(world: World) -> None:
    token = world.invite()
    world.happens("CREATE_COMPLETE", token=token)
    world.press(Verb.APPROVE)
    world.work()
    tries(world, THIEF, token)
    assert "with the invitation for *Acme*" in seen(world)


@pytest.mark.safety("Under a company's name no refusals of others are shown", "bot/decisions/invite.py")
def test_under_a_company_nobody_elses_refusals_are_shown(world: World) -> None:
    for parent, company in enumerate(("Acme", "Globex"), start=1):
        token = world.invite(company)
        world.happens("CREATE_COMPLETE", token=token, role=company, parent=parent)
        tries(world, THIEF if company == "Globex" else "333333333333", token)
    strangers(world, 2)
    shown = seen(world, "ACME ")
    assert "account `333333333333` with the invitation for *Acme*" in shown
    assert "Globex" not in shown
    assert THIEF not in shown
    assert "500000000000" not in shown
    assert "Refused" not in seen(world, "Nobody Ltd")
    assert "Refused" not in seen(world, "\u200d")


EVENTS: list[dict[str, Any]] = [
    {"status": "CREATE_COMPLETE", "resource": "AccessRole"},
    {"status": "CREATE_IN_PROGRESS", "resource": "AccessRole"},
    {"status": "DELETE_COMPLETE", "resource": "AccessRole"},
    {"status": "CREATE_FAILED", "resource": "AccessRole"},
    {"status": "CREATE_IN_PROGRESS"},
    {"status": "DELETE_COMPLETE"},
]


@pytest.mark.safety(
    "Who was never invited is refused, whatever the event tells of, a resource's event included",
    "bot/ingest/receive.py",
)
@pytest.mark.parametrize("event", EVENTS)
def test_who_was_never_invited_is_refused_whatever_it_tells_of(world: World, event: dict[str, Any]) -> None:
    tries(world, THIEF, **event)
    tries(world, THIEF, token="guess", **event)
    assert world.store.stored_clients == {}
    assert world.store.stored_events == {}
    [attempt] = world.store.stored_refused.values()
    assert (attempt.account_id, attempt.count) == (THIEF, 2)


def test_a_stranger_makes_one_item_however_much_it_sends(world: World) -> None:
    for number in range(20):
        tries(world, THIEF, status="CREATE_COMPLETE", resource=f"R{number}", token=f"guess{number}", role=f"r{number}")
    assert list(world.store.stored_refused) == [(THIEF, "")]


@pytest.mark.parametrize("event", EVENTS[:3])
def test_a_known_clients_resources_are_heard_and_change_nothing(world: World, event: dict[str, Any]) -> None:
    event = dict(event)
    status = event.pop("status")
    token = world.invite()
    world.happens(status, token=token, **event)
    world.happens("CREATE_COMPLETE", token=token)
    world.press(Verb.APPROVE)
    world.work()
    before = world.client()
    world.happens(status, **event)
    world.happens("DELETE_COMPLETE", last_word=True)
    world.press(Verb.APPROVE)
    world.work()
    world.happens(status, **event)
    assert world.store.stored_refused == {}
    assert before.version < world.client().version
    assert not any(one.logical_id == "AccessRole" for one in world.store.stored_events.values())


@pytest.mark.safety("A stack that is known may always tell of its resources", "bot/ingest/admission.py")
def test_the_resources_of_a_stack_that_stands_after_its_access_was_revoked_are_heard(world: World) -> None:
    world.onboard()
    world.revoke("Acme", ADA)
    world.work()
    world.happens("UPDATE_IN_PROGRESS", resource="AccessRole")
    assert world.store.stored_refused == {}
    tries(world, ACME, status="UPDATE_COMPLETE")


def test_a_known_account_needs_an_invitation_for_another_role_also_for_its_resources(world: World) -> None:
    world.onboard()
    tries(world, ACME, status="CREATE_COMPLETE", resource="AccessRole", parent=2, role="another")


@pytest.mark.safety("A claimed name in which nothing can be seen is shown as such", "bot/domain/spelling.py")
@pytest.mark.parametrize(
    "claim", [" ", "\n\t ", "\u00a0", "\u3000", "\u200d", "\u2800", "\u3164\u115f", "\ufe0f", "\u200b"]
)
def test_a_claim_in_which_nothing_can_be_seen_is_shown_as_one(world: World, claim: str) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite(), company=claim)
    assert world.last.invited.claimed_company == "(blank)"
    shown = words(views.request_message(pictured(world.last), SETTINGS))
    assert "⚠️ *The client calls itself “(blank)”*; the invitation was for Acme." in shown


def test_what_is_kept_of_a_refused_attempt_is_ours_or_proven(world: World) -> None:
    token = world.invite("Globex")
    world.happens("CREATE_COMPLETE", token=token)
    body = json.loads(event_body("CREATE_COMPLETE", world.clock.now(), token=token, account=THIEF))
    with pytest.raises(NotInvited):
        world.send(json.dumps(body | {"company": "<!channel>"}).encode())
    [attempt] = world.store.stored_refused.values()
    assert attempt == RefusedAttempts(THIEF, token_hash(token), attempt.reason, attempt.last_at, company="Globex")
