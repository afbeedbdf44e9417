"""What the local console's quick-create page asks: the form of a template, to create the stack, what became of it."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import pytest

from tests.local.test_aws_gaps.accounts import CLIENT, REGION, Account, allow, policy

TEMPLATE: dict[str, Any] = {
    "Description": "A topic with a name",
    "Metadata": {
        "AWS::CloudFormation::Interface": {
            "ParameterGroups": [{"Label": {"default": "What it is called"}, "Parameters": ["Name"]}],
            "ParameterLabels": {"Name": {"default": "Name of the topic"}},
        }
    },
    "Parameters": {
        "Name": {"Type": "String", "Description": "As you like it.", "AllowedPattern": "^[a-z-]{1,20}$"},
        "Tone": {"Type": "String", "Default": "soft", "AllowedValues": ["soft", "loud"]},
    },
    "Resources": {
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Ref": "Name"}}},
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": {"Ref": "Name"},
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
            },
        },
    },
}


def ask(url: str, body: object = None, headers: dict[str, str] | None = None, **query: str) -> tuple[int, Any]:
    sent = None if body is None else json.dumps(body).encode()
    address = f"{url}/_local/quick-create?{urllib.parse.urlencode(query)}"
    try:
        with urllib.request.urlopen(urllib.request.Request(address, sent, headers or {}), timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


@pytest.fixture(scope="module")
def template_url(provider: Account) -> str:
    s3 = provider.client("s3")
    s3.create_bucket(Bucket="quick-create")
    s3.delete_public_access_block(Bucket="quick-create")
    public = {**allow("s3:GetObject", "arn:aws:s3:::quick-create/*"), "Principal": "*"}
    s3.put_bucket_policy(Bucket="quick-create", Policy=policy(public))
    s3.put_object(Bucket="quick-create", Key="topic.json", Body=json.dumps(TEMPLATE).encode())
    return f"{provider.url}/quick-create/topic.json"


def filled_in(template_url: str, **changes: Any) -> dict[str, Any]:
    form = {"account": CLIENT, "region": REGION, "stackName": "quick", "templateURL": template_url}
    return {**form, "parameters": {"Name": "quick-topic", "Tone": "loud"}, "acknowledged": True, **changes}


def test_the_form_has_the_templates_groups_labels_and_choices(provider: Account, template_url: str) -> None:
    status, form = ask(provider.url, templateURL=template_url)
    assert status == 200
    assert form["description"] == "A topic with a name"
    named, others = form["groups"]
    assert named["label"] == "What it is called"
    [name] = named["parameters"]
    assert (name["name"], name["label"], name["description"]) == ("Name", "Name of the topic", "As you like it.")
    assert (name["allowed"], name["default"]) == ([], "")
    assert others["label"] == "Other parameters"
    [tone] = others["parameters"]
    assert (tone["label"], tone["allowed"], tone["default"]) == ("Tone", ["soft", "loud"], "soft")


def test_the_stack_is_created_in_the_clients_account_and_followed(
    provider: Account, client: Account, template_url: str
) -> None:
    # When
    status, told = ask(provider.url, filled_in(template_url))

    # Then
    assert status == 200
    assert f":{CLIENT}:stack/quick/" in told["stack"]
    deadline, state = time.monotonic() + 60, ""
    while state != "CREATE_COMPLETE" and time.monotonic() < deadline:
        state = ask(provider.url, account=CLIENT, region=REGION, stack=told["stack"])[1]["status"]
    assert state == "CREATE_COMPLETE"
    topics = client.client("sns").list_topics()["Topics"]
    assert any(topic["TopicArn"].endswith(":quick-topic") for topic in topics)
    client.client("cloudformation").delete_stack(StackName=told["stack"])


def test_a_stack_that_fails_says_why(provider: Account, client: Account, template_url: str) -> None:
    # Given
    iam = client.client("iam")
    iam.create_role(RoleName="by-hand", AssumeRolePolicyDocument=policy())

    # When
    _, told = ask(
        provider.url, filled_in(template_url, stackName="by-hand", parameters={"Name": "by-hand", "Tone": "soft"})
    )

    # Then
    deadline, state = time.monotonic() + 60, {"status": ""}
    while state["status"] != "ROLLBACK_COMPLETE" and time.monotonic() < deadline:
        state = ask(provider.url, account=CLIENT, region=REGION, stack=told["stack"])[1]
    assert "by-hand" in state["reason"]
    client.client("cloudformation").delete_stack(StackName=told["stack"])
    iam.delete_role(RoleName="by-hand")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"acknowledged": False}, "CAPABILITY_NAMED_IAM"),
        ({"acknowledged": "true"}, "CAPABILITY_NAMED_IAM"),
        ({"parameters": {"Name": "NOT SO", "Tone": "loud"}}, "Name"),
        ({"parameters": {"Name": "quick-topic", "Tone": "shrill"}}, "Tone"),
        ({"account": "2222"}, "12 digits"),
        ({"region": "evil.example/"}, "region"),
        ({"parameters": ["Name"]}, "form's values"),
    ],
)
def test_a_form_that_aws_refuses_makes_nothing_and_says_why(
    provider: Account, client: Account, template_url: str, changes: dict[str, Any], reason: str
) -> None:
    status, told = ask(provider.url, filled_in(template_url, stackName="refused", **changes))
    assert status == 400
    assert reason in told["error"]
    known = client.client("cloudformation").describe_stacks()["Stacks"]
    assert "refused" not in {stack["StackName"] for stack in known if stack["StackStatus"] != "DELETE_COMPLETE"}


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/x.yaml", "file:///etc/passwd", ""])
def test_only_templates_of_the_local_aws_are_read(provider: Account, address: str) -> None:
    status, told = ask(provider.url, templateURL=address)
    assert status == 400
    assert "error" in told


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Host": "evil.example:4566"}])
def test_a_website_can_neither_look_nor_create(provider: Account, template_url: str, headers: dict[str, str]) -> None:
    assert ask(provider.url, filled_in(template_url, stackName="by-a-website"), headers)[0] == 403
    assert ask(provider.url, None, headers, templateURL=template_url)[0] == 403
