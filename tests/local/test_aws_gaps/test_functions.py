"""Functions: whose credentials they have, and what of this machine they see."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.test_aws_gaps.accounts import PROVIDER, Account, allow, eventually

LAMBDA = {"Service": "lambda.amazonaws.com"}
WHO = "import boto3\ndef handler(event, context):\n    return boto3.client('sts').get_caller_identity()['Arn']\n"


def make(account: Account, name: str, role: str, code: str, **variables: str) -> str:
    """A new function from source; its ARN."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr(zipfile.ZipInfo("index.py"), code)  # of no time: the same code makes the same package
    functions = account.client("lambda")
    made = functions.create_function(
        FunctionName=name, Runtime="python3.13", Handler="index.handler", Role=role, Timeout=20,
        Code={"ZipFile": archive.getvalue()}, Environment={"Variables": variables},
    )  # fmt: skip
    functions.get_waiter("function_active_v2").wait(FunctionName=name)
    return str(made["FunctionArn"])


def call(account: Account, function: str, **event: Any) -> Any:
    answer = account.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
    with answer["Payload"] as payload:
        return json.loads(payload.read())


def test_a_new_role_counts_from_the_next_call(provider: Account) -> None:
    # Given a warm function
    first, second = provider.role("first-role", LAMBDA), provider.role("second-role", LAMBDA)
    make(provider, "changes-role", first, WHO)
    assert "assumed-role/first-role/" in call(provider, "changes-role")

    # When
    functions = provider.client("lambda")
    functions.update_function_configuration(FunctionName="changes-role", Role=second)
    functions.get_waiter("function_updated_v2").wait(FunctionName="changes-role")

    # Then
    assert "assumed-role/second-role/" in call(provider, "changes-role")


def test_a_function_that_raised_stays_warm(provider: Account) -> None:
    # Given
    code = (
        "CALLS = []\ndef handler(event, context):\n    CALLS.append(event)\n    if event.get('raise'):\n"
        "        raise ValueError('no such client')\n    return len(CALLS)\n"
    )
    make(provider, "raises", provider.role("raises", LAMBDA), code)

    # When
    failed = provider.client("lambda").invoke(FunctionName="raises", Payload=b'{"raise": true}')

    # Then
    with failed["Payload"] as payload:
        told = json.loads(payload.read())
    assert failed["FunctionError"] == "Unhandled"
    assert told["errorMessage"] == "no such client"
    assert call(provider, "raises") == 2


def test_a_function_that_ended_its_process_starts_anew(provider: Account) -> None:
    code = (
        "import os\nCALLS = []\ndef handler(event, context):\n    CALLS.append(event)\n    if event.get('end'):\n"
        "        os._exit(1)\n    return len(CALLS)\n"
    )
    make(provider, "ends", provider.role("ends", LAMBDA), code)
    assert call(provider, "ends") == 1
    assert "FunctionError" in provider.client("lambda").invoke(FunctionName="ends", Payload=b'{"end": true}')
    assert call(provider, "ends") == 1


def test_a_package_is_unpacked_once_for_all_processes_and_never_in_place_of_another(provider: Account) -> None:
    # Given two functions of the same package, and one of another
    where = "import os\ndef handler(event, context):\n    return os.getpid(), os.path.realpath(__file__)\n"
    role = provider.role("unpacked", LAMBDA)
    for name, code in (("unpacked-1", where), ("unpacked-2", where), ("unpacked-3", where + "\n")):
        make(provider, name, role, code)

    # When
    (one, first), (two, second), (_, other) = (call(provider, f"unpacked-{number}") for number in (1, 2, 3))

    # Then
    assert one != two
    assert first == second != other

    # And what one process links to stays when another one goes
    provider.client("lambda").delete_function(FunctionName="unpacked-1")
    assert call(provider, "unpacked-2") == [two, second]
    assert Path(second).is_file()


def test_a_secret_is_read_with_exactly_its_permission(provider: Account) -> None:
    # Given
    ssm = provider.client("ssm")
    for name in ("slack-bot-token", "slack-signing-secret", "other"):
        ssm.put_parameter(Name=f"/switchyard/test/{name}", Value=f"value of {name}", Type="SecureString")
    arn = f"arn:aws:ssm:us-east-1:{PROVIDER}:parameter/switchyard/test/slack-"
    role = provider.role("reads-secrets", LAMBDA, allow("ssm:GetParameter", arn + "bot-token"))
    code = (
        "import boto3\nSSM = boto3.client('ssm')\ndef handler(event, context):\n    try:\n"
        "        return SSM.get_parameter(Name=event['name'], WithDecryption=True)['Parameter']['Value']\n"
        "    except SSM.exceptions.ClientError as error:\n        return error.response['Error']['Code']\n"
    )
    make(provider, "reads-secrets", role, code)

    # Then
    assert call(provider, "reads-secrets", name="/switchyard/test/slack-bot-token") == "value of slack-bot-token"
    assert call(provider, "reads-secrets", name="/switchyard/test/other") == "AccessDeniedException"


def test_a_function_imports_the_sdk_and_what_it_brings(provider: Account) -> None:
    role = provider.role("imports", LAMBDA)
    code = "import importlib.util as u\ndef handler(event, context):\n    return bool(u.find_spec(event['name']))\n"
    make(provider, "imports", role, code)
    assert call(provider, "imports", name="boto3") is True
    assert call(provider, "imports", name="slack_sdk") is False


def test_a_function_sees_nothing_of_this_machines_environment(provider: Account) -> None:
    role = provider.role("looks-around", LAMBDA)
    code = "import os\ndef handler(event, context):\n    return dict(os.environ)\n"
    make(provider, "looks-around", role, code, STAGE="test")
    seen = call(provider, "looks-around")
    assert seen["STAGE"] == "test"
    assert seen["AWS_ENDPOINT_URL"] == provider.url
    assert seen["AWS_REGION"] == "us-east-1"
    assert "PYTEST_CURRENT_TEST" not in seen
    assert "PYTHONPATH" not in seen


def test_a_call_under_way_outlives_its_function(provider: Account) -> None:
    # Given a function at work
    started, _ = provider.queue_of("at-work")
    role = provider.role("works-long", LAMBDA, allow("sqs:*"))
    code = (
        "import boto3, os, time\ndef handler(event, context):\n"
        "    sqs, url = boto3.client('sqs'), os.environ['QUEUE']\n"
        "    sqs.send_message(QueueUrl=url, MessageBody='\"started\"')\n    time.sleep(1)\n"
        "    sqs.send_message(QueueUrl=url, MessageBody='\"finished\"')\n"
    )
    make(provider, "works-long", role, code, QUEUE=started)
    functions = provider.client("lambda")
    functions.invoke(FunctionName="works-long", InvocationType="Event", Payload=b"{}")
    assert eventually(lambda: provider.drain(started)) == ["started"]

    # When
    functions.delete_function(FunctionName="works-long")

    # Then
    assert eventually(lambda: provider.drain(started)) == ["finished"]
    with pytest.raises(ClientError, match="ResourceNotFound"):
        functions.invoke(FunctionName="works-long")


def test_a_function_is_not_ended_because_the_machine_is_busy(provider: Account) -> None:
    """Its own timeout of 20 s would count the time in which other processes have the CPU."""
    role = provider.role("takes-its-time", LAMBDA)
    make(
        provider,
        "takes-its-time",
        role,
        "def handler(event, context):\n    return context.get_remaining_time_in_millis()\n",
    )
    assert 20_000 < call(provider, "takes-its-time") <= 30_000
    functions = provider.client("lambda")
    assert functions.get_function_configuration(FunctionName="takes-its-time")["Timeout"] == 20
