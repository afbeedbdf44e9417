"""Managed policies over the API: their versions, who has them, when they go, and the condition key of attaching."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.test_aws_gaps.accounts import Account, allow, policy
from tests.local.test_aws_gaps.test_iam_quotas import policy_of, refusal

MISSING = "arn:aws:iam::111111111111:policy/missing"
GONE = 404, "NoSuchEntity", f"Policy {MISSING} does not exist or is not attachable."


def test_a_policy_has_five_versions_at_most(provider: Account) -> None:
    # Given
    iam = provider.client("iam")
    arn = policy_of(provider, "five-versions")
    document = policy(allow("s3:ListAllMyBuckets"))
    for _ in range(4):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)

    # Then
    sentence = (
        "A managed policy can have up to 5 versions. "
        "Before you create a new version, you must delete an existing version."
    )
    create = iam.create_policy_version
    assert refusal(create, PolicyArn=arn, PolicyDocument=document) == (409, "LimitExceeded", sentence)
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    assert create(PolicyArn=arn, PolicyDocument=document)["PolicyVersion"]["VersionId"] == "v6"


def test_another_version_becomes_the_default_and_decides(provider: Account) -> None:
    # Given a user whose policy allows nothing, with a version that allows to list buckets
    iam = provider.client("iam")
    arn = policy_of(provider, "switched")
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy(allow("s3:ListAllMyBuckets")))
    user = provider.user("of-the-default-version")
    iam.attach_user_policy(UserName="of-the-default-version", PolicyArn=arn)
    with pytest.raises(ClientError, match="AccessDenied"):
        user.client("s3").list_buckets()

    # When
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")

    # Then
    assert user.client("s3").list_buckets()["Buckets"] is not None
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v2"
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    assert {version["VersionId"]: version["IsDefaultVersion"] for version in versions} == {"v1": False, "v2": True}
    set_default = iam.set_default_policy_version
    assert refusal(set_default, PolicyArn=MISSING, VersionId="v1") == GONE
    gone = f"Policy {arn} version v9 does not exist or is not attachable."
    assert refusal(set_default, PolicyArn=arn, VersionId="v9") == (404, "NoSuchEntity", gone)


@pytest.mark.parametrize("kind", ["group", "role", "user"])
def test_a_missing_policy_is_not_attached(provider: Account, client: Account, kind: str) -> None:
    # Given
    iam = provider.client("iam")
    named = entity(provider, kind, f"missing-policy-{kind}")
    attach = getattr(iam, f"attach_{kind}_policy")

    # Then a missing policy and one of another account are refused, and one of AWS's own is not
    assert refusal(attach, **named, PolicyArn=MISSING) == GONE
    elsewhere = policy_of(client, f"elsewhere-{kind}")
    assert refusal(attach, **named, PolicyArn=elsewhere)[1] == "NoSuchEntity"
    unknown = "arn:aws:iam::aws:policy/AdminstratorAccess"
    assert refusal(attach, **named, PolicyArn=unknown)[1] == "NoSuchEntity"
    attach(**named, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    attached = getattr(iam, f"list_attached_{kind}_policies")(**named)["AttachedPolicies"]
    assert [each["PolicyName"] for each in attached] == ["AdministratorAccess"]


@pytest.mark.parametrize("kind", ["group", "role", "user"])
def test_an_attached_policy_is_not_deleted(provider: Account, kind: str) -> None:
    # Given
    iam = provider.client("iam")
    arn = policy_of(provider, f"still-attached-{kind}")
    named = entity(provider, kind, f"still-has-policy-{kind}")
    getattr(iam, f"attach_{kind}_policy")(**named, PolicyArn=arn)

    # Then
    refused = 409, "DeleteConflict", "Cannot delete a policy attached to entities."
    assert refusal(iam.delete_policy, PolicyArn=arn) == refused
    getattr(iam, f"detach_{kind}_policy")(**named, PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)


def test_a_policy_with_other_versions_is_not_deleted(provider: Account) -> None:
    # Given
    iam = provider.client("iam")
    arn = policy_of(provider, "two-versions")
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy(allow("s3:*")), SetAsDefault=True)

    # Then
    sentence = (
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
        "The default version is deleted with the policy."
    )
    assert refusal(iam.delete_policy, PolicyArn=arn) == (409, "DeleteConflict", sentence)
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    iam.delete_policy(PolicyArn=arn)


def test_iam_policy_arn_says_which_policy_may_be_attached(provider: Account) -> None:
    # Given somebody who may attach and detach the pages, and may create them under one path
    pages = "arn:aws:iam::111111111111:policy/switchyard/*"
    actions = [f"iam:{action}{kind}Policy" for action in ("Attach", "Detach") for kind in ("Group", "Role", "User")]
    condition = {"ArnLike": {"iam:PolicyARN": pages}}
    pager = provider.user("pager", allow(actions, "*", Condition=condition), allow("iam:CreatePolicy", pages))
    iam, document = pager.client("iam"), policy(allow("sts:GetCallerIdentity"))
    page = iam.create_policy(PolicyName="page", Path="/switchyard/", PolicyDocument=document)["Policy"]["Arn"]
    other = policy_of(provider, "no-page")

    # Then
    assert page == "arn:aws:iam::111111111111:policy/switchyard/page"
    for kind in ("group", "role", "user"):
        named = entity(provider, kind, f"paged-{kind}")
        for verb in ("attach", "detach"):
            getattr(iam, f"{verb}_{kind}_policy")(**named, PolicyArn=page)
            denied = refusal(getattr(iam, f"{verb}_{kind}_policy"), **named, PolicyArn=other)
            assert denied[:2] == (403, "AccessDenied"), (verb, kind)
    elsewhere = refusal(iam.create_policy, PolicyName="page", PolicyDocument=document)
    assert elsewhere[:2] == (403, "AccessDenied")


def entity(account: Account, kind: str, name: str) -> dict[str, Any]:
    """A new group, role or user, as its requests name it."""
    iam = account.client("iam")
    trust = policy({**allow("sts:AssumeRole"), "Principal": {"AWS": "111111111111"}})
    more = {"AssumeRolePolicyDocument": trust} if kind == "role" else {}
    getattr(iam, f"create_{kind}")(**{f"{kind.title()}Name": name}, **more)
    return {f"{kind.title()}Name": name}
