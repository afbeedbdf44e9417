"""What a request's message warns of, and that it stops once there is nothing left to decide."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from bot.domain.answers import Revocation
from bot.domain.model import Grant
from bot.domain.request import RoleHolder
from bot.domain.vocabulary import AccessLevel, Kind, State
from bot.slack.render import revoking, views
from bot.slack.render.blocks import Message
from tests.unit.slack.samples import CLIENT, ENTRANCE, SETTINGS, event, pictured, request, words

OPEN = (State.PENDING, State.FAILED, State.DENIED, State.EXPIRED, State.APPROVED, State.PROVISIONING)
SETTLED = (State.DONE, State.SUPERSEDED)
DOUBTFUL: dict[str, Any] = {
    "access_level": AccessLevel.ADMINISTRATOR,
    "claimed_company": "Evil Corp",
    "namesakes": ("333333333333",),
}
DOUBTS = ("differs from the invitation", "calls itself", "called Acme too")


def show(kind: Kind = Kind.ONBOARD, state: State = State.PENDING, **changes: Any) -> Message:
    return views.request_message(pictured(request(kind, state, **changes)), SETTINGS)


def test_another_access_level_than_invited_is_a_warning() -> None:
    shown = words(show(access_level=AccessLevel.ADMINISTRATOR))
    assert "⚠️ *Access level differs from the invitation:* invited for *ReadOnly*" in shown
    assert "the client's stack says *Administrator*" in shown
    assert "⚠️" not in words(show())


def test_a_client_that_was_denied_and_asks_again_is_a_warning() -> None:
    told = "⚠️ *An approver has denied this client before*"
    assert told in words(show(warnings_denied=True))
    assert told not in words(show(state=State.DONE, warnings_denied=True))


def test_a_client_that_has_asked_as_another_company_is_a_warning() -> None:
    told = "⚠️ *This client has asked as “Evil &amp; Co” before*; now its account is called Acme."
    assert told in words(show(warnings_known_as="Evil & Co"))
    assert told not in words(show(state=State.DONE, warnings_known_as="Evil & Co"))


def test_another_name_than_invited_is_a_warning() -> None:
    assert "⚠️ *The client calls itself “Evil Corp”*; the invitation was for Acme." in words(
        show(claimed_company="Evil Corp")
    )


def test_namesakes_are_a_warning() -> None:
    assert "Another client is called Acme too:* account `333333333333`." in words(show(namesakes=("333333333333",)))
    both = words(show(namesakes=("333333333333", "444444444444")))
    assert "Other clients are called Acme too:* accounts `333333333333`, `444444444444`." in both
    many = words(show(namesakes=tuple(f"{number:012}" for number in range(11))))
    assert "`000000000008`, `000000000009` and more. Make sure" in many


OTHERS = (RoleHolder("c222", "Globex <Ltd>", grants=True), RoleHolder("c333", "Initech", grants=False))


@pytest.mark.safety("A role that another client has too is said above the buttons", "bot/slack/render/warnings.py")
@pytest.mark.parametrize(("kind", "state"), [*product((Kind.ONBOARD, Kind.UPDATE), OPEN)])
def test_a_role_that_another_client_has_is_a_warning(kind: Kind, state: State) -> None:
    shown = words(show(kind, state, shared_with=OTHERS))
    assert "⚠️ *Another client of this account uses the role `switchyard-access` too:*" in shown
    assert "Globex &lt;Ltd&gt; (client `c222`), Initech (client `c333`). It lets people switch in" in shown
    assert "It may be approved as well." in words(show(kind, state, shared_with=OTHERS[1:]))


@pytest.mark.parametrize("state", [*OPEN, State.DONE])
def test_a_removal_names_whose_group_still_grants_the_role(state: State) -> None:
    shown = words(show(Kind.OFFBOARD, state, shared_with=OTHERS[:1]))
    assert "still gives access to the role `switchyard-access`:* Globex &lt;Ltd&gt; (client `c222`)" in shown


def test_the_question_before_a_revocation_names_it_too() -> None:
    gives = Grant("switchyard-access", AccessLevel.READ_ONLY)
    told = "⚠️ *Another client still gives access to the role `switchyard-access`:* Globex"
    assert told in words(revoking.question(Revocation(CLIENT, gives, ENTRANCE, "0" * 16, None, OTHERS[:1]), SETTINGS))
    assert "⚠️" not in words(revoking.question(Revocation(CLIENT, gives, ENTRANCE, "0" * 16), SETTINGS))


def test_so_does_the_answer_to_it() -> None:
    for others in (OTHERS[:1], ()):
        removal = request(Kind.OFFBOARD, State.APPROVED, revoked=True, shared_with=others)
        assert ("Globex" in words(revoking.revoked(removal, SETTINGS))) == bool(others)


def test_of_many_clients_with_a_role_some_are_named() -> None:
    many = tuple(RoleHolder(f"c{number}", f"Company {number}", grants=True) for number in range(40))
    shown = words(show(shared_with=many))
    assert "Company 9 (client `c9`) and 30 more." in shown


@pytest.mark.safety("The mark of an unconfirmed deletion stands above the buttons", "bot/slack/render/warnings.py")
@pytest.mark.parametrize("state", OPEN)
def test_a_removal_that_the_gate_has_not_confirmed_says_so_above_the_buttons(state: State) -> None:
    shown = words(show(Kind.OFFBOARD, state, unconfirmed=True))
    assert "⚠️ *The deletion is not confirmed by the gate.*" in shown
    assert "not confirmed" not in words(show(Kind.OFFBOARD, state))


def test_what_its_buttons_do_takes_nobodys_word_for_the_deletion() -> None:
    assert "The client deleted its stack" in words(show(Kind.OFFBOARD))
    unconfirmed = words(show(Kind.OFFBOARD, unconfirmed=True))
    assert "The client deleted its stack" not in unconfirmed
    assert "*Deny* takes no access away: as long as" in unconfirmed


@pytest.mark.parametrize(("kind", "state"), [*product((Kind.ONBOARD, Kind.UPDATE), OPEN)])
def test_a_client_asked_for_again_after_its_deletion_was_told_is_a_warning(kind: Kind, state: State) -> None:
    message = show(kind, state, contradicted=True)
    assert "⚠️ *The client's stack was reported as deleted, but it has completed an operation since.*" in words(message)


def test_a_deletion_in_the_timeline_says_when_the_gate_tells_it() -> None:
    told, last = event("DELETE_COMPLETE"), replace(event("DELETE_COMPLETE", 2), child_stack_id=None)
    shown = words(views.request_message(pictured(request(Kind.OFFBOARD), (told, last)), SETTINGS))
    assert shown.count("`DELETE_COMPLETE`") == 2
    assert shown.count("`DELETE_COMPLETE` (from the gate)") == 1


@pytest.mark.parametrize("state", OPEN)
def test_a_new_stack_is_compared_with_its_invitation_while_that_helps(state: State) -> None:
    for shown in (words(show(state=state, **DOUBTFUL)), words(show(Kind.UPDATE, state, recreated=True, **DOUBTFUL))):
        assert all(doubt in shown for doubt in DOUBTS)


@pytest.mark.parametrize(
    ("kind", "state"), [*product((Kind.UPDATE, Kind.OFFBOARD), OPEN), (Kind.REPORT, State.REPORTED)]
)
def test_what_is_no_new_stack_is_not_compared_with_an_old_invitation(kind: Kind, state: State) -> None:
    assert "⚠️" not in words(show(kind, state, **DOUBTFUL))


@pytest.mark.parametrize(("kind", "state"), [*product((Kind.ONBOARD, Kind.UPDATE, Kind.OFFBOARD), SETTLED)])
def test_what_is_settled_warns_of_nothing(kind: Kind, state: State) -> None:
    own, deletion = SETTINGS.provider_account_id, {"unconfirmed": True, "contradicted": True}
    assert "⚠️" not in words(show(kind, state, account_id=own, recreated=True, **deletion, **DOUBTFUL))


@pytest.mark.parametrize("kind", [Kind.ONBOARD, Kind.OFFBOARD])
def test_ten_clients_with_the_longest_names_fit(kind: Kind) -> None:
    many = tuple(RoleHolder("c" * 11, "&" * 255, grants=True) for _ in range(40))
    assert "30 more" in words(show(kind, shared_with=many))
