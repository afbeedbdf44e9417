"""One fresh scene for each story."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from bot.aws.clients import AwsClients
from bot.aws.dynamodb import DynamoStore
from local.slack.running import running_workspace
from tests.dynamodb_table import create_table
from tests.scenarios.scene import REGION, Scene
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
