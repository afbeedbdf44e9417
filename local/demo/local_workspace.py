"""The workspace of the story: a process of its own that is Slack, for the app and for the page."""

import os
import subprocess
import sys
from pathlib import Path

from local.aws.environment import CLOUDFORMATION_FAILS_PATH
from local.demo.slack import Slack
from local.demo.transcript import Transcript
from local.demo.workspace import REPOSITORY, START_SECONDS, PlacesNotReady
from local.slack.app.link import HttpApp
from local.slack.workspace import facts

CLOUDFORMATION_FAILS = "CloudFormation fails"
_WHAT_FAILS = (
    "Making, changing and deleting a client's group or a team's page fails. Approve, see why, switch this off, press "
    "Retry."
)
_NOT_YET = "Switchyard is just being deployed; nothing answers yet."


class LocalWorkspace:
    """A local Slack; `patience_seconds` is how long it waits for the app."""

    bot_token = facts.BOT_TOKEN
    signing_secret = facts.SIGNING_SECRET

    def __init__(self, transcript: Transcript, slack: Slack, port: int, patience_seconds: float, aws_url: str) -> None:
        self.port = port
        self._transcript, self._slack, self._aws_url = transcript, slack, aws_url
        self._patience_seconds = patience_seconds
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, state: Path) -> None:
        """Start the process and wait until it answers. Raises PlacesNotReady."""
        with self._transcript.step(f"a local Slack workspace on {self._slack.url}: open it, and watch it fill"):
            log = state / "slack.log"
            command = [sys.executable, "-m", "local.slack", "--port", str(self.port)]
            command += ["--patience", str(self._patience_seconds)]
            command += ["--switch", CLOUDFORMATION_FAILS, _WHAT_FAILS, self._aws_url + CLOUDFORMATION_FAILS_PATH]
            with log.open("wb") as output:
                process = subprocess.Popen(command, cwd=REPOSITORY, stdout=output, stderr=subprocess.STDOUT)
            self._process = process
            if not self._slack.answers_within(START_SECONDS, lambda: process.poll() is None):
                words = log.read_text(errors="replace").strip()
                raise PlacesNotReady(f"The local Slack did not start. {words}")
            self._slack.notice(_NOT_YET)

    def settings(self) -> dict[str, str]:
        """Return what `make deploy` is to know of the workspace and its people."""
        return {
            "SLACK_API_URL": f"{self._slack.url}/api/",
            "SLACK_CHANNEL_ID": facts.ONBOARDING.id,
            "PROVIDER_NAME": os.environ.get("PROVIDER_NAME", "") or "Northwind Operations",
            "APPROVERS": f"{facts.ADA.id},{facts.APPROVERS_GROUP_ID}",
        }

    def connect(self, app: HttpApp) -> None:
        """Tell the workspace where the app is, and people that it is there."""
        self._slack.set_request_url(app.url)
        self._slack.notice("")

    def stop(self) -> None:
        """End the process, if it was started."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
