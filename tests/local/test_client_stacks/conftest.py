"""One local AWS for the client's stacks, with the provider's template bucket and the bot's own verifier."""

from collections.abc import Iterator

import pytest

from bot.aws.sts import StsVerifier
from bot.bootstrap import SystemClock
from local.aws.process import LocalAws
from tests.local.test_aws_gaps.accounts import PROVIDER, REGION, Account
from tests.local.test_client_stacks.publishing import AUDIENCE, Bucket

CLIENTS = ("222222222222", "333333333333")


@pytest.fixture(scope="package")
def local_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws.start(tmp_path_factory.mktemp("client-stacks")) as running:
        yield running


@pytest.fixture(scope="package")
def accounts(local_aws: LocalAws) -> list[Account]:
    """Two client accounts."""
    return [Account(local_aws.url, client) for client in CLIENTS]


@pytest.fixture(scope="package")
def bucket(local_aws: LocalAws) -> Bucket:
    return Bucket(local_aws.url, f"switchyard-test-templates-{PROVIDER}-{REGION}")


@pytest.fixture(scope="package")
def verifier(local_aws: LocalAws) -> StsVerifier:
    """The bot's own verifier, asking the STS that checks the forwarders' signatures."""
    return StsVerifier("aws", {REGION}, AUDIENCE, SystemClock(), endpoint=local_aws.url)
