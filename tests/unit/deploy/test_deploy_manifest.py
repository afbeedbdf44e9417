"""A deployment says when the Slack app's manifest has to be pasted anew, and not otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from mypy_boto3_cloudformation import CloudFormationClient

from deploy.deployment import Deployment
from deploy.manifest import SOURCE, manifest_news, manifest_version
from deploy.osls import stack_outputs
from tests.unit.deploy.account import HERE, account
from tests.unit.deploy.world import World, deploy, slack, world

__all__ = ["account", "slack", "world"]

NEWS = "The Slack app's manifest has changed since the last deployment."


@pytest.mark.parametrize(
    ("outputs", "told"),
    [
        ({}, False),
        ({"HttpApiId": "a1b2", "SlackManifestVersion": "new"}, False),
        ({"HttpApiId": "a1b2", "SlackManifestVersion": "old"}, True),
        ({"HttpApiId": "a1b2"}, True),
    ],
    ids=["a first deployment", "the same", "another one", "an older version noted none"],
)
def test_a_manifest_that_has_changed_is_told(outputs: dict[str, str], told: bool) -> None:
    assert manifest_news(outputs, "new").startswith(NEWS) is told


def test_a_deployment_tells_before_and_at_its_end_and_notes_what_it_printed(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before: so that it is told although a later step fails, since the next deployment tells nothing any more."""
    world.outputs = {"HttpApiId": "a1b2", "SlackManifestVersion": "old"}
    told, deploy_stack = list[int](), world.deploy_stack

    def listening(
        deployment: Deployment,
        variables: Mapping[str, str],
        environ: Mapping[str, str],
        cloudformation: CloudFormationClient,
    ) -> dict[str, str]:
        told.append(capsys.readouterr().err.count(NEWS))
        return deploy_stack(deployment, variables, environ, cloudformation)

    monkeypatch.setattr(world, "deploy_stack", listening)
    deploy(world)

    assert [*told, capsys.readouterr().err.count(NEWS)] == [1, 1]
    assert world.noted["SLACK_MANIFEST_VERSION"] == manifest_version()
    assert "SLACK_MANIFEST_VERSION" not in world.variables, "the Lambdas are told nothing of it"


def test_only_what_slack_is_asked_for_counts(tmp_path: Path) -> None:
    text, other = SOURCE.read_text(), tmp_path / "manifest.yml"
    other.write_text("# a comment\n" + text)
    assert manifest_version(other) == manifest_version()
    other.write_text(text.replace("- app_home_opened", "- app_mention"))
    assert manifest_version(other) != manifest_version()


class Answering:
    """Stands in for CloudFormation, which moto does not have without more packages than we install."""

    def __init__(self, answer: dict[str, Any] | str) -> None:
        self.answer = answer

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        assert StackName == HERE.stack_name
        if isinstance(self.answer, str):
            raise ClientError({"Error": {"Code": self.answer, "Message": "no"}}, "DescribeStacks")
        return {"Stacks": [self.answer]}


def outputs_of(answer: dict[str, Any] | str) -> dict[str, str]:
    return stack_outputs(HERE, Answering(answer))  # type: ignore[arg-type]


def test_the_outputs_of_the_stack_are_read() -> None:
    assert outputs_of({"Outputs": [{"OutputKey": "HttpApiId", "OutputValue": "a1b2"}]}) == {"HttpApiId": "a1b2"}
    assert outputs_of({}) == {}
    assert outputs_of("ValidationError") == {}, "there is no such stack yet"


def test_what_is_deployed_has_to_be_told_by_aws() -> None:
    with pytest.raises(ClientError):
        outputs_of("AccessDenied")
