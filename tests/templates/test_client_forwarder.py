"""The forwarder's function in both client templates: its code, its role, its environment, its retries."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.rendering import CLIENT_TEMPLATE_KEY, FLAT_TEMPLATE_KEY, SOURCES, forwarder_source
from tests.templates.documents import Document, properties, read
from tests.templates.rendered import CONSTANTS, RENDERED


@pytest.fixture(scope="module", params=[CLIENT_TEMPLATE_KEY, FLAT_TEMPLATE_KEY], ids=["nested", "flat"])
def either(request: pytest.FixtureRequest) -> Document:
    return read(RENDERED[request.param])


def test_code_is_the_tested_files_in_one(either: Document) -> None:
    code = properties(either, "Forwarder")["Code"]["ZipFile"]
    assert code == forwarder_source()
    for source in ("messenger.py", "forwarder.py"):
        lines = (SOURCES / source).read_text("utf-8").splitlines()
        assert [line for line in lines if line not in code.splitlines()] == [
            line for line in lines if line.startswith("from messenger import")
        ]
    assert properties(either, "Forwarder")["Handler"] == "index.handler"


def test_code_runs_as_the_single_file_that_it_is(either: Document, tmp_path: Path) -> None:
    code = properties(either, "Forwarder")["Code"]["ZipFile"]
    (tmp_path / "index.py").write_text(code, "utf-8")
    call = "import index, types; index.handler({'Records': []}, types.SimpleNamespace(invoked_function_arn='a'))"
    done = subprocess.run([sys.executable, "-c", call], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_role_is_named_after_the_access_role_and_may_only_write_its_own_log(either: Document) -> None:
    role = properties(either, "ForwarderRole")
    assert role["RoleName"] == {"Fn::Sub": "switchyard-forwarder-${RoleName}"}
    assert role["Path"] == "/"
    assert "ManagedPolicyArns" not in role
    [policy] = role["Policies"]
    [statement] = policy["PolicyDocument"]["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": {"Fn::GetAtt": ["ForwarderLog", "Arn"]},
    }
    assert role["AssumeRolePolicyDocument"]["Statement"] == [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]


def test_longest_role_name_leaves_room_for_the_forwarders_prefix(either: Document) -> None:
    iam_limit = 64
    assert len("switchyard-forwarder-") + either["Parameters"]["RoleName"]["MaxLength"] == iam_limit


def test_writes_to_a_log_that_is_kept_for_a_while(either: Document) -> None:
    assert properties(either, "Forwarder")["LoggingConfig"]["LogGroup"] == {"Ref": "ForwarderLog"}
    assert properties(either, "ForwarderLog")["RetentionInDays"] == 90


def test_failed_deliveries_are_retried_by_lambda(either: Document) -> None:
    retries = properties(either, "ForwarderRetries")
    assert retries["FunctionName"] == {"Ref": "Forwarder"}
    assert retries["MaximumRetryAttempts"] == 2
    assert retries["MaximumEventAgeInSeconds"] == 21600


def test_knows_its_claims_and_where_to_send_them(either: Document) -> None:
    assert properties(either, "Forwarder")["Environment"]["Variables"] == {
        "EVENTS_URL": CONSTANTS.events_url,
        "AUDIENCE": CONSTANTS.audience,
        "STS_HOST": {"Fn::Sub": "sts.${AWS::Region}.${AWS::URLSuffix}"},
        "PARENT_STACK_ID": {"Ref": "AWS::StackId"},
        "COMPANY": {"Ref": "CompanyName"},
        "INVITATION": {"Ref": "InvitationToken"},
        "ROLE_NAME": {"Ref": "RoleName"},
        "ACCESS_LEVEL": {"Ref": "AccessLevel"},
        "REQUIRE_MFA": {"Ref": "RequireMfa"},
        "MAX_SESSION_SECONDS": {"Ref": "MaxSessionSeconds"},
    }


def test_only_the_topic_may_invoke_it() -> None:
    parent = read(RENDERED[CLIENT_TEMPLATE_KEY])
    permissions = [r["Properties"] for r in parent["Resources"].values() if r["Type"] == "AWS::Lambda::Permission"]
    assert permissions == [
        {
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Fn::GetAtt": ["Forwarder", "Arn"]},
            "Principal": "sns.amazonaws.com",
            "SourceArn": {"Ref": "Topic"},
        }
    ]


def test_nobody_needs_a_permission_to_invoke_it_without_a_topic() -> None:
    flat = read(RENDERED[FLAT_TEMPLATE_KEY])
    assert not {"AWS::Lambda::Permission", "AWS::SNS::Topic"} & {r["Type"] for r in flat["Resources"].values()}


def test_sources_come_with_the_project() -> None:
    assert Path("client-templates").resolve() == SOURCES
