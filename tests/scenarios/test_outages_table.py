"""DynamoDB throttles, once or for an hour: whoever waits is told to come again, and what was begun is finished."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.fakes import event_body
from tests.scenarios.outage_scene import CREATED, DELETED, OutageScene
from tests.unit.aws.cloudformation_stand_in import refusal

HOUR = 60


def cancelled(code: str) -> Callable[[dict[str, Any]], Exception]:
    """A transaction that DynamoDB gave up for this reason, at its last item."""

    def answer(asked: dict[str, Any]) -> Exception:
        others = [{"Code": "None"}] * (len(asked["TransactItems"]) - 1)
        said: Any = {
            "Error": {"Code": "TransactionCanceledException", "Message": f"Transaction cancelled: {code}"},
            "CancellationReasons": [*others, {"Code": code, "Message": "slower"}],
            "ResponseMetadata": {"HTTPStatusCode": 400},
        }
        return ClientError(said, "TransactWriteItems")

    return answer


READS = ("BatchGetItem", "GetItem", "Query")
WRITES = ("TransactWriteItems",)
TROUBLE: dict[str, tuple[Exception | Callable[[dict[str, Any]], Exception], tuple[str, ...]]] = {
    "provisioned throughput": (refusal("ProvisionedThroughputExceededException", "slower"), ()),
    "throttled": (refusal("ThrottlingException", "Rate exceeded"), ()),
    "request limit": (refusal("RequestLimitExceeded", "slower"), ()),
    "internal error": (refusal("InternalServerError", "oops", 500), ()),
    "no answer": (ReadTimeoutError(endpoint_url="https://dynamodb"), ()),
    "reads throttled": (refusal("ThrottlingException", "Rate exceeded"), READS),
    "writes throttled": (refusal("ProvisionedThroughputExceededException", "slower"), WRITES),
    "transaction throttled": (cancelled("ThrottlingError"), WRITES),
    "transaction over throughput": (cancelled("ProvisionedThroughputExceeded"), WRITES),
    "transaction conflict": (cancelled("TransactionConflict"), WRITES),
}
HOURS = ("throttled", "reads throttled", "writes throttled", "transaction throttled", "transaction conflict")
in_every_way = pytest.mark.parametrize("name", TROUBLE)


@in_every_way
def test_an_event_meanwhile_is_answered_with_503_and_taken_at_the_forwarders_next_attempt(
    outage: OutageScene, name: str
) -> None:
    body = event_body(CREATED, outage.clock.now(), token=outage.invite())
    outage.table.sets_in(TROUBLE[name][0], *TROUBLE[name][1])
    assert [outage.post(body)[0] for _ in range(3)] == [503, 503, 503]
    assert outage.slack.messages == ()
    assert outage.bell.rung() == {"api-failures"}
    outage.table.ends()
    assert outage.post(body)[0] == 202
    outage.presses("Approve")
    outage.work()
    assert outage.is_onboarded()


@in_every_way
def test_a_press_meanwhile_changes_nothing_and_says_privately_to_try_again(outage: OutageScene, name: str) -> None:
    outage.asks()
    outage.table.sets_in(TROUBLE[name][0], *TROUBLE[name][1])
    outage.presses("Approve")
    assert "again" in outage.is_told() and "🔴" not in outage.last.words
    assert outage.last.buttons == ("Approve", "Deny")
    outage.table.ends()
    assert outage.handed_over == []
    outage.presses("Approve")
    outage.work()
    assert outage.is_onboarded()


@in_every_way
def test_a_lambda_that_is_throttled_once_is_made_good_by_the_sweep(outage: OutageScene, name: str) -> None:
    error, operations = TROUBLE[name]
    outage.asks()
    outage.presses("Approve")
    outage.table.sets_in(error, *operations, times=1)
    outage.provisions()
    outage.table.ends()
    outage.minutes_pass(2)
    outage.table.sets_in(error, *operations, times=1)
    outage.ends()
    outage.table.ends()
    outage.minutes_pass(2)
    assert outage.is_onboarded()
    assert outage.bell.rung() == set()


@pytest.mark.parametrize("name", HOURS)
@pytest.mark.parametrize("begun", [False, True])
def test_an_hour_of_it_delays_what_was_approved_and_no_more(outage: OutageScene, name: str, begun: bool) -> None:
    outage.asks()
    outage.presses("Approve")
    if begun:
        outage.provisions()
    outage.table.sets_in(TROUBLE[name][0], *TROUBLE[name][1])
    outage.provisions()
    if begun:
        outage.ends()
    outage.minutes_pass(HOUR, every=3)
    assert not begun or ("🔵" in outage.last.words and outage.last.buttons == ())
    expected = {"oldest-unfinished"} if TROUBLE[name][1] == WRITES else {"sweep-errors"}
    assert outage.bell.rung() == expected
    outage.table.ends()
    outage.minutes_pass(2)
    outage.work()
    assert outage.is_onboarded()


def test_a_removal_that_was_throttled_takes_everybody_out_and_says_whom(outage: OutageScene) -> None:
    outage.asks()
    outage.presses("Approve")
    outage.work()
    [members] = outage.groups.values()
    members += ["mia", "olli"]
    outage.asks(DELETED)
    outage.presses("Approve")
    outage.table.sets_in(cancelled("ThrottlingError"), "TransactWriteItems")
    outage.provisions()
    assert members == ["mia", "olli"]
    outage.table.ends()
    outage.minutes_pass(2)
    outage.work()
    assert "is removed" in outage.last.words and "mia" in outage.last.words and "olli" in outage.last.words
    assert outage.groups == {}
