"""Service roles of stacks, who may pass them, and the condition keys that pin template and role."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.aws.process import LocalAws
from tests.local.test_aws_gaps.accounts import Account, allow, policy
from tests.local.test_aws_gaps.test_groups import PATH, group_template

CLOUDFORMATION = {"Service": "cloudformation.amazonaws.com"}
GROUP_ACTIONS = [
    "iam:CreateGroup", "iam:GetGroup", "iam:DeleteGroup", "iam:PutGroupPolicy", "iam:GetGroupPolicy",
    "iam:DeleteGroupPolicy", "iam:ListGroupPolicies", "iam:ListAttachedGroupPolicies",
]  # fmt: skip
OURS = f"arn:aws:iam::111111111111:group{PATH}*"
LOOK = allow("iam:GetGroup", "arn:aws:iam::111111111111:group/*")
"""IAM can't know the path of a group that is not there."""


@pytest.fixture(scope="module")
def service_role(local_aws: LocalAws) -> str:
    return Account(local_aws.url, "111111111111").role("makes-groups", CLOUDFORMATION, allow(GROUP_ACTIONS, OURS), LOOK)


@pytest.fixture(scope="module")
def pinned_url(local_aws: LocalAws) -> str:
    s3 = Account(local_aws.url, "111111111111").client("s3")
    s3.create_bucket(Bucket="pinned-templates")
    template = json.dumps(group_template("pinned", "*"))
    s3.put_object(Bucket="pinned-templates", Key="group.json", Body=template)
    return f"{local_aws.url}/pinned-templates/group.json"


def test_passing_a_role_needs_permission(provider: Account, service_role: str) -> None:
    # Given two who may do anything in CloudFormation, and one of them may pass the role
    without = provider.user("without-pass-role", allow("cloudformation:*"))
    passes = allow(
        "iam:PassRole",
        service_role,
        Condition={"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}},
    )
    with_it = provider.user("with-pass-role", allow("cloudformation:*"), passes)

    # Then
    template = group_template("passed", "*")
    with pytest.raises(ClientError) as refused:
        without.deploy("role-not-passed", template, RoleARN=service_role)
    assert refused.value.response["Error"]["Code"] == "AccessDenied"
    assert f"iam:PassRole on resource: {service_role}" in refused.value.response["Error"]["Message"]
    stack = with_it.deploy("role-passed", template, RoleARN=service_role)
    assert provider.settle(stack) == "CREATE_COMPLETE"
    assert provider.stack(stack)["RoleARN"] == service_role
    with pytest.raises(ClientError, match="PassRole"):
        without.client("cloudformation").delete_stack(StackName=stack, RoleARN=service_role)

    # And a later operation uses the stack's role, though its caller may not touch groups
    without.client("cloudformation").delete_stack(StackName=stack)
    assert provider.settle(stack) == "DELETE_COMPLETE"


def test_the_service_role_bounds_what_a_stack_can_make(provider: Account, service_role: str) -> None:
    # When a stack with the role asks for a group elsewhere
    stack = provider.deploy("outside", group_template("outside", "*", path="/elsewhere/"), RoleARN=service_role)

    # Then it fails with IAM's reason, and nothing is left
    assert provider.settle(stack) == "ROLLBACK_COMPLETE"
    failed = next(e for e in provider.events(stack) if e["ResourceStatus"] == "CREATE_FAILED")
    assert (
        "assumed-role/makes-groups/AWSCloudFormation is not authorized to perform: iam:CreateGroup"
        in (failed["ResourceStatusReason"])
    )
    assert "HandlerErrorCode: AccessDenied" in failed["ResourceStatusReason"]
    rolled_back = next(e for e in provider.events(stack) if e["ResourceStatus"] == "ROLLBACK_IN_PROGRESS")
    assert "The following resource(s) failed to create: [Group]." in rolled_back["ResourceStatusReason"]
    assert "outside" not in [g["GroupName"] for g in provider.client("iam").list_groups()["Groups"]]


def test_without_a_role_the_caller_needs_the_permissions(provider: Account) -> None:
    # Given somebody with CloudFormation but no IAM permissions
    caller = provider.user("no-iam", allow("cloudformation:*"))

    # When
    stack = caller.deploy("no-role", group_template("no-role", "*"))

    # Then
    assert provider.settle(stack) == "ROLLBACK_COMPLETE"
    failed = next(e for e in provider.events(stack) if e["ResourceStatus"] == "CREATE_FAILED")
    assert "user/no-iam is not authorized to perform: iam:GetGroup" in failed["ResourceStatusReason"]


def test_a_role_that_may_not_look_creates_nothing(provider: Account) -> None:
    # Given a service role with every right on the groups under our path, which a group that is not there has not
    blind = provider.role("may-not-look", CLOUDFORMATION, allow(GROUP_ACTIONS, OURS))

    # When
    stack = provider.deploy("not-looked-for", group_template("not-looked-for", "*"), RoleARN=blind)

    # Then
    assert provider.settle(stack) == "ROLLBACK_COMPLETE"
    failed = next(e for e in provider.events(stack) if e["ResourceStatus"] == "CREATE_FAILED")
    asked = "iam:GetGroup on resource: arn:aws:iam::111111111111:group/not-looked-for"
    assert asked in failed["ResourceStatusReason"]
    assert "not-looked-for" not in [g["GroupName"] for g in provider.client("iam").list_groups()["Groups"]]


def test_a_role_that_may_not_look_cannot_tell_that_a_group_is_gone(provider: Account) -> None:
    # Given
    blind = provider.role("may-not-look-again", CLOUDFORMATION, allow(GROUP_ACTIONS, OURS))
    stack = provider.deploy("looked-for-again", group_template("looked-for-again", "*"))
    assert provider.settle(stack) == "CREATE_COMPLETE"

    # When
    provider.client("cloudformation").delete_stack(StackName=stack, RoleARN=blind)

    # Then the deletion fails, though the group is gone, until a role may look
    assert provider.settle(stack) == "DELETE_FAILED"
    failed = next(e for e in provider.events(stack) if e["ResourceStatus"] == "DELETE_FAILED")
    assert "is not authorized to perform: iam:GetGroup" in failed["ResourceStatusReason"]
    provider.client("cloudformation").delete_stack(StackName=stack)
    assert provider.settle(stack) == "DELETE_FAILED"
    sees = provider.role("may-look", CLOUDFORMATION, allow(GROUP_ACTIONS, OURS), LOOK)
    provider.client("cloudformation").delete_stack(StackName=stack, RoleARN=sees)
    assert provider.settle(stack) == "DELETE_COMPLETE"


def test_a_role_that_cloudformation_cannot_assume_is_refused(provider: Account) -> None:
    unrelated = provider.role("for-somebody-else", {"Service": "lambda.amazonaws.com"})
    with pytest.raises(ClientError, match="is invalid or cannot be assumed"):
        provider.deploy("not-assumable", group_template("not-assumable", "*"), RoleARN=unrelated)


def test_condition_keys_pin_template_and_role(provider: Account, service_role: str, pinned_url: str) -> None:
    # Given a provisioner that may create only with this template and this role
    conditions: dict[str, Any] = {
        "StringEquals": {"cloudformation:TemplateUrl": pinned_url, "cloudformation:RoleArn": service_role}
    }
    stacks = "arn:aws:cloudformation:us-east-1:111111111111:stack/pinned-*/*"
    provisioner = provider.user(
        "provisioner",
        allow(["cloudformation:CreateStack", "cloudformation:UpdateStack"], stacks, Condition=conditions),
        allow(["cloudformation:DescribeStacks", "cloudformation:DeleteStack"], stacks),
        allow("iam:PassRole", service_role),
        allow("s3:GetObject", "arn:aws:s3:::pinned-templates/*"),
    )

    # Then
    stack = provisioner.deploy("pinned-good", pinned_url, RoleARN=service_role)
    assert provisioner.settle(stack) == "CREATE_COMPLETE"
    for name, template, more in (
        ("pinned-body", group_template("x", "*"), {"RoleARN": service_role}),
        ("pinned-other-url", pinned_url + "?other", {"RoleARN": service_role}),
        ("pinned-no-role", pinned_url, {}),
        ("other-name", pinned_url, {"RoleARN": service_role}),
    ):
        with pytest.raises(ClientError) as refused:
            provisioner.deploy(name, template, **more)
        assert refused.value.response["Error"]["Code"] == "AccessDenied", name


def test_the_caller_must_be_able_to_read_the_template(provider: Account, client: Account, pinned_url: str) -> None:
    # Given
    blind = provider.user("cannot-read-templates", allow(["cloudformation:*", "iam:*"]))

    # Then a private template is refused to whoever can't read it, and to other accounts
    for who in (blind, client):
        with pytest.raises(ClientError, match="S3 error: Access Denied"):
            who.deploy("unreadable", pinned_url)


def test_a_changed_policy_of_the_bucket_opens_a_template(provider: Account, client: Account, pinned_url: str) -> None:
    # Given a new bucket, which blocks public access
    s3 = provider.client("s3")
    s3.create_bucket(Bucket="opened-templates")
    s3.put_object(
        Bucket="opened-templates",
        Key="clients/x.json",
        Body=json.dumps({"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}),
    )
    public = policy({**allow("s3:GetObject", "arn:aws:s3:::opened-templates/clients/*"), "Principal": "*"})
    with pytest.raises(ClientError, match="BlockPublicPolicy"):
        s3.put_bucket_policy(Bucket="opened-templates", Policy=public)

    # When it is opened
    s3.delete_public_access_block(Bucket="opened-templates")
    s3.put_bucket_policy(Bucket="opened-templates", Policy=public)

    # Then every account can deploy from it, by any form of its address
    for number, url in enumerate((
        f"{provider.url}/opened-templates/clients/x.json",
        "https://s3.us-east-1.amazonaws.com/opened-templates/clients/x.json",
        "https://opened-templates.s3.us-east-1.amazonaws.com/clients/x.json",
    )):  # fmt: skip
        stack = client.deploy(f"from-the-provider-{number}", url)
        assert client.settle(stack) == "CREATE_COMPLETE"
