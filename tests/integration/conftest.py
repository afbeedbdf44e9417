"""A table for each test, in moto."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from bot.aws.clients import AwsClients
from bot.aws.dynamodb import DynamoStore
from bot.ports.store import Store
from tests.dynamodb_table import create_table
from tests.dynamodb_wire import WireTable
from tests.faults.injection import Injector
from tests.faults.wires import Wire
from tests.memory_store import MemoryStore

REGION = "eu-west-1"
TABLE = "switchyard-test"
CLIENTS = AwsClients(REGION)
"""Kept from test to test, since clients are slow to make."""


@pytest.fixture
def in_moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AWS, answered by moto and by nothing else."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        yield


@pytest.fixture
def aws(in_moto: None) -> AwsClients:
    """The product's own clients, made anew, so that a test may listen in on them."""
    return AwsClients(REGION)


@pytest.fixture
def table(in_moto: None) -> str:
    create_table(CLIENTS.dynamodb, TABLE)
    return TABLE


@pytest.fixture(params=["memory", "dynamodb", "wire"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
    elif request.param == "dynamodb":
        table = request.getfixturevalue("table")
        yield DynamoStore(CLIENTS.dynamodb, table)
    else:
        wire = Wire("dynamodb", Injector(), WireTable().answer)
        yield DynamoStore(wire.client, "switchyard-test")
        wire.leave()
