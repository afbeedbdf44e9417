"""The packaged serverless.yml: who may do what.

GRANTED is DESIGN.md's table of Lambdas in IAM's words. It is compared whole, so a right added to a role, or taken from
it, fails here until it is written down here too.
"""

import json
from typing import Any

import pytest

from tests.templates.packaged import (
    BUCKET,
    FUNCTIONS,
    GROUP_TEMPLATE_KEY,
    HERE,
    PAGE_STACKS,
    PAGE_TEMPLATE_KEY,
    SERVICE_ROLE,
    STACKS,
    TEAM_SERVICE_ROLE,
    Package,
)

LAMBDA_ARN = "arn:aws:lambda:us-east-1:111111111111:function:switchyard-test"
PARAMETER_ARN = "arn:aws:ssm:us-east-1:111111111111:parameter/switchyard/test"
TABLE_ARN = "arn:aws:dynamodb:us-east-1:111111111111:table/switchyard-test"
GROUPS = "arn:aws:iam::111111111111:group/switchyard/clients/test/*"
GROUPS_BY_NAME = "arn:aws:iam::111111111111:group/switchyard-test-*"
TEAM_GROUPS = "arn:aws:iam::111111111111:group/switchyard/teams/test/*"
PAGES = "arn:aws:iam::111111111111:policy/switchyard/teams/test/*"

# A right: action, resource, condition.
Right = tuple[str, str, str]


def with_role(role: str) -> dict[str, Any]:
    return {"ArnEquals": {"cloudformation:RoleArn": role}}


def with_both(template_key: str, role: str) -> dict[str, Any]:
    return {"StringEquals": {"cloudformation:TemplateUrl": HERE.template_url(template_key)}, **with_role(role)}


WITH_BOTH = with_both(GROUP_TEMPLATE_KEY, SERVICE_ROLE)
WITH_BOTH_OF_PAGES = with_both(PAGE_TEMPLATE_KEY, TEAM_SERVICE_ROLE)
TO_CLOUDFORMATION = {"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}}


def right(action: str, resource: str, condition: dict[str, Any] | None = None) -> Right:
    return action, resource, json.dumps(condition, sort_keys=True) if condition else ""


ONLY_REFUSED = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["refused#*"]}}
ONLY_MESSAGES = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["messages#*"]}}
ONLY_COMMANDS = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["command#*"]}}
ONLY_TEAMS = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["team#*"]}}
ONLY_KITS = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["kit#*"]}}
ONLY_HOMES = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["home#*"]}}
KEEP_HOMES = {right("dynamodb:UpdateItem", TABLE_ARN, ONLY_HOMES)}
COUNT_REFUSED = {right("dynamodb:UpdateItem", TABLE_ARN, ONLY_REFUSED)}
RAISE = {right("dynamodb:UpdateItem", TABLE_ARN, ONLY_MESSAGES)}
ONLY_WORDS = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["words#*"]}}
DROP_WORDS = {right("dynamodb:DeleteItem", TABLE_ARN, ONLY_WORDS)}
PACK_CHANGES = {right("dynamodb:DeleteItem", TABLE_ARN, ONLY_TEAMS)}
TABLE = {right(f"dynamodb:{action}", TABLE_ARN) for action in ("BatchGetItem", "GetItem", "PutItem", "Query")}
TABLE |= RAISE | DROP_WORDS
LISTING = {right("dynamodb:Query", f"{TABLE_ARN}/index/listing")}
ATTENTION = {right("dynamodb:Query", f"{TABLE_ARN}/index/attention")}
SLACK = {right("ssm:GetParameter", f"{PARAMETER_ARN}/slack-bot-token")}
HAND_OVER = {right("lambda:InvokeFunction", f"{LAMBDA_ARN}-provision")}
HAVE_RENEWED = {
    right("dynamodb:UpdateItem", TABLE_ARN, ONLY_KITS),
    right("lambda:InvokeFunction", f"{LAMBDA_ARN}-kit"),
}
REPORT_FAILURE = {right("sqs:SendMessage", "arn:aws:sqs:us-east-1:111111111111:switchyard-test-failed")}
LOOK_AT_STACKS = {
    right(f"cloudformation:{action}", stacks)
    for action in ("DescribeStacks", "DescribeStackEvents")
    for stacks in (STACKS, PAGE_STACKS)
}
LOOK_FOR_GROUPS = {right("iam:GetGroup", GROUPS), right("iam:GetGroup", GROUPS_BY_NAME)}
READ_GROUPS = {
    right("iam:GetGroupPolicy", GROUPS),
    right("iam:ListGroupPolicies", GROUPS),
    right("iam:ListAttachedGroupPolicies", GROUPS),
}
READ_PAGES = {
    right("iam:GetGroup", TEAM_GROUPS),
    right("iam:GetGroupPolicy", TEAM_GROUPS),
    right("iam:ListGroupPolicies", TEAM_GROUPS),
    right("iam:ListAttachedGroupPolicies", TEAM_GROUPS),
    right("iam:GetPolicy", PAGES),
    right("iam:GetPolicyVersion", PAGES),
}

GRANTED = {
    "ingest": TABLE | LISTING | COUNT_REFUSED | HAND_OVER,
    "slack": TABLE
    | KEEP_HOMES
    | HAVE_RENEWED
    | LISTING
    | ATTENTION
    | COUNT_REFUSED
    | SLACK
    | HAND_OVER
    | {right("ssm:GetParameter", f"{PARAMETER_ARN}/slack-signing-secret")},
    "provision": TABLE
    | HAND_OVER
    | PACK_CHANGES
    | HAVE_RENEWED
    | SLACK
    | LOOK_AT_STACKS
    | REPORT_FAILURE
    | LOOK_FOR_GROUPS
    | READ_GROUPS
    | READ_PAGES
    | {
        right("cloudformation:CreateStack", STACKS, WITH_BOTH),
        right("cloudformation:UpdateStack", STACKS, WITH_BOTH),
        right("cloudformation:DeleteStack", STACKS, with_role(SERVICE_ROLE)),
        right("iam:PassRole", SERVICE_ROLE, TO_CLOUDFORMATION),
        right("cloudformation:CreateStack", PAGE_STACKS, WITH_BOTH_OF_PAGES),
        right("cloudformation:UpdateStack", PAGE_STACKS, WITH_BOTH_OF_PAGES),
        right("cloudformation:DeleteStack", PAGE_STACKS, with_role(TEAM_SERVICE_ROLE)),
        right("iam:PassRole", TEAM_SERVICE_ROLE, TO_CLOUDFORMATION),
        right("iam:GetAccountSummary", "*"),
        right("s3:GetObject", f"arn:aws:s3:::{BUCKET}/provider/*"),
        right("iam:RemoveUserFromGroup", GROUPS),
    },
    "outcome": TABLE | PACK_CHANGES | HAVE_RENEWED | LOOK_AT_STACKS | HAND_OVER | REPORT_FAILURE,
    "kit": LISTING
    | SLACK
    | REPORT_FAILURE
    | {
        right("dynamodb:BatchGetItem", TABLE_ARN),
        right("dynamodb:GetItem", TABLE_ARN),
        right("dynamodb:Query", TABLE_ARN),
        right("dynamodb:PutItem", TABLE_ARN, ONLY_COMMANDS),
        right("dynamodb:UpdateItem", TABLE_ARN, ONLY_KITS),
        right("s3:PutObject", "arn:aws:s3:::switchyard-test-kits-111111111111-us-east-1/*"),
    },
    "sweep": TABLE
    | KEEP_HOMES
    | PACK_CHANGES
    | HAVE_RENEWED
    | ATTENTION
    | LISTING
    | SLACK
    | LOOK_AT_STACKS
    | LOOK_FOR_GROUPS
    | READ_GROUPS
    | READ_PAGES
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
        "TeamPagesRole",
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


@pytest.mark.safety(
    "The service role of teams attaches our pages to our teams' groups, and nothing else to anything",
    "deploy/cloudformation/team-pages-role.yml",
)
def test_the_service_role_of_teams_makes_pages_and_attaches_only_them(packaged: Package) -> None:
    role = packaged.resolved("TeamPagesRole")

    of_groups = (
        *("CreateGroup", "GetGroup", "DeleteGroup", "ListGroupPolicies", "ListAttachedGroupPolicies"),
        *("PutGroupPolicy", "GetGroupPolicy", "DeleteGroupPolicy"),
    )
    of_policies = (
        *("CreatePolicy", "GetPolicy", "DeletePolicy", "ListEntitiesForPolicy"),
        *("CreatePolicyVersion", "GetPolicyVersion", "ListPolicyVersions", "DeletePolicyVersion"),
    )
    by_name = [f"arn:aws:iam::111111111111:{kind}/switchyard-test-team-*" for kind in ("group", "policy")]
    assert rights(role) == {
        *(right(f"iam:{action}", TEAM_GROUPS) for action in of_groups),
        *(right(f"iam:{action}", PAGES) for action in of_policies),
        *(
            right(f"iam:{action}GroupPolicy", TEAM_GROUPS, {"ArnLike": {"iam:PolicyARN": PAGES}})
            for action in ("Attach", "Detach")
        ),
        *(right(action, resource) for action in ("iam:GetGroup", "iam:GetPolicy") for resource in by_name),
    }
    assert role["RoleName"] == "switchyard-test-team-pages"
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "cloudformation.amazonaws.com"}
    assert trust["Condition"] == {"StringEqualsIfExists": {"aws:SourceAccount": "111111111111"}}
