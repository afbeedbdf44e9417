"""`make replay`: what failed is invoked again, and leaves the queue only once it has succeeded."""

import io
import json
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError

from deploy import replay
from deploy.errors import NotReady
from tests.unit.deploy.account import ACCOUNT, HERE, REGION, account

__all__ = ["account"]

FUNCTIONS = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function"


class Functions:
    """The Lambda service: notes what is invoked; those in `failing` fail, those in `silent` never answer."""

    def __init__(self, failing: tuple[str, ...] = (), silent: tuple[str, ...] = ()) -> None:
        self.failing, self.silent = failing, silent
        self.invoked: list[tuple[str, Any]] = []

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803  boto3's names
        self.invoked.append((FunctionName, json.loads(Payload)))
        if FunctionName in self.silent:
            raise ReadTimeoutError(endpoint_url="lambda")
        if FunctionName in self.failing:
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(b'{"errorMessage": "table gone"}')}
        return {"Payload": io.BytesIO(b"null")}


class Queue:
    """The stage's queue, in moto."""

    def __init__(self, session: boto3.Session) -> None:
        self.sqs = session.client("sqs")
        self.sqs.meta.events.register("provide-client-params.sqs.ReceiveMessage", _at_once)
        attributes: Any = {"VisibilityTimeout": "120"}
        self.url = self.sqs.create_queue(QueueName=HERE.failed_queue, Attributes=attributes)["QueueUrl"]

    def failed(self, function: str, payload: object, arn: str = "") -> None:
        """As Lambda's on-failure destination writes it."""
        record = {
            "version": "1.0",
            "requestContext": {
                "functionArn": arn or f"{FUNCTIONS}:{function}:$LATEST",
                "condition": "RetriesExhausted",
            },
            "requestPayload": payload,
            "responsePayload": {"errorMessage": "no"},
        }
        self.sqs.send_message(QueueUrl=self.url, MessageBody=json.dumps(record))

    def undelivered(self, function: str, event: object) -> None:
        """As EventBridge's dead-letter queue gets it."""
        self.sqs.send_message(
            QueueUrl=self.url,
            MessageBody=json.dumps(event),
            MessageAttributes={"TARGET_ARN": {"DataType": "String", "StringValue": f"{FUNCTIONS}:{function}"}},
        )

    @property
    def left(self) -> int:
        names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counts = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
        return sum(int(count) for count in counts.values())

    def replay(self, functions: Functions) -> int:
        return replay.replay(HERE, self.sqs, cast(Any, functions))


def _at_once(params: dict[str, Any], **_: Any) -> None:
    """Leave out the wait for messages: all of them are there."""
    params["WaitTimeSeconds"] = 0


@pytest.fixture
def queue(account: boto3.Session) -> Queue:
    return Queue(account)


def test_each_failed_invocation_is_made_again_with_its_own_payload(queue: Queue) -> None:
    functions = Functions()
    queue.failed("switchyard-demo-provision", {"request_id": "r-1"})
    queue.failed("switchyard-demo-outcome", {"detail": {"stack-id": "r"}})
    queue.undelivered("switchyard-demo-outcome", {"detail": {"stack-id": "s"}})

    assert queue.replay(functions) == 0

    assert sorted(functions.invoked, key=str) == [
        ("switchyard-demo-outcome", {"detail": {"stack-id": "r"}}),
        ("switchyard-demo-outcome", {"detail": {"stack-id": "s"}}),
        ("switchyard-demo-provision", {"request_id": "r-1"}),
    ]
    assert queue.left == 0


def test_what_fails_again_stays_and_the_others_go(queue: Queue, capsys: pytest.CaptureFixture[str]) -> None:
    functions = Functions(failing=("switchyard-demo-provision",))
    queue.failed("switchyard-demo-provision", {"request_id": "r-1"})
    queue.failed("switchyard-demo-outcome", {})

    assert queue.replay(functions) == 1

    assert len(functions.invoked) == 2
    assert queue.left == 1
    told = capsys.readouterr()
    assert "table gone" in told.err
    assert "1 replayed, 1 left in switchyard-demo-failed." in told.out


def test_what_may_or_may_not_have_run_stays(queue: Queue) -> None:
    queue.failed("switchyard-demo-provision", {"request_id": "r-1"})

    assert queue.replay(Functions(silent=("switchyard-demo-provision",))) == 1
    assert queue.left == 1


@pytest.mark.parametrize(
    "arn",
    [
        f"{FUNCTIONS}:switchyard-other-provision:$LATEST",
        f"{FUNCTIONS}:switchyard-demo-ingest:$LATEST",
        f"arn:aws:lambda:{REGION}:999999999999:function:switchyard-demo-provision:$LATEST",
        f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:switchyard-demo-provision:$LATEST",
    ],
)
def test_no_function_but_this_stages_own_is_invoked(queue: Queue, arn: str) -> None:
    functions = Functions()
    queue.failed("", {}, arn=arn)

    assert queue.replay(functions) == 1
    assert functions.invoked == []
    assert queue.left == 1


@pytest.mark.parametrize("body", ["not JSON", "[]", "null", "{}", '{"requestContext": null}'])
def test_a_message_that_nobody_can_read_stays(queue: Queue, body: str) -> None:
    functions = Functions()
    queue.sqs.send_message(QueueUrl=queue.url, MessageBody=body)

    assert queue.replay(functions) == 1
    assert functions.invoked == []
    assert queue.left == 1


def test_a_stage_without_a_queue_is_told_so(account: boto3.Session) -> None:
    with pytest.raises(NotReady, match=r"no queue switchyard-demo-failed"):
        replay.replay(HERE, account.client("sqs"), cast(Any, Functions()))


def test_the_command_ends_well_on_an_empty_queue(queue: Queue, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay.main(["--stage", "demo"]) == 0
    assert "0 replayed, 0 left" in capsys.readouterr().out


def test_the_command_names_what_is_missing(account: boto3.Session, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay.main(["--stage", "other"]) == 1
    assert "There is no queue switchyard-other-failed" in capsys.readouterr().err
