"""What a stack keeps when it is deleted, and how another takes that over: what `make remove` and `make deploy` rely on.

CloudFormation Template Reference, "DeletionPolicy attribute"; User Guide, "Import AWS resources into a stack".
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.test_aws_gaps.accounts import Account, of_stack

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "sts:AssumeRole"}],
}


def template(role: str, policy: str, *, taken: str = "") -> dict[str, Any]:
    """A stack of one role that is kept, or not; `taken`: and of a second one whose name is taken already."""
    resources: dict[str, Any] = {"Kept": _role(role) | ({"DeletionPolicy": policy} if policy else {})}
    if taken:
        resources["Fails"] = _role(taken) | {"DependsOn": "Kept"}
    return {"Resources": resources}


def _role(name: str) -> dict[str, Any]:
    return {"Type": "AWS::IAM::Role", "Properties": {"RoleName": name, "AssumeRolePolicyDocument": TRUST}}


def exists(account: Account, role: str) -> bool:
    return role in [one["RoleName"] for one in account.client("iam").list_roles()["Roles"]]


@pytest.mark.parametrize(("policy", "stays"), [("", False), ("Retain", True), ("RetainExceptOnCreate", True)])
def test_a_deleted_stack_keeps_what_its_template_says(provider: Account, policy: str, stays: bool) -> None:
    name = f"kept-{policy.lower() or 'not'}"
    stack = provider.deploy(name, template(name, policy))
    assert provider.settle(stack) == "CREATE_COMPLETE"
    assert provider.remove(stack) == "DELETE_COMPLETE"
    assert exists(provider, name) is stays
    skipped = [one for one in provider.events(stack) if one["ResourceStatus"] == "DELETE_SKIPPED"]
    assert bool(skipped) is stays


@pytest.mark.parametrize(("policy", "stays"), [("Retain", True), ("RetainExceptOnCreate", False)])
def test_a_creation_that_fails_takes_back_what_is_kept_except_then(provider: Account, policy: str, stays: bool) -> None:
    name = f"failed-{policy.lower()}"
    provider.role(f"{name}-taken", {"AWS": "111111111111"})
    stack = provider.deploy(name, template(name, policy, taken=f"{name}-taken"))
    assert provider.settle(stack) == "ROLLBACK_COMPLETE"
    assert exists(provider, name) is stays


def imported(provider: Account, stack: str, role: str) -> str:
    """The status after a new stack has taken the role over."""
    cloudformation = provider.client("cloudformation")
    change_set = {"StackName": stack, "ChangeSetName": "adopt"}
    identifier = {
        "ResourceType": "AWS::IAM::Role",
        "LogicalResourceId": "Kept",
        "ResourceIdentifier": {"RoleName": role},
    }
    cloudformation.create_change_set(
        **change_set,
        ChangeSetType="IMPORT",
        TemplateBody=json.dumps(template(role, "RetainExceptOnCreate")),
        ResourcesToImport=[identifier | {"LogicalResourceId": "Kept"}],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    cloudformation.execute_change_set(**change_set)
    return provider.settle(stack)


def test_a_new_stack_takes_over_what_was_kept_and_then_changes_it(provider: Account) -> None:
    # Given
    iam = provider.client("iam")
    arn = provider.role("left-behind", {"AWS": "111111111111"})

    # When
    assert imported(provider, "heir", "left-behind") == "IMPORT_COMPLETE"

    # Then
    changed = template("left-behind", "RetainExceptOnCreate")
    changed["Resources"]["Kept"]["Properties"]["Description"] = "of the heir"
    assert provider.change("heir", changed) == "UPDATE_COMPLETE"
    role = iam.get_role(RoleName="left-behind")["Role"]
    assert (role["Arn"], role["Description"]) == (arn, "of the heir")
    assert of_stack(provider.events("heir"))[-1] == "UPDATE_COMPLETE"


def test_no_stack_takes_over_what_another_has(provider: Account) -> None:
    provider.settle(provider.deploy("owner", template("owned", "Retain")))
    with pytest.raises((ClientError, AssertionError)):
        assert imported(provider, "thief", "owned") == "IMPORT_COMPLETE"
