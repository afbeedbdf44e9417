"""The access role, in the child template and in the flat one: whom it trusts and what it may do."""

import pytest

from deploy.rendering import CLIENT_TEMPLATE_KEY, FLAT_TEMPLATE_KEY
from tests.templates.documents import Document, properties, read
from tests.templates.rendered import CHILD_KEY, PROVIDER, RENDERED


@pytest.fixture(scope="module")
def parent() -> Document:
    return read(RENDERED[CLIENT_TEMPLATE_KEY])


@pytest.fixture(scope="module")
def child() -> Document:
    return read(RENDERED[CHILD_KEY])


def test_is_the_same_in_the_child_and_in_the_flat_template(child: Document) -> None:
    flat = read(RENDERED[FLAT_TEMPLATE_KEY])
    assert flat["Resources"]["AccessRole"] == {**child["Resources"]["AccessRole"], "DependsOn": ["Gate"]}
    for section in ("Mappings", "Conditions"):
        assert flat[section] == child[section]
    assert flat["Outputs"].items() >= child["Outputs"].items()


def test_trusts_the_provider_account_alone_and_asks_for_mfa_by_parameter(child: Document) -> None:
    trust = properties(child, "AccessRole")["AssumeRolePolicyDocument"]
    assert trust == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": {"Fn::Sub": f"arn:${{AWS::Partition}}:iam::{PROVIDER}:root"}},
                "Action": "sts:AssumeRole",
                "Condition": {
                    "Fn::If": [
                        "MfaIsRequired",
                        {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
                        {"Ref": "AWS::NoValue"},
                    ]
                },
            }
        ],
    }
    assert child["Conditions"] == {"MfaIsRequired": {"Fn::Equals": [{"Ref": "RequireMfa"}, "true"]}}


def test_knows_the_provider_account_and_gets_the_rest_from_the_client(parent: Document, child: Document) -> None:
    passed = properties(parent, "ChildStack")["Parameters"]
    assert passed == {name: {"Ref": name} for name in ("RoleName", "AccessLevel", "RequireMfa", "MaxSessionSeconds")}
    assert child["Parameters"].keys() == passed.keys()


def test_access_level_is_one_managed_policy_of_aws(child: Document) -> None:
    role = properties(child, "AccessRole")
    policy = {"PolicyName": {"Fn::FindInMap": ["ManagedPolicies", {"Ref": "AccessLevel"}, "Name"]}}
    assert role["ManagedPolicyArns"] == [{"Fn::Sub": ["arn:${AWS::Partition}:iam::aws:policy/${PolicyName}", policy]}]
    assert "Policies" not in role
    assert child["Mappings"]["ManagedPolicies"] == {
        "Administrator": {"Name": "AdministratorAccess"},
        "PowerUser": {"Name": "PowerUserAccess"},
        "ReadOnly": {"Name": "ReadOnlyAccess"},
    }


def test_is_named_and_limited_as_the_client_chose(child: Document) -> None:
    role = properties(child, "AccessRole")
    assert role["RoleName"] == {"Ref": "RoleName"}
    assert role["Path"] == "/"
    assert role["MaxSessionDuration"] == {"Ref": "MaxSessionSeconds"}


def test_parent_passes_the_childs_outputs_on(parent: Document, child: Document) -> None:
    assert parent["Outputs"]["RoleArn"]["Value"] == {"Fn::GetAtt": ["ChildStack", "Outputs.RoleArn"]}
    assert child["Outputs"]["RoleArn"]["Value"] == {"Fn::GetAtt": ["AccessRole", "Arn"]}
    assert child["Outputs"]["RoleName"]["Value"] == {"Ref": "AccessRole"}
