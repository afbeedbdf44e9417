"""The fault matrix: every outbound call of every flow fails once, in every way, and the end is the undisturbed one."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from bot.vocabulary import State
from tests.faults.comparison import End, end_of
from tests.faults.flows import FLOWS
from tests.faults.injection import Fault, Injector, applies
from tests.faults.outside import NobodyCouldGoOn, Outside

ENDS: dict[str, tuple[list[State], int]] = {
    "onboard_approve": ([State.DONE], 1),
    "onboard_deny": ([State.DENIED], 0),
    "update": ([State.DONE, State.DONE], 2),
    "offboard": ([State.DONE, State.DONE], 1),
    "retry_after_failure": ([State.DONE], 1),
    "supersede": ([State.SUPERSEDED, State.DONE], 1),
    "expire": ([State.EXPIRED], 0),
    "deny_reopen_approve": ([State.DONE], 1),
    "failed_client_stack": ([State.REPORTED], 0),
}
"""What the channel shows in the end, message by message, and how many cards."""


@pytest.fixture(autouse=True)
def _quietly() -> Iterator[None]:
    """Thousands of warnings are expected here."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def play(flow: str, injector: Injector) -> Outside:
    outside = Outside(injector)
    FLOWS[flow](outside)
    outside.settle()
    return outside


def disturbed(flow: str, injector: Injector, undisturbed: End) -> list[str]:
    """How the flow ends otherwise when one call fails."""
    try:
        return undisturbed.deviations(end_of(play(flow, injector)))
    except NobodyCouldGoOn as stuck:
        return [str(stuck)]


def known_deviations(fault: Fault, calls: list[str], number: int, undisturbed: End) -> list[str]:
    """What is not as it should be, and accepted: one reminder fewer, when it was noted but not posted.

    A reminder is noted before it is posted, so that Slack's trouble never makes one every minute; the next one comes
    when the request has waited twice as long. One too many would be a deviation like any other.
    """
    posts_reminder = calls[number - 1].startswith("notifier.remind")
    notes_reminder = calls[number - 1].startswith("store.save") and calls[number].startswith("notifier.remind")
    lost = (posts_reminder and fault in (Fault.REFUSED, Fault.DIED_BEFORE)) or (
        notes_reminder and fault in (Fault.ANSWER_LOST, Fault.DIED_AFTER)
    )
    all_of_them = undisturbed.parts["reminders"]
    return [f"reminders: {all_of_them[1:]} instead of {all_of_them}"] if lost else []


@pytest.mark.parametrize("flow", FLOWS)
def test_undisturbed(flow: str) -> None:
    outside = play(flow, Injector())
    assert ([one.request.state for one in outside.board.messages], len(outside.board.cards)) == ENDS[flow]
    assert outside.lost == []


@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name.lower())
@pytest.mark.parametrize("flow", FLOWS)
def test_one_fault_changes_nothing_in_the_end(flow: str, fault: Fault, count_cases: list[int]) -> None:
    counted = Injector()
    undisturbed = end_of(play(flow, counted))
    deviations = []
    for number, call in enumerate(counted.calls, 1):
        if not applies(fault, call):
            continue
        injector = Injector(fault, number)
        differences = disturbed(flow, injector, undisturbed)
        expected = known_deviations(fault, counted.calls, number, undisturbed)
        assert injector.injected == call, f"call {number} was to be {call}"
        count_cases.append(number)
        deviations += [f"call {number}, {call}: {one}" for one in differences if one not in expected]
        deviations += [f"call {number}, {call}: no longer, {one}" for one in expected if one not in differences]
    assert not deviations, f"{flow}, {fault.value}:\n" + "\n".join(deviations)
