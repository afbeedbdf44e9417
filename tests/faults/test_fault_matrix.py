"""The fault matrix: every outbound call of every flow fails once, in every way, and the end is the undisturbed one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import pytest

from bot.vocabulary import State
from tests.fakes import TurnableClock
from tests.faults.channels import OnBoard, OnSlack
from tests.faults.clouds import InMemory, OnAws
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
"""How the requests end, one message each, and how many cards there are."""
OF_A_CLIENT = [fault for fault in Fault if fault not in (Fault.OVERTAKEN, Fault.OTHERS_FIRST)]
"""What can happen to a call of Slack's or AWS's client."""
AFTERWARDS = (
    *(f"notifier.{method}" for method in ("post", "update", "find", "remind")),
    *("slack.chat", "slack.conversations", "slack.auth"),
    "handoff.",
)
"""Calls that come after the decision or the event is stored."""


@pytest.fixture(autouse=True)
def _quietly() -> Iterator[None]:
    """Thousands of warnings are expected here."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def on_board(injector: Injector) -> Outside:
    """Calls of all ports count."""
    return Outside(injector, TurnableClock(), OnBoard(injector), InMemory(injector))


def hurried(injector: Injector) -> Outside:
    """Calls of all ports count, and nobody waits before trying again."""
    return Outside(injector, TurnableClock(), OnBoard(injector), InMemory(injector), hurried=True)


def on_slack(injector: Injector) -> Outside:
    """Calls of Slack's Web API count."""
    injector.among, clock = "slack.", TurnableClock()
    return Outside(injector, clock, OnSlack(injector, clock), InMemory(injector))


def on_aws(injector: Injector) -> Outside:
    """Calls of CloudFormation and IAM count."""
    injector.among = "aws."
    return Outside(injector, TurnableClock(), OnBoard(injector), OnAws(injector))


def played(flow: str, outside: Outside) -> Outside:
    try:
        FLOWS[flow](outside)
        outside.settle()
    finally:
        outside.cloud.leave()
    return outside


def disturbed(flow: str, outside: Outside, undisturbed: End) -> list[str]:
    """How the flow ends otherwise when one call fails."""
    injector = outside.injector
    try:
        end = end_of(played(flow, outside))
    except NobodyCouldGoOn as stuck:
        return [str(stuck)]
    return undisturbed.deviations(end, unnoticed=unnoticed(injector.fault, injector.injected))


def unnoticed(fault: Fault | None, call: str) -> bool:
    """Whether this is nobody's business but the sweep's: what came to be stored is taken, whatever happens after it."""
    return fault in (Fault.OVERTAKEN, Fault.OTHERS_FIRST) or (
        fault in (Fault.REFUSED, Fault.ANSWER_LOST) and call.startswith(AFTERWARDS)
    )


def deviations(flow: str, fault: Fault, world: Callable[[Injector], Outside], count_cases: list[int]) -> list[str]:
    """One run for each call of the flow that can fail in this way."""
    counted = Injector()
    undisturbed = end_of(played(flow, world(counted)))
    found = []
    for number, call in enumerate(counted.calls, 1):
        if not applies(fault, call):
            continue
        injector = Injector(fault, number)
        differences = disturbed(flow, world(injector), undisturbed)
        assert injector.injected == call, f"call {number} was to be {call}"
        count_cases.append(number)
        found += [f"call {number}, {call}: {one}" for one in differences]
    return found


@pytest.mark.parametrize("world", [on_board, on_slack, on_aws])
@pytest.mark.parametrize("flow", FLOWS)
def test_undisturbed(flow: str, world: Callable[[Injector], Outside]) -> None:
    outside = played(flow, world(Injector()))
    requests = sorted(outside.store.stored_requests.values(), key=lambda one: one.created_at)
    seen = outside.channel.seen()
    assert ([one.state for one in requests], len(seen["messages"]), len(seen["cards"])) == (
        ENDS[flow][0],
        len(requests),
        ENDS[flow][1],
    )
    assert outside.lost == []


@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name.lower())
@pytest.mark.parametrize("world", [on_board, hurried])
@pytest.mark.parametrize("flow", FLOWS)
def test_one_fault_changes_nothing_in_the_end(
    flow: str, world: Callable[[Injector], Outside], fault: Fault, count_cases: list[int]
) -> None:
    found = deviations(flow, fault, world, count_cases)
    assert not found, f"{flow}, {fault.value}:\n" + "\n".join(found)


@pytest.mark.parametrize("fault", OF_A_CLIENT, ids=lambda fault: fault.name.lower())
@pytest.mark.parametrize("flow", FLOWS)
def test_one_fault_of_slack_changes_nothing_in_the_end(flow: str, fault: Fault, count_cases: list[int]) -> None:
    found = deviations(flow, fault, on_slack, count_cases)
    assert not found, f"{flow}, {fault.value}:\n" + "\n".join(found)


@pytest.mark.parametrize("fault", OF_A_CLIENT, ids=lambda fault: fault.name.lower())
@pytest.mark.parametrize("flow", ["onboard_approve", "update", "offboard", "retry_after_failure"])
def test_one_fault_of_aws_changes_nothing_in_the_end(flow: str, fault: Fault, count_cases: list[int]) -> None:
    found = deviations(flow, fault, on_aws, count_cases)
    assert not found, f"{flow}, {fault.value}:\n" + "\n".join(found)
