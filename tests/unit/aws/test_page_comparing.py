"""What is told of a page that somebody has changed by hand, and what Repair may do about it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.aws import kit_policy
from bot.aws.page_stacks import PageStacksOnCloudFormation
from bot.domain.errors import ProvisioningFailed, TryAgain
from bot.domain.page import Page
from bot.domain.vocabulary import Remedy
from tests.unit.aws.cloudformation_stand_in import HIDDEN, refusal
from tests.unit.aws.page_stand_in import PageStandIn
from tests.unit.aws.test_cloudformation_stacks import SETTINGS
from tests.unit.aws.test_page_stacks import GROUP, NAME, OTHER, POLICY, ROLE, a_page, made

THIRD = "arn:aws:iam::444444444444:role/third"
PAGE = a_page(ROLE, OTHER)
Told = list[tuple[Remedy, str]]


@pytest.fixture
def aws() -> Iterator[PageStandIn]:
    stand_in = PageStandIn()
    made(stand_in, _pages(stand_in), ROLE, OTHER)
    yield stand_in
    stand_in.leave()


def _pages(aws: PageStandIn) -> PageStacksOnCloudFormation:
    return PageStacksOnCloudFormation(SETTINGS, aws.cloudformation, aws.iam)


def told(aws: PageStandIn, page: Page = PAGE) -> Told:
    return [(one.remedy, one.told) for one in _pages(aws).differences(page)]


def says(*resources: str, **other: Any) -> dict[str, Any]:
    statement = {"Sid": "R9", "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": list(resources), **other}
    return {"Version": "2012-10-17", "Statement": [statement]}


def test_a_page_as_wanted_differs_in_nothing_and_only_looks(aws: PageStandIn) -> None:
    assert told(aws) == []
    assert all(name.startswith(("Describe", "Get", "List")) for name, _ in aws.calls)
    assert len(aws.calls) == 7


def test_order_revision_and_a_single_string_are_no_difference(aws: PageStandIn) -> None:
    aws.documents[POLICY] = says(OTHER, ROLE)
    assert told(aws) == []
    aws.documents[POLICY]["Statement"][0]["Resource"] = ROLE
    assert told(aws, a_page(ROLE)) == []


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (says(ROLE, OTHER, THIRD), f"It also lists {THIRD}."),
        (says(ROLE), f"It does not list {OTHER}."),
        (says("arn:aws:iam::*:role/*"), f"It also lists arn:aws:iam::*:role/*. It does not list {ROLE}, {OTHER}."),
        (says(ROLE, OTHER, Action="sts:*"), f"It should list 2 roles. Now it says: sts:* on {ROLE}, {OTHER}"),
        (says(ROLE, OTHER, Condition={"Bool": {"aws:x": "true"}}), "It should list 2 roles. Now it says: {"),
        (says(ROLE, OTHER, Effect="Deny"), "It should list 2 roles. Now it says: {"),
        ({"Statement": [says(ROLE, OTHER)["Statement"][0]] * 2}, "It should list 2 roles. Now it says: sts:AssumeRole"),
        ({"Statement": []}, "It should list 2 roles. Now it says: nothing"),
    ],
)
def test_another_document_is_put_back(aws: PageStandIn, document: dict[str, Any], words: str) -> None:
    aws.documents[POLICY] = document
    [(remedy, text)] = told(aws)
    assert remedy is Remedy.PUT_BACK
    assert text.startswith(f"The policy {GROUP}-1 was changed. {words}")


def test_an_empty_page_that_lists_something_is_put_back(aws: PageStandIn) -> None:
    [(remedy, text)] = told(aws, a_page())
    assert (remedy, "It should list no role. Now it says: sts:AssumeRole on" in text) == (Remedy.PUT_BACK, True)
    aws.documents[POLICY] = says("*", Action="sts:GetCallerIdentity")
    assert told(aws, a_page()) == []


@pytest.mark.safety("A page that is detached from its group is told", "bot/aws/page_comparing.py")
def test_a_page_that_is_detached_is_told_with_the_command(aws: PageStandIn) -> None:
    aws.attached[GROUP].remove(POLICY)
    [(remedy, text)] = told(aws)
    assert remedy is Remedy.BY_HAND
    assert f"aws iam attach-group-policy --group-name {GROUP} --policy-arn {POLICY}" in text


@pytest.mark.safety("What a team's group was given besides its pages is told", "bot/aws/page_comparing.py")
def test_what_the_group_was_given_besides_its_ten_pages_is_told_with_the_first(aws: PageStandIn) -> None:
    aws.attached[GROUP] += [f"{POLICY[:-1]}10", f"{POLICY[:-1]}11", "arn:aws:iam::aws:policy/AdministratorAccess"]
    aws.policies[GROUP]["more"] = says("*")
    [(remedy, text)] = told(aws)
    assert remedy is Remedy.BY_HAND
    given = f"the inline policy more, the managed policy {POLICY[:-1]}11, the managed policy arn:aws:iam::aws:policy/"
    assert f"{GROUP} was given more: {given}AdministratorAccess." in text


def _wider(document: Any) -> None:
    document["Statement"][0]["Resource"] = document["Statement"][0]["Resource"].replace("operators/*", "*")


def _more(document: Any) -> None:
    document["Statement"].append({"Effect": "Allow", "Action": "*", "Resource": "*"})


def _unconditional(document: Any) -> None:
    del document["Statement"][1]["Condition"]["StringEquals"]["s3:prefix"]


@pytest.mark.safety("A changed policy by which a team reads its kit is told", "bot/aws/kit_policy.py")
@pytest.mark.parametrize("change", [_wider, _more, _unconditional, dict.clear])
def test_a_changed_policy_for_the_kit_is_told_with_the_command_that_puts_it_back(
    aws: PageStandIn, change: Callable[[Any], None]
) -> None:
    wanted = copy.deepcopy(aws.policies[GROUP][kit_policy.NAME])
    change(aws.policies[GROUP][kit_policy.NAME])
    [(remedy, text)] = told(aws)
    assert remedy is Remedy.BY_HAND
    assert f"The policy read-kit of the group {GROUP} was changed." in text
    assert json.loads(text.rpartition("--policy-document '")[2].removesuffix("'")) == wanted
    assert f"aws iam put-group-policy --group-name {GROUP} --policy-name read-kit" in text


def test_a_deleted_policy_for_the_kit_is_told(aws: PageStandIn) -> None:
    del aws.policies[GROUP][kit_policy.NAME]
    [(remedy, text)] = told(aws)
    assert (remedy, "its members can't fetch the team's kit" in text) == (Remedy.BY_HAND, True)


def test_lists_of_one_and_another_order_are_no_difference_of_the_policy_for_the_kit(aws: PageStandIn) -> None:
    document = aws.policies[GROUP][kit_policy.NAME]
    for statement in document["Statement"]:
        statement |= {"Sid": "x", "Action": [statement["Action"]], "Resource": [statement["Resource"]]}
    document["Statement"].reverse()
    assert told(aws) == []


def test_other_pages_leave_the_group_to_the_one_that_makes_it(aws: PageStandIn) -> None:
    second = a_page(ROLE, number=2)
    _pages(aws).write(second)
    stack = next(one for one in aws.stacks if one.status == "CREATE_IN_PROGRESS")
    aws.stacks.remove(aws.named(NAME) or stack)
    aws.end()
    aws.attached[GROUP].append("arn:aws:iam::aws:policy/AdministratorAccess")
    assert told(aws, second) == []
    aws.lose(GROUP)
    assert told(aws, second) == []


def test_a_deleted_policy_has_to_be_made_by_hand(aws: PageStandIn) -> None:
    del aws.documents[POLICY]
    aws.attached[GROUP].remove(POLICY)
    [(remedy, text)] = told(aws)
    assert remedy is Remedy.BY_HAND
    assert f"The policy {GROUP}-1 is deleted" in text


def test_a_deleted_group_has_to_be_made_by_hand(aws: PageStandIn) -> None:
    aws.lose(GROUP)
    [(remedy, text)] = told(aws)
    assert (remedy, f"The group {GROUP} is deleted" in text) == (Remedy.BY_HAND, True)


@pytest.mark.parametrize("path", ["/theirs/", HIDDEN])
def test_a_group_that_was_moved_has_to_be_moved_back(aws: PageStandIn, path: str) -> None:
    aws.paths[GROUP] = path
    [(remedy, text)] = told(aws)
    assert (remedy, f"--group-name {GROUP} --new-path /switchyard/teams/prod/" in text) == (Remedy.BY_HAND, True)


def test_a_deleted_stack_is_made_anew_once_what_it_left_is_gone(aws: PageStandIn) -> None:
    aws.only().status = "DELETE_COMPLETE"
    assert [remedy for remedy, _ in told(aws)] == [Remedy.RENEW, Remedy.BY_HAND, Remedy.BY_HAND]
    del aws.documents[POLICY]
    aws.lose(GROUP)
    assert told(aws) == [(Remedy.RENEW, f"The stack {NAME} is deleted, which makes the team's page 1.")]


def test_a_stack_that_is_not_ours_is_for_a_person(aws: PageStandIn) -> None:
    aws.only().role = ""
    [(remedy, text)] = told(aws)
    assert (remedy, f"The stack {NAME} was not made by Switchyard" in text) == (Remedy.BY_HAND, True)


def test_while_the_stack_is_worked_on_nothing_is_known(aws: PageStandIn) -> None:
    aws.only().status = "UPDATE_IN_PROGRESS"
    with pytest.raises(TryAgain):
        told(aws)


def test_a_refusal_to_look_is_no_difference(aws: PageStandIn) -> None:
    aws.faults["GetPolicy"] = refusal("AccessDenied", "not authorized to perform: iam:GetPolicy", 403)
    with pytest.raises(ProvisioningFailed, match="iam:GetPolicy"):
        told(aws)
