"""What the provider's own people do with AWS: break a permission, look into the queue and the logs, sweep, replay."""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.demo.places import PROVIDER, STAGE, provider_environment, session

_REPOSITORY = Path(__file__).resolve().parents[2]
_MISHAP = "somebodys-mishap"


@contextmanager
def missing_permission(function: str, actions: str) -> Iterator[None]:
    """Somebody denies the function's role these actions, and takes it back in the end."""
    iam = session(PROVIDER).client("iam")
    role = f"switchyard-{STAGE}-{function}"
    denied = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": actions, "Resource": "*"}]}
    iam.put_role_policy(RoleName=role, PolicyName=_MISHAP, PolicyDocument=json.dumps(denied))
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName=_MISHAP)


def failed_invocations() -> int:
    """How many wait in the stage's queue."""
    sqs = session(PROVIDER).client("sqs")
    queue = sqs.get_queue_url(QueueName=f"switchyard-{STAGE}-failed")["QueueUrl"]
    counted = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    return int(counted["ApproximateNumberOfMessages"]) + int(counted["ApproximateNumberOfMessagesNotVisible"])


def replay() -> str:
    """Run what `make replay STAGE=demo` runs; answers what it printed, or raises OSError with it when it failed."""
    command = [sys.executable, "-m", "deploy.replay", "--stage", STAGE]
    done = subprocess.run(
        command, cwd=_REPOSITORY, env=provider_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise OSError(done.stdout + done.stderr)
    return done.stdout.strip()


def sweep() -> None:
    """Run the sweep now, as its schedule does every minute; two at once do no harm."""
    session(PROVIDER).client("lambda").invoke(FunctionName=f"switchyard-{STAGE}-sweep", Payload=b"{}")


def measured(function: str) -> dict[str, list[float]]:
    """The metrics in a function's log, in CloudWatch's embedded format: every value by the metric's name."""
    logs = session(PROVIDER).client("logs")
    found: dict[str, list[float]] = defaultdict(list)
    for page in logs.get_paginator("filter_log_events").paginate(
        logGroupName=f"/aws/lambda/switchyard-{STAGE}-{function}"
    ):
        for line in map(_json_object, (event["message"] for event in page["events"])):
            for group in line.get("_aws", {}).get("CloudWatchMetrics", []):
                for name in (metric["Name"] for metric in group["Metrics"]):
                    found[name].extend(line[name])
    return found


def _json_object(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
