"""The notifier at the local Slack."""

from collections.abc import Iterator

import pytest

from bot.slack.client import web_client
from bot.slack.notifier import SlackNotifier
from local.slack.running import RunningWorkspace, running_workspace
from tests.unit.slack.samples import NOW, SETTINGS


@pytest.fixture
def slack() -> Iterator[RunningWorkspace]:
    with running_workspace(clock=lambda: NOW.timestamp() + 5) as workspace:
        yield workspace


@pytest.fixture
def notifier(slack: RunningWorkspace) -> SlackNotifier:
    return SlackNotifier(web_client(lambda: slack.bot_token, slack.api_url, timeout_seconds=30), SETTINGS)
