"""Custom resources: called asynchronously, and what a stack does with one that fails, crashes or never answers."""

from typing import Any

import pytest

from tests.local.test_aws_gaps.accounts import LAMBDA_TRUST, Account, allow

FUNCTION = """
import json, os, pathlib, tempfile
import boto3, cfnresponse
SQS = boto3.client("sqs")
def handler(event, context):
    SQS.send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(event))
    wish = event["ResourceProperties"].get("On" + event["RequestType"], "works")
    called_before = pathlib.Path(tempfile.gettempdir(), event["RequestId"])
    if wish == "crashes" and not called_before.exists():
        called_before.touch()
        raise RuntimeError("crashed before the answer")
    if wish == "hides":
        return
    data = {"Long": "x" * 5000} if wish == "rambles" else {"Word": "done"}
    status = cfnresponse.FAILED if wish == "fails" else cfnresponse.SUCCESS
    cfnresponse.send(event, context, status, data, "own-id", reason="The door is shut.")
"""
SAYS_WHY = "Received response status [FAILED] from custom resource. Message returned: The door is shut. (RequestId: "


def template(queue: str, name: str, **wishes: Any) -> dict[str, Any]:
    policy = {"Version": "2012-10-17", "Statement": [allow("sqs:SendMessage")]}
    return {
        "Resources": {
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "RoleName": name,
                    "AssumeRolePolicyDocument": LAMBDA_TRUST,
                    "Policies": [{"PolicyName": "q", "PolicyDocument": policy}],
                },
            },
            "Function": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "Runtime": "python3.13",
                    "Handler": "index.handler",
                    "Timeout": 20,
                    "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                    "Environment": {"Variables": {"QUEUE": queue}},
                    "Code": {"ZipFile": FUNCTION},
                },
            },
            **{
                logical_id: {
                    "Type": "Custom::Asked",
                    "Properties": {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}, "ServiceTimeout": 15, **wish},
                }
                for logical_id, wish in wishes.items()
            },
        }
    }


def failure(account: Account, stack: str, logical_id: str) -> str:
    """The reason that the stack's events give for what failed."""
    failed = [e for e in account.events(stack) if e["ResourceStatus"].endswith("_FAILED")]
    assert [event["LogicalResourceId"] for event in failed] == [logical_id]
    return str(failed[0]["ResourceStatusReason"])


def asked(account: Account, queue: str) -> list[tuple[str, str, str | None]]:
    """The requests so far: type, resource, physical id."""
    found = account.drain(queue)
    return [(r["RequestType"], r["LogicalResourceId"], r.get("PhysicalResourceId")) for r in found]


@pytest.fixture(scope="module", autouse=True)
def unanswered(client: Account) -> tuple[str, str]:
    """A queue and a stack that waits for an answer in vain, as long as its deletion may take; begun before all else."""
    queue, _ = client.queue_of("hides")
    hides = {"OnCreate": "hides", "ServiceTimeout": 20}
    return queue, client.deploy("hides", template(queue, "hides", Asked=hides))


def test_a_function_that_crashed_is_called_again(client: Account) -> None:
    queue, _ = client.queue_of("asks-again")
    stack = client.deploy("asks-again", template(queue, "asks-again", Asked={"OnCreate": "crashes"}))
    assert client.settle(stack) == "CREATE_COMPLETE"

    first, second = client.drain(queue)
    assert first == second, "the same request"


def test_a_failed_creation_says_why_and_is_deleted_by_its_id(client: Account) -> None:
    # When
    queue, _ = client.queue_of("fails-create")
    stack = client.deploy("fails-create", template(queue, "fails-create", Asked={"OnCreate": "fails"}))

    # Then
    assert client.settle(stack) == "ROLLBACK_COMPLETE"
    assert failure(client, stack, "Asked").startswith(SAYS_WHY)
    assert asked(client, queue) == [("Create", "Asked", None), ("Delete", "Asked", "own-id")]
    assert client.remove(stack) == "DELETE_COMPLETE"
    assert asked(client, queue) == []


def test_a_failed_update_says_why_and_is_sent_back(client: Account) -> None:
    # Given
    queue, _ = client.queue_of("fails-update")
    stack = client.deploy("fails-update", template(queue, "fails-update", Asked={}))
    assert client.settle(stack) == "CREATE_COMPLETE"
    client.drain(queue)

    # When
    worse = template(queue, "fails-update", Asked={"OnUpdate": "fails"})
    assert client.change(stack, worse) == "UPDATE_ROLLBACK_COMPLETE"

    # Then
    assert failure(client, stack, "Asked").startswith(SAYS_WHY)
    there, back = client.drain(queue)
    assert there["ResourceProperties"] == back["OldResourceProperties"]
    assert there["OldResourceProperties"] == back["ResourceProperties"]
    assert {there["RequestType"], back["RequestType"]} == {"Update"}
    assert {there["PhysicalResourceId"], back["PhysicalResourceId"]} == {"own-id"}


def test_a_failed_creation_in_an_update_is_deleted_by_its_id(client: Account) -> None:
    # Given
    queue, _ = client.queue_of("fails-later")
    stack = client.deploy("fails-later", template(queue, "fails-later"))
    assert client.settle(stack) == "CREATE_COMPLETE"

    # When
    more = template(queue, "fails-later", Asked={"OnCreate": "fails"})
    assert client.change(stack, more) == "UPDATE_ROLLBACK_COMPLETE"

    # Then
    assert failure(client, stack, "Asked").startswith(SAYS_WHY)
    assert asked(client, queue) == [("Create", "Asked", None), ("Delete", "Asked", "own-id")]


@pytest.mark.parametrize("late", ["Update", "Delete"])
def test_one_that_works_keeps_its_id(client: Account, late: str) -> None:
    name = f"works-{late.lower()}"
    queue, _ = client.queue_of(name)
    stack = client.deploy(name, template(queue, name, Asked={}))
    assert client.settle(stack) == "CREATE_COMPLETE"
    client.drain(queue)
    if late == "Update":
        assert client.change(stack, template(queue, name, Asked={"Changed": "yes"})) == "UPDATE_COMPLETE"
    else:
        assert client.remove(stack) == "DELETE_COMPLETE"
    assert asked(client, queue) == [(late, "Asked", "own-id")]


def test_an_answer_that_is_too_long_is_a_failure(client: Account) -> None:
    queue, _ = client.queue_of("rambles")
    stack = client.deploy("rambles", template(queue, "rambles", Asked={"OnCreate": "rambles"}))
    assert client.settle(stack) == "ROLLBACK_COMPLETE"
    assert failure(client, stack, "Asked") == "Response object is too long."


def test_one_that_never_answers_is_given_up_and_deleted_by_an_id_of_cloudformations_own(
    client: Account, unanswered: tuple[str, str]
) -> None:
    queue, stack = unanswered
    assert client.settle(stack) == "ROLLBACK_COMPLETE"
    why = failure(client, stack, "Asked")
    assert why.startswith("CloudFormation did not receive a response from your Custom Resource.")
    [created, deleted] = asked(client, queue)
    assert created == ("Create", "Asked", None)
    assert deleted[2] is not None
    assert deleted[2].startswith("hides-Asked-")
