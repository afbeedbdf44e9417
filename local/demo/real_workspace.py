"""A real Slack workspace for the demo: asked about its tokens first, connected by Socket Mode in the end.

The signing secret is made here for one run. Slack does not know it: the bridge signs with it what comes from Slack, so
that the app checks signatures as in production.
"""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from deploy.slack_api import Answer, Slack, SlackRefused, SlackSilent
from local.bridge.bridge import Bridge, NotConnected
from local.bridge.sayings import why_refused
from local.demo.real_settings import RealSlack
from local.demo.transcript import Transcript
from local.demo.workspace import PlacesNotReady
from local.slack.app.link import HttpApp


class RealWorkspace:
    """The workspace that the tokens belong to; `name` is known once it has been asked."""

    def __init__(self, transcript: Transcript, real: RealSlack) -> None:
        self.name = "the workspace"
        self.bot_token = real.bot_token
        self.signing_secret = secrets.token_hex(16)
        self._transcript, self._real = transcript, real
        self._state = Path()
        self._bridge: Bridge | None = None

    def ask(self) -> None:
        """Ask Slack about both tokens. Raises PlacesNotReady when it refuses one, or does not answer."""
        with self._transcript.step(f"Slack asked about both tokens, at {self._real.api_url}"):
            said = _ask(
                Slack(self._real.api_url, self._real.bot_token),
                "auth.test",
                lambda error: f"Slack refuses SLACK_BOT_TOKEN ({error}). Install the app, and copy its token again.",
            )
            _ask(Slack(self._real.api_url, self._real.app_token), "apps.connections.open", why_refused)
        name = "".join(each for each in str(said.content.get("team", "")) if each.isprintable())
        self.name = name or self.name

    def start(self, state: Path) -> None:
        """Remember the folder of the logs; Slack itself is there already."""
        self._state = state

    def settings(self) -> dict[str, str]:
        """Return what `make deploy` is to know; it asks Slack about scopes, channel and approvers itself."""
        known = {
            "SLACK_CHANNEL_ID": self._real.channel_id,
            "PROVIDER_NAME": os.environ.get("PROVIDER_NAME", "") or "Northwind Operations",
            "APPROVERS": self._real.approvers,
        }
        return known if self._real.is_slack else known | {"SLACK_API_URL": self._real.api_url}

    def connect(self, app: HttpApp) -> None:
        """Say what the deployment warned of, and let Slack's envelopes reach the app. Raises PlacesNotReady."""
        for line in (self._state / "deploy.log").read_text(errors="replace").splitlines():
            if line.startswith("Warning: "):
                self._transcript.say(f"  {line}")
        with self._transcript.step("Slack connected by Socket Mode"):
            try:
                self._bridge = Bridge(
                    self._real.app_token,
                    app,
                    self.signing_secret,
                    self._transcript.say,
                    api_url=self._real.api_url,
                    where=f"{self._state / 'aws' / 'aws.log'} says why.",
                ).__enter__()
            except NotConnected as failure:
                raise PlacesNotReady(str(failure)) from None

    def stop(self) -> None:
        """End the connection."""
        if self._bridge is not None:
            self._bridge.close()


def _ask(slack: Slack, method: str, explained: Callable[[str], str]) -> Answer:
    try:
        return slack.ask(method)
    except SlackRefused as refused:
        raise PlacesNotReady(explained(refused.error)) from None
    except SlackSilent as silent:
        raise PlacesNotReady(f"{silent}. Is this machine online?") from None
