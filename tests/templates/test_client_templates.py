"""What a client deploys: the rendered parent template and the child it pins."""

import hashlib
import re
from pathlib import Path

import pytest

from deploy.rendering import CLIENT_TEMPLATE_KEY, SOURCES
from tests.templates.documents import Document, lint_messages, prerequisites, properties, read, references, strings
from tests.templates.rendered import CHILD_KEY, CONSTANTS, RENDERED

TEMPLATE_SIZE_LIMIT = 1_000_000
"""CloudFormation's quota for a template in S3, in bytes, rounded down."""


@pytest.fixture(scope="module")
def parent() -> Document:
    return read(RENDERED[CLIENT_TEMPLATE_KEY])


@pytest.fixture(scope="module")
def child() -> Document:
    return read(RENDERED[CHILD_KEY])


@pytest.mark.parametrize("key", list(RENDERED))
def test_cfn_lint_has_nothing_to_say_in_any_partition(key: str) -> None:
    assert lint_messages(RENDERED[key]) == []


@pytest.mark.parametrize("key", list(RENDERED))
def test_no_partition_or_region_is_written_down(key: str) -> None:
    document = read(RENDERED[key])
    # The provider's own addresses are constants and may name its region.
    ours = {CONSTANTS.events_url, f"{CONSTANTS.templates_url}/{CHILD_KEY}"}
    code = document["Resources"].get("Forwarder", {}).get("Properties", {}).get("Code", {}).get("ZipFile")
    for text in strings(document):
        if text not in ours:
            assert not re.search(r"\barn:aws[a-z-]*:", text), text
            if text != code:
                assert "amazonaws" not in text.replace("lambda.amazonaws.com", "").replace("sns.amazonaws.com", ""), (
                    text
                )


def test_parent_pins_the_child_by_its_content(parent: Document) -> None:
    digest = hashlib.sha256(RENDERED[CHILD_KEY]).hexdigest()[:16]
    assert f"clients/switchyard-access-role-{digest}.yaml" == CHILD_KEY
    assert properties(parent, "ChildStack")["TemplateURL"] == f"{CONSTANTS.templates_url}/{CHILD_KEY}"


def test_templates_fit_cloudformations_quota() -> None:
    assert all(len(content) < TEMPLATE_SIZE_LIMIT for content in RENDERED.values())


class TestOrder:
    def test_everything_a_notification_needs_is_there_before_the_child_and_outlives_it(self, parent: Document) -> None:
        assert prerequisites(parent, "ChildStack") == set(parent["Resources"]) - {"ChildStack"}

    def test_everything_the_last_word_needs_outlives_the_gate(self, parent: Document) -> None:
        needed = {"Forwarder", "ForwarderRole", "ForwarderLog", "ForwarderRetries", "TopicSubscription", "Topic"}
        assert prerequisites(parent, "Gate") >= needed | {"TopicMayInvokeForwarder"}

    def test_nothing_but_the_child_waits_for_the_gate(self, parent: Document) -> None:
        waiting = {name for name in parent["Resources"] if "Gate" in prerequisites(parent, name)}
        assert waiting == {"ChildStack"}

    def test_child_reports_to_the_topic_from_its_first_moment(self, parent: Document) -> None:
        assert properties(parent, "ChildStack")["NotificationARNs"] == [{"Ref": "Topic"}]

    def test_renaming_the_role_changes_the_forwarder_before_the_child(self, parent: Document) -> None:
        affected = {name for name, resource in parent["Resources"].items() if "RoleName" in references(resource)}
        assert affected == {"ForwarderRole", "Forwarder", "ChildStack"}
        assert "ForwarderRole" in prerequisites(parent, "Forwarder")
        assert {"Forwarder", "ForwarderRole"} <= prerequisites(parent, "ChildStack")

    def test_no_update_of_a_parameter_touches_topic_subscription_or_gate(self, parent: Document) -> None:
        for name in ("Topic", "TopicSubscription", "TopicMayInvokeForwarder", "Gate"):
            assert not references(parent["Resources"][name]) & set(parent["Parameters"])


class TestForwarder:
    def test_code_is_the_tested_file(self, parent: Document) -> None:
        assert properties(parent, "Forwarder")["Code"]["ZipFile"] == (SOURCES / "forwarder.py").read_text("utf-8")
        assert properties(parent, "Forwarder")["Handler"] == "index.handler"

    def test_role_is_named_after_the_access_role_and_may_only_write_its_own_log(self, parent: Document) -> None:
        role = properties(parent, "ForwarderRole")
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

    def test_longest_role_name_leaves_room_for_the_forwarders_prefix(self, parent: Document) -> None:
        iam_limit = 64
        assert len("switchyard-forwarder-") + parent["Parameters"]["RoleName"]["MaxLength"] == iam_limit

    def test_writes_to_a_log_that_is_kept_for_a_while(self, parent: Document) -> None:
        assert properties(parent, "Forwarder")["LoggingConfig"]["LogGroup"] == {"Ref": "ForwarderLog"}
        assert properties(parent, "ForwarderLog")["RetentionInDays"] == 90

    def test_only_the_topic_may_invoke_it(self, parent: Document) -> None:
        permissions = [r["Properties"] for r in parent["Resources"].values() if r["Type"] == "AWS::Lambda::Permission"]
        assert permissions == [
            {
                "Action": "lambda:InvokeFunction",
                "FunctionName": {"Fn::GetAtt": ["Forwarder", "Arn"]},
                "Principal": "sns.amazonaws.com",
                "SourceArn": {"Ref": "Topic"},
            }
        ]

    def test_failed_deliveries_are_retried_by_lambda(self, parent: Document) -> None:
        retries = properties(parent, "ForwarderRetries")
        assert retries["FunctionName"] == {"Ref": "Forwarder"}
        assert retries["MaximumRetryAttempts"] == 2
        assert retries["MaximumEventAgeInSeconds"] == 21600

    def test_knows_its_claims_and_where_to_send_them(self, parent: Document) -> None:
        assert properties(parent, "Forwarder")["Environment"]["Variables"] == {
            "EVENTS_URL": CONSTANTS.events_url,
            "AUDIENCE": CONSTANTS.audience,
            "STS_HOST": {"Fn::Sub": "sts.${AWS::Region}.${AWS::URLSuffix}"},
            "PARENT_STACK_ID": {"Ref": "AWS::StackId"},
            "COMPANY": {"Ref": "CompanyName"},
            "INVITATION": {"Ref": "InvitationToken"},
            "ROLE_NAME": {"Ref": "RoleName"},
            "ACCESS_LEVEL": {"Ref": "AccessLevel"},
        }


def test_nothing_of_the_renderer_is_left_in_the_templates() -> None:
    for content in RENDERED.values():
        assert not re.search(rb"<<|>>|<%|%>|<#|#>", content)


def test_sources_come_with_the_project() -> None:
    assert Path("client-templates").resolve() == SOURCES
