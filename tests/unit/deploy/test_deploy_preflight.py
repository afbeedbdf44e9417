"""What is checked before a deployment changes anything, and how each refusal says what to do."""

import json
import re
from dataclasses import replace

import boto3
import pytest
from botocore.stub import Stubber

from deploy.deployment import lambda_environment
from deploy.errors import NotReady
from deploy.packaging import PROJECT
from deploy.preflight import (
    ENVIRONMENT_LIMIT,
    check_environment_size,
    check_public_policies_allowed,
    check_secrets,
    check_settings,
    client_constants,
    find_deployment,
    function_environment,
    read_token,
)
from tests.unit.deploy.account import ACCOUNT, HERE, REGION, account, put_secrets

__all__ = ["account"]

GOOD = {"SLACK_CHANNEL_ID": "C0ONBOARDING", "APPROVERS": "U0ADA,S0APPROVERS"}


def test_the_deployment_is_where_the_credentials_are(account: boto3.Session) -> None:
    assert find_deployment(account, "demo", {}) == HERE


def test_a_trailing_slash_of_the_endpoint_does_not_get_into_urls(account: boto3.Session) -> None:
    found = find_deployment(account, "demo", {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566/"})

    assert found.endpoint_url == "http://127.0.0.1:4566"


def test_missing_region_is_named(account: boto3.Session) -> None:
    with pytest.raises(NotReady, match="AWS_REGION"):
        find_deployment(boto3.Session(), "demo", {})


def test_refused_credentials_are_told_as_such() -> None:
    class Refused(boto3.Session):
        def client(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]
            sts = boto3.client("sts", REGION, aws_access_key_id="a", aws_secret_access_key="b")
            stubber = Stubber(sts)
            stubber.add_client_error("get_caller_identity", "InvalidClientTokenId", "The token is invalid")
            stubber.activate()
            return sts

    with pytest.raises(NotReady, match=r"The token is invalid.*Log in"):
        find_deployment(Refused(region_name=REGION), "demo", {})


def test_good_settings_are_read_as_the_lambdas_will() -> None:
    settings = check_settings(HERE, lambda_environment(HERE, "provider/group.yaml", "provider/page.yaml", GOOD))

    assert settings.approvers.groups == ("S0APPROVERS",)
    assert settings.audience == HERE.audience
    assert settings.group_role_arn == HERE.group_role_arn
    assert settings.provision_function == "switchyard-demo-provision"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_CHANNEL_ID", ""),
        ("SLACK_CHANNEL_ID", "#onboarding"),
        ("APPROVERS", "ada@example.com"),
        ("SLACK_API_URL", "https://slack.com/api"),
        ("SLACK_API_URL", "slack.com/api/"),
    ],
)
def test_a_setting_of_the_wrong_form_is_refused_by_name(name: str, value: str) -> None:
    variables = {**lambda_environment(HERE, "provider/group.yaml", "provider/page.yaml", GOOD), name: value}

    with pytest.raises(NotReady, match=name):
        check_settings(HERE, variables)


def test_no_approvers_is_a_setting_too() -> None:
    check_settings(
        HERE, lambda_environment(HERE, "provider/group.yaml", "provider/page.yaml", {**GOOD, "APPROVERS": ""})
    )


def test_an_endpoint_that_may_not_be_rendered_is_refused_before_deploying() -> None:
    with pytest.raises(NotReady, match="AWS_ENDPOINT_URL"):
        client_constants(replace(HERE, endpoint_url="http://aws.example.com"), api_id="a1b2")


def test_present_secrets_pass(account: boto3.Session) -> None:
    put_secrets(account)

    assert check_secrets(account.client("ssm"), HERE) == "1-1"


def test_each_missing_secret_is_named_with_the_command_that_stores_it(account: boto3.Session) -> None:
    put_secrets(account)
    ssm = account.client("ssm")
    ssm.delete_parameter(Name="/switchyard/demo/slack-bot-token")

    with pytest.raises(NotReady) as refused:
        check_secrets(ssm, HERE)

    assert "/switchyard/demo/slack-bot-token is not in SSM" in str(refused.value)
    assert str(refused.value).endswith("make secrets STAGE=demo")
    assert "slack-signing-secret" not in str(refused.value)


def test_a_secret_in_plain_text_counts_as_missing(account: boto3.Session) -> None:
    put_secrets(account)
    ssm = account.client("ssm")
    ssm.delete_parameter(Name="/switchyard/demo/slack-signing-secret")
    ssm.put_parameter(Name="/switchyard/demo/slack-signing-secret", Type="String", Value="x")

    with pytest.raises(NotReady, match="/switchyard/demo/slack-signing-secret"):
        check_secrets(ssm, HERE)


def test_not_being_allowed_to_look_is_not_the_same_as_missing(account: boto3.Session) -> None:
    ssm = account.client("ssm")
    with Stubber(ssm) as stubber:
        stubber.add_client_error("get_parameter", "AccessDeniedException", "no")
        with pytest.raises(NotReady, match="needs ssm:GetParameter"):
            check_secrets(ssm, HERE)


def test_a_token_is_read_as_the_bot_reads_it(account: boto3.Session) -> None:
    ssm = account.client("ssm")
    ssm.put_parameter(Name="/switchyard/demo/slack-bot-token", Type="SecureString", Value=" xoxb-1\n")

    assert read_token(ssm, HERE) == "xoxb-1"


@pytest.mark.parametrize("value", ["xoxb-1\nxoxb-2", "xoxb-…", " "])
def test_a_token_that_no_call_can_carry_is_refused_unprinted(account: boto3.Session, value: str) -> None:
    ssm = account.client("ssm")
    ssm.put_parameter(Name="/switchyard/demo/slack-bot-token", Type="SecureString", Value=value)

    with pytest.raises(NotReady, match="make secrets STAGE=demo") as refused:
        read_token(ssm, HERE)
    assert "xoxb" not in str(refused.value)


def test_a_token_that_may_not_be_decrypted_is_none(account: boto3.Session) -> None:
    ssm = account.client("ssm")
    with Stubber(ssm) as stubber:
        stubber.add_client_error("get_parameter", "AccessDeniedException", "kms:Decrypt")
        assert read_token(ssm, HERE) is None


QUORUMS = [
    ({"APPROVERS": "U0ADA", "APPROVALS_NEEDED": "Administrator=2"}, "2 people.*Administrator.*one person"),
    ({"APPROVERS": "U0ADA,U0ADA, U0ADA", "APPROVALS_NEEDED": "ReadOnly=2"}, "2 people.*ReadOnly.*one person"),
    ({"APPROVERS": "U0ADA,W0BEA", "APPROVALS_NEEDED": "ReadOnly=1,PowerUser=3"}, "3 people.*PowerUser.*2 different"),
    ({"APPROVERS": "U0ADA", "REQUIRE_TWO_PEOPLE": "true"}, "REQUIRE_TWO_PEOPLE"),
    ({"APPROVERS": "U0ADA,U0ADA", "REQUIRE_TWO_PEOPLE": "true"}, "REQUIRE_TWO_PEOPLE"),
]


@pytest.mark.safety("Approvals that nobody could reach are not deployed", "deploy/quorum.py")
@pytest.mark.parametrize(("given", "reason"), QUORUMS)
def test_a_quorum_that_nobody_can_reach_is_refused(given: dict[str, str], reason: str) -> None:
    with pytest.raises(NotReady, match=reason):
        check_settings(HERE, lambda_environment(HERE, "provider/group.yaml", "provider/page.yaml", {**GOOD, **given}))


@pytest.mark.parametrize(
    "given",
    [
        *({**given, "APPROVERS": "S0APPROVERS," + given["APPROVERS"]} for given, _ in QUORUMS),
        *({**given, "APPROVERS": ""} for given, _ in QUORUMS),
        {"APPROVERS": "S0APPROVERS", "APPROVALS_NEEDED": "Administrator=9"},
        {"APPROVERS": "U0ADA,U0BEA", "APPROVALS_NEEDED": "Administrator=2", "REQUIRE_TWO_PEOPLE": "true"},
        {"APPROVERS": "U0ADA", "APPROVALS_NEEDED": "Administrator=1"},
    ],
)
def test_a_quorum_that_can_be_reached_and_one_of_nobody_at_all_pass(given: dict[str, str]) -> None:
    check_settings(HERE, lambda_environment(HERE, "provider/group.yaml", "provider/page.yaml", {**GOOD, **given}))


def test_an_environment_as_large_as_lambda_takes_passes_and_one_byte_more_is_refused() -> None:
    empty = len(json.dumps({"APPROVERS": "", "STAGE": "demo"}, separators=(",", ":")))
    check_environment_size({"STAGE": "demo", "APPROVERS": "U" * (ENVIRONMENT_LIMIT - empty)})

    with pytest.raises(NotReady, match=r"takes 4097 bytes.*APPROVERS \(4066 bytes\), STAGE \(4 bytes\)"):
        check_environment_size({"STAGE": "demo", "APPROVERS": "U" * (ENVIRONMENT_LIMIT - empty + 1)})


def test_quotes_count_twice_and_other_letters_as_they_are_in_utf8() -> None:
    check_environment_size({"A": "ä" * 2044})
    for value in ("ä" * 2045, '"' * 2045):
        with pytest.raises(NotReady):
            check_environment_size({"A": value})


def test_the_environment_that_is_measured_is_the_one_that_is_deployed() -> None:
    deployed = re.search(r"^  environment:\n((?:    .*\n)+)", (PROJECT / "serverless.yml").read_text(), re.MULTILINE)
    assert deployed is not None
    variables = lambda_environment(HERE, "provider/group.yaml", "provider/page.yaml", GOOD)

    measured = function_environment(HERE, {**variables, "SECRETS_VERSION": "1-1"})

    assert set(re.findall(r"^    (\w+):", deployed[1], re.MULTILINE)) == set(measured)


@pytest.mark.parametrize("setting", ["BlockPublicPolicy", "RestrictPublicBuckets"])
def test_an_account_that_forbids_public_policies_is_told_apart(account: boto3.Session, setting: str) -> None:
    s3control = account.client("s3control")
    block = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": False} | {setting: True}
    s3control.put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=block)  # type: ignore[arg-type]

    with pytest.raises(NotReady, match=f"forbids public bucket policies.*{setting}"):
        check_public_policies_allowed(s3control, ACCOUNT)


def test_an_account_without_such_a_block_passes(account: boto3.Session) -> None:
    check_public_policies_allowed(account.client("s3control"), ACCOUNT)
