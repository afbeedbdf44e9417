"""Names and URLs of a stage, on AWS in every partition and on a local AWS."""

from dataclasses import replace

import pytest

from deploy.deployment import Deployment, lambda_environment
from deploy.errors import NotReady
from deploy.rendering import FLAT_TEMPLATE_KEY
from tests.unit.slack.samples import SETTINGS

LOCAL = "http://127.0.0.1:4566"


def deployment(partition: str = "aws", region: str = "eu-central-1", endpoint_url: str = "") -> Deployment:
    return Deployment("demo", "111111111111", partition, region, endpoint_url)


@pytest.mark.parametrize(
    ("partition", "region", "suffix"),
    [
        ("aws", "eu-central-1", "amazonaws.com"),
        ("aws-us-gov", "us-gov-west-1", "amazonaws.com"),
        ("aws-cn", "cn-north-1", "amazonaws.com.cn"),
    ],
)
def test_urls_are_those_of_the_partition(partition: str, region: str, suffix: str) -> None:
    here = deployment(partition, region)

    assert here.client_template_url == (
        f"https://s3.{region}.{suffix}/switchyard-demo-templates-111111111111-{region}/clients/switchyard-client.yaml"
    )
    assert here.api_url("a1b2", "slack/events") == f"https://a1b2.execute-api.{region}.{suffix}/slack/events"
    assert here.group_role_arn == f"arn:{partition}:iam::111111111111:role/switchyard-demo-client-groups"


def test_every_url_uses_the_endpoint_of_a_local_aws() -> None:
    here = deployment(endpoint_url=LOCAL)

    assert here.api_url("a1b2", "events") == f"{LOCAL}/_aws/execute-api/a1b2/$default/events"
    assert here.templates_url == f"{LOCAL}/switchyard-demo-templates-111111111111-eu-central-1"
    variables = lambda_environment(here, "provider/client-group-1.yaml", "provider/team-page-1.yaml", {})
    assert variables["CLIENT_TEMPLATE_URL"] == f"{here.templates_url}/clients/switchyard-client.yaml"
    assert variables["GROUP_TEMPLATE_URL"] == f"{here.templates_url}/provider/client-group-1.yaml"
    assert variables["PUBLIC_ENDPOINT_URL"] == LOCAL


def test_the_bot_hands_out_the_flat_template_where_it_is_published() -> None:
    here = deployment()
    settings = replace(SETTINGS, client_template_url=here.client_template_url)
    assert settings.flat_template_url == here.template_url(FLAT_TEMPLATE_KEY)


def test_slack_is_slack_unless_told_otherwise() -> None:
    given = {"SLACK_CHANNEL_ID": " C0ONBOARDING ", "APPROVERS": "U0ADA"}

    assert lambda_environment(deployment(), "key", "key", given)["SLACK_API_URL"] == "https://slack.com/api/"
    assert lambda_environment(deployment(), "key", "key", given)["SLACK_CHANNEL_ID"] == "C0ONBOARDING"
    stand_in = lambda_environment(deployment(), "key", "key", {**given, "SLACK_API_URL": "http://127.0.0.1:3000/api/"})
    assert stand_in["SLACK_API_URL"] == "http://127.0.0.1:3000/api/"


@pytest.mark.parametrize("stage", ["", "Prod", "my-stage", "thirteenchars", "a b", "demo\n"])
def test_a_stage_that_names_could_not_carry_is_refused(stage: str) -> None:
    with pytest.raises(NotReady, match="1 to 12 lower-case letters and digits"):
        Deployment(stage, "111111111111", "aws", "eu-central-1")


def test_an_unknown_partition_is_refused() -> None:
    with pytest.raises(NotReady, match="aws-iso"):
        deployment(partition="aws-iso")
