"""What the demo's places want of a Slack workspace, be it local or real."""

from pathlib import Path
from typing import Protocol

from local.slack.app.link import HttpApp

REPOSITORY = Path(__file__).resolve().parents[2]
START_SECONDS = 300.0


class PlacesNotReady(Exception):
    """Something did not start; the sentence says what and where its output is."""


class Workspace(Protocol):
    """A Slack workspace with the app in it."""

    bot_token: str
    signing_secret: str

    def start(self, state: Path) -> None:
        """Make it ready, with logs in the folder `state`. Raises PlacesNotReady."""

    def settings(self) -> dict[str, str]:
        """Return what `make deploy` is to know of the workspace and its people."""

    def connect(self, app: HttpApp) -> None:
        """Let what people do reach the app, which is awake. Raises PlacesNotReady."""

    def stop(self) -> None:
        """End what was started."""
