"""One fresh scene for each story, searched for secrets at its end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from bot.aws.clients import AwsClients
from bot.aws.dynamodb import DynamoStore
from local.slack.running import RunningWorkspace, running_workspace
from tests.dynamodb_table import create_table
from tests.scenarios.aws import Aws, wired
from tests.scenarios.deployed import forget
from tests.scenarios.leaks import Watch, listening, stored_items
from tests.scenarios.outage_scene import OutageScene
from tests.scenarios.scene import Scene
from tests.scenarios.siege import Records, Siege
from tests.unit.aws.sts_server import serve
from tests.unit.domain.test_rules import ENVIRONMENT

TABLE = "switchyard-scenarios"
WATCHED = ("workspace", "aws", "scene", "outage", "siege")
"""Fixtures that must still be there when the search begins."""


@pytest.fixture
def aws() -> Iterator[Aws]:
    """AWS with the one table. Moto's is in `workspace`, and in the tests of the store."""
    with wired() as aws:
        yield aws


@pytest.fixture
def scene(aws: Aws) -> Iterator[Scene]:
    with running_workspace() as slack, serve() as sts:
        yield Scene(slack, sts, DynamoStore(aws.dynamodb, TABLE))


@pytest.fixture
def outage(aws: Aws) -> Iterator[OutageScene]:
    with running_workspace() as slack, serve() as sts:
        scene = OutageScene(slack, sts, DynamoStore(aws.dynamodb, TABLE, sleep=lambda _: None), aws=aws)
        yield scene
        scene.leave()


@pytest.fixture
def records(aws: Aws) -> Records:
    """Everything in the table."""
    return aws.records


@pytest.fixture
def siege(scene: Scene, records: Records) -> Iterator[Siege]:
    """Each test attacks; in the end the unaltered event must be taken, or the attack proved nothing."""
    siege = Siege(scene, records)
    yield siege
    siege.ends()


@pytest.fixture
def workspace(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningWorkspace]:
    """The environment of a deployed Lambda, with a local Slack, and the table and the secrets in moto."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with running_workspace() as running, mock_aws():
        environment = {"SLACK_API_URL": running.api_url, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
        for name, value in (ENVIRONMENT | environment).items():
            monkeypatch.setenv(name, value)
        clients = AwsClients(ENVIRONMENT["AWS_REGION"])
        create_table(clients.dynamodb, ENVIRONMENT["TABLE_NAME"])
        for name, value in (("slack-bot-token", running.bot_token), ("slack-signing-secret", running.signing_secret)):
            clients.ssm.put_parameter(Name=f"/switchyard/prod/{name}", Value=value, Type="SecureString")
        forget()
        yield running
        forget()


@pytest.fixture(autouse=True)
def watch(request: pytest.FixtureRequest, capfd: pytest.CaptureFixture[str]) -> Iterator[Watch]:
    """After each test, everything that came out is searched for the secrets that went in."""
    found = {name: request.getfixturevalue(name) for name in WATCHED if name in request.fixturenames}
    scene, aws = found.get("scene") or found.get("outage"), found.get("aws")
    slack = scene.slack if scene else found.get("workspace")
    records = aws.records if aws else stored_items if slack else list
    with listening() as log:
        watch = Watch(log, capfd, records, slack, scene.exchanges if scene else [])
        yield watch
    assert watch.leaks() == watch.expected
