"""A local Slack with little patience, the demo's people in it, and an app that decides itself when it answers."""

import json
import threading
from collections.abc import Callable, Iterator

import pytest

from local.demo.slack import Slack
from local.demo.teller import Teller
from local.demo.transcript import Transcript
from local.slack import AppAnswer, RunningWorkspace, SignedRequest, running_workspace

Answering = Callable[[int], AppAnswer]


class LateApp:
    """Lets Slack give up on its first `late` requests: answers each of them only when Slack has said so.

    No clock decides: `gave_up` is called when Slack's patience has ended.
    """

    def __init__(self, late: int) -> None:
        self.late, self.taken = late, 0
        self.answering: Answering = lambda _: AppAnswer(200)
        self._waiting: list[threading.Event] = []

    def __call__(self, _request: SignedRequest) -> AppAnswer:
        self.taken += 1
        number = self.taken
        if number <= self.late:
            released = threading.Event()
            self._waiting.append(released)
            released.wait(60)
        return self.answering(number)

    def gave_up(self) -> None:
        """Release the requests that wait now, and none that comes later."""
        for released in self._waiting:
            released.set()


class ListeningTranscript(Transcript):
    """Keeps what is said."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def say(self, line: str) -> None:
        self.said.append(line)


class WatchedSlack(Slack):
    """Releases the app as soon as Slack gave up on it."""

    def __init__(self, url: str, app: LateApp) -> None:
        super().__init__(url)
        self._app = app

    def app_is_at_work(self) -> bool:
        self._app.gave_up()
        return super().app_is_at_work()


@pytest.fixture
def late() -> int:
    """How many requests the app is late for."""
    return 1


@pytest.fixture
def app(late: int) -> LateApp:
    return LateApp(late)


@pytest.fixture
def ws(app: LateApp) -> Iterator[RunningWorkspace]:
    def answer(request: SignedRequest) -> AppAnswer:
        return app(request)

    with running_workspace(answer, patience_seconds=2) as workspace:
        yield workspace


@pytest.fixture
def teller(ws: RunningWorkspace, app: LateApp) -> Teller:
    return Teller(WatchedSlack(ws.base_url, app), ListeningTranscript(), patience_seconds=60)


def told(words: str) -> AppAnswer:
    """A private answer to a command."""
    return AppAnswer(200, json.dumps({"text": words}).encode(), {"Content-Type": "application/json"})
