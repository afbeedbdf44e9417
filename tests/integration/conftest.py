"""A table for each test, in moto."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from bot.aws.clients import AwsClients
from tests.dynamodb_table import create_table

REGION = "eu-west-1"
TABLE = "switchyard-test"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsClients]:
    """The product's own clients, answered by moto."""
    for name, value in {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        yield AwsClients(REGION)


@pytest.fixture
def table(aws: AwsClients) -> str:
    create_table(aws.dynamodb, TABLE)
    return TABLE
