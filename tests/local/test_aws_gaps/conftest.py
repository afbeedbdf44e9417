"""One local AWS for the session, on a port of its own."""

from collections.abc import Iterator

import pytest

from local.aws.process import LocalAws
from tests.local.test_aws_gaps.accounts import CLIENT, PROVIDER, Account


@pytest.fixture(scope="session")
def local_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws.start(tmp_path_factory.mktemp("local-aws")) as running:
        yield running


@pytest.fixture(scope="session")
def provider(local_aws: LocalAws) -> Account:
    return Account(local_aws.url, PROVIDER)


@pytest.fixture(scope="session")
def client(local_aws: LocalAws) -> Account:
    return Account(local_aws.url, CLIENT)
