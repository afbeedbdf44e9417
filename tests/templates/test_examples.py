"""The ready-to-use policies in docs/examples: linted, within AWS's limits, and judged by what they let whom do."""

import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from tests.templates.documents import lint_messages, read

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
PROVIDER = "111111111111"
GROUP = f"arn:aws:iam::{PROVIDER}:group/switchyard/clients/prod/switchyard-prod-cabcdefghij"
ROLE = f"arn:aws:iam::{PROVIDER}:role"
VALUES = {
    "AWS::Partition": "aws",
    "AWS::AccountId": PROVIDER,
    "ProviderAccountId": PROVIDER,
    "PeopleAdministratorArn": f"{ROLE}/people",
    "DeployerArn": f"{ROLE}/deployer",
    "!aws:username": "${aws:username}",
}


def resolved(node: Any) -> Any:
    """The policy with Ref and Sub filled in."""
    if isinstance(node, dict):
        if set(node) == {"Ref"}:
            return VALUES[node["Ref"]]
        if set(node) == {"Fn::Sub"}:
            text = node["Fn::Sub"]
            for name, value in VALUES.items():
                text = text.replace(f"${{{name}}}", value)
            return text
        return {key: resolved(value) for key, value in node.items()}
    return [resolved(one) for one in node] if isinstance(node, list) else node


def statements(file: str, resource: str, key: str) -> list[dict[str, Any]]:
    document = read((EXAMPLES / file).read_bytes())
    found: list[dict[str, Any]] = resolved(document["Resources"][resource]["Properties"][key])["Statement"]
    return found


def listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def about(statement: dict[str, Any], action: str, resource: str) -> bool:
    acts = any(fnmatchcase(action, one) for one in listed(statement["Action"]))
    return acts and any(fnmatchcase(resource, one) for one in listed(statement["Resource"]))


def denied(principal: str, action: str, resource: str) -> bool:
    """Whether the service control policy stands in the way."""
    for statement in statements("client-groups-scp.yaml", "ClientGroupsPolicy", "Content"):
        spared = listed(statement["Condition"]["ArnNotLike"]["aws:PrincipalArn"])
        if about(statement, action, resource) and not any(fnmatchcase(principal, one) for one in spared):
            return True
    return False


def within_boundary(action: str, resource: str, *, mfa: bool = True) -> bool:
    """Whether the boundary lets an operator do it, given a policy that would."""
    allowed = False
    for statement in statements("operator-boundary.yaml", "OperatorBoundary", "PolicyDocument"):
        applies = about(statement, action, resource) and not (statement.get("Condition") and mfa)
        if applies and statement["Effect"] == "Deny":
            return False
        allowed = allowed or applies
    return allowed


@pytest.mark.parametrize("file", sorted(path.name for path in EXAMPLES.iterdir()))
def test_cfn_lint_has_nothing_to_say(file: str) -> None:
    assert lint_messages((EXAMPLES / file).read_bytes()) == []


def test_they_fit_into_what_aws_takes() -> None:
    scp = statements("client-groups-scp.yaml", "ClientGroupsPolicy", "Content")
    assert len(json.dumps({"Version": "2012-10-17", "Statement": scp})) <= 5120
    boundary = statements("operator-boundary.yaml", "OperatorBoundary", "PolicyDocument")
    assert len(json.dumps({"Version": "2012-10-17", "Statement": boundary})) <= 6144


@pytest.mark.parametrize(
    ("principal", "action", "resource"),
    [
        ("switchyard-prod-client-groups", "iam:CreateGroup", GROUP),
        ("switchyard-prod-client-groups", "iam:PutGroupPolicy", GROUP),
        ("people", "iam:AddUserToGroup", GROUP),
        ("switchyard-prod-provision", "iam:RemoveUserFromGroup", GROUP),
        ("anybody", "iam:RemoveUserFromGroup", GROUP),
        ("switchyard-prod-provision", "iam:PassRole", f"{ROLE}/switchyard-prod-client-groups"),
        (
            "deployer",
            "lambda:UpdateFunctionCode",
            "arn:aws:lambda:eu-west-1:111111111111:function:switchyard-prod-slack",
        ),
        ("switchyard-prod-ingest", "dynamodb:PutItem", "arn:aws:dynamodb:eu-west-1:111111111111:table/switchyard-prod"),
        ("anybody", "iam:PutGroupPolicy", f"arn:aws:iam::{PROVIDER}:group/others"),
    ],
)
def test_the_policy_leaves_everybody_their_own_work(principal: str, action: str, resource: str) -> None:
    assert not denied(f"{ROLE}/{principal}", action, resource)


@pytest.mark.parametrize(
    ("principal", "action", "resource"),
    [
        ("admin", "iam:PutGroupPolicy", GROUP),
        ("people", "iam:PutGroupPolicy", GROUP),
        ("deployer", "iam:CreateGroup", GROUP),
        ("admin", "iam:AddUserToGroup", GROUP),
        ("switchyard-prod-client-groups", "iam:AddUserToGroup", GROUP),
        ("switchyard-prod-provision", "iam:AddUserToGroup", GROUP),
        ("admin", "iam:UpdateAssumeRolePolicy", f"{ROLE}/switchyard-prod-client-groups"),
        ("admin", "lambda:UpdateFunctionCode", "arn:aws:lambda:eu-west-1:111111111111:function:switchyard-prod-slack"),
        ("admin", "s3:PutObject", "arn:aws:s3:::switchyard-prod-templates-111111111111-eu-west-1/clients/x"),
        ("admin", "dynamodb:PutItem", "arn:aws:dynamodb:eu-west-1:111111111111:table/switchyard-prod"),
    ],
)
def test_nobody_else_touches_groups_or_bot(principal: str, action: str, resource: str) -> None:
    assert denied(f"{ROLE}/{principal}", action, resource)


def test_an_operator_can_switch_into_clients_and_mind_itself_only() -> None:
    client = "arn:aws:iam::222222222222:role/switchyard-access"
    assert within_boundary("sts:AssumeRole", client)
    assert not within_boundary("sts:AssumeRole", client, mfa=False)
    assert not within_boundary("sts:AssumeRole", f"{ROLE}/deployer")
    own = f"arn:aws:iam::{PROVIDER}:user/${{aws:username}}"
    assert within_boundary("iam:EnableMFADevice", own, mfa=False)
    assert not within_boundary("iam:EnableMFADevice", f"arn:aws:iam::{PROVIDER}:user/somebody-else")
    for action, resource in (
        ("iam:AddUserToGroup", GROUP),
        ("iam:CreateAccessKey", own),
        ("s3:GetObject", "arn:aws:s3:::x/y"),
    ):
        assert not within_boundary(action, resource)
