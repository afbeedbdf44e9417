"""`AWS::IAM::ManagedPolicy` in stacks: bounded by the service role, changed in place, versions pruned."""

import json
from typing import Any

import pytest

from tests.local.test_aws_gaps.accounts import Account, allow, policy
from tests.local.test_aws_gaps.test_iam_quotas import policy_of, reason_of
from tests.local.test_aws_gaps.test_stack_roles import CLOUDFORMATION

PAGES = "arn:aws:iam::111111111111:policy/switchyard/*"
TEAMS = "arn:aws:iam::111111111111:group/teams/*"
IS_PAGE = {"ArnLike": {"iam:PolicyARN": PAGES}}
READ = allow(["iam:GetPolicy", "iam:ListPolicyVersions"], PAGES)
NEEDED = {
    "iam:CreatePolicy": allow("iam:CreatePolicy", PAGES),
    "iam:CreatePolicyVersion": allow("iam:CreatePolicyVersion", PAGES),
    "iam:DeletePolicyVersion": allow("iam:DeletePolicyVersion", PAGES),
    "iam:AttachGroupPolicy": allow("iam:AttachGroupPolicy", TEAMS, Condition=IS_PAGE),
    "iam:DetachGroupPolicy": allow("iam:DetachGroupPolicy", TEAMS, Condition=IS_PAGE),
    "iam:DeletePolicy": allow("iam:DeletePolicy", PAGES),
}


def page(name: str, role: str = "first", path: str = "/switchyard/", groups: tuple[str, ...] = ()) -> dict[str, Any]:
    """A template with one page that lets its groups assume one role."""
    document = json.loads(policy(allow("sts:AssumeRole", f"arn:aws:iam::222222222222:role/{role}")))
    properties = {"ManagedPolicyName": name, "Path": path, "PolicyDocument": document, "Groups": list(groups)}
    return {
        "Resources": {"Page": {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}},
        "Outputs": {"Arn": {"Value": {"Ref": "Page"}}},
    }


def arn_of(name: str) -> str:
    return f"arn:aws:iam::111111111111:policy/switchyard/{name}"


def team(provider: Account, name: str, path: str = "/teams/") -> str:
    provider.client("iam").create_group(GroupName=name, Path=path)
    return name


def service_role(provider: Account, name: str, without: str = "") -> str:
    """A service role with every right on pages but one."""
    statements = [statement for action, statement in NEEDED.items() if action != without]
    return provider.role(name, CLOUDFORMATION, READ, *statements)


def test_the_service_role_makes_changes_and_deletes_a_page(provider: Account) -> None:
    # Given a role with exactly these rights
    role, first, second = service_role(provider, "pages"), team(provider, "team-1"), team(provider, "team-2")
    iam = provider.client("iam")

    # When
    stack = provider.deploy("page", page("whole-life", groups=(first,)), RoleARN=role)

    # Then
    assert provider.settle(stack) == "CREATE_COMPLETE"
    assert provider.stack(stack)["Outputs"][0]["OutputValue"] == arn_of("whole-life")
    assert attached(provider, first) == [arn_of("whole-life")]

    # When it is changed six times, and its team with it
    for number in range(6):
        changed = page("whole-life", role=f"role-{number}", groups=(second,))
        assert provider.change(stack, changed) == "UPDATE_COMPLETE"

    # Then the newest version is the default, and the oldest are gone
    versions = iam.list_policy_versions(PolicyArn=arn_of("whole-life"))["Versions"]
    assert sorted(version["VersionId"] for version in versions) == ["v3", "v4", "v5", "v6", "v7"]
    assert [version["VersionId"] for version in versions if version["IsDefaultVersion"]] == ["v7"]
    newest = iam.get_policy_version(PolicyArn=arn_of("whole-life"), VersionId="v7")["PolicyVersion"]["Document"]
    assert newest["Statement"][0]["Resource"] == "arn:aws:iam::222222222222:role/role-5"
    assert (attached(provider, first), attached(provider, second)) == ([], [arn_of("whole-life")])

    # And all of it goes with the stack
    assert provider.remove(stack) == "DELETE_COMPLETE"
    assert attached(provider, second) == []
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_policy(PolicyArn=arn_of("whole-life"))


@pytest.mark.parametrize("missing", ["iam:CreatePolicy", "iam:AttachGroupPolicy"])
def test_a_role_without_a_right_makes_no_page(provider: Account, missing: str) -> None:
    # Given
    name = f"without-{missing.partition(':')[2]}"
    role, group = service_role(provider, name, missing), team(provider, name)

    # When
    stack = provider.deploy(name, page(name, groups=(group,)), RoleARN=role)

    # Then
    assert provider.settle(stack) == "ROLLBACK_COMPLETE"
    reason = reason_of(provider, stack, "CREATE_FAILED")
    assert f"assumed-role/{name}/AWSCloudFormation is not authorized to perform: {missing}" in reason
    assert "HandlerErrorCode: AccessDenied" in reason
    assert arn_of(name) not in policies(provider)


@pytest.mark.parametrize("missing", ["iam:CreatePolicyVersion", "iam:DeletePolicyVersion", "iam:DetachGroupPolicy"])
def test_a_role_without_a_right_changes_no_page(provider: Account, missing: str) -> None:
    # Given a page with five versions, for one team
    name = f"without-{missing.partition(':')[2]}"
    role, group = service_role(provider, name, missing), team(provider, name)
    stack = provider.deploy(name, page(name, groups=(group,)))
    assert provider.settle(stack) == "CREATE_COMPLETE"
    for number in range(4):
        assert provider.change(stack, page(name, role=f"role-{number}", groups=(group,))) == "UPDATE_COMPLETE"

    # When the role is to change the document and take the team off
    status = provider.change(stack, page(name, role="another"), RoleARN=role)

    # Then it says so, and the page grants what it granted
    assert status in ("UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED")
    assert f"is not authorized to perform: {missing}" in reason_of(provider, stack, "UPDATE_FAILED")
    assert attached(provider, group) == [arn_of(name)]
    iam = provider.client("iam")
    default = iam.get_policy(PolicyArn=arn_of(name))["Policy"]["DefaultVersionId"]
    kept = iam.get_policy_version(PolicyArn=arn_of(name), VersionId=default)["PolicyVersion"]["Document"]
    assert kept["Statement"][0]["Resource"] == "arn:aws:iam::222222222222:role/role-3"


def test_the_condition_key_bounds_what_the_role_attaches(provider: Account) -> None:
    # Given
    role = service_role(provider, "attaches-pages-only")
    policy_arn = policy_of(provider, "not-a-page")
    properties = {"GroupName": "with-no-page", "Path": "/teams/", "ManagedPolicyArns": [policy_arn]}
    group = {"Resources": {"Team": {"Type": "AWS::IAM::Group", "Properties": properties}}}
    more = allow(["iam:CreateGroup", "iam:GetGroup"], "*")
    provider.client("iam").put_role_policy(
        RoleName="attaches-pages-only", PolicyName="groups", PolicyDocument=policy(more)
    )

    # When
    stack = provider.deploy("attaches-no-page", group, RoleARN=role)

    # Then
    assert provider.settle(stack) == "ROLLBACK_COMPLETE"
    assert "not authorized to perform: iam:AttachGroupPolicy" in reason_of(provider, stack, "CREATE_FAILED")

    # And neither a group elsewhere gets a page, nor is a policy made elsewhere
    team(provider, "no-team", path="/elsewhere/")
    for name, template in (
        ("page-for-no-team", page("for-no-team", groups=("no-team",))),
        ("page-elsewhere", page("elsewhere", path="/elsewhere/")),
    ):
        stack = provider.deploy(name, template, RoleARN=role)
        assert provider.settle(stack) == "ROLLBACK_COMPLETE"
        assert "is not authorized to perform: iam:" in reason_of(provider, stack, "CREATE_FAILED")
    assert attached(provider, "no-team") == []


def test_a_page_that_somebody_else_has_is_not_deleted(provider: Account) -> None:
    # Given a page of a stack that a role has as well
    stack = provider.deploy("page-shared", page("shared", groups=(team(provider, "sharing"),)))
    assert provider.settle(stack) == "CREATE_COMPLETE"
    iam = provider.client("iam")
    provider.role("shares-the-page", {"AWS": "111111111111"})
    iam.attach_role_policy(RoleName="shares-the-page", PolicyArn=arn_of("shared"))

    # When
    assert provider.remove(stack) == "DELETE_FAILED"

    # Then
    reason = reason_of(provider, stack, "DELETE_FAILED")
    assert "Cannot delete a policy attached to entities. (Service: Iam, Status Code: 409" in reason
    assert arn_of("shared") in policies(provider)

    # And when the role lets go of it, it is
    iam.detach_role_policy(RoleName="shares-the-page", PolicyArn=arn_of("shared"))
    assert provider.remove(stack) == "DELETE_COMPLETE"


def test_a_name_that_is_taken_is_not_taken_over(provider: Account) -> None:
    # Given a policy of somebody's
    iam = provider.client("iam")
    document = policy(allow("sts:GetCallerIdentity"))
    iam.create_policy(PolicyName="taken", Path="/switchyard/", PolicyDocument=document)

    # When
    stack = provider.deploy("page-taken", page("taken"))

    # Then it stays as it was
    assert provider.settle(stack) == "ROLLBACK_COMPLETE"
    assert "HandlerErrorCode: AlreadyExists" in reason_of(provider, stack, "CREATE_FAILED")
    kept = iam.get_policy_version(PolicyArn=arn_of("taken"), VersionId="v1")["PolicyVersion"]["Document"]
    assert kept == json.loads(document)


def attached(provider: Account, group: str) -> list[str]:
    found = provider.client("iam").list_attached_group_policies(GroupName=group)["AttachedPolicies"]
    return [each["PolicyArn"] for each in found]


def policies(provider: Account) -> list[str]:
    return [each["Arn"] for each in provider.client("iam").list_policies(Scope="Local")["Policies"]]
