"""CloudFormation, IAM, Lambda or EventBridge does not answer: nothing fails for it, and it ends by itself."""

from __future__ import annotations

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from local.slack.workspace.facts import ADA
from tests.scenarios.outage_scene import DELETED, OutageScene
from tests.unit.aws.cloudformation_stand_in import refusal

HOUR = 60
UNREACHABLE: list[Exception] = [
    refusal("Throttling", "Rate exceeded"),
    refusal("RequestLimitExceeded", "slower", 503),
    refusal("InternalFailure", "oops", 500),
    ReadTimeoutError(endpoint_url="https://aws"),
    ConnectTimeoutError(endpoint_url="https://aws"),
    EndpointConnectionError(endpoint_url="https://aws"),
]
REFUSED = refusal("ResourceNotFoundException", "Function not found: switchyard-prod-provision", 404)
by_kind = pytest.mark.parametrize("error", UNREACHABLE, ids=lambda error: f"{type(error).__name__} {error}"[:60])


# CloudFormation


@by_kind
@pytest.mark.parametrize("operation", ["DescribeStacks", "CreateStack", "DescribeStackEvents"])
def test_one_call_that_cloudformation_does_not_answer_is_made_good_by_the_sweep(
    outage: OutageScene, error: Exception, operation: str
) -> None:
    outage.asks()
    outage.presses("Approve")
    outage.cloud.sets_in(error, operation, times=1)
    outage.provisions()
    if outage.stand_in.stacks:
        outage.ends()
    outage.minutes_pass(2)
    outage.cloud.ends()
    outage.work()
    assert outage.is_onboarded()
    assert outage.bell.rung() == set()


@pytest.mark.safety("An hour without CloudFormation is waited out, not failed", "bot/aws/cloudformation.py")
@pytest.mark.safety("A request that was tried a moment ago is not given up", "bot/provisioning/attempt.py")
@pytest.mark.parametrize("operations", [(), ("CreateStack",), ("DescribeStackEvents", "DescribeStacks")])
def test_an_hour_without_cloudformation_is_told_and_ends_by_itself(
    outage: OutageScene, operations: tuple[str, ...]
) -> None:
    outage.asks()
    outage.presses("Approve")
    outage.cloud.sets_in(UNREACHABLE[0], *operations)
    outage.provisions()
    assert "CloudFormation is granting the access" in outage.last.words
    outage.minutes_pass(HOUR, every=3)
    assert "*Waiting.* CloudFormation does not answer just now." in outage.last.words
    assert outage.last.buttons == ()
    assert outage.bell.rung() == {"oldest-unfinished"}
    outage.cloud.ends()
    outage.minutes_pass(2)
    outage.work()
    assert outage.is_onboarded()


def test_an_hour_without_cloudformation_that_begins_when_it_is_at_work(outage: OutageScene) -> None:
    outage.asks()
    outage.presses("Approve")
    outage.provisions()
    outage.cloud.sets_in(UNREACHABLE[0])
    outage.ends()
    outage.minutes_pass(HOUR, every=3)
    assert "*Waiting.* CloudFormation does not answer just now." in outage.last.words
    assert outage.bell.rung() == {"oldest-unfinished"}
    outage.cloud.ends()
    outage.minutes_pass(2)
    assert outage.is_onboarded()


def test_an_hour_without_iam_holds_a_removal_up_and_no_longer(outage: OutageScene) -> None:
    outage.asks()
    outage.presses("Approve")
    outage.work()
    outage.asks(DELETED)
    outage.iam.sets_in(UNREACHABLE[1])
    outage.presses("Approve")
    outage.provisions()
    outage.minutes_pass(HOUR, every=3)
    assert "*Waiting.* IAM does not answer just now." in outage.last.words
    assert outage.bell.rung() == {"oldest-unfinished"}
    outage.iam.ends()
    outage.minutes_pass(2)
    outage.work()
    assert "is removed" in outage.last.words and outage.groups == {}


# Lambda and EventBridge


@pytest.mark.parametrize("error", [*UNREACHABLE, REFUSED], ids=str)
def test_an_hour_without_lambda_is_told_and_ends_by_itself(outage: OutageScene, error: Exception) -> None:
    outage.asks()
    outage.functions.sets_in(error)
    outage.presses("Approve")
    outage.minutes_pass(2)
    assert "Starting soon" in outage.last.words
    assert outage.slack.ephemerals(ADA)[1:] == ()
    outage.minutes_pass(HOUR, every=5)
    assert "*Waiting.* " + ("switchyard-prod-provision" if error is REFUSED else "Lambda ") in outage.last.words
    assert outage.bell.rung() == {"oldest-unfinished"}
    outage.functions.ends()
    outage.minutes_pass(2)
    outage.work()
    assert outage.is_onboarded()


def test_an_end_that_eventbridge_never_tells_is_found_by_the_sweep(outage: OutageScene) -> None:
    outage.asks()
    outage.presses("Approve")
    outage.provisions()
    outage.ends(lost=True)
    assert "CloudFormation is granting the access" in outage.last.words
    outage.minutes_pass(2)
    assert outage.is_onboarded()
    assert outage.bell.rung() == set()


def test_a_provision_function_that_never_runs_ends_as_a_failure_with_retry(outage: OutageScene) -> None:
    outage.asks()
    outage.presses("Approve")
    outage.cloud.sets_in(RuntimeError("out of memory"), "CreateStack")
    outage.provisions()
    outage.minutes_pass(36, every=3)
    assert "it does not run, or it fails" in outage.last.words
    assert outage.last.buttons == ("Retry", "Text for the client")
    assert outage.bell.rung() == {"provision-errors", "failed-queue", "oldest-unfinished"}
    outage.cloud.ends()
    outage.presses("Retry")
    outage.work()
    assert outage.is_onboarded()
