"""Accounts of the local AWS as a test uses them: their root, their users and roles, their stacks and functions."""

import json
import time
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import boto3
from botocore.config import Config

PROVIDER = "111111111111"
CLIENT = "222222222222"
REGION = "us-east-1"
T = TypeVar("T")
ONCE = Config(retries={"total_max_attempts": 1, "mode": "standard"}, s3={"addressing_style": "path"})

LAMBDA_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


class Account:
    """One principal of one account; `client()` gives boto3 clients that act as it."""

    def __init__(self, url: str, key: str, secret: str = "test", token: str | None = None) -> None:
        self.url = url
        self._credentials = {
            "aws_access_key_id": key,
            "aws_secret_access_key": secret,
            "aws_session_token": token,
        }

    def client(self, service: str) -> Any:
        return boto3.client(
            service,  # type: ignore[call-overload]
            region_name=REGION,
            endpoint_url=self.url,
            config=ONCE,
            **self._credentials,
        )

    def user(self, name: str, *statements: dict[str, Any]) -> "Account":
        """A new IAM user with one inline policy, and its access key."""
        iam = self.client("iam")
        iam.create_user(UserName=name)
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="test", PolicyDocument=policy(*statements))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return Account(self.url, key["AccessKeyId"], key["SecretAccessKey"])

    def role(self, name: str, trusted: dict[str, Any], *statements: dict[str, Any]) -> str:
        """A new role's ARN."""
        iam = self.client("iam")
        trust = policy({"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"})
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="test", PolicyDocument=policy(*statements))
        return str(arn)

    def assume(self, role_arn: str) -> "Account":
        taken = self.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="test")["Credentials"]
        return Account(self.url, taken["AccessKeyId"], taken["SecretAccessKey"], taken["SessionToken"])

    def deploy(self, name: str, template: dict[str, Any] | str, **more: Any) -> str:
        """Create a stack from a document or a URL and return its id at once."""
        source = {"TemplateURL": template} if isinstance(template, str) else {"TemplateBody": json.dumps(template)}
        stack = self.client("cloudformation").create_stack(
            StackName=name, Capabilities=["CAPABILITY_NAMED_IAM"], **source, **more
        )
        return str(stack["StackId"])

    def change(self, stack: str, template: dict[str, Any] | str, **more: Any) -> str:
        """Update a stack and return the status it ends in."""
        source = {"TemplateURL": template} if isinstance(template, str) else {"TemplateBody": json.dumps(template)}
        self.client("cloudformation").update_stack(
            StackName=stack, Capabilities=["CAPABILITY_NAMED_IAM"], **source, **more
        )
        return self.settle(stack)

    def remove(self, stack: str, **more: Any) -> str:
        """Delete a stack, given by its id, and return the status it ends in."""
        self.client("cloudformation").delete_stack(StackName=stack, **more)
        return self.settle(stack)

    def settle(self, stack: str) -> str:
        """The status the stack ends in."""
        return eventually(lambda: self._final_status(stack))

    def events(self, stack: str) -> list[dict[str, Any]]:
        """The stack's events, oldest first."""
        found = self.client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
        return list(reversed(found))

    def stack(self, stack: str) -> dict[str, Any]:
        return dict(self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0])

    def queue_of(self, name: str) -> tuple[str, str]:
        """A new queue's URL and ARN."""
        sqs = self.client("sqs")
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        return url, attributes["QueueArn"]

    def drain(self, queue_url: str) -> list[Any]:
        """All messages now in the queue, decoded."""
        sqs, found = self.client("sqs"), []
        while messages := sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages", []):
            for message in messages:
                found.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def _final_status(self, stack: str) -> str | None:
        status = str(self.stack(stack)["StackStatus"])
        return None if status.endswith("IN_PROGRESS") else status


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions: str | Iterable[str], resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


def eventually(question: Callable[[], T | None], seconds: float = 90) -> T:
    """The first answer that is not None (or empty); fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, "It did not come true in time"
        time.sleep(0.05)
    return answer


def of_stack(events: list[dict[str, Any]]) -> list[str]:
    """The statuses of the stack itself, in order."""
    return [event["ResourceStatus"] for event in events if event["PhysicalResourceId"] == event["StackId"]]
