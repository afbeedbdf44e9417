"""`make replay STAGE=<stage>`: invoke again what failed, from the stage's queue of failed invocations.

Every function here may be invoked twice with the same payload. A message is deleted once its function has succeeded;
one that fails again, or that isn't ours, stays in the queue.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from deploy.deployment import Deployment
from deploy.errors import DeployError, NotReady
from deploy.preflight import find_deployment
from deploy.stage_file import STAGES, region, stage_environment

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

REPLAYED = ("provision", "outcome", "kit")
_PATIENT = Config(read_timeout=70, retries={"total_max_attempts": 1})
"""For functions that run for up to a minute, and are not to be started again by the SDK meanwhile."""


@dataclass(frozen=True)
class Failed:
    """One failed invocation: of which function, with what."""

    function: str
    payload: Any


def main(arguments: Sequence[str] | None = None, *, stages: Path = STAGES) -> int:
    """Exit code: 0 when nothing is left in the queue that could be replayed, else 1 with the reasons on stderr."""
    parser = argparse.ArgumentParser(prog="python -m deploy.replay", description=__doc__)
    parser.add_argument("--stage", required=True, help="1 to 12 lower-case letters and digits, such as prod")
    stage = parser.parse_args(arguments).stage
    try:
        environ, _ = stage_environment(stage, os.environ, stages)
        session = boto3.Session(region_name=region(environ))
        deployment = find_deployment(session, stage, environ)
        return replay(deployment, session.client("sqs"), session.client("lambda", config=_PATIENT))
    except (DeployError, BotoCoreError, ClientError) as error:
        print(f"\nNot replayed: {error}", file=sys.stderr)
        return 1


def replay(deployment: Deployment, sqs: SQSClient, functions: LambdaClient) -> int:
    """Replay everything that waits now, and say of each what became of it."""
    queue = _queue_url(deployment, sqs)
    done = left = 0
    for message in _waiting(sqs, queue):
        failed = read(deployment, message)
        problem = _invoke(functions, failed) if failed else "it is not a failed invocation of this stage"
        if problem:
            left += 1
            print(f"{_name(failed, message)} stays in the queue: {problem}", file=sys.stderr)
            continue
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        done += 1
        print(f"{_name(failed, message)} was replayed")
    print(f"{done} replayed, {left} left in {deployment.failed_queue}.")
    return 1 if left else 0


def read(deployment: Deployment, message: MessageTypeDef) -> Failed | None:
    """What Lambda (its record of a failure) or EventBridge (the event itself) put into the queue; None if neither."""
    try:
        body = json.loads(message.get("Body", ""))
        if "TARGET_ARN" in message.get("MessageAttributes", {}):
            arn, payload = message["MessageAttributes"]["TARGET_ARN"]["StringValue"], body
        else:
            arn, payload = body["requestContext"]["functionArn"], body["requestPayload"]
    except (ValueError, KeyError, TypeError):
        return None
    prefix = f"arn:{deployment.partition}:lambda:{deployment.region}:{deployment.account_id}:function:"
    function = str(arn).removeprefix(prefix).removesuffix(":$LATEST")
    ours = [f"{deployment.stack_name}-{name}" for name in REPLAYED]
    return Failed(function, payload) if function in ours else None


def _queue_url(deployment: Deployment, sqs: SQSClient) -> str:
    try:
        return sqs.get_queue_url(QueueName=deployment.failed_queue)["QueueUrl"]
    except sqs.exceptions.QueueDoesNotExist as error:
        raise NotReady(
            f"There is no queue {deployment.failed_queue} in {deployment.account_id}, {deployment.region}."
            " Check stage, region and credentials."
        ) from error


def _waiting(sqs: SQSClient, queue: str) -> Iterator[MessageTypeDef]:
    """Each message once. Those that stay reappear after the queue's visibility timeout, hence the look at ids."""
    seen: set[str] = set()
    while messages := sqs.receive_message(
        QueueUrl=queue, MaxNumberOfMessages=1, WaitTimeSeconds=2, MessageAttributeNames=["All"]
    ).get("Messages", []):
        if messages[0]["MessageId"] in seen:
            return
        seen.add(messages[0]["MessageId"])
        yield messages[0]


def _invoke(functions: LambdaClient, failed: Failed) -> str:
    """Wait for the function to end; why it failed, or nothing when it succeeded."""
    try:
        answer = functions.invoke(FunctionName=failed.function, Payload=json.dumps(failed.payload).encode())
    except (BotoCoreError, ClientError) as error:
        return str(error)
    return answer["Payload"].read().decode(errors="replace") if answer.get("FunctionError") else ""


def _name(failed: Failed | None, message: MessageTypeDef) -> str:
    return f"{failed.function if failed else 'Message'} {message['MessageId']}"


if __name__ == "__main__":
    sys.exit(main())
