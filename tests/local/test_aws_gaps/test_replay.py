"""`make replay` on the local AWS: what Lambda gave up waits in the queue, and is done once it can be."""

import os
import subprocess
import sys
from pathlib import Path

from tests.local.test_aws_gaps.accounts import PROVIDER, REGION, Account, allow, eventually, policy
from tests.local.test_aws_gaps.test_functions import LAMBDA, make

REPOSITORY = Path(__file__).parents[3]
FUNCTION = "switchyard-test-outcome"
WORKS = (
    "import boto3, json, os\nSQS = boto3.client('sqs')\ndef handler(event, context):\n"
    "    SQS.send_message(QueueUrl=os.environ['DONE'], MessageBody=json.dumps(event))\n"
)


def replay(provider: Account) -> tuple[int, str, str]:
    """Run what `make replay STAGE=test` runs."""
    credentials = {"AWS_ACCESS_KEY_ID": PROVIDER, "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": REGION}
    command = [sys.executable, "-m", "deploy.replay", "--stage", "test"]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = {**inherited, **credentials, "AWS_ENDPOINT_URL": provider.url}
    ended = subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    return ended.returncode, ended.stdout, ended.stderr


def test_what_failed_is_done_once_the_permission_is_there(provider: Account) -> None:
    # Given a function that may tell where its failures go, and not yet do its work
    failed, failed_arn = provider.queue_of("switchyard-test-failed")
    provider.client("sqs").set_queue_attributes(QueueUrl=failed, Attributes={"VisibilityTimeout": "4"})
    done, done_arn = provider.queue_of("work-that-is-done")
    role = provider.role("switchyard-test-outcome", LAMBDA, allow("sqs:SendMessage", failed_arn))
    make(provider, FUNCTION, role, WORKS, DONE=done)
    functions, sqs = provider.client("lambda"), provider.client("sqs")
    functions.put_function_event_invoke_config(
        FunctionName=FUNCTION, MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": failed_arn}}
    )

    def waiting(kind: str = "") -> int:
        attributes = sqs.get_queue_attributes(QueueUrl=failed, AttributeNames=["All"])["Attributes"]
        return int(attributes[f"ApproximateNumberOfMessages{kind}"])

    # When it is invoked, Then its failure is queued and nothing is done
    functions.invoke(FunctionName=FUNCTION, InvocationType="Event", Payload=b'{"stack": "one"}')
    assert eventually(waiting) == 1
    assert provider.drain(done) == []

    # When nothing is mended, Then a replay says so and leaves it, in the queue
    code, said, complained = replay(provider)
    assert (code, said.splitlines()[-1]) == (1, "0 replayed, 1 left in switchyard-test-failed.")
    assert "AccessDenied" in complained

    # When the permission is there, Then a replay does the work with what it was first given, and empties the queue
    provider.client("iam").put_role_policy(
        RoleName="switchyard-test-outcome", PolicyName="work", PolicyDocument=policy(allow("sqs:SendMessage", done_arn))
    )
    assert eventually(waiting, seconds=60) == 1
    code, said, _ = replay(provider)
    assert (code, said.splitlines()[-1]) == (0, "1 replayed, 0 left in switchyard-test-failed.")
    assert provider.drain(done) == [{"stack": "one"}]
    assert (waiting(), waiting("NotVisible")) == (0, 0)
