"""What an attempt remembers of itself, however its readings and its writings come between each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.request import Decision
from bot.domain.vocabulary import State, Verb
from bot.provisioning.attempt import LONG, MOST_GREEN, TOLD_AFTER, forgotten, overdue, waiting, with_grant, working
from tests.changed import changed
from tests.integration.records import a_client, a_request

REQUEST = a_request(state=State.PROVISIONING)
NOW = REQUEST.updated_at + 2 * LONG
A_MOMENT = timedelta(seconds=1)


@pytest.mark.safety("The stack that a request works on is not forgotten", "bot/provisioning/attempt.py")
def test_the_stack_it_works_on_is_not_forgotten_by_who_did_not_know_it_yet() -> None:
    assert working(changed(REQUEST, stack_id="s"), None, NOW).attempt.stack_id == "s"
    assert working(changed(REQUEST, stack_id="s"), "t", NOW).attempt.stack_id == "t"


@pytest.mark.safety("A request that has moved meanwhile is not given up", "bot/provisioning/attempt.py")
def test_it_is_overdue_when_neither_it_nor_its_record_has_moved_for_long() -> None:
    assert overdue(REQUEST, NOW)
    assert not overdue(changed(REQUEST, tried_at=NOW - A_MOMENT), NOW)
    assert not overdue(changed(REQUEST, updated_at=NOW - A_MOMENT, tried_at=REQUEST.updated_at), NOW)


@pytest.mark.safety("A request that was tried a moment ago is not given up", "bot/provisioning/attempt.py")
def test_what_was_tried_in_vain_since_it_was_read_is_not_given_up() -> None:
    assert forgotten(REQUEST, NOW)
    assert not forgotten(waiting(REQUEST, "CloudFormation does not answer", NOW - A_MOMENT), NOW)


@pytest.mark.safety("The time until a request is given up counts from the press", "bot/provisioning/attempt.py")
def test_it_is_told_how_long_it_takes_since_somebody_pressed_however_often_its_record_moved() -> None:
    pressed = replace(REQUEST, decision=Decision(Verb.APPROVE, "U0ADA", NOW - TOLD_AFTER), updated_at=NOW - A_MOMENT)
    assert waiting(pressed, "It waits.", NOW).reason == "It waits."
    assert waiting(pressed, "It waits.", NOW - A_MOMENT).reason == ""
    slow = changed(pressed, decision=Decision(Verb.APPROVE, "U0ADA", NOW - LONG), stack_id="s")
    assert "stack s" in working(slow, None, NOW).reason


@pytest.mark.safety("Of a client's green messages the newest twenty are known", "bot/provisioning/attempt.py")
def test_a_client_record_does_not_grow_with_every_success() -> None:
    client = a_client()
    for number in range(MOST_GREEN + 5):
        client = with_grant(client, replace(REQUEST, id=f"r{number}"))
    assert client.granted_by == tuple(f"r{number}" for number in range(5, MOST_GREEN + 5))
