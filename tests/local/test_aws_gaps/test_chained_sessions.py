"""Role chaining: who assumes a role with temporary credentials gets an hour at most, and carries no MFA."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.test_aws_gaps.accounts import Account, allow, policy
from tests.local.test_aws_gaps.test_iam_quotas import refusal

REFUSED = (
    400,
    "ValidationError",
    "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
)


def chained_role(client: Account, name: str, **condition: Any) -> str:
    """A role of the client's that the provider's principals may assume for twelve hours."""
    statement = {**allow("sts:AssumeRole"), "Principal": {"AWS": "111111111111"}, **condition}
    del statement["Resource"]
    created = client.client("iam").create_role(
        RoleName=name, AssumeRolePolicyDocument=policy(statement), MaxSessionDuration=43200
    )
    return str(created["Role"]["Arn"])


def test_a_chained_session_lasts_an_hour_at_most(provider: Account, client: Account) -> None:
    # Given somebody who came in through a role, as from Identity Center
    target = chained_role(client, "chained-to")
    first = provider.role("chained-from", {"AWS": "111111111111"}, allow("sts:AssumeRole", target))
    user = provider.user("chains", allow(["sts:AssumeRole", "sts:GetSessionToken"]))
    chained = user.assume(first).client("sts")

    # Then a longer session is refused, not shortened
    asked = {"RoleArn": target, "RoleSessionName": "test"}
    assert refusal(chained.assume_role, **asked, DurationSeconds=3601) == REFUSED
    assert chained.assume_role(**asked, DurationSeconds=3600)["Credentials"]
    assert chained.assume_role(**asked)["Credentials"]

    # And with long-term credentials it is not
    assert user.client("sts").assume_role(**asked, DurationSeconds=43200)["Credentials"]


def test_credentials_of_get_session_token_count_as_temporary(provider: Account, client: Account) -> None:
    # Given
    target = chained_role(client, "after-session-token")
    user = provider.user("has-session-token", allow("sts:AssumeRole", target))
    taken = user.client("sts").get_session_token()["Credentials"]
    session = Account(provider.url, taken["AccessKeyId"], taken["SecretAccessKey"], taken["SessionToken"])

    # Then
    asked = {"RoleArn": target, "RoleSessionName": "test"}
    assert refusal(session.client("sts").assume_role, **asked, DurationSeconds=3601) == REFUSED
    assert session.client("sts").assume_role(**asked, DurationSeconds=3600)["Credentials"]


@pytest.mark.parametrize("operator", ["Bool", "BoolIfExists"])
def test_a_chained_session_has_no_mfa(provider: Account, client: Account, operator: str) -> None:
    # Given a role that needs MFA, and one that needs none
    needs = chained_role(client, f"needs-mfa-{operator}", Condition={operator: {"aws:MultiFactorAuthPresent": "true"}})
    without = chained_role(
        client, f"forbids-mfa-{operator}", Condition={operator: {"aws:MultiFactorAuthPresent": "false"}}
    )
    first = provider.role(f"chains-without-mfa-{operator}", {"AWS": "111111111111"}, allow("sts:AssumeRole"))
    chained = provider.user(f"chains-without-mfa-{operator}", allow("sts:AssumeRole")).assume(first)

    # Then the key says that there is none
    with pytest.raises(ClientError, match="AccessDenied"):
        chained.assume(needs)
    assert chained.assume(without)
