"""What a client's stack tells, from its creation to its last word."""

import json
import re
from typing import Any

import pytest

from local.aws.process import LocalAws
from tests.local.test_aws_gaps.accounts import Account, allow, eventually, of_stack, policy
from tests.local.test_aws_gaps.client_stack import child_template, parent_template


def fields(message: str) -> dict[str, str]:
    """A notification's fields, split where a new `Key='` starts a line."""
    lines = re.split(r"\n(?=\w+=')", message.rstrip("\n"))
    return {line.partition("=")[0]: line.partition("=")[2][1:-1] for line in lines}


@pytest.fixture(scope="module")
def bucket(local_aws: LocalAws) -> str:
    """The provider's template bucket: `clients/` is public, nothing else is."""
    s3, name = Account(local_aws.url, "111111111111").client("s3"), "switchyard-test-templates-111111111111-us-east-1"
    s3.create_bucket(Bucket=name)
    s3.delete_public_access_block(Bucket=name)
    public = {**allow("s3:GetObject", f"arn:aws:s3:::{name}/clients/*"), "Principal": "*"}
    s3.put_bucket_policy(Bucket=name, Policy=policy(public))
    return name


def put(local_aws: LocalAws, bucket: str, key: str, template: dict[str, Any]) -> str:
    s3 = Account(local_aws.url, "111111111111").client("s3")
    s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(template))
    return f"{local_aws.url}/{bucket}/{key}"


def test_a_client_stack_tells_every_step_of_its_child(local_aws: LocalAws, client: Account, bucket: str) -> None:
    # Given a client stack whose forwarder hands on what it gets to a queue
    queue, _ = client.queue_of("forwarded")
    child = put(local_aws, bucket, "clients/child.json", child_template())
    parent = put(local_aws, bucket, "clients/parent.json", parent_template(child, queue))
    heard: list[Any] = []

    def hear_until(*statuses: str, gate: str = "") -> list[dict[str, str]]:
        def told() -> list[dict[str, str]]:
            heard.extend(client.drain(queue))
            found = [fields(item["Message"]) for item in heard if "Message" in item]
            told_of = {f["ResourceStatus"] for f in found if _is_stack(f)}
            complete = told_of.issuperset(statuses) and (not gate or {"gate": gate} in heard)
            return found if complete else []

        return eventually(told)

    # When the client creates it
    given = [{"ParameterKey": "RoleName", "ParameterValue": "acme-access"}]
    token = {"ClientRequestToken": "create-1"}
    parent_id = client.deploy("acme", parent, Parameters=given, **token)
    assert client.settle(parent_id) == "CREATE_COMPLETE"

    # Then the child's events have come through topic and function, in CloudFormation's form
    messages = hear_until("CREATE_IN_PROGRESS", "CREATE_COMPLETE", gate="Create")
    assert all(item["Subject"] == "AWS CloudFormation Notification" for item in heard if "Message" in item)
    assert {m["ResourceStatus"] for m in messages if _is_stack(m)} == {"CREATE_IN_PROGRESS", "CREATE_COMPLETE"}
    of_child = next(m for m in messages if _is_stack(m))
    assert of_child["Namespace"] == "222222222222"
    assert of_child["LogicalResourceId"] == of_child["StackName"]
    assert of_child["ClientRequestToken"] == "create-1"
    described = client.stack(of_child["StackId"])
    assert described["ParentId"] == parent_id
    assert described["NotificationARNs"]
    outputs = {o["OutputKey"]: o["OutputValue"] for o in client.stack(parent_id)["Outputs"]}
    assert outputs == {"Answer": "open", "RoleArn": "arn:aws:iam::222222222222:role/acme-access"}

    # When the client changes it
    changed = [{"ParameterKey": "Description", "ParameterValue": "second"}, *given]
    heard.clear()
    client.client("cloudformation").update_stack(
        StackName="acme", TemplateURL=parent, Parameters=changed, Capabilities=["CAPABILITY_NAMED_IAM"],
        ClientRequestToken="update-1",
    )  # fmt: skip
    assert client.settle(parent_id) == "UPDATE_COMPLETE"
    updates = [m for m in hear_until("UPDATE_COMPLETE") if m["ResourceStatus"].startswith("UPDATE")]
    assert {m["ClientRequestToken"] for m in updates} == {"update-1"}
    assert of_stack(client.events(of_child["StackId"]))[-3:] == [
        "UPDATE_IN_PROGRESS",
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_COMPLETE",
    ]

    # When the client deletes it
    heard.clear()
    client.client("cloudformation").delete_stack(StackName="acme", ClientRequestToken="delete-1")
    assert client.settle(parent_id) == "DELETE_COMPLETE"

    # Then the child reports its deletion, and the gate is asked after the child is gone
    child_events = client.events(of_child["StackId"])
    assert of_stack(child_events)[-2:] == ["DELETE_IN_PROGRESS", "DELETE_COMPLETE"]
    assert child_events[-1]["ClientRequestToken"] == "delete-1"
    deleted = [e["LogicalResourceId"] for e in client.events(parent_id) if e["ResourceStatus"] == "DELETE_COMPLETE"]
    assert deleted.index("Access") < deleted.index("Gate") < deleted.index("Forwarder")
    hear_until("DELETE_IN_PROGRESS", gate="Delete")


def _is_stack(notification: dict[str, str]) -> bool:
    return notification["PhysicalResourceId"] == notification["StackId"]


def test_a_slow_forwarder_hears_why_a_child_failed_before_it_is_deleted(
    local_aws: LocalAws, client: Account, bucket: str
) -> None:
    # Given a forwarder that takes longer over a notification than a rollback over a stack, and a role that exists
    queue, _ = client.queue_of("slow")
    child = put(local_aws, bucket, "clients/slow-child.json", child_template())
    template = parent_template(child, queue)
    code = template["Resources"]["Forwarder"]["Properties"]["Code"]
    code["ZipFile"] = code["ZipFile"].replace("in event:\n", "in event:\n        __import__('time').sleep(2)\n", 1)
    client.role("slow-access", {"AWS": "111111111111"})

    # When
    given = [{"ParameterKey": "RoleName", "ParameterValue": "slow-access"}]
    stack_id = client.deploy("slow", template, Parameters=given)
    assert client.settle(stack_id) == "ROLLBACK_COMPLETE"

    # Then
    told = [fields(item["Message"]) for item in client.drain(queue) if "Message" in item]
    assert "CREATE_FAILED" in {f["ResourceStatus"] for f in told if f["LogicalResourceId"] == "AccessRole"}
