"""What is said of a client group that is not as it was approved, and what a repair makes of it, on AWS's own calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from bot.aws import comparing
from bot.aws.cloudformation import GroupStacks
from bot.domain.errors import ProvisioningFailed, TryAgain
from bot.domain.model import Difference, Grant
from bot.domain.request import Attempt, Request
from bot.domain.vocabulary import AccessLevel, Kind, Remedy, State
from bot.ports import Progress, StackOutcome, Started
from tests.unit.aws.cloudformation_stand_in import HIDDEN, Stack, StandIn, refusal
from tests.unit.slack.samples import SETTINGS as SAMPLE
from tests.unit.slack.samples import request as a_request

SETTINGS = replace(SAMPLE, region="eu-west-1")
CLIENT, ACCOUNT = "caaaaaaaaaa", "222222222222"
GROUP, NAME = f"switchyard-dev-{CLIENT}", f"switchyard-dev-client-{CLIENT}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/switchyard-access"
GRANT = Grant("switchyard-access", AccessLevel.READ_ONLY)


@pytest.fixture
def aws() -> Iterator[StandIn]:
    stand_in = StandIn(looks_until_deleted=0)
    yield stand_in
    stand_in.leave()


@pytest.fixture
def stacks(aws: StandIn) -> GroupStacks:
    return GroupStacks(SETTINGS, aws.cloudformation, aws.iam, poll_seconds=0, polls=3)


@pytest.fixture
def stack(aws: StandIn, stacks: GroupStacks) -> Stack:
    """The stack of a client that was onboarded."""
    stacks.start(asked(Kind.ONBOARD, id_="r0"))
    aws.end()
    aws.groups[GROUP] = ["ada"]
    aws.calls.clear()
    return aws.only()


def asked(kind: Kind = Kind.REPAIR, attempt: int = 1, id_: str = "rabc") -> Request:
    return a_request(id=id_, client_id=CLIENT, kind=kind, state=State.PROVISIONING, attempt=Attempt(attempt))


def found(stacks: GroupStacks) -> list[Difference]:
    return list(stacks.differences(CLIENT, ACCOUNT, GRANT))


def what(stacks: GroupStacks) -> list[Remedy]:
    return [one.remedy for one in found(stacks)]


def repaired(aws: StandIn, stacks: GroupStacks, attempt: int = 1) -> Progress:
    stacks.start(asked(attempt=attempt))
    aws.end()
    return stacks.progress(asked(attempt=attempt))


DONE = Progress(begun=True, outcome=StackOutcome(succeeded=True))


# What differs


def test_a_group_as_it_was_approved_differs_in_nothing(stack: Stack, stacks: GroupStacks, aws: StandIn) -> None:
    assert found(stacks) == []
    looks = {"DescribeStacks", "GetGroup", "ListGroupPolicies", "GetGroupPolicy", "ListAttachedGroupPolicies"}
    assert {name for name, _ in aws.calls} == looks, "nothing is changed by looking"
    assert len(aws.calls) == len(looks)


def test_a_group_that_an_older_template_made_differs_in_nothing(
    stack: Stack, stacks: GroupStacks, aws: StandIn
) -> None:
    del aws.policies[GROUP]["switch-into-client"]["Statement"][0]["Sid"]
    assert found(stacks) == []


def test_a_stack_that_is_gone_is_told(stack: Stack, stacks: GroupStacks, aws: StandIn) -> None:
    aws.lose(GROUP)
    stack.status = "DELETE_COMPLETE"
    [one] = found(stacks)
    assert one.remedy is Remedy.RENEW
    assert NAME in one.told
    assert GROUP in one.told


def test_so_is_a_group_that_was_left_without_its_stack(stack: Stack, stacks: GroupStacks) -> None:
    stack.status = "DELETE_COMPLETE"
    assert what(stacks) == [Remedy.RENEW, Remedy.BY_HAND]
    assert "delete the group" in found(stacks)[1].told


def test_a_stack_of_somebody_else_is_told(stack: Stack, stacks: GroupStacks) -> None:
    stack.role = "arn:aws:iam::111111111111:role/another"
    [one] = found(stacks)
    assert one.remedy is Remedy.BY_HAND
    assert "was not made by Switchyard" in one.told


def test_a_group_that_is_gone_is_told_with_its_members(stack: Stack, stacks: GroupStacks, aws: StandIn) -> None:
    aws.lose(GROUP)
    [one] = found(stacks)
    assert one.remedy is Remedy.RENEW
    assert "with its memberships" in one.told


@pytest.mark.parametrize(("path", "said"), [("/", "is at / instead of"), (HIDDEN, "is at another path instead of")])
def test_a_group_at_another_path_is_told_with_what_to_do(
    stack: Stack, stacks: GroupStacks, aws: StandIn, path: str, said: str
) -> None:
    aws.paths[GROUP] = path
    [one] = found(stacks)
    assert one.remedy is Remedy.BY_HAND
    assert said in one.told
    assert f"update-group --group-name {GROUP} --new-path /switchyard/clients/dev/" in one.told


def test_a_policy_that_is_gone_is_told(stack: Stack, stacks: GroupStacks, aws: StandIn) -> None:
    del aws.policies[GROUP]["switch-into-client"]
    [one] = found(stacks)
    assert one.remedy is Remedy.PUT_BACK
    assert "is deleted" in one.told
    assert ROLE in one.told


@pytest.mark.safety("A group's policy that says anything else is told, with what it says", "bot/aws/comparing.py")
@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ({"Resource": f"{ROLE}2"}, f"sts:AssumeRole on {ROLE}2"),
        ({"Resource": "*"}, "sts:AssumeRole on *"),
        ({"Resource": [ROLE, "arn:aws:iam::*:role/x"]}, f"sts:AssumeRole on {ROLE}, arn:aws:iam::*:role/x"),
        ({"Resource": []}, "sts:AssumeRole on "),
        ({"Resource": ROLE.upper()}, "ROLE/SWITCHYARD-ACCESS"),
        ({"Action": "*"}, f"* on {ROLE}"),
        ({"Action": ["sts:AssumeRole", "sts:TagSession"]}, f"sts:AssumeRole, sts:TagSession on {ROLE}"),
        ({"Effect": "Deny"}, '"Effect":"Deny"'),
        ({"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}, '"Condition"'),
        ({"NotAction": "iam:*", "Action": None}, '"NotAction"'),
        ({"NotResource": ROLE, "Resource": None}, '"NotResource"'),
        ({"Principal": "*"}, '"Principal"'),
    ],
)
def test_a_policy_that_says_anything_else_is_told_with_what_it_says(
    stack: Stack, stacks: GroupStacks, aws: StandIn, statement: dict[str, Any], said: str
) -> None:
    [approved] = aws.policies[GROUP]["switch-into-client"]["Statement"]
    changed = {key: value for key, value in {**approved, **statement}.items() if value is not None}
    aws.policies[GROUP]["switch-into-client"]["Statement"] = [changed]
    [one] = found(stacks)
    assert one.remedy is Remedy.PUT_BACK
    assert f"should allow only sts:AssumeRole on {ROLE}" in one.told
    assert said in one.told.partition("Now it says: ")[2]


@pytest.mark.safety("A further statement in a group's policy is told", "bot/aws/comparing.py")
def test_a_further_statement_is_told(stack: Stack, stacks: GroupStacks, aws: StandIn) -> None:
    aws.policies[GROUP]["switch-into-client"]["Statement"] += [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    [one] = found(stacks)
    assert one.told.endswith(f"sts:AssumeRole on {ROLE}; * on *")


@pytest.mark.parametrize("document", [{}, {"Statement": []}, [], "*", None, {"Statement": "*"}, {"Statement": [1]}])
def test_what_is_no_policy_allows_nothing_we_know_of(document: Any) -> None:
    assert not comparing.allows_only(document, ROLE)
    assert comparing.in_words(document)


def test_the_same_written_otherwise_is_the_same() -> None:
    statement = {"Sid": "any", "Effect": "Allow", "Action": ["STS:assumerole"], "Resource": [ROLE]}
    assert comparing.allows_only({"Version": "2012-10-17", "Statement": statement}, ROLE)


def test_a_long_policy_is_cut() -> None:
    document = {"Statement": [{"Effect": "Allow", "Action": f"s3:{'x' * 5000}", "Resource": "*"}]}
    assert len(comparing.in_words(document)) <= 401


@pytest.mark.safety("Policies that were added to a group are told, with what to do", "bot/aws/comparing.py")
def test_policies_that_were_added_are_told_with_what_to_do(stack: Stack, stacks: GroupStacks, aws: StandIn) -> None:
    aws.policies[GROUP]["more"] = {"Statement": []}
    aws.attached[GROUP] = ["arn:aws:iam::aws:policy/AdministratorAccess"]
    [one] = found(stacks)
    assert one.remedy is Remedy.BY_HAND
    assert "the inline policy more, the managed policy arn:aws:iam::aws:policy/AdministratorAccess" in one.told
    assert "remove it in IAM first" in one.told


def test_of_many_only_some_are_named(stack: Stack, stacks: GroupStacks, aws: StandIn) -> None:
    aws.attached[GROUP] = [f"arn:aws:iam::111111111111:policy/p{number}" for number in range(9)]
    [one] = found(stacks)
    assert "policy/p4 and 4 more" in one.told


def test_all_that_differs_is_told(stack: Stack, stacks: GroupStacks, aws: StandIn) -> None:
    aws.allows(GROUP, "*")
    aws.attached[GROUP] = ["arn:aws:iam::aws:policy/AdministratorAccess"]
    assert what(stacks) == [Remedy.PUT_BACK, Remedy.BY_HAND]


# What is no difference

OUTAGES = [
    refusal("Throttling", "Rate exceeded"),
    refusal("InternalFailure", "", 500),
    EndpointConnectionError(endpoint_url="https://iam"),
]


@pytest.mark.safety("An outage of AWS is no difference of a group", "bot/aws/groups.py")
@pytest.mark.parametrize("outage", OUTAGES, ids=["throttled", "5xx", "network"])
@pytest.mark.parametrize(
    "operation", ["DescribeStacks", "GetGroup", "ListGroupPolicies", "GetGroupPolicy", "ListAttachedGroupPolicies"]
)
def test_an_outage_is_no_difference(
    stack: Stack, stacks: GroupStacks, aws: StandIn, outage: Exception, operation: str
) -> None:
    aws.faults[operation] = outage
    with pytest.raises(TryAgain):
        found(stacks)


@pytest.mark.safety("A right of ours that is missing is no difference of a group", "bot/aws/groups.py")
@pytest.mark.parametrize(
    "operation", ["DescribeStacks", "GetGroup", "ListGroupPolicies", "GetGroupPolicy", "ListAttachedGroupPolicies"]
)
def test_a_right_of_ours_that_is_missing_is_no_difference(
    stack: Stack, stacks: GroupStacks, aws: StandIn, operation: str
) -> None:
    def denied(given: dict[str, Any]) -> dict[str, Any]:
        raise refusal("AccessDenied", f"not authorized to perform: {operation}", 403)

    setattr(aws, f"_{comparing_name(operation)}", denied)
    with pytest.raises(ProvisioningFailed, match="not authorized"):
        found(stacks)


def comparing_name(operation: str) -> str:
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in operation).lstrip("_")


@pytest.mark.safety("A group whose stack is being worked on is compared later", "bot/aws/comparing.py")
@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"])
def test_a_stack_that_is_being_worked_on_is_compared_later(stack: Stack, stacks: GroupStacks, status: str) -> None:
    stack.status = status
    with pytest.raises(TryAgain, match=status):
        found(stacks)


# Repair


@pytest.mark.safety("A repair writes the policy though the template is the same", "bot/aws/client_stacks.py")
def test_a_repair_writes_the_policy_though_the_template_is_the_same(
    stack: Stack, stacks: GroupStacks, aws: StandIn
) -> None:
    # Given
    aws.allows(GROUP, "*", action="*")

    # When
    assert stacks.start(asked()) == Started(stack.id)
    aws.end()

    # Then
    assert stacks.progress(asked()) == DONE
    assert found(stacks) == []
    assert aws.groups[GROUP] == ["ada"], "its members stay"
    [made] = aws.made("UpdateStack")
    assert made["TemplateURL"] == SETTINGS.group_template_url
    assert made["RoleARN"] == SETTINGS.group_role_arn
    assert stack.parameters == {
        "GroupName": GROUP,
        "GroupPath": SETTINGS.group_path,
        "RoleArn": ROLE,
        "Revision": "rabc1",
    }


def test_every_attempt_writes_it(stack: Stack, stacks: GroupStacks, aws: StandIn) -> None:
    repaired(aws, stacks)
    aws.allows(GROUP, "*")
    assert repaired(aws, stacks, attempt=2) == DONE
    assert found(stacks) == []


def test_repairing_twice_is_repairing_once(stack: Stack, stacks: GroupStacks, aws: StandIn) -> None:
    aws.allows(GROUP, "*")
    stacks.start(asked())
    stacks.start(asked())
    aws.end()
    stacks.start(asked())
    assert len(aws.made("UpdateStack")) == 1


def test_an_update_after_a_repair_is_one_like_any_other(stack: Stack, stacks: GroupStacks, aws: StandIn) -> None:
    repaired(aws, stacks)
    stacks.start(asked(Kind.UPDATE, id_="r9"))
    aws.end()
    assert stack.parameters["Revision"] == "Approved"
    assert found(stacks) == []


def test_where_the_group_is_gone_its_stack_is_made_anew(stack: Stack, stacks: GroupStacks, aws: StandIn) -> None:
    # Given
    aws.lose(GROUP)

    # When
    started = stacks.start(asked())

    # Then
    assert stack.status == "DELETE_COMPLETE"
    assert started == Started(aws.only().id)
    aws.end()
    assert stacks.progress(asked()) == DONE
    assert found(stacks) == []
    assert aws.groups[GROUP] == []


def test_that_goes_on_where_it_was_interrupted(stack: Stack, stacks: GroupStacks, aws: StandIn) -> None:
    aws.lose(GROUP)
    aws.faults["CreateStack"] = refusal("Throttling", "Rate exceeded")
    with pytest.raises(TryAgain):
        stacks.start(asked())
    assert repaired(aws, stacks) == DONE
    assert len(aws.made("DeleteStack")) == 1


def test_where_the_stack_is_gone_it_is_made_anew(stack: Stack, stacks: GroupStacks, aws: StandIn) -> None:
    aws.lose(GROUP)
    stack.status = "DELETE_COMPLETE"
    assert repaired(aws, stacks) == DONE
    assert found(stacks) == []


def test_a_stack_that_can_only_be_deleted_is_made_anew(stack: Stack, stacks: GroupStacks, aws: StandIn) -> None:
    aws.groups[GROUP] = []
    aws.tell(stack, "DELETE_FAILED")
    assert repaired(aws, stacks) == DONE


@pytest.mark.safety(
    "A repair that can't take everything away fails before it touches anything", "bot/aws/cloudformation.py"
)
def test_what_a_repair_cannot_take_away_fails_before_anything_is_touched(
    stack: Stack, stacks: GroupStacks, aws: StandIn
) -> None:
    # Given
    aws.attached[GROUP] = ["arn:aws:iam::aws:policy/AdministratorAccess"]
    aws.policies[GROUP]["more"] = {}
    aws.allows(GROUP, "*")

    # When, Then
    with pytest.raises(ProvisioningFailed, match=r"the inline policy more, the managed policy .*AdministratorAccess"):
        stacks.start(asked())
    assert not aws.made("UpdateStack")

    # When somebody has taken it away
    del aws.attached[GROUP], aws.policies[GROUP]["more"]
    assert repaired(aws, stacks, attempt=2) == DONE
    assert found(stacks) == []


@pytest.mark.safety("A repair leaves alone a group at another path, or without its stack", "bot/aws/cloudformation.py")
@pytest.mark.parametrize("path", ["/", HIDDEN])
def test_a_group_at_another_path_is_left_where_it_is(
    stack: Stack, stacks: GroupStacks, aws: StandIn, path: str
) -> None:
    aws.paths[GROUP] = path
    with pytest.raises(ProvisioningFailed, match="update-group"):
        stacks.start(asked())
    assert not aws.made("UpdateStack")
    assert not aws.made("DeleteStack")


@pytest.mark.safety("A repair leaves alone a group at another path, or without its stack", "bot/aws/cloudformation.py")
def test_a_group_without_its_stack_is_left_as_it_is(stack: Stack, stacks: GroupStacks, aws: StandIn) -> None:
    stack.status = "DELETE_COMPLETE"
    with pytest.raises(ProvisioningFailed, match="nothing shows that Switchyard made the group"):
        stacks.start(asked())
    assert not aws.made("CreateStack")


def test_a_stack_of_somebody_else_is_left_as_it_is(stack: Stack, stacks: GroupStacks, aws: StandIn) -> None:
    stack.role = "arn:aws:iam::111111111111:role/another"
    with pytest.raises(ProvisioningFailed, match="was not made by Switchyard"):
        stacks.start(asked())
    assert not aws.made("UpdateStack")
