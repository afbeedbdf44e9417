"""An app that records what it gets, connected to a running workspace."""

from collections.abc import Iterator

import pytest

from local.slack import RunningWorkspace, running_workspace
from tests.local.test_slack_app.recorder import Recorder


@pytest.fixture
def app() -> Recorder:
    return Recorder()


@pytest.fixture
def ws(app: Recorder) -> Iterator[RunningWorkspace]:
    with running_workspace(app) as workspace:
        yield workspace
