"""Groups: in templates, with their members, and as IAM policies see them."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.test_aws_gaps.accounts import Account, allow, policy

PATH = "/switchyard/clients/test/"


def group_template(name: str, target: str, path: str = PATH) -> dict[str, Any]:
    inline = {"PolicyName": "assume", "PolicyDocument": json.loads(policy(allow("sts:AssumeRole", target)))}
    return {
        "Resources": {
            "Group": {
                "Type": "AWS::IAM::Group",
                "Properties": {"GroupName": name, "Path": path, "Policies": [inline]},
            }
        },
        "Outputs": {
            "Name": {"Value": {"Ref": "Group"}},
            "Arn": {"Value": {"Fn::GetAtt": ["Group", "Arn"]}},
        },
    }


def test_a_stack_makes_a_group_with_path_and_policy(provider: Account) -> None:
    # When
    stack = provider.deploy("group-made", group_template("made", "arn:aws:iam::222222222222:role/first"))
    assert provider.settle(stack) == "CREATE_COMPLETE"

    # Then
    arn = f"arn:aws:iam::111111111111:group{PATH}made"
    iam = provider.client("iam")
    outputs = {o["OutputKey"]: o["OutputValue"] for o in provider.stack(stack)["Outputs"]}
    assert outputs == {"Name": "made", "Arn": arn}
    assert iam.get_group(GroupName="made")["Group"]["Arn"] == arn
    assert arn in [group["Arn"] for group in iam.list_groups(PathPrefix=PATH)["Groups"]]
    document = iam.get_group_policy(GroupName="made", PolicyName="assume")["PolicyDocument"]
    assert document["Statement"][0]["Resource"] == "arn:aws:iam::222222222222:role/first"


def test_an_update_changes_the_policy_in_place_and_keeps_members(provider: Account) -> None:
    # Given
    stack = provider.deploy("group-changed", group_template("changed", "arn:aws:iam::222222222222:role/first"))
    provider.settle(stack)
    provider.user("member-of-changed")
    iam = provider.client("iam")
    iam.add_user_to_group(GroupName="changed", UserName="member-of-changed")

    # When
    changed = group_template("changed", "arn:aws:iam::222222222222:role/second")
    assert provider.change(stack, changed) == "UPDATE_COMPLETE"

    # Then
    document = iam.get_group_policy(GroupName="changed", PolicyName="assume")["PolicyDocument"]
    assert document["Statement"][0]["Resource"] == "arn:aws:iam::222222222222:role/second"
    assert [user["UserName"] for user in iam.get_group(GroupName="changed")["Users"]] == ["member-of-changed"]


def test_a_new_name_replaces_the_group(provider: Account) -> None:
    # Given
    stack = provider.deploy("group-renamed", group_template("before", "*"))
    provider.settle(stack)

    # When
    assert provider.change(stack, group_template("after", "*")) == "UPDATE_COMPLETE"

    # Then
    names = [group["GroupName"] for group in provider.client("iam").list_groups()["Groups"]]
    assert "after" in names
    assert "before" not in names


def test_a_new_path_moves_the_group(provider: Account) -> None:
    stack = provider.deploy("group-moved", group_template("moved", "*", path="/switchyard/"))
    provider.settle(stack)
    assert provider.change(stack, group_template("moved", "*")) == "UPDATE_COMPLETE"
    assert provider.client("iam").get_group(GroupName="moved")["Group"]["Arn"].endswith(f":group{PATH}moved")


def test_a_group_with_members_is_not_deleted(provider: Account) -> None:
    # Given
    stack = provider.deploy("group-kept", group_template("kept", "*"))
    provider.settle(stack)
    provider.user("member-of-kept")
    iam = provider.client("iam")
    iam.add_user_to_group(GroupName="kept", UserName="member-of-kept")

    # When its stack is deleted, Then the stack says why it can't be
    assert provider.remove(stack) == "DELETE_FAILED"
    failed = [e for e in provider.events(stack) if e["ResourceStatus"] == "DELETE_FAILED"]
    assert "must remove users from group first" in failed[0]["ResourceStatusReason"]
    assert "Service: Iam, Status Code: 409" in failed[0]["ResourceStatusReason"]
    # And the policy is still there, for nothing was taken apart
    assert iam.list_group_policies(GroupName="kept")["PolicyNames"] == ["assume"]
    with pytest.raises(ClientError, match="DeleteConflict"):
        iam.delete_group(GroupName="kept")

    # When the member leaves, Then it can
    iam.remove_user_from_group(GroupName="kept", UserName="member-of-kept")
    with pytest.raises(ClientError, match="must delete policies first"):
        iam.delete_group(GroupName="kept")
    assert provider.remove(stack) == "DELETE_COMPLETE"


def test_policies_on_a_path_reach_its_groups_and_no_others(provider: Account) -> None:
    # Given a principal that may handle groups under our path only
    iam = provider.client("iam")
    iam.create_group(GroupName="ours", Path=PATH)
    iam.create_group(GroupName="theirs")
    provider.user("operator-moved")
    actions = ["iam:GetGroup", "iam:RemoveUserFromGroup", "iam:AddUserToGroup", "iam:DeleteGroup", "iam:CreateGroup"]
    limited = provider.user("limited-to-path", allow(actions, f"arn:aws:iam::111111111111:group{PATH}*")).client("iam")

    # Then it reaches ours
    limited.add_user_to_group(GroupName="ours", UserName="operator-moved")
    assert limited.get_group(GroupName="ours")["Users"][0]["UserName"] == "operator-moved"
    limited.remove_user_from_group(GroupName="ours", UserName="operator-moved")
    limited.delete_group(GroupName="ours")
    limited.create_group(GroupName="another-of-ours", Path=PATH)
    # And not theirs
    with pytest.raises(ClientError, match="AccessDenied"):
        limited.get_group(GroupName="theirs")
    with pytest.raises(ClientError, match="AccessDenied"):
        limited.add_user_to_group(GroupName="theirs", UserName="operator-moved")
    with pytest.raises(ClientError, match="AccessDenied"):
        limited.create_group(GroupName="more-of-theirs")


def test_a_member_may_switch_and_nobody_else(provider: Account, client: Account) -> None:
    # Given a role of the client's that trusts the provider's account, and a group that may assume it
    role = client.role("access-for-groups", {"AWS": "111111111111"})
    stack = provider.deploy("group-switches", group_template("switches", role))
    provider.settle(stack)
    member, stranger = provider.user("switching-member"), provider.user("switching-stranger")
    provider.client("iam").add_user_to_group(GroupName="switches", UserName="switching-member")
    listed = provider.client("iam").list_groups_for_user(UserName="switching-member")["Groups"]
    assert [group["Arn"] for group in listed] == [f"arn:aws:iam::111111111111:group{PATH}switches"]

    # Then
    switched = member.assume(role).client("sts").get_caller_identity()
    assert switched["Arn"] == "arn:aws:sts::222222222222:assumed-role/access-for-groups/test"
    with pytest.raises(ClientError, match="AccessDenied"):
        stranger.assume(role)
