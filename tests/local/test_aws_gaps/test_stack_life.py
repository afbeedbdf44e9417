"""States, names, tokens and events of stacks, and of a child that fails."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.aws.process import LocalAws
from tests.local.test_aws_gaps.accounts import Account, eventually, of_stack

TOPIC = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "sts:AssumeRole"}],
}
FAILS = {
    "Type": "AWS::IAM::Role",
    "DependsOn": "Topic",
    "Properties": {"RoleName": "taken", "AssumeRolePolicyDocument": TRUST},
}


@pytest.fixture(scope="module")
def child_urls(local_aws: LocalAws) -> dict[str, str]:
    """Templates for children in a bucket of the client's own."""
    account = Account(local_aws.url, "222222222222")
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


def topic_and_queue(account: Account, name: str) -> tuple[str, str]:
    """A topic whose messages end in a queue: its ARN and the queue's URL."""
    sns = account.client("sns")
    topic = sns.create_topic(Name=name)["TopicArn"]
    url, arn = account.queue_of(name)
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    account.client("sqs").set_queue_attributes(
        QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}
    )
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return topic, url


@pytest.mark.usefixtures("child_urls")
def test_a_rolled_back_stack_blocks_its_name_until_it_is_deleted(client: Account) -> None:
    # Given a stack whose role's name is taken
    broken = {"Resources": {**TOPIC["Resources"], "Broken": FAILS}}
    first = client.deploy("blocks", broken)
    assert client.settle(first) == "ROLLBACK_COMPLETE"

    # Then it can neither be created again nor updated
    with pytest.raises(ClientError) as refused:
        client.deploy("blocks", TOPIC)
    assert refused.value.response["Error"]["Code"] == "AlreadyExistsException"
    with pytest.raises(ClientError, match="is in ROLLBACK_COMPLETE state and can not be updated"):
        client.change("blocks", TOPIC)

    # When it is deleted and made again
    assert client.remove(first) == "DELETE_COMPLETE"
    with pytest.raises(ClientError, match="does not exist"):
        client.events("blocks")
    second = client.deploy("blocks", TOPIC)
    assert client.settle(second) == "CREATE_COMPLETE"

    # Then the old one is still known by its id
    assert client.stack(first)["StackStatus"] == "DELETE_COMPLETE"
    assert client.stack(first)["DeletionTime"]
    assert of_stack(client.events(first))[-1] == "DELETE_COMPLETE"
    assert client.stack("blocks")["StackId"] == second
    client.remove(first)
    assert client.stack("blocks")["StackStatus"] == "CREATE_COMPLETE"


def test_an_update_that_changes_nothing_is_refused(client: Account) -> None:
    stack = client.deploy("unchanged", TOPIC)
    client.settle(stack)
    with pytest.raises(ClientError, match="No updates are to be performed"):
        client.change(stack, TOPIC)


def test_every_event_carries_the_token_of_its_operation(client: Account) -> None:
    # When
    stack = client.deploy("tokens", TOPIC, ClientRequestToken="made")
    client.settle(stack)
    more = {"Resources": {**TOPIC["Resources"], "Second": {"Type": "AWS::SNS::Topic"}}}
    client.change(stack, more, ClientRequestToken="changed")
    client.remove(stack, ClientRequestToken="removed")

    # Then
    tokens = [event.get("ClientRequestToken") for event in client.events(stack)]
    assert None not in tokens
    assert list(dict.fromkeys(tokens)) == ["made", "changed", "removed"]


def test_status_changes_are_events_on_the_default_bus(provider: Account) -> None:
    # Given a rule as the product has it: by the prefix of the stack's id
    url, arn = provider.queue_of("status-changes")
    pattern = {
        "source": ["aws.cloudformation"],
        "detail-type": ["CloudFormation Stack Status Change"],
        "resources": [{"prefix": "arn:aws:cloudformation:us-east-1:111111111111:stack/watched-"}],
    }
    events = provider.client("events")
    rule = events.put_rule(Name="status", EventPattern=json.dumps(pattern))["RuleArn"]
    events.put_targets(Rule="status", Targets=[{"Id": "queue", "Arn": arn}])
    allowed = {
        "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage",
        "Resource": arn, "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
    }  # fmt: skip
    provider.client("sqs").set_queue_attributes(
        QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [allowed]})}
    )

    # When
    provider.settle(provider.deploy("unwatched", TOPIC))
    stack = provider.deploy("watched-one", TOPIC, ClientRequestToken="request-7")
    provider.settle(stack)

    # Then
    heard: list[Any] = []

    def both() -> bool:
        heard.extend(provider.drain(url))
        return len(heard) == 2

    eventually(both)
    last = heard[-1]
    assert last["account"] == "111111111111"
    assert last["region"] == "us-east-1"
    assert last["resources"] == [stack]
    assert last["detail"] == {
        "stack-id": stack,
        "status-details": {"status": "CREATE_COMPLETE", "status-reason": ""},
        "client-request-token": "request-7",
    }


def test_notifications_of_a_top_level_stack(client: Account) -> None:
    # Given
    topic, queue = topic_and_queue(client, "stack-news")

    # When
    stack = client.deploy("told", TOPIC, NotificationARNs=[topic])
    client.settle(stack)

    # Then
    assert client.stack(stack)["NotificationARNs"] == [topic]
    bodies = [m["Message"] for m in client.drain(queue)]
    assert [b.partition("ResourceStatus='")[2].partition("'")[0] for b in bodies] == [
        "CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE", "CREATE_COMPLETE",
    ]  # fmt: skip


def test_an_update_keeps_the_topics_it_does_not_name(client: Account) -> None:
    # Given
    topic, queue = topic_and_queue(client, "kept-topic")
    stack = client.deploy("keeps-topic", TOPIC, NotificationARNs=[topic])
    client.settle(stack)
    client.drain(queue)
    more = {"Resources": {**TOPIC["Resources"], "Second": {"Type": "AWS::SNS::Topic"}}}

    # When an update says nothing of topics, Then it is told to the ones there are
    client.change(stack, more)
    assert client.stack(stack)["NotificationARNs"] == [topic]
    assert client.drain(queue)

    # When an update names none, Then nobody is told
    client.change(stack, TOPIC, NotificationARNs=[])
    assert client.stack(stack)["NotificationARNs"] == []
    assert client.drain(queue) == []


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
