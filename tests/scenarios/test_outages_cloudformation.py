"""CloudFormation refuses, or others have a stack of that name: what is said, which button helps, how it ends."""

from __future__ import annotations

import pytest

from tests.scenarios.outage_scene import DELETED, OutageScene
from tests.unit.aws.cloudformation_stand_in import refusal

GROUP_LIMIT = (
    'Resource handler returned message: "Cannot exceed quota for GroupsPerAccount: 300 (Service: Iam, Status '
    'Code: 409, Request ID: 1)" (RequestToken: 1, HandlerErrorCode: ServiceLimitExceeded)'
)
GROUP_TAKEN = (
    'Resource handler returned message: "Group with name switchyard-prod-c already exists. (Service: Iam, Status Code: '
    '409)" (RequestToken: 1, HandlerErrorCode: AlreadyExists)'
)
ROLE_GONE = 'Resource handler returned message: "User is not authorized to perform: iam:CreateGroup (Status Code: 403)"'
SOMEBODY = "arn:aws:iam::111111111111:role/somebody"


def operations(outage: OutageScene) -> list[str]:
    """What CloudFormation was asked to do."""
    return [name for name, _ in outage.stand_in.calls if name.endswith("Stack")]


def test_the_scene_undisturbed(outage: OutageScene) -> None:
    """What every outage is to end as."""
    outage.asks()
    outage.presses("Approve")
    outage.work()
    assert outage.is_onboarded()
    outage.minutes_pass(3)
    assert outage.is_onboarded()
    assert outage.bell.rung() == set()


# It says no


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        (GROUP_LIMIT, "The IAM group limit of this account is reached. Ask AWS for more"),
        (GROUP_TAKEN, "Delete or rename it, then press Retry."),
        (ROLE_GONE, "Ask whoever runs Switchyard to check whether its roles were changed by hand"),
    ],
    ids=["group limit", "group name taken", "service role without its rights"],
)
def test_a_creation_that_is_rolled_back_says_why_and_what_to_do_and_retry_works(
    outage: OutageScene, reason: str, advice: str
) -> None:
    outage.asks()
    outage.presses("Approve")
    outage.provisions()
    outage.ends(failure=reason)
    assert outage.stand_in.only().status == "ROLLBACK_COMPLETE"
    assert "🔴" in outage.last.words and reason[:60] in outage.last.words and advice in outage.last.words
    assert outage.last.buttons == ("Retry", "Text for the client")
    # When nothing was mended, it says so again
    outage.presses("Retry")
    outage.provisions()
    outage.ends(failure=reason)
    assert advice in outage.last.words and outage.last.buttons == ("Retry", "Text for the client")
    # When it is
    outage.presses("Retry")
    outage.work()
    assert outage.is_onboarded()
    assert outage.bell.rung() == set()


@pytest.mark.parametrize(
    ("code", "said", "advice"),
    [
        ("LimitExceededException", "Limit for stack has been exceeded", "as many CloudFormation stacks"),
        (
            "ValidationError",
            "S3 error: The specified bucket does not exist",
            "AWS can't read the template of the stack",
        ),
        (
            "ValidationError",
            "Role arn:aws:iam::111111111111:role/x is invalid or cannot be assumed",
            "roles were",
        ),
        ("AccessDenied", "User: x is not authorized to perform: cloudformation:CreateStack", "roles were"),
    ],
)
def test_a_stack_that_is_refused_says_why_and_what_to_do_and_retry_works(
    outage: OutageScene, code: str, said: str, advice: str
) -> None:
    outage.asks()
    outage.cloud.sets_in(refusal(code, said), "CreateStack")
    outage.presses("Approve")
    outage.provisions()
    assert said in outage.last.words and advice in outage.last.words
    assert outage.last.buttons == ("Retry", "Text for the client")
    outage.cloud.ends()
    outage.presses("Retry")
    outage.work()
    assert outage.is_onboarded()
    assert outage.bell.rung() == set()


# Its name is taken


@pytest.mark.safety("A stack of that name without our service role is not ours", "bot/aws/stacks.py")
@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "ROLLBACK_COMPLETE", "UPDATE_IN_PROGRESS", "DELETE_FAILED"])
def test_a_stack_that_is_not_ours_is_left_alone_and_retry_works_once_it_is_gone(
    outage: OutageScene, status: str
) -> None:
    outage.asks()
    foreign = outage.stack_left_by_others(status, role=SOMEBODY)
    outage.presses("Approve")
    outage.provisions()
    assert f"There is already a stack {foreign.name} that was not made by Switchyard" in outage.last.words
    assert outage.last.buttons == ("Retry", "Text for the client")
    assert operations(outage) == []
    outage.stand_in.tell(foreign, DELETED)
    outage.presses("Retry")
    outage.work()
    assert outage.is_onboarded()


def test_a_removal_leaves_a_stack_alone_that_has_taken_the_place_of_ours(outage: OutageScene) -> None:
    outage.asks()
    outage.presses("Approve")
    outage.work()
    outage.stand_in.tell(outage.stand_in.only(), DELETED)
    outage.groups.clear()
    foreign = outage.stack_left_by_others("CREATE_COMPLETE", role=SOMEBODY)
    outage.asks(DELETED)
    outage.presses("Approve")
    outage.provisions()
    assert "was not made by Switchyard" in outage.last.words and outage.last.buttons == ("Retry",)
    assert foreign.status == "CREATE_COMPLETE" and operations(outage) == ["CreateStack"]
    outage.stand_in.tell(foreign, DELETED)
    outage.presses("Retry")
    outage.work()
    assert "✅" in outage.last.words and "is removed" in outage.last.words
