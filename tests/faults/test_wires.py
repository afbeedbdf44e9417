"""The main flows again, with calls that fail on real wires: botocore's, Slack's Web API and STS over HTTP.

Each call fails in one of the ways, by its name; in `make prove` in all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from zlib import crc32

import pytest

from bot.aws.dynamodb import DynamoStore
from bot.ports.store import Change
from tests.dynamodb_wire import WireTable
from tests.faults.comparison import end_of
from tests.faults.flows_of_people import FLOWS
from tests.faults.injection import Fault, Injector
from tests.faults.matrix import World, on_board, on_slack, played, single_faults
from tests.faults.wired_slack import on_http
from tests.faults.wired_table import on_aws_wire, wholly_on_aws_wire
from tests.faults.wires import Wire
from tests.integration.records import a_client
from tests.proving import PROVING

MAIN = ("onboard_approve", "onboard_deny", "update", "offboard", "retry_after_failure")
TOLD_OVER_HTTP = (*MAIN, "supersede", "deny_reopen_approve", "refused_press")
READS = ("dynamodb.GetItem", "dynamodb.BatchGetItem", "dynamodb.Query")
CHANGING = (Fault.REFUSED, Fault.THROTTLED, Fault.BROKEN, Fault.ANSWER_LOST, Fault.HICCUP, Fault.DIED_AFTER)


def of_aws(call: str) -> tuple[Fault, ...]:
    """What happens to a call of DynamoDB or Lambda."""
    return (Fault.THROTTLED,) if call.startswith(READS) else its_turn(call, CHANGING)


def its_turn(call: str, kinds: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """What happens to this call, of all that could."""
    return kinds if PROVING else (kinds[crc32(call.encode()) % len(kinds)],)


@pytest.mark.safety("A save that botocore repeats is one save", "bot/aws/dynamodb.py")
def test_a_save_that_botocore_repeats_has_one_token_and_is_one_save() -> None:
    """Else the second attempt would find what the first one stored, and call it somebody else's."""
    injector, table = Injector({1: Fault.HICCUP}), WireTable()
    wire = Wire("dynamodb", injector, table.answer)
    injector.begin()
    DynamoStore(wire.client, "switchyard-dev").save(Change(client=a_client()))
    wire.leave()
    assert (injector.injected, len(table.done)) == (["dynamodb.TransactWriteItems#1"], 1)


def deviations(
    flow: str, kinds: Callable[[str], tuple[Fault, ...]], world: World, count_cases: Counter[str]
) -> list[str]:
    cases = list(single_faults(flow, kinds, world))
    count_cases[flow] += len(cases)
    return [f"{call}, {fault.value}: {one}" for call, fault, found in cases for one in found]


@pytest.mark.parametrize("flow", FLOWS)
def test_the_end_is_the_same_on_the_wire(flow: str) -> None:
    ends = [end_of(played(flow, world(Injector()))) for world in (on_board, on_aws_wire, wholly_on_aws_wire)]
    assert ends[0] == ends[1] == ends[2]


@pytest.mark.parametrize("flow", MAIN)
def test_one_fault_on_the_wire_to_aws_changes_nothing_in_the_end(flow: str, count_cases: Counter[str]) -> None:
    assert deviations(flow, of_aws, on_aws_wire, count_cases) == []


def over_http(call: str) -> tuple[Fault, ...]:
    """What happens to a call of Slack or STS."""
    return its_turn(call, (Fault.THROTTLED, Fault.BROKEN, Fault.ANSWER_LOST, Fault.DIED_AFTER))


@pytest.mark.parametrize("flow", TOLD_OVER_HTTP)
def test_the_end_is_the_same_over_http(flow: str) -> None:
    ends = [end_of(played(flow, world(Injector()))) for world in (on_slack, on_http)]
    assert ends[0] == ends[1]


@pytest.mark.parametrize("flow", TOLD_OVER_HTTP)
def test_one_fault_over_http_changes_nothing_in_the_end(flow: str, count_cases: Counter[str]) -> None:
    assert deviations(flow, over_http, on_http, count_cases) == []
