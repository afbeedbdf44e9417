"""What is done to a page's stack in each state it can be in, and what comes of doing it twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from bot.aws.page_stacks import PARAMETER_LENGTH, PageStacksOnCloudFormation, in_two_parts
from bot.domain.errors import ProvisioningFailed, TryAgain
from bot.domain.page import Entry, Page, PageName
from bot.ports import Progress, StackOutcome, Started
from tests.unit.aws.cloudformation_stand_in import Stack, refusal
from tests.unit.aws.page_stand_in import PageStandIn
from tests.unit.aws.test_cloudformation_stacks import SETTINGS

NAME = "switchyard-prod-page-operators-1"
GROUP = "switchyard-prod-team-operators"
POLICY = "arn:aws:iam::111111111111:policy/switchyard/teams/prod/switchyard-prod-team-operators-1"
ROLE = "arn:aws:iam::222222222222:role/switchyard-access"
OTHER = "arn:aws:iam::333333333333:role/a,b=c"
DONE = StackOutcome(succeeded=True)


@pytest.fixture
def aws() -> Iterator[PageStandIn]:
    stand_in = PageStandIn()
    yield stand_in
    stand_in.leave()


@pytest.fixture
def pages(aws: PageStandIn) -> PageStacksOnCloudFormation:
    return PageStacksOnCloudFormation(SETTINGS, aws.cloudformation, aws.iam, poll_seconds=0, polls=3)


def a_page(*roles: str, revision: int = 1, number: int = 1, stack_id: str | None = None) -> Page:
    entries = tuple(Entry(f"c{at}", role) for at, role in enumerate(roles))
    return Page("operators", number, entries, revision=revision, stack_id=stack_id)


def made(aws: PageStandIn, pages: PageStacksOnCloudFormation, *roles: str) -> Stack:
    """A stack of this page, made with its first revision."""
    pages.write(a_page(*roles))
    aws.end()
    aws.calls.clear()
    return aws.only()


def in_state(aws: PageStandIn, pages: PageStacksOnCloudFormation, status: str) -> Stack:
    """A stack that others left in this state."""
    stack = made(aws, pages, ROLE)
    stack.token = "others"
    aws.tell(stack, status)
    return stack


def said(aws: PageStandIn) -> Any:
    [statement] = aws.documents[POLICY]["Statement"]
    return statement


def test_the_first_page_makes_its_policy_and_the_group(aws: PageStandIn, pages: PageStacksOnCloudFormation) -> None:
    started = pages.write(a_page(ROLE, OTHER))

    assert started == Started(aws.only().id)
    [call] = aws.made("CreateStack")
    assert {key: value for key, value in call.items() if not key.startswith("Parameters.")} == {
        "StackName": NAME,
        "TemplateURL": SETTINGS.page_template_url,
        "RoleARN": SETTINGS.team_role_arn,
        "Capabilities.member.1": "CAPABILITY_NAMED_IAM",
        "ClientRequestToken": "R1",
    }
    aws.end()
    assert said(aws) == {"Sid": "R1", "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": [ROLE, OTHER]}
    assert aws.attached == {GROUP: [POLICY]}
    assert GROUP in aws.groups


@pytest.mark.parametrize(
    ("number", "group", "makes"), [(2, GROUP, "false"), (10, GROUP, "false"), (11, f"{GROUP}-2", "true")]
)
def test_each_ten_pages_have_a_group(
    aws: PageStandIn, pages: PageStacksOnCloudFormation, number: int, group: str, makes: str
) -> None:
    pages.write(a_page(ROLE, number=number))
    wanted = aws.only().wanted
    assert (wanted["GroupName"], wanted["MakesGroup"]) == (group, makes)
    assert wanted["PolicyName"] == f"{GROUP}-{number}"


def test_an_empty_page_lets_nobody_in(aws: PageStandIn, pages: PageStacksOnCloudFormation) -> None:
    made(aws, pages)
    assert said(aws)["Action"] == "sts:GetCallerIdentity"


def test_a_role_of_two_clients_stands_there_once(aws: PageStandIn, pages: PageStacksOnCloudFormation) -> None:
    made(aws, pages, ROLE, OTHER, ROLE)
    assert said(aws)["Resource"] == [ROLE, OTHER]


@pytest.mark.safety("What is not exactly one role's ARN never stands on a page", "bot/aws/page_stacks.py")
@pytest.mark.parametrize(
    "role",
    [
        "*",
        "arn:aws:iam::222222222222:role/*",
        f"{ROLE} {OTHER}",
        f"{ROLE}\n",
        f"{ROLE}?",
        "",
        f"{ROLE}${{aws:username}}",
    ],
)
def test_what_is_no_role_is_refused_before_cloudformation_is_asked(
    aws: PageStandIn, pages: PageStacksOnCloudFormation, role: str
) -> None:
    with pytest.raises(ProvisioningFailed, match="can only list ARNs of roles"):
        pages.write(a_page(ROLE, role))
    assert aws.calls == []


def test_a_known_stack_is_changed_with_one_call(aws: PageStandIn, pages: PageStacksOnCloudFormation) -> None:
    stack = made(aws, pages, ROLE)

    assert pages.write(a_page(OTHER, revision=2, stack_id=stack.id)) == Started(stack.id)

    assert [(name, call["StackName"]) for name, call in aws.calls] == [("UpdateStack", stack.id)]
    aws.end()
    assert said(aws)["Resource"] == [OTHER]


def test_what_is_done_already_is_finished(aws: PageStandIn, pages: PageStacksOnCloudFormation) -> None:
    stack = made(aws, pages, ROLE)
    assert pages.write(a_page(ROLE, stack_id=stack.id)) == Started(stack.id, finished=True)


@pytest.mark.safety("A page that is written already is not written again", "bot/aws/page_stacks.py")
@pytest.mark.parametrize(("known", "ended"), [(False, None), (False, ""), (False, "no"), (True, None), (True, "")])
def test_writing_twice_is_writing_once(
    aws: PageStandIn, pages: PageStacksOnCloudFormation, known: bool, ended: str | None
) -> None:
    stack = made(aws, pages, ROLE)
    page = a_page(OTHER, revision=2, stack_id=stack.id if known else None)
    pages.write(page)
    if ended is not None:
        aws.end(failure=ended)
    aws.calls.clear()

    assert pages.write(page).stack_id == stack.id

    events = [event for event in aws.events if event["ResourceStatus"] == "UPDATE_IN_PROGRESS"]
    assert len([event for event in events if event["PhysicalResourceId"] == stack.id]) == 1


@pytest.mark.parametrize("known", [False, True])
def test_another_operation_is_waited_for(aws: PageStandIn, pages: PageStacksOnCloudFormation, known: bool) -> None:
    stack = in_state(aws, pages, "UPDATE_IN_PROGRESS")
    with pytest.raises(TryAgain, match=f"{NAME} is in UPDATE_IN_PROGRESS"):
        pages.write(a_page(OTHER, revision=2, stack_id=stack.id if known else None))
    assert said(aws)["Resource"] == [ROLE]


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "CREATE_FAILED", "DELETE_FAILED", "ROLLBACK_FAILED"])
def test_what_can_only_be_deleted_is_made_anew(
    aws: PageStandIn, pages: PageStacksOnCloudFormation, status: str, known: bool
) -> None:
    failed = in_state(aws, pages, status)
    aws.looks_until_deleted = 1

    started = pages.write(a_page(OTHER, revision=2, stack_id=failed.id if known else None))

    assert failed.status == "DELETE_COMPLETE"
    assert started == Started(aws.only().id)
    [deleted] = aws.made("DeleteStack")
    assert deleted == {"StackName": failed.id, "RoleARN": SETTINGS.team_role_arn, "ClientRequestToken": "R2-clear"}
    aws.end()
    assert said(aws)["Resource"] == [OTHER]


@pytest.mark.parametrize("known", [False, True])
def test_a_stuck_stack_is_for_an_engineer(aws: PageStandIn, pages: PageStacksOnCloudFormation, known: bool) -> None:
    stack = in_state(aws, pages, "UPDATE_ROLLBACK_FAILED")
    with pytest.raises(ProvisioningFailed, match="continue its rollback in the CloudFormation console"):
        pages.write(a_page(OTHER, revision=2, stack_id=stack.id if known else None))


@pytest.mark.safety("A page's stack that was not made with our service role is left alone", "bot/aws/page_stacks.py")
def test_a_stack_that_is_not_ours_is_left_alone(aws: PageStandIn, pages: PageStacksOnCloudFormation) -> None:
    stack = made(aws, pages, ROLE)
    stack.role = SETTINGS.group_role_arn
    with pytest.raises(ProvisioningFailed, match=f"{NAME} that was not made by Switchyard"):
        pages.write(a_page(OTHER, revision=2))
    assert not aws.made("UpdateStack")
    assert pages.progress(a_page(ROLE)) == Progress(begun=False)


def test_a_page_whose_stack_was_deleted_by_hand_is_made_anew(
    aws: PageStandIn, pages: PageStacksOnCloudFormation
) -> None:
    gone = made(aws, pages, ROLE)
    aws.cloudformation.delete_stack(StackName=gone.id)
    aws.end()

    page = a_page(OTHER, revision=2, stack_id=gone.id)
    started = pages.write(page)

    aws.end()
    assert started.stack_id == aws.only().id != gone.id
    assert pages.progress(page) == Progress(begun=True, outcome=DONE, stack_id=started.stack_id)
    assert pages.write(page) == Started(started.stack_id)


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        (refusal("Throttling", "Rate exceeded"), TryAgain),
        (refusal("TokenAlreadyExistsException", "taken"), None),
        (refusal("AccessDenied", "not authorized to perform: cloudformation:UpdateStack", 403), ProvisioningFailed),
        (ReadTimeoutError(endpoint_url="https://cloudformation"), TryAgain),
    ],
)
def test_what_cloudformation_says_no_to(
    aws: PageStandIn, pages: PageStacksOnCloudFormation, fault: Exception, raised: type[Exception] | None
) -> None:
    stack = made(aws, pages, ROLE)
    aws.faults["UpdateStack"] = fault
    page = a_page(OTHER, revision=2, stack_id=stack.id)
    if raised is None:
        assert pages.write(page) == Started(stack.id)
    else:
        with pytest.raises(raised):
            pages.write(page)


# How far it is


def test_how_far_a_known_stack_is_takes_one_call(aws: PageStandIn, pages: PageStacksOnCloudFormation) -> None:
    stack = made(aws, pages, ROLE)
    page = a_page(OTHER, revision=2, stack_id=stack.id)
    pages.write(page)
    aws.calls.clear()
    assert pages.progress(page) == Progress(begun=True, stack_id=stack.id)
    assert [name for name, _ in aws.calls] == ["DescribeStackEvents"]
    aws.end()
    assert pages.progress(page) == Progress(begun=True, outcome=DONE, stack_id=stack.id)


def test_a_failure_is_told_in_cloudformations_words(aws: PageStandIn, pages: PageStacksOnCloudFormation) -> None:
    page = a_page(ROLE)
    pages.write(page)
    aws.end(failure="Cannot exceed quota for PolicySize: 6144")
    failed = StackOutcome(succeeded=False, reason="Page: Cannot exceed quota for PolicySize: 6144")
    assert pages.progress(page) == Progress(begun=True, outcome=failed, stack_id=aws.only().id)


@pytest.mark.parametrize("known", [False, True])
def test_what_was_never_sent_has_not_begun(aws: PageStandIn, pages: PageStacksOnCloudFormation, known: bool) -> None:
    assert pages.progress(a_page(ROLE)) == Progress(begun=False)
    stack = made(aws, pages, ROLE)
    assert not pages.progress(a_page(OTHER, revision=2, stack_id=stack.id if known else None)).begun


def test_no_more_events_are_read_than_of_the_revision_before(
    aws: PageStandIn, pages: PageStacksOnCloudFormation
) -> None:
    stack = made(aws, pages, ROLE)
    for revision in range(2, 12):
        pages.write(a_page(ROLE, revision=revision, stack_id=stack.id))
        aws.end()
    aws.calls.clear()
    assert not pages.progress(a_page(OTHER, revision=12, stack_id=stack.id)).begun
    assert len(aws.made("DescribeStackEvents")) == 1


def test_not_knowing_how_far_it_is_is_no_outcome(aws: PageStandIn, pages: PageStacksOnCloudFormation) -> None:
    stack = made(aws, pages, ROLE)
    aws.faults["DescribeStackEvents"] = refusal("AccessDenied", "not authorized", 403)
    with pytest.raises(TryAgain):
        pages.progress(a_page(ROLE, stack_id=stack.id))
    aws.faults["DescribeStacks"] = refusal("AccessDenied", "not authorized", 403)
    with pytest.raises(TryAgain):
        pages.progress(a_page(ROLE))


# Names


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("switchyard-prod-page-operators-1", PageName("operators", 1)),
        ("switchyard-prod-page-a1-12", PageName("a1", 12)),
        ("switchyard-prod-page-operators-01", None),
        ("switchyard-prod-page-operators", None),
        ("switchyard-prod-page-Operators-1", None),
        ("switchyard-prod-client-caaaaaaaaaa", None),
        ("switchyard-test-page-operators-1", None),
    ],
)
def test_a_page_is_known_by_its_stacks_whole_id(
    pages: PageStacksOnCloudFormation, name: str, page: PageName | None
) -> None:
    arn = f"arn:aws:cloudformation:eu-west-1:111111111111:stack/{name}/0-uuid"
    assert pages.name_of(arn) == page
    assert pages.name_of(arn.replace("111111111111", "222222222222")) is None
    assert pages.name_of(f"{arn}/x") is None


def test_a_full_page_is_handed_over_in_two_parts() -> None:
    roles = [f"arn:aws:iam::{number:012}:role/switchyard-access" for number in range(117)]
    first, second = in_two_parts(roles)
    assert f"{first} {second}".split(" ") == roles
    assert len(first) <= PARAMETER_LENGTH < len(first) + 1 + len(roles[0])
    assert in_two_parts(roles[:80]) == (" ".join(roles[:80]), "")
    assert in_two_parts([]) == ("", "")
