"""docs/examples/deployer.yaml against all that deploying asks IAM for: enough for every call, and nothing besides.

What CloudFormation asks for stands in its own registry (local/aws/registry.py), what our commands call in
tests/deployer_calls.py. tests/local/test_deployer_on_local_aws.py deploys with these rights.
"""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest

from local.aws import registry
from local.aws.only_with import ONLY_WITH
from local.aws.registry import Call, Place
from tests.deployer_calls import PACKAGE, commands_calls, unjudged_calls
from tests.templates.packaged import HERE, Package
from tests.templates.policy_judge import Asked, Statement, allowed, listed
from tests.templates.test_examples import PROVIDER, statements

VALUES = {"AWS::Partition": "aws", "AWS::AccountId": PROVIDER, "Stage": HERE.stage}
POLICY = statements("deployer.yaml", "DeployerPolicy", "PolicyDocument", VALUES)
LONGEST = {"AWS::Partition": "aws-us-gov", "AWS::AccountId": PROVIDER, "Stage": "s" * 12}


@pytest.fixture(scope="module")
def asked(packaged: Package) -> list[Call]:
    """All calls: to make, change and delete every resource of the stack, and those of the commands."""
    named = f"{HERE.stack_name}-{PACKAGE}"
    found = [*commands_calls(HERE), *unjudged_calls(HERE)]
    for logical_id, resource in packaged.resources.items():
        text = json.dumps(packaged.resolved(logical_id)).replace("ServerlessDeploymentBucket", named)
        place = Place(named if "Bucket" in logical_id else "a1b2c3", PROVIDER, HERE.region)
        for verb in ("create", "update", "delete"):
            found += registry.calls(resource["Type"], verb, json.loads(text), place)
    return list(dict.fromkeys(found))


def refused(policy: list[Statement], asked: list[Call]) -> list[Call]:
    return [one for one in asked if not allowed(policy, Asked(one.action, one.arn, dict(one.keys)))]


def test_the_deployer_may_do_all_that_deploying_asks_for(asked: list[Call]) -> None:
    assert refused(POLICY, asked) == []


def grants() -> Iterator[tuple[frozenset[str], Statement]]:
    """Each action on each resource as a statement of its own, with what has to be there for it."""
    for statement in POLICY:
        for action in listed(statement["Action"]):
            for place in listed(statement["Resource"]):
                parts = frozenset({statement["Sid"], f"{statement['Sid']}: {action}", f"{statement['Sid']}: {place}"})
                yield parts, {**statement, "Action": action, "Resource": place}


def test_with_anything_less_a_call_is_refused(asked: list[Call]) -> None:
    """Without any statement, action or resource: it is what every grant of some call has in common."""
    granted, needed = list(grants()), set[str]()
    for one in asked:
        question, service = Asked(one.action, one.arn, dict(one.keys)), one.action.partition(":")[0]
        within = [(parts, grant) for parts, grant in granted if grant["Action"].startswith(service)]
        let_through = [parts for parts, grant in within if allowed([grant], question)]
        needed |= frozenset.intersection(*let_through)
    assert frozenset[str]().union(*(parts for parts, _ in granted)) - needed == set()


BEYOND = [
    ("cloudformation:UpdateStack", f"arn:aws:cloudformation:us-east-1:{PROVIDER}:stack/switchyard-test2/1"),
    ("cloudformation:UpdateStack", f"arn:aws:cloudformation:us-east-1:{PROVIDER}:stack/switchyard-test-client-c/1"),
    ("cloudformation:DeleteStack", f"arn:aws:cloudformation:us-east-1:{PROVIDER}:stack/switchyard-test-page-p/1"),
    ("dynamodb:PutItem", f"arn:aws:dynamodb:us-east-1:{PROVIDER}:table/switchyard-test"),
    ("dynamodb:Query", f"arn:aws:dynamodb:us-east-1:{PROVIDER}:table/switchyard-test2"),
    ("iam:AttachRolePolicy", f"arn:aws:iam::{PROVIDER}:role/switchyard-test-slack"),
    ("iam:CreateGroup", f"arn:aws:iam::{PROVIDER}:group/switchyard/clients/test/switchyard-test-c"),
    ("iam:AddUserToGroup", f"arn:aws:iam::{PROVIDER}:group/switchyard/teams/test/switchyard-test-team-operators"),
    ("iam:CreatePolicyVersion", f"arn:aws:iam::{PROVIDER}:policy/deployer-of-switchyard-test"),
    ("iam:PutRolePolicy", f"arn:aws:iam::{PROVIDER}:role/deployer-of-switchyard-test"),
    ("iam:PutRolePolicy", f"arn:aws:iam::{PROVIDER}:role/switchyard-test2-slack"),
    ("iam:PassRole", f"arn:aws:iam::{PROVIDER}:role/switchyard-test-client-groups"),
    ("lambda:InvokeFunction", f"arn:aws:lambda:us-east-1:{PROVIDER}:function:switchyard-test-slack"),
    ("lambda:UpdateFunctionCode", f"arn:aws:lambda:us-east-1:{PROVIDER}:function:switchyard-test2-slack"),
    ("s3:GetObject", f"arn:aws:s3:::{HERE.stack_name}-kits-{PROVIDER}-us-east-1/operators/config"),
    ("s3:PutObject", f"arn:aws:s3:::{HERE.stack_name}-kits-{PROVIDER}-us-east-1/operators/config"),
    ("s3:ListBucket", f"arn:aws:s3:::switchyard-test2-templates-{PROVIDER}-us-east-1"),
    ("ssm:GetParameter", f"arn:aws:ssm:us-east-1:{PROVIDER}:parameter/switchyard/test2/slack-bot-token"),
    ("ssm:GetParametersByPath", f"arn:aws:ssm:us-east-1:{PROVIDER}:parameter/switchyard/test"),
    ("sts:AssumeRole", "arn:aws:iam::222222222222:role/switchyard-access"),
]


@pytest.mark.safety(
    "The deployer's role reaches no other stage, nothing that the bot makes, no kit, no client and not itself",
    "docs/examples/deployer.yaml",
)
@pytest.mark.parametrize(("action", "resource"), BEYOND)
def test_the_deployer_may_not_do_more(action: str, resource: str) -> None:
    """Nor anything with another stage, with what the bot makes, or with itself."""
    assert not allowed(POLICY, Asked(action, resource))


def test_a_function_s_role_is_passed_to_lambda_alone() -> None:
    role = f"arn:aws:iam::{PROVIDER}:role/switchyard-test-slack"
    for service, may in (("lambda.amazonaws.com", True), ("ec2.amazonaws.com", False)):
        assert allowed(POLICY, Asked("iam:PassRole", role, {"iam:PassedToService": service})) is may


def test_the_policy_fits_into_one_managed_policy() -> None:
    """6,144 characters without blanks, so that it can be a permissions boundary too. Source: IAM and AWS STS quotas."""
    document: dict[str, Any] = {"Version": "2012-10-17"}
    for values in (VALUES, LONGEST):
        document["Statement"] = statements("deployer.yaml", "DeployerPolicy", "PolicyDocument", values)
        assert len(json.dumps(document, separators=(",", ":"))) <= 6144


@pytest.mark.parametrize("resource_type", sorted(ONLY_WITH))
def test_every_exception_is_one_from_the_registry_s_list(resource_type: str) -> None:
    permissions = frozenset[str]().union(*registry.handler_permissions(resource_type).values())
    for form in ONLY_WITH[resource_type]:
        assert any(fnmatchcase(action, form) for action in permissions), form


def test_every_resource_type_of_the_stack_is_known(packaged: Package) -> None:
    assert {resource["Type"] for resource in packaged.resources.values()} == set(registry.ARNS)
