"""A running workspace and a client that never retries by itself."""

from collections.abc import Iterator

import pytest
from slack_sdk import WebClient

from local.slack import RunningWorkspace, running_workspace


@pytest.fixture
def ws() -> Iterator[RunningWorkspace]:
    with running_workspace() as workspace:
        yield workspace


@pytest.fixture
def slack(ws: RunningWorkspace) -> WebClient:
    return WebClient(ws.bot_token, base_url=ws.api_url, retry_handlers=[])
