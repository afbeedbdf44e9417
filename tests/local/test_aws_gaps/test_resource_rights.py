"""The resources of Switchyard's own stack are made with the caller's rights, and each judgement stands in the log."""

import json

import pytest
from botocore.exceptions import ClientError

from local.aws.process import LocalAws
from tests.local.test_aws_gaps.accounts import Account, allow

TEMPLATE = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "of-a-stack"}}}}
QUEUE = "arn:aws:sqs:us-east-1:111111111111:of-a-stack"
MAKE = ["sqs:CreateQueue", "sqs:GetQueueUrl", "sqs:GetQueueAttributes", "sqs:ListQueueTags", "sqs:TagQueue"]


def test_a_stack_makes_what_its_caller_may_make(provider: Account) -> None:
    # Given one who lacks the last of a handler's permissions, and one who has them all, but to delete
    lacks = provider.user("makes-no-queue", allow("cloudformation:*"), allow(MAKE[:-1], QUEUE))
    makes = provider.user("makes-queues", allow("cloudformation:*"), allow(MAKE, QUEUE))

    # Then the first one's stack fails with IAM's reason
    stack = lacks.deploy("no-queue", TEMPLATE)
    assert provider.settle(stack) == "ROLLBACK_COMPLETE"
    failed = next(e for e in provider.events(stack) if e["ResourceStatus"] == "CREATE_FAILED")
    assert (
        f"user/makes-no-queue is not authorized to perform: sqs:TagQueue on resource: {QUEUE}"
        in (failed["ResourceStatusReason"])
    )

    # And the other one's is made, but can't be deleted with these rights
    stack = makes.deploy("a-queue", TEMPLATE)
    assert provider.settle(stack) == "CREATE_COMPLETE"
    assert makes.remove(stack) == "DELETE_FAILED"
    assert provider.remove(stack) == "DELETE_COMPLETE"


def test_a_judgement_stands_in_the_log(local_aws: LocalAws, provider: Account) -> None:
    provider.user("lists-queues", allow("sqs:ListQueues")).client("sqs").list_queues()
    told = [line.partition("judged ")[2] for line in local_aws.log.read_text().splitlines() if "judged " in line]
    judged = [one for one in map(json.loads, told) if one["principal"].endswith("user/lists-queues")]
    assert [(one["action"], one["verdict"]) for one in judged] == [("sqs:ListQueues", "Allow")]


def test_a_function_s_concurrency_is_read_with_the_right_to_read_it(provider: Account) -> None:
    reads = provider.user("reads-concurrency", allow("lambda:GetFunctionConcurrency")).client("lambda")
    with pytest.raises(reads.exceptions.ResourceNotFoundException):
        reads.get_function_concurrency(FunctionName="not-there")
    with pytest.raises(ClientError, match="not authorized to perform: lambda:DeleteFunctionConcurrency"):
        reads.delete_function_concurrency(FunctionName="not-there")
