"""The fault matrix of twenty at once: each outbound call fails, once, in every way, and each account is decided once.

A Lambda that dies at a call dies between two accounts, or between an account's decision and its hand-over.
"""

from __future__ import annotations

from collections import Counter

import pytest

from bot.domain.vocabulary import State
from tests.faults.comparison import end_of
from tests.faults.flows_of_batches import FLOWS_OF_BATCHES
from tests.faults.injection import OF_A_CLIENT, ON_PORTS, Fault, Injector
from tests.faults.matrix import World, counted, hurried, on_board, on_slack, played, single_faults
from tests.faults.test_two_faults import pairs
from tests.faults.test_wires import of_aws
from tests.faults.wired_table import on_aws_wire, wholly_on_aws_wire
from tests.proving import PROVING

DENIED, DONE, EXPIRED, PENDING = State.DENIED, State.DONE, State.EXPIRED, State.PENDING
ENDS = {
    "accounts_arrive": ([PENDING] * 2, 1, 0),
    "approve_all": ([DONE] * 3, 1, 1),
    "deny_all": ([DENIED] * 3, 1, 0),
    "two_approve_all": ([DONE] * 2, 1, 1),
    "reminded_of_all": ([DONE] * 2, 1, 1),
    "all_expire": ([EXPIRED] * 2, 1, 0),
    "revoke_a_company": ([DONE] * 4, 3, 1),
}
"""How each flow ends: its requests, and how many messages and cards there are."""
QUICK = [flow for flow in FLOWS_OF_BATCHES if PROVING or flow != "all_expire"]
"""A week of sweeps takes its time."""
IN_ONE_MESSAGE = ("accounts_arrive", "approve_all", "deny_all", "two_approve_all", "reminded_of_all")
"""Messages of several clients may come in any order."""


@pytest.mark.safety("Accounts that are decided together have one message and one card", "bot/channel/delivery.py")
@pytest.mark.parametrize("world", [on_board, on_slack])
@pytest.mark.parametrize("flow", FLOWS_OF_BATCHES)
def test_undisturbed(flow: str, world: World) -> None:
    outside = played(flow, world(Injector()))
    seen = outside.channel.seen()
    states, messages, cards = ENDS[flow]
    assert [one.state for one in outside.stored().stored_requests.values()] == states
    assert (len(seen["messages"]), len(seen["cards"])) == (messages, cards)
    assert len(seen["reminders"]) == (1 if flow == "reminded_of_all" else 6 if flow == "all_expire" else 0)
    assert outside.noticed == []
    assert outside.lost == []


@pytest.mark.safety(
    "Killed between any two accounts, a press for all decides each once, by whom the message says",
    "bot/decisions/bulk.py",
)
@pytest.mark.safety(
    "Killed between any two accounts, a press on Revoke ends each access once", "bot/decisions/revoke_several.py"
)
@pytest.mark.safety("A shared message and its card are posted once, whatever one call fails", "bot/channel/delivery.py")
@pytest.mark.parametrize("fault", ON_PORTS, ids=lambda fault: fault.name.lower())
@pytest.mark.parametrize("world", [on_board, hurried] if PROVING else [on_board])
@pytest.mark.parametrize("flow", QUICK)
def test_one_fault_changes_nothing_in_the_end(flow: str, world: World, fault: Fault, count_cases: Counter[str]) -> None:
    cases = list(single_faults(flow, lambda _: (fault,), world))
    count_cases[flow] += len(cases)
    assert [f"{call}, {fault.value}: {one}" for call, fault, found in cases for one in found] == []


@pytest.mark.parametrize("fault", OF_A_CLIENT, ids=lambda fault: fault.name.lower())
@pytest.mark.parametrize("flow", IN_ONE_MESSAGE if PROVING else ["approve_all"])
def test_one_fault_of_slack_changes_nothing_in_the_end(flow: str, fault: Fault, count_cases: Counter[str]) -> None:
    cases = list(single_faults(flow, lambda _: (fault,), on_slack))
    count_cases[flow] += len(cases)
    assert [f"{call}, {fault.value}: {one}" for call, fault, found in cases for one in found] == []


def test_every_call_about_batches_is_made_in_some_flow() -> None:
    called = {call.partition("#")[0] for flow in FLOWS_OF_BATCHES for call in counted(flow, on_board).calls}
    assert {"handoff.bulk", "store.bulk", "store.bulks", "store.requests", "store.clients_by_id"} <= called


@pytest.mark.parametrize("flow", QUICK)
def test_the_end_is_the_same_on_the_wire(flow: str) -> None:
    ends = [end_of(played(flow, world(Injector()))) for world in (on_board, on_aws_wire, wholly_on_aws_wire)]
    assert ends[0] == ends[1] == ends[2]


@pytest.mark.parametrize("flow", QUICK[1:] if PROVING else ["approve_all"])
def test_one_fault_on_the_wire_to_aws_changes_nothing_in_the_end(flow: str, count_cases: Counter[str]) -> None:
    cases = list(single_faults(flow, of_aws, on_aws_wire))
    count_cases[flow] += len(cases)
    assert [f"{call}, {fault.value}: {one}" for call, fault, found in cases for one in found] == []


@pytest.mark.parametrize("flow", ["approve_all", "two_approve_all"])
def test_a_lost_post_and_one_more_fault_anywhere_change_nothing_in_the_end(
    flow: str, count_cases: Counter[str]
) -> None:
    cases = list(pairs(flow, on_board, (Fault.REFUSED, Fault.DIED_AFTER)))
    count_cases[flow] += len(cases)
    assert [one for _, found in cases for one in found] == []
