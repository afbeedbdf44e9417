"""Where the upgrade happens: a local AWS and a local Slack on free ports, and a version of Switchyard between them."""

import json
import os
import socket
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from local.aws.process import LocalAws
from local.demo.awakening import wake
from local.demo.local_workspace import LocalWorkspace
from local.demo.places import PROVIDER, STAGE, flat_template_url, provider_environment, session
from local.demo.slack import Slack
from local.demo.transcript import PATIENCE_SECONDS, Transcript
from local.demo.workspace import START_SECONDS, PlacesNotReady
from local.slack.app.link import HttpApp
from local.slack.workspace import facts

_PATIENCE = 30.0
"""How long the local Slack waits for the app: the Lambdas start cold after each deployment, on any machine."""
_UPDATE_SECONDS = 2.0
"""How long each function's update takes, so that old and new ones work side by side for a while, as on AWS."""
_SECRETS = (("slack-bot-token", facts.BOT_TOKEN), ("slack-signing-secret", facts.SIGNING_SECRET))
_SETTINGS = {"APPROVALS_NEEDED": "Administrator=2"}


class Site:
    """Everything that runs. Use as a context manager; `state` is a folder for logs."""

    def __init__(self, state: Path, transcript: Transcript) -> None:
        self._state, self._transcript = state, transcript
        self._aws: LocalAws | None = None
        self._workspace: LocalWorkspace | None = None
        self.slack = Slack("")
        self.addresses: dict[str, str] = {}

    def __enter__(self) -> Self:
        self._state.mkdir(parents=True, exist_ok=True)
        try:
            self._aws = LocalAws.start(
                self._state / "aws", timeout_seconds=START_SECONDS, function_update=_UPDATE_SECONDS
            )
            os.environ["AWS_ENDPOINT_URL"] = self._aws.url
            port = _free_port()
            self.slack = Slack(f"http://127.0.0.1:{port}")
            self._workspace = LocalWorkspace(self._transcript, self.slack, port, _PATIENCE, self._aws.url)
            self._workspace.start(self._state)
        except BaseException:
            self._take_down()
            raise
        ssm = session(PROVIDER).client("ssm")
        for name, value in _SECRETS:
            ssm.put_parameter(Name=f"/switchyard/{STAGE}/{name}", Value=value, Type="SecureString")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._take_down()

    @property
    def flat_template_url(self) -> str:
        """The clients' template as one stack, for stack sets."""
        return flat_template_url(self.addresses)

    def messages(self) -> list[dict[str, Any]]:
        """Everything public as Slack has it, buttons with their values, oldest first."""
        with urllib.request.urlopen(f"{self.slack.url}/_local/state", timeout=60) as answer:  # noqa: S310
            found: list[dict[str, Any]] = json.load(answer)["messages"]
        return found

    def deploy(self, version: Path, meanwhile: Callable[[subprocess.Popen[bytes]], None] | None = None) -> str:
        """Run `make deploy` in a version's folder. `meanwhile` acts while it runs. Return what it printed.

        Raises PlacesNotReady.
        """
        log, outputs = self._state / "deploy.log", self._state / "deployment.json"
        outputs.unlink(missing_ok=True)
        environment = provider_environment() | _SETTINGS | (self._workspace.settings() if self._workspace else {})
        for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
            environment.pop(name, None)
        command = ["make", "--no-print-directory", "deploy", f"STAGE={STAGE}", f"OUTPUTS={outputs}"]
        with log.open("wb") as output:
            running = subprocess.Popen(command, cwd=version, env=environment, stdout=output, stderr=subprocess.STDOUT)
            try:
                if meanwhile is not None:
                    meanwhile(running)
                running.wait()
            finally:
                if running.poll() is None:
                    running.terminate()
        printed = log.read_text(errors="replace")
        if running.returncode or not outputs.exists():
            raise PlacesNotReady("The deployment failed:\n" + "\n".join(printed.splitlines()[-30:]))
        self.addresses = json.loads(outputs.read_text())
        self.slack.set_request_url(self.addresses["slack_url"])
        if trouble := wake(HttpApp(self.addresses["slack_url"]), PATIENCE_SECONDS):
            raise PlacesNotReady(f"The app did not answer Slack in time: {trouble}.")
        return printed

    def is_updating(self) -> bool:
        """Whether CloudFormation is updating Switchyard's own stack now."""
        described = session(PROVIDER).client("cloudformation").describe_stacks(StackName=f"switchyard-{STAGE}")
        return described["Stacks"][0]["StackStatus"] == "UPDATE_IN_PROGRESS"

    def stacks_in_progress(self) -> list[str]:
        """Return the stacks of the provider account that CloudFormation works on."""
        listed = session(PROVIDER).client("cloudformation").describe_stacks()["Stacks"]
        return [one["StackName"] for one in listed if one["StackStatus"].endswith("_IN_PROGRESS")]

    def turn_rule(self, name: str, *, on: bool) -> None:
        """Let EventBridge call a function of the stage, or not."""
        events = session(PROVIDER).client("events")
        (events.enable_rule if on else events.disable_rule)(Name=f"switchyard-{STAGE}-{name}")

    def _take_down(self) -> None:
        if self._workspace is not None:
            self._workspace.stop()
        if self._aws is not None:
            self._aws.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
