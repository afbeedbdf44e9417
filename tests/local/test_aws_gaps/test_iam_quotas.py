"""IAM's quotas: what would go beyond one is refused as IAM refuses it, over the API and in stacks."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.aws.process import LocalAws
from tests.local.test_aws_gaps.accounts import Account, allow, policy

TEN = [f"number-{number}" for number in range(10)]
NOTHING = json.loads(policy(allow("sts:GetCallerIdentity")))


@pytest.fixture(scope="module")
def crowded(local_aws: LocalAws) -> Account:
    """An account of its own, whose groups and policies nobody else counts."""
    return Account(local_aws.url, "333333333333")


def refusal(call: Any, **parameters: Any) -> tuple[int, str, str]:
    """Status, code and sentence of what must be refused."""
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    answer = refused.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


def exceeded(quota: str) -> tuple[int, str, str]:
    return 409, "LimitExceeded", f"Cannot exceed quota for {quota}"


def sized(characters: int) -> str:
    """A policy document of so many characters without blanks; it has blanks."""
    document = json.loads(policy(allow("sts:AssumeRole", "arn:aws:iam::222222222222:role/")))
    missing = characters - len(json.dumps(document, separators=(",", ":")))
    document["Statement"][0]["Resource"] += "x" * missing
    return json.dumps(document, indent=4)


def test_a_user_is_in_ten_groups_at_most(provider: Account) -> None:
    # Given a user in ten groups
    iam = provider.client("iam")
    provider.user("in-ten-groups")
    for name in [*TEN, "eleventh"]:
        iam.create_group(GroupName=f"user-quota-{name}")
    for name in TEN:
        iam.add_user_to_group(GroupName=f"user-quota-{name}", UserName="in-ten-groups")

    # Then the eleventh is refused, and one of the ten is no eleventh
    more = {"GroupName": "user-quota-eleventh", "UserName": "in-ten-groups"}
    assert refusal(iam.add_user_to_group, **more) == exceeded("GroupsPerUser: 10")
    iam.add_user_to_group(GroupName=f"user-quota-{TEN[0]}", UserName="in-ten-groups")
    assert len(iam.list_groups_for_user(UserName="in-ten-groups")["Groups"]) == 10

    # And there is room again when one is left
    iam.remove_user_from_group(GroupName=f"user-quota-{TEN[0]}", UserName="in-ten-groups")
    iam.add_user_to_group(**more)
    assert refusal(iam.add_user_to_group, GroupName="user-quota-missing", UserName="in-ten-groups")[1] == "NoSuchEntity"


@pytest.mark.parametrize("kind", ["group", "role", "user"])
def test_ten_managed_policies_are_attached_at_most(provider: Account, kind: str) -> None:
    # Given a group, role or user with ten policies
    iam = provider.client("iam")
    more = {"AssumeRolePolicyDocument": policy({**allow("sts:AssumeRole"), "Principal": {"AWS": "111111111111"}})}
    named = {f"{kind.title()}Name": f"ten-policies-{kind}"}
    getattr(iam, f"create_{kind}")(**named, **(more if kind == "role" else {}))
    attach = getattr(iam, f"attach_{kind}_policy")
    arns = [policy_of(provider, f"attached-{kind}-{name}") for name in [*TEN, "eleventh"]]
    for arn in arns[:10]:
        attach(**named, PolicyArn=arn)

    # Then
    assert refusal(attach, **named, PolicyArn=arns[10]) == exceeded(f"PoliciesPer{kind.title()}: 10")
    attach(**named, PolicyArn=arns[0])
    getattr(iam, f"detach_{kind}_policy")(**named, PolicyArn=arns[0])
    attach(**named, PolicyArn=arns[10])


def test_the_eleventh_policy_fails_a_stack(provider: Account) -> None:
    # Given
    arns = [policy_of(provider, f"in-stack-{name}") for name in [*TEN, "eleventh"]]
    trust = json.loads(policy({**allow("sts:AssumeRole"), "Principal": {"AWS": "111111111111"}}))
    group = {"Type": "AWS::IAM::Group", "Properties": {"GroupName": "eleven", "ManagedPolicyArns": arns}}
    role_properties = {"RoleName": "eleven", "AssumeRolePolicyDocument": trust, "ManagedPolicyArns": arns}
    role = {"Type": "AWS::IAM::Role", "Properties": role_properties}

    user = {"Type": "AWS::IAM::User", "Properties": {"UserName": "eleven", "ManagedPolicyArns": arns}}

    # When, Then
    for kind, resource in (("Group", group), ("Role", role), ("User", user)):
        stack = provider.deploy(f"eleven-policies-{kind}", {"Resources": {"It": resource}})
        assert provider.settle(stack) == "ROLLBACK_COMPLETE"
        reason = reason_of(provider, stack, "CREATE_FAILED")
        assert f"Cannot exceed quota for PoliciesPer{kind}: 10" in reason
        assert kind == "User" or "HandlerErrorCode: ServiceLimitExceeded" in reason

    # And nothing holds the policies
    for arn in arns:
        provider.client("iam").delete_policy(PolicyArn=arn)


def test_an_account_has_300_groups_at_most(crowded: Account, client: Account) -> None:
    # Given
    iam = crowded.client("iam")
    for number in range(300):
        iam.create_group(GroupName=f"group-{number}")

    # Then
    assert refusal(iam.create_group, GroupName="one-more") == exceeded("GroupsPerAccount: 300")
    stack = crowded.deploy("one-more", {"Resources": {"Group": {"Type": "AWS::IAM::Group"}}})
    assert crowded.settle(stack) == "ROLLBACK_COMPLETE"
    assert "GroupsPerAccount: 300" in reason_of(crowded, stack, "CREATE_FAILED")

    # And another account's are not counted, and a deleted one makes room
    client.client("iam").create_group(GroupName="group-of-another-account")
    iam.delete_group(GroupName="group-0")
    iam.create_group(GroupName="one-more")


def test_an_account_has_1500_customer_managed_policies_at_most(crowded: Account, client: Account) -> None:
    # Given
    iam, document = crowded.client("iam"), json.dumps(NOTHING)
    for number in range(1500):
        iam.create_policy(PolicyName=f"policy-{number}", PolicyDocument=document)

    # Then
    more = {"PolicyName": "one-more", "PolicyDocument": document}
    assert refusal(iam.create_policy, **more) == exceeded("PoliciesPerAccount: 1500")
    template = {"Resources": {"Page": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": NOTHING}}}}
    stack = crowded.deploy("one-more-policy", template)
    assert crowded.settle(stack) == "ROLLBACK_COMPLETE"
    assert "PoliciesPerAccount: 1500" in reason_of(crowded, stack, "CREATE_FAILED")

    # And another account's are not counted, and a deleted one makes room
    policy_of(client, "policy-of-another-account")
    iam.delete_policy(PolicyArn="arn:aws:iam::333333333333:policy/policy-0")
    iam.create_policy(**more)


def test_a_managed_policy_has_6144_characters_at_most(provider: Account) -> None:
    # Given
    iam = provider.client("iam")
    fits, too_long = sized(6144), sized(6145)
    assert len(fits) > 6145

    # When, Then
    arn = iam.create_policy(PolicyName="size", PolicyDocument=fits)["Policy"]["Arn"]
    more = {"PolicyDocument": too_long}
    assert refusal(iam.create_policy, PolicyName="too-long", **more) == exceeded("PolicySize: 6144")
    assert refusal(iam.create_policy_version, PolicyArn=arn, **more) == exceeded("PolicySize: 6144")
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=fits)
    template = {
        "Resources": {
            "Page": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": json.loads(too_long)}}
        }
    }
    stack = provider.deploy("too-long-policy", template)
    assert provider.settle(stack) == "ROLLBACK_COMPLETE"
    assert "Cannot exceed quota for PolicySize: 6144" in reason_of(provider, stack, "CREATE_FAILED")


def test_inline_policies_of_a_group_have_5120_characters_together(provider: Account) -> None:
    # Given a group with 3,000 characters
    iam = provider.client("iam")
    iam.create_group(GroupName="inline-quota")
    put = iam.put_group_policy
    put(GroupName="inline-quota", PolicyName="first", PolicyDocument=sized(3000))

    # Then 2,120 more are all that fit, and a policy that is replaced doesn't count
    refused = 409, "LimitExceeded", "Maximum policy size of 5120 bytes exceeded for group inline-quota"
    second = {"GroupName": "inline-quota", "PolicyName": "second"}
    assert refusal(put, **second, PolicyDocument=sized(2121)) == refused
    assert iam.list_group_policies(GroupName="inline-quota")["PolicyNames"] == ["first"]
    put(**second, PolicyDocument=sized(2120))
    put(GroupName="inline-quota", PolicyName="first", PolicyDocument=sized(3000))


def policy_of(account: Account, name: str) -> str:
    created = account.client("iam").create_policy(PolicyName=name, PolicyDocument=json.dumps(NOTHING))
    return str(created["Policy"]["Arn"])


def reason_of(account: Account, stack: str, status: str) -> str:
    """Why the first resource with this status failed."""
    return next(str(e["ResourceStatusReason"]) for e in account.events(stack) if e["ResourceStatus"] == status)
