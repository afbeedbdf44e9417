"""Nested stacks: a child that fails, goes back or can't be deleted, and what its parent says of it."""

import contextlib
import json
from typing import Any

import pytest

from local.aws.process import LocalAws
from tests.local.test_aws_gaps.accounts import Account, of_stack
from tests.local.test_aws_gaps.test_stack_life import FAILS, TOPIC, topic_and_queue


@pytest.fixture(scope="module")
def child_urls(local_aws: LocalAws) -> dict[str, str]:
    """Templates for children in a bucket of the client's own."""
    account = Account(local_aws.url, "222222222222")
    with contextlib.suppress(account.client("iam").exceptions.EntityAlreadyExistsException):
        account.role("taken", {"AWS": "111111111111"})
    s3 = account.client("s3")
    s3.create_bucket(Bucket="children")
    templates: dict[str, Any] = {
        "fails": {"Resources": {**TOPIC["Resources"], "Broken": FAILS}},
        "works": TOPIC,
        "longer": {"Resources": {**TOPIC["Resources"], "Second": {"Type": "AWS::SNS::Topic"}}},
        "group": {"Resources": {"Group": {"Type": "AWS::IAM::Group", "Properties": {"GroupName": "childs"}}}},
    }
    for name, template in templates.items():
        s3.put_object(Bucket="children", Key=name, Body=json.dumps(template))
    return {name: f"{local_aws.url}/children/{name}" for name in templates}


def parent_of(url: str, topic_arn: str = "", **more: Any) -> dict[str, Any]:
    properties = {"TemplateURL": url, **({"NotificationARNs": [topic_arn]} if topic_arn else {})}
    return {"Resources": {"Child": {"Type": "AWS::CloudFormation::Stack", "Properties": properties}, **more}}


def child_of(account: Account, parent: str) -> str:
    return next(
        str(e["PhysicalResourceId"])
        for e in reversed(account.events(parent))
        if e["LogicalResourceId"] == "Child" and e["PhysicalResourceId"]
    )


def test_a_child_that_fails_tells_why_and_is_deleted(client: Account, child_urls: dict[str, str]) -> None:
    # Given
    topic, queue = topic_and_queue(client, "failing-child")

    # When
    parent = client.deploy("with-failing-child", parent_of(child_urls["fails"], topic))
    assert client.settle(parent) == "ROLLBACK_COMPLETE"

    # Then the parent names the child and what failed in it
    failed = next(e for e in client.events(parent) if e["ResourceStatus"] == "CREATE_FAILED")
    child = child_of(client, parent)
    assert failed["ResourceStatusReason"].startswith(f"Embedded stack {child} was not successfully created: ")
    assert "The following resource(s) failed to create: [Broken]" in failed["ResourceStatusReason"]
    # And the child failed, with the reason at the resource, and was deleted with all it had made
    events = client.events(child)
    assert of_stack(events) == ["CREATE_IN_PROGRESS", "CREATE_FAILED", "DELETE_IN_PROGRESS", "DELETE_COMPLETE"]
    broken = next(e for e in events if e["LogicalResourceId"] == "Broken" and e["ResourceStatus"] == "CREATE_FAILED")
    assert "Role with name taken already exists." in broken["ResourceStatusReason"]
    assert [e["ResourceStatus"] for e in events if e["LogicalResourceId"] == "Topic"][-1] == "DELETE_COMPLETE"
    assert client.stack(child)["StackStatus"] == "DELETE_COMPLETE"
    assert len(client.drain(queue)) == len(events)


def test_a_child_that_fails_to_update_goes_back(client: Account, child_urls: dict[str, str]) -> None:
    # Given
    parent = client.deploy("with-worsening-child", parent_of(child_urls["works"]))
    assert client.settle(parent) == "CREATE_COMPLETE"
    child = child_of(client, parent)

    # When
    assert client.change(parent, parent_of(child_urls["fails"])) == "UPDATE_ROLLBACK_COMPLETE"

    # Then
    failed = next(e for e in client.events(parent) if e["ResourceStatus"] == "UPDATE_FAILED")
    assert f"Embedded stack {child} was not successfully updated." in failed["ResourceStatusReason"]
    assert "[Broken]" in failed["ResourceStatusReason"]
    assert client.stack(child)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "UPDATE_COMPLETE" not in of_stack(client.events(child))


def test_a_child_is_sent_back_when_its_parent_fails(client: Account, child_urls: dict[str, str]) -> None:
    # Given
    parent = client.deploy("fails-after-child", parent_of(child_urls["works"]))
    assert client.settle(parent) == "CREATE_COMPLETE"
    child = child_of(client, parent)

    # When the child's update works and the parent's next resource doesn't
    broken = {**FAILS, "DependsOn": "Child"}
    assert client.change(parent, parent_of(child_urls["longer"], Broken=broken)) == "UPDATE_ROLLBACK_COMPLETE"

    # Then the child says that it went back
    assert of_stack(client.events(child))[-3:] == [
        "UPDATE_ROLLBACK_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE",
    ]
    assert client.stack(child)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"


def test_a_child_that_cannot_be_deleted_keeps_its_parent(client: Account, child_urls: dict[str, str]) -> None:
    # Given a child whose group has a member
    iam = client.client("iam")
    parent = client.deploy("with-members-group", parent_of(child_urls["group"]))
    assert client.settle(parent) == "CREATE_COMPLETE"
    child = child_of(client, parent)
    client.user("member-of-childs")
    iam.add_user_to_group(GroupName="childs", UserName="member-of-childs")

    # When
    assert client.remove(parent) == "DELETE_FAILED"

    # Then
    assert of_stack(client.events(child))[-2:] == ["DELETE_IN_PROGRESS", "DELETE_FAILED"]
    failed = [e for e in client.events(parent) if e["ResourceStatus"] == "DELETE_FAILED"]
    assert f"Embedded stack {child} was not successfully deleted" in failed[0]["ResourceStatusReason"]

    # When the member leaves
    iam.remove_user_from_group(GroupName="childs", UserName="member-of-childs")
    assert client.remove(parent) == "DELETE_COMPLETE"
