"""One fresh scene for each story, searched for secrets at its end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from bot.aws.clients import AwsClients
from bot.aws.dynamodb import DynamoStore
from local.slack.running import running_workspace
from tests.dynamodb_table import create_table
from tests.scenarios.leaks import Watch, listening, stored_items
from tests.scenarios.scene import REGION, Scene
from tests.scenarios.siege import Records, Siege
from tests.unit.sts_server import serve

TABLE = "switchyard-scenarios"


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    for name, value in {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws(), running_workspace() as slack, serve() as sts:
        clients = AwsClients(REGION)
        create_table(clients.dynamodb, TABLE)
        yield Scene(slack, sts, DynamoStore(clients.dynamodb, TABLE))


@pytest.fixture
def records(scene: Scene) -> Records:
    """Everything in the table."""
    dynamodb = AwsClients(REGION).dynamodb
    return lambda: stored_items(dynamodb)


@pytest.fixture
def siege(scene: Scene, records: Records) -> Iterator[Siege]:
    """Each test attacks; in the end the unaltered event must be taken, or the attack proved nothing."""
    siege = Siege(scene, records)
    yield siege
    siege.ends()


@pytest.fixture(autouse=True)
def watch(request: pytest.FixtureRequest, capfd: pytest.CaptureFixture[str]) -> Iterator[Watch]:
    """After each test, everything that came out is searched for the secrets that went in."""
    scene = request.getfixturevalue("scene") if "scene" in request.fixturenames else None
    slack = (
        scene.slack if scene else request.getfixturevalue("workspace") if "workspace" in request.fixturenames else None
    )
    if "siege" in request.fixturenames:
        request.getfixturevalue("siege")
    with listening() as log:
        watch = Watch(
            log, capfd, AwsClients(REGION).dynamodb if slack else None, slack, scene.exchanges if scene else []
        )
        yield watch
    assert watch.leaks() == watch.expected
