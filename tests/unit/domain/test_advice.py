"""What is to be done about what AWS says, found by AWS's words."""

from __future__ import annotations

import pytest

from bot.domain.advice import advice
from bot.provisioning.attempt import FORGOTTEN


@pytest.mark.parametrize(
    ("reason", "begin"),
    [
        ("ClientGroup: Cannot exceed quota for GroupsPerAccount: 300", "The IAM group limit of this account"),
        ("Limit for stack has been exceeded", "This account has as many CloudFormation stacks"),
        ("Cannot delete entity, must remove users from group first.", "Somebody is in the group"),
        ("Group with name x already exists. (Service: Iam)", "Something of that name"),
        ("S3 error: The specified bucket does not exist", "The template of the group"),
        ("S3 error: Access Denied", "The template of the group"),
        ("Role arn:aws:iam::1:role/x is invalid or cannot be assumed", "AWS does not let Switchyard"),
        ("ClientGroup: (Service: Iam, Status Code: 503, Request ID: x)", "AWS has a fault of its own"),
        ("Internal Failure", "AWS has a fault of its own"),
        ("User: x is not authorized to perform: iam:CreateGroup", "AWS does not let Switchyard"),
    ],
)
def test_it_says_whose_it_is_to_mend(reason: str, begin: str) -> None:
    assert advice(reason).startswith(begin)
    assert "press Retry" in advice(reason)


@pytest.mark.parametrize(
    "reason",
    [
        "",
        FORGOTTEN,
        "The stack s is there already and was not made by Switchyard, whose stacks have the service role r.",
        "The group g is gone, perhaps deleted by hand. Delete the stack s too; then Retry works.",
    ],
)
def test_what_says_it_itself_or_is_not_known_gets_none(reason: str) -> None:
    assert advice(reason) == ""
