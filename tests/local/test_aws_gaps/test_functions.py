"""Functions: whose credentials they have, what they can import, and how services call them."""

import io
import json
import urllib.request
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.test_aws_gaps.accounts import LAMBDA_TRUST, PROVIDER, Account, allow, eventually

LAMBDA = {"Service": "lambda.amazonaws.com"}
WHO = "import boto3\ndef handler(event, context):\n    return boto3.client('sts').get_caller_identity()['Arn']\n"


def make(account: Account, name: str, role: str, code: str, **variables: str) -> str:
    """A new function from source; its ARN."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("index.py", code)
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


def test_sns_tries_again_what_failed_and_needs_permission(provider: Account) -> None:
    # Given a function that fails at its first notification
    url, _ = provider.queue_of("second-attempts")
    role = provider.role("fails-first", LAMBDA, allow("sqs:SendMessage"))
    code = (
        "import boto3, os, pathlib\nSEEN = pathlib.Path(os.environ['TMPDIR'], 'seen-once')\n"
        "def handler(event, context):\n    if not SEEN.exists():\n        SEEN.touch()\n"
        "        raise RuntimeError('not yet')\n"
        "    boto3.client('sqs').send_message(QueueUrl=os.environ['QUEUE'], "
        "MessageBody='\"' + event['Records'][0]['Sns']['Message'] + '\"')\n"
    )
    function = make(provider, "fails-first", role, code, QUEUE=url)
    sns = provider.client("sns")
    permitted = sns.create_topic(Name="permitted")["TopicArn"]
    unpermitted = sns.create_topic(Name="unpermitted")["TopicArn"]
    for topic in (permitted, unpermitted):
        sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)
    provider.client("lambda").add_permission(
        FunctionName="fails-first", StatementId="sns", Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com", SourceArn=permitted,
    )  # fmt: skip

    # When
    sns.publish(TopicArn=unpermitted, Message="unpermitted")
    sns.publish(TopicArn=permitted, Message="permitted")

    # Then
    assert eventually(lambda: provider.drain(url)) == ["permitted"]


def test_a_rule_calls_the_function_that_permits_it(provider: Account) -> None:
    # Given two functions behind one rule, and one of them permits it
    url, _ = provider.queue_of("called-by-rule")
    role = provider.role("called-by-rule", LAMBDA, allow("sqs:SendMessage"))
    code = (
        "import boto3, os\ndef handler(event, context):\n    boto3.client('sqs').send_message("
        "QueueUrl=os.environ['QUEUE'], MessageBody='\"' + context.function_name + '\"')\n"
    )
    events = provider.client("events")
    rule = events.put_rule(Name="calls", EventPattern=json.dumps({"source": ["test.calls"]}))["RuleArn"]
    names = ("not-permitting", "permitting")
    targets = [{"Id": name, "Arn": make(provider, name, role, code, QUEUE=url)} for name in names]
    events.put_targets(Rule="calls", Targets=targets)
    provider.client("lambda").add_permission(
        FunctionName="permitting", StatementId="rule", Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com", SourceArn=rule,
    )  # fmt: skip

    # When
    events.put_events(Entries=[{"Source": "test.calls", "DetailType": "call", "Detail": "{}"}])

    # Then
    assert eventually(lambda: provider.drain(url)) == ["permitting"]
    assert provider.drain(url) == []


def test_the_endpoint_of_an_http_api_answers(provider: Account) -> None:
    # Given an HTTP API in a stack, as the product has it
    code = (
        "def handler(event, context):\n    return {'statusCode': 202, 'body': event['rawPath'] + ' ' + event['body']}\n"
    )
    invoke = {"Action": "lambda:InvokeFunction", "FunctionName": {"Ref": "Function"}}
    stack = provider.deploy(
        "http-api",
        {
            "Resources": {
                "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": LAMBDA_TRUST}},
                "Function": {
                    "Type": "AWS::Lambda::Function",
                    "Properties": {
                        "Runtime": "python3.13",
                        "Handler": "index.handler",
                        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                        "Code": {"ZipFile": code},
                    },
                },
                "May": {
                    "Type": "AWS::Lambda::Permission",
                    "Properties": {**invoke, "Principal": "apigateway.amazonaws.com"},
                },
                "Api": {
                    "Type": "AWS::ApiGatewayV2::Api",
                    "Properties": {"Name": "events", "ProtocolType": "HTTP"},
                },
                "Stage": {
                    "Type": "AWS::ApiGatewayV2::Stage",
                    "Properties": {"ApiId": {"Ref": "Api"}, "StageName": "$default", "AutoDeploy": True},
                },
                "Integration": {
                    "Type": "AWS::ApiGatewayV2::Integration",
                    "Properties": {
                        "ApiId": {"Ref": "Api"},
                        "IntegrationType": "AWS_PROXY",
                        "IntegrationUri": {"Fn::GetAtt": ["Function", "Arn"]},
                        "PayloadFormatVersion": "2.0",
                    },
                },
                "Route": {
                    "Type": "AWS::ApiGatewayV2::Route",
                    "Properties": {
                        "ApiId": {"Ref": "Api"},
                        "RouteKey": "POST /events",
                        "Target": {"Fn::Sub": "integrations/${Integration}"},
                    },
                },
            },
            "Outputs": {"Url": {"Value": {"Fn::GetAtt": ["Api", "ApiEndpoint"]}}},
        },
    )
    assert provider.settle(stack) == "CREATE_COMPLETE"

    # When somebody without credentials posts to it
    endpoint = provider.stack(stack)["Outputs"][0]["OutputValue"]
    request = urllib.request.Request(f"{endpoint}/events", data=b"{}", headers={"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        # Then
        assert (answer.status, answer.read()) == (202, b"/events {}")


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
