"""What a client deploys: the rendered parent template with the child it pins, or the flat one."""

import hashlib
import re

import pytest

from deploy.rendering import CLIENT_TEMPLATE_KEY, FLAT_TEMPLATE_KEY
from tests.templates.documents import Document, lint_messages, prerequisites, properties, read, references, strings
from tests.templates.rendered import CHILD_KEY, CONSTANTS, RENDERED

TEMPLATE_SIZE_LIMIT = 1_000_000
"""CloudFormation's quota for a template in S3, in bytes, rounded down."""


@pytest.fixture(scope="module")
def parent() -> Document:
    return read(RENDERED[CLIENT_TEMPLATE_KEY])


@pytest.fixture(scope="module")
def flat() -> Document:
    return read(RENDERED[FLAT_TEMPLATE_KEY])


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


def test_the_flat_template_has_an_address_that_never_changes() -> None:
    assert FLAT_TEMPLATE_KEY == "clients/switchyard-client-flat.yaml"


def test_stack_sets_take_the_flat_template() -> None:
    """AWS CloudFormation User Guide, "StackSets": no nested stacks, no macros."""
    flat = read(RENDERED[FLAT_TEMPLATE_KEY])
    assert not {"Transform", "Hooks"} & flat.keys()
    assert "AWS::CloudFormation::Stack" not in {resource["Type"] for resource in flat["Resources"].values()}
    assert not {"Fn::Transform", "AWS::Include"} & set(strings(flat))


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

    def test_flat_role_waits_for_the_gate_and_the_news_for_the_role(self, flat: Document) -> None:
        assert prerequisites(flat, "AccessRole") == set(flat["Resources"]) - {"AccessRole", "News"}
        assert prerequisites(flat, "News") == set(flat["Resources"]) - {"News"}

    def test_everything_the_last_word_needs_outlives_the_flat_gate(self, flat: Document) -> None:
        needed = {"Forwarder", "ForwarderRole", "ForwarderLog", "ForwarderRetries"}
        assert prerequisites(flat, "Gate") == needed

    def test_the_news_change_with_whatever_changes_the_flat_role(self, flat: Document) -> None:
        chosen = set(flat["Parameters"])
        told = properties(flat, "News")
        of_role = references(flat["Resources"]["AccessRole"]) & chosen | {"RequireMfa"}
        assert of_role == {"RoleName", "AccessLevel", "RequireMfa", "MaxSessionSeconds"}
        assert told.keys() - {"ServiceToken", "ServiceTimeout"} == of_role
        assert told["RoleName"] == {"Ref": "AccessRole"}, "the name of the role that is there, once it is there"

    def test_no_update_of_a_parameter_touches_topic_subscription_or_gate(self, parent: Document) -> None:
        for name in ("Topic", "TopicSubscription", "TopicMayInvokeForwarder", "Gate"):
            assert not references(parent["Resources"][name]) & set(parent["Parameters"])

    def test_no_update_of_a_parameter_touches_the_flat_gate(self, flat: Document) -> None:
        assert not references(flat["Resources"]["Gate"]) & set(flat["Parameters"])


def test_nothing_of_the_renderer_is_left_in_the_templates() -> None:
    for content in RENDERED.values():
        assert not re.search(rb"<<|>>|<%|%>|<#|#>", content)


@pytest.mark.parametrize("key", [CLIENT_TEMPLATE_KEY, FLAT_TEMPLATE_KEY])
def test_it_promises_about_approval_only_what_we_keep(key: str) -> None:
    document = read(RENDERED[key])
    told = document["Outputs"]["WhatHappensNext"]["Value"]
    assert "They give their operators access only after an approver has agreed." in told
    assert "before anybody can" not in told
    assert "may switch into once" not in document["Description"]


def test_taking_an_account_out_of_the_stack_set_must_not_retain_its_stack(flat: Document) -> None:
    told = flat["Outputs"]["WhatHappensNext"]["Value"]
    assert "(or take this account out of the stack set, without retaining its stack)" in told
