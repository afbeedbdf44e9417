"""What is to be done about what AWS says, found by AWS's words."""

from __future__ import annotations

import pytest

from bot.domain.advice import advice
from bot.provisioning.attempt import FORGOTTEN


@pytest.mark.parametrize(
    ("reason", "begin"),
    [
        ("ClientGroup: Cannot exceed quota for GroupsPerAccount: 300", "The IAM group limit of this account"),
        (
            "Page: Cannot exceed quota for PoliciesPerAccount: 1500",
            "This account has as many customer managed policies",
        ),
        ("Page: Cannot exceed quota for PoliciesPerGroup: 10", "The team's group has ten policies already"),
        ("Limit for stack has been exceeded", "This account has as many CloudFormation stacks"),
        ("Cannot delete entity, must remove users from group first.", "Somebody is in the group"),
        ("Group with name x already exists. (Service: Iam)", "This account already has something of that name"),
        ("S3 error: The specified bucket does not exist", "AWS can't read the template of the stack"),
        ("S3 error: Access Denied", "AWS can't read the template of the stack"),
        ("Role arn:aws:iam::1:role/x is invalid or cannot be assumed", "AWS does not let Switchyard"),
        ("ClientGroup: (Service: Iam, Status Code: 503, Request ID: x)", "AWS itself has a problem"),
        ("Internal Failure", "AWS itself has a problem"),
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
        "There is already a stack s that was not made by Switchyard, whose stacks have the service role r.",
        "The group g no longer exists; perhaps it was deleted by hand. Ask whoever runs Switchyard to delete it.",
    ],
)
def test_what_says_it_itself_or_is_not_known_gets_none(reason: str) -> None:
    assert advice(reason) == ""
