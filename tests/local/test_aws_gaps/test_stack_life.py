"""States, names, tokens and events of stacks, and of a child that fails."""

import contextlib
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

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


@pytest.fixture
def taken_role(client: Account) -> None:
    """The role that FAILS would like to be."""
    with contextlib.suppress(client.client("iam").exceptions.EntityAlreadyExistsException):
        client.role("taken", {"AWS": "111111111111"})


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


@pytest.mark.usefixtures("taken_role")
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
    last = next(told for told in heard if told["detail"]["status-details"]["status"] == "CREATE_COMPLETE")
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
    assert client.events(stack)[1]["EventId"].startswith("Topic-CREATE_IN_PROGRESS-20")
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
