"""What a notification or a screen reader gets instead of a message's blocks: whole sentences."""

from typing import Any

import pytest

from bot.domain.search import Found, Search
from bot.domain.vocabulary import Kind, State
from bot.slack.render import answers, clients, shown, views
from tests.unit.slack.samples import CLIENT, SETTINGS, SHOWN, pictured, request


@pytest.mark.parametrize(
    ("kind", "state", "changes", "notified"),
    [
        (Kind.ONBOARD, State.PENDING, {}, "Onboard Acme? Account 222222222222, ReadOnly access."),
        (Kind.ONBOARD, State.DENIED, {}, "Acme was denied. Account 222222222222, ReadOnly access."),
        (Kind.UPDATE, State.DONE, {}, "✅ Acme is updated. Account 222222222222, ReadOnly access."),
        (Kind.OFFBOARD, State.EXPIRED, {}, "Remove Acme? Nobody decided. Account 222222222222, ReadOnly access."),
        (Kind.ONBOARD, State.SUPERSEDED, {}, "Onboard Acme? No longer open. Account 222222222222, ReadOnly access."),
        (
            Kind.REPORT,
            State.REPORTED,
            {},
            "Acme: client stack failed. ROLLBACK_COMPLETE: AccessRole: switchyard-access already exists.",
        ),
        (Kind.REPORT, State.REPORTED, {"reason": ""}, "Acme: client stack failed. ROLLBACK_COMPLETE."),
        (Kind.REPORT, State.REPORTED, {"reason": "No."}, "Acme: client stack failed. ROLLBACK_COMPLETE: No."),
    ],
)
def test_a_request_is_notified_in_sentences(kind: Kind, state: State, changes: dict[str, Any], notified: str) -> None:
    assert views.request_message(pictured(request(kind, state, **changes)), SETTINGS).text == notified


def test_private_answers_are_notified_in_sentences() -> None:
    assert clients.clients(Found(Search(), (CLIENT, CLIENT)), SETTINGS).text == "Clients: Acme, Acme."
    assert shown.shown(SHOWN, SETTINGS).text == "Acme, account 222222222222: onboarded."
    assert answers.usage(SETTINGS).text == "How to use /clients."
