"""What a request's message warns of, and that it stops once there is nothing left to decide."""

from itertools import product
from typing import Any

import pytest

from bot.slack import views
from bot.slack.blocks import Message
from bot.vocabulary import AccessLevel, Kind, State
from tests.unit.slack_samples import SETTINGS, request, words

OPEN = (State.PENDING, State.FAILED, State.DENIED, State.EXPIRED, State.APPROVED, State.PROVISIONING)
SETTLED = (State.DONE, State.SUPERSEDED)
DOUBTFUL: dict[str, Any] = {
    "access_level": AccessLevel.ADMINISTRATOR,
    "claimed_company": "Evil Corp",
    "namesakes": ("333333333333",),
}
DOUBTS = ("differs from the invitation", "calls itself", "called Acme too")


def show(kind: Kind = Kind.ONBOARD, state: State = State.PENDING, **changes: Any) -> Message:
    return views.request_message(request(kind, state, **changes), (), SETTINGS)


def test_another_access_level_than_invited_is_a_warning() -> None:
    shown = words(show(access_level=AccessLevel.ADMINISTRATOR))
    assert "⚠️ *Access level differs from the invitation:* invited for *ReadOnly*" in shown
    assert "the client's stack says *Administrator*" in shown
    assert "⚠️" not in words(show())


def test_another_name_than_invited_is_a_warning() -> None:
    assert "⚠️ *The client calls itself “Evil Corp”*; the invitation was for Acme." in words(
        show(claimed_company="Evil Corp")
    )


def test_namesakes_are_a_warning() -> None:
    assert "Another client is called Acme too:* account `333333333333`." in words(show(namesakes=("333333333333",)))
    both = words(show(namesakes=("333333333333", "444444444444")))
    assert "Other clients are called Acme too:* accounts `333333333333`, `444444444444`." in both


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
    own = SETTINGS.provider_account_id
    assert "⚠️" not in words(show(kind, state, account_id=own, recreated=True, **DOUBTFUL))
