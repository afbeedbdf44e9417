"""A whole deployment in tests: AWS in memory, the local Slack over HTTP, and stand-ins for osls and a client's eyes."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import boto3
import pytest
from mypy_boto3_cloudformation import CloudFormationClient

from bot.domain.variables import GIVEN
from deploy.cli import run
from deploy.deployment import Deployment
from deploy.manifest import scopes_asked_for
from deploy.preflight import function_environment
from local.slack import RunningWorkspace, running_workspace
from tests.unit.deploy.account import HERE, account, make_bucket, put_function, put_secrets

__all__ = ["account"]

SCOPES = scopes_asked_for()


@dataclass
class World:
    """Stands in for osls and for a client's eyes, and remembers what the bucket held when each was asked."""

    session: boto3.Session
    project: Path
    """Where a deployment writes files for people."""
    bucket_there: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)
    noted: Mapping[str, str] = field(default_factory=dict)
    """What serverless.yml is told and no Lambda: which manifest was printed."""
    outputs: Mapping[str, str] = field(default_factory=dict)
    """Those of the stack as it was deployed before."""
    held_at_deploy: list[str] = field(default_factory=list)
    read: dict[str, bytes] = field(default_factory=dict)

    def adopt(self, session: boto3.Session, deployment: Deployment) -> tuple[str, ...]:
        """Nothing is left of an earlier deployment: this world's stack is none of CloudFormation's."""
        return ()

    def deploy_stack(
        self,
        deployment: Deployment,
        variables: Mapping[str, str],
        environ: Mapping[str, str],
        cloudformation: CloudFormationClient,
    ) -> dict[str, str]:
        self.variables, self.noted = variables, environ
        put_function(self.session, function_environment(deployment, variables))
        if self.bucket_there:
            self.held_at_deploy = self.held()
        else:
            make_bucket(self.session)
            self.bucket_there = True
        return {"HttpApiId": "a1b2"}

    def check_readable(self, url: str, expected: bytes) -> None:
        self.read[url] = expected

    def held(self) -> list[str]:
        listed = self.session.client("s3").list_objects_v2(Bucket=HERE.bucket)
        return [item["Key"] for item in listed.get("Contents", [])]


@pytest.fixture
def slack() -> Iterator[RunningWorkspace]:
    with running_workspace(scopes=SCOPES) as workspace:
        yield workspace


@pytest.fixture
def world(account: boto3.Session, slack: RunningWorkspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    for name in (*(one.name for one in GIVEN), "ACCEPT_CHANGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SLACK_API_URL", slack.api_url)
    monkeypatch.setenv("SLACK_CHANNEL_ID", "C0ONBOARDING")
    monkeypatch.setenv("APPROVERS", "U0ADA")
    put_secrets(account)
    return World(account, tmp_path)


def deploy(world: World) -> dict[str, str]:
    return run(
        "demo",
        os.environ,
        adopt=world.adopt,
        deploy_stack=world.deploy_stack,
        stack_outputs=lambda *_: world.outputs,
        check_readable=world.check_readable,
        project=world.project,
    )
