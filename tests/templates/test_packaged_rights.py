"""The packaged serverless.yml: who may do what.

GRANTED is DESIGN.md's table of Lambdas in IAM's words. It is compared whole, so a right added to a role, or taken from
it, fails here until it is written down here too.
"""

import json
from typing import Any

import pytest

from tests.templates.packaged import BUCKET, FUNCTIONS, GROUP_TEMPLATE_KEY, HERE, SERVICE_ROLE, STACKS, Package

LAMBDA_ARN = "arn:aws:lambda:us-east-1:111111111111:function:switchyard-test"
PARAMETER_ARN = "arn:aws:ssm:us-east-1:111111111111:parameter/switchyard/test"
TABLE_ARN = "arn:aws:dynamodb:us-east-1:111111111111:table/switchyard-test"
GROUPS = "arn:aws:iam::111111111111:group/switchyard/clients/test/*"
GROUPS_BY_NAME = "arn:aws:iam::111111111111:group/switchyard-test-*"

# A right: action, resource, condition.
Right = tuple[str, str, str]

PINNED_TEMPLATE = {"cloudformation:TemplateUrl": HERE.template_url(GROUP_TEMPLATE_KEY)}
WITH_SERVICE_ROLE = {"ArnEquals": {"cloudformation:RoleArn": SERVICE_ROLE}}
WITH_BOTH = {"StringEquals": PINNED_TEMPLATE, **WITH_SERVICE_ROLE}
TO_CLOUDFORMATION = {"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}}


def right(action: str, resource: str, condition: dict[str, Any] | None = None) -> Right:
    return action, resource, json.dumps(condition, sort_keys=True) if condition else ""


ONLY_REFUSED = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["refused#*"]}}
ONLY_MESSAGES = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["messages#*"]}}
ONLY_TEAMS = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["team#*"]}}
COUNT_REFUSED = {right("dynamodb:UpdateItem", TABLE_ARN, ONLY_REFUSED)}
RAISE = {right("dynamodb:UpdateItem", TABLE_ARN, ONLY_MESSAGES)}
PACK_CHANGES = {right("dynamodb:DeleteItem", TABLE_ARN, ONLY_TEAMS)}
TABLE = {right(f"dynamodb:{action}", TABLE_ARN) for action in ("BatchGetItem", "GetItem", "PutItem", "Query")} | RAISE
LISTING = {right("dynamodb:Query", f"{TABLE_ARN}/index/listing")}
ATTENTION = {right("dynamodb:Query", f"{TABLE_ARN}/index/attention")}
SLACK = {right("ssm:GetParameter", f"{PARAMETER_ARN}/slack-bot-token")}
HAND_OVER = {right("lambda:InvokeFunction", f"{LAMBDA_ARN}-provision")}
REPORT_FAILURE = {right("sqs:SendMessage", "arn:aws:sqs:us-east-1:111111111111:switchyard-test-failed")}
LOOK_AT_STACKS = {
    right("cloudformation:DescribeStacks", STACKS),
    right("cloudformation:DescribeStackEvents", STACKS),
}
LOOK_FOR_GROUPS = {right("iam:GetGroup", GROUPS), right("iam:GetGroup", GROUPS_BY_NAME)}
READ_GROUPS = {
    right("iam:GetGroupPolicy", GROUPS),
    right("iam:ListGroupPolicies", GROUPS),
    right("iam:ListAttachedGroupPolicies", GROUPS),
}

GRANTED = {
    "ingest": TABLE | LISTING | COUNT_REFUSED | HAND_OVER,
    "slack": TABLE
    | LISTING
    | COUNT_REFUSED
    | SLACK
    | HAND_OVER
    | {right("ssm:GetParameter", f"{PARAMETER_ARN}/slack-signing-secret")},
    "provision": TABLE
    | PACK_CHANGES
    | SLACK
    | LOOK_AT_STACKS
    | REPORT_FAILURE
    | LOOK_FOR_GROUPS
    | READ_GROUPS
    | {
        right("cloudformation:CreateStack", STACKS, WITH_BOTH),
        right("cloudformation:UpdateStack", STACKS, WITH_BOTH),
        right("cloudformation:DeleteStack", STACKS, WITH_SERVICE_ROLE),
        right("iam:PassRole", SERVICE_ROLE, TO_CLOUDFORMATION),
        right("s3:GetObject", f"arn:aws:s3:::{BUCKET}/provider/*"),
        right("iam:RemoveUserFromGroup", GROUPS),
    },
    "outcome": TABLE | PACK_CHANGES | LOOK_AT_STACKS | HAND_OVER | REPORT_FAILURE,
    "sweep": TABLE
    | PACK_CHANGES
    | ATTENTION
    | LISTING
    | SLACK
    | LOOK_AT_STACKS
    | LOOK_FOR_GROUPS
    | READ_GROUPS
    | HAND_OVER,
}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def rights(role: dict[str, Any]) -> set[Right]:
    """Everything a role may do. It may have inline policies only, and they may only allow."""
    assert "ManagedPolicyArns" not in role
    found = set()
    for statement in (entry for policy in role["Policies"] for entry in policy["PolicyDocument"]["Statement"]):
        assert statement["Effect"] == "Allow"
        assert set(statement) <= {"Effect", "Action", "Resource", "Condition"}
        for action in as_list(statement["Action"]):
            found |= {right(action, one, statement.get("Condition")) for one in as_list(statement["Resource"])}
    return found


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_may_do_exactly_what_the_design_says(packaged: Package, name: str) -> None:
    role = packaged.resolved(f"{name.capitalize()}Role")
    own_log = f"arn:aws:logs:us-east-1:111111111111:log-group:/aws/lambda/switchyard-test-{name}:*"
    log = {right("logs:CreateLogStream", own_log), right("logs:PutLogEvents", own_log)}

    assert rights(role) == GRANTED[name] | log
    assert packaged.function(name)["Role"] == f"arn:aws:iam::111111111111:role/switchyard-test-{name}"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_only_lambda_takes_on_a_functions_role(packaged: Package, name: str) -> None:
    (statement,) = packaged.resolved(f"{name.capitalize()}Role")["AssumeRolePolicyDocument"]["Statement"]

    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }


def test_there_is_no_role_besides(packaged: Package) -> None:
    assert set(packaged.of_type("AWS::IAM::Role")) == {
        "ClientGroupsRole",
        *(f"{name.capitalize()}Role" for name in FUNCTIONS),
    }
    assert not {kind for kind in ("Policy", "ManagedPolicy", "User") if packaged.of_type(f"AWS::IAM::{kind}")}


@pytest.mark.safety(
    "The service role may look at a group that is not there, and only look",
    "deploy/cloudformation/client-groups-role.yml",
)
def test_the_service_role_makes_groups_and_attaches_nothing(packaged: Package) -> None:
    role = packaged.resolved("ClientGroupsRole")

    granted = {action for action, _, _ in rights(role)}
    assert granted == {
        "iam:CreateGroup",
        "iam:GetGroup",
        "iam:UpdateGroup",
        "iam:DeleteGroup",
        "iam:PutGroupPolicy",
        "iam:GetGroupPolicy",
        "iam:DeleteGroupPolicy",
        "iam:ListGroupPolicies",
        "iam:ListAttachedGroupPolicies",
    }
    by_name = {found for found in rights(role) if found[1] != GROUPS}
    assert by_name == {right("iam:GetGroup", GROUPS_BY_NAME)}
    assert role["RoleName"] == "switchyard-test-client-groups"
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "cloudformation.amazonaws.com"}
    assert trust["Condition"] == {"StringEqualsIfExists": {"aws:SourceAccount": "111111111111"}}
