"""The switch "CloudFormation fails": groups and pages fail in CloudFormation's words until it is off again."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from local.aws.environment import CLOUDFORMATION_FAILS_PATH
from tests.local.test_aws_gaps.accounts import Account
from tests.local.test_aws_gaps.test_groups import group_template
from tests.local.test_aws_gaps.test_managed_policy_stacks import arn_of, page, team


def ask(provider: Account, body: object = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(provider.url + CLOUDFORMATION_FAILS_PATH, content, headers or {})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


@pytest.fixture
def cloudformation_fails(provider: Account) -> Iterator[None]:
    assert ask(provider, {"on": True}) == (200, {"on": True})
    yield
    ask(provider, {"on": False})


def reasons(provider: Account, stack: str, status: str, kind: str = "AWS::IAM::Group") -> list[str]:
    events = [event for event in provider.events(stack) if event["ResourceStatus"] == status]
    return [event["ResourceStatusReason"] for event in events if event["ResourceType"] == kind]


def roles(provider: Account, policy_arn: str) -> Any:
    iam = provider.client("iam")
    version = iam.get_policy(PolicyArn=policy_arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=policy_arn, VersionId=version)["PolicyVersion"]["Document"]
    return document["Statement"][0]["Resource"]


def groups(provider: Account) -> list[str]:
    return [group["GroupName"] for group in provider.client("iam").list_groups()["Groups"]]


def test_it_is_off_at_first(provider: Account) -> None:
    assert ask(provider) == (200, {"on": False})


def test_a_creation_meets_the_quota_and_succeeds_once_it_is_off(provider: Account, cloudformation_fails: None) -> None:
    # When
    stack = provider.deploy("group-over-quota", group_template("over-quota", "*"))

    # Then it rolls back with the reason, and leaves nothing
    assert provider.settle(stack) == "ROLLBACK_COMPLETE"
    [reason] = reasons(provider, stack, "CREATE_FAILED")
    assert "Cannot exceed quota for GroupsPerAccount: 300 (Service: Iam, Status Code: 409" in reason
    assert "HandlerErrorCode: ServiceLimitExceeded" in reason
    assert "over-quota" not in groups(provider)

    # When it is off, Then deleting the stack and creating it anew is all it takes
    assert ask(provider, {"on": False}) == (200, {"on": False})
    assert provider.remove(stack) == "DELETE_COMPLETE"
    assert provider.settle(provider.deploy("group-over-quota", group_template("over-quota", "*"))) == "CREATE_COMPLETE"


def test_a_change_fails_and_goes_back_to_what_was(provider: Account) -> None:
    # Given
    stack = provider.deploy("group-unchanged", group_template("unchanged", "arn:aws:iam::222222222222:role/first"))
    provider.settle(stack)
    changed = group_template("unchanged", "arn:aws:iam::222222222222:role/second")

    # When
    ask(provider, {"on": True})
    assert provider.change(stack, changed) == "UPDATE_ROLLBACK_COMPLETE"
    ask(provider, {"on": False})

    # Then
    [reason] = reasons(provider, stack, "UPDATE_FAILED")
    assert "Service: Iam, Status Code: 500" in reason
    assert "HandlerErrorCode: ServiceInternalError" in reason
    document = provider.client("iam").get_group_policy(GroupName="unchanged", PolicyName="assume")["PolicyDocument"]
    assert document["Statement"][0]["Resource"] == "arn:aws:iam::222222222222:role/first"
    assert provider.change(stack, changed) == "UPDATE_COMPLETE"


def test_a_deletion_fails_and_leaves_the_group(provider: Account) -> None:
    # Given
    stack = provider.deploy("group-stays", group_template("stays", "*"))
    provider.settle(stack)

    # When
    ask(provider, {"on": True})
    assert provider.remove(stack) == "DELETE_FAILED"
    ask(provider, {"on": False})

    # Then
    assert "Service: Iam, Status Code: 500" in reasons(provider, stack, "DELETE_FAILED")[0]
    assert "stays" in groups(provider)
    assert provider.remove(stack) == "DELETE_COMPLETE"


def test_a_page_fails_as_well_and_stays_what_it_was(provider: Account) -> None:
    # Given a page
    group, policy_type = team(provider, "failing-team"), "AWS::IAM::ManagedPolicy"
    stack = provider.deploy("page-that-fails", page("failing", groups=(group,)))
    assert provider.settle(stack) == "CREATE_COMPLETE"

    # When
    ask(provider, {"on": True})
    another = provider.deploy("page-over-quota", page("over-quota", groups=(group,)))
    created = provider.settle(another)
    changed = provider.change(stack, page("failing", "second", groups=(group,)))
    deleted = provider.remove(stack)
    ask(provider, {"on": False})

    # Then each fails with its reason, and nothing is changed
    assert (created, changed, deleted) == ("ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "DELETE_FAILED")
    assert "Cannot exceed quota for PoliciesPerAccount" in reasons(provider, another, "CREATE_FAILED", policy_type)[0]
    assert "Status Code: 500" in reasons(provider, stack, "UPDATE_FAILED", policy_type)[0]
    assert "Status Code: 500" in reasons(provider, stack, "DELETE_FAILED", policy_type)[0]
    assert roles(provider, arn_of("failing")) == "arn:aws:iam::222222222222:role/first"
    attached = provider.client("iam").list_attached_group_policies(GroupName=group)["AttachedPolicies"]
    assert [one["PolicyName"] for one in attached] == ["failing"]
    assert provider.remove(stack) == "DELETE_COMPLETE"


def test_stacks_without_a_group_or_a_page_do_not_notice(provider: Account, cloudformation_fails: None) -> None:
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {}}}}
    assert provider.settle(provider.deploy("no-group-here", template)) == "CREATE_COMPLETE"


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Host": "evil.example:4566"}])
def test_a_website_can_neither_look_nor_turn_it(provider: Account, headers: dict[str, str]) -> None:
    assert ask(provider, headers=headers)[0] == 403
    assert ask(provider, {"on": True}, headers)[0] == 403
    assert ask(provider) == (200, {"on": False})


@pytest.mark.parametrize("body", [{}, [], "on", {"on": "yes"}, {"on": 1}, {"on": "x" * 5000}])
def test_nonsense_is_refused_and_changes_nothing(provider: Account, body: object) -> None:
    assert ask(provider, body)[0] == 400
    assert ask(provider) == (200, {"on": False})
