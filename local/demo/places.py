"""The places of the story: a local AWS, a Slack workspace, Switchyard deployed between them by `python -m deploy`."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

import boto3
import botocore.loaders
import botocore.session

from local.aws.process import LocalAws, LocalAwsDidNotStartError
from local.demo.awakening import wake
from local.demo.local_workspace import LocalWorkspace
from local.demo.slack import Slack
from local.demo.transcript import PATIENCE_SECONDS, Transcript
from local.demo.workspace import REPOSITORY, START_SECONDS, PlacesNotReady, Workspace
from local.slack.app import link

STAGE, REGION = "demo", "us-east-1"
PROVIDER = "111111111111"


@dataclass(frozen=True)
class Ground:
    """Where the places are: two ports, a folder for logs, and how long the local Slack waits for the app."""

    aws_port: int = 4566
    slack_port: int = 3000
    state: Path = REPOSITORY / ".local"
    slack_patience_seconds: float = link.PATIENCE_SECONDS


def session(account_id: str) -> boto3.Session:
    """The root of an account of the local AWS: a 12-digit access key id acts as that account."""
    core = botocore.session.get_session()
    core.register_component("data_loader", _service_models())
    return boto3.Session(
        aws_access_key_id=account_id, aws_secret_access_key="test", region_name=REGION, botocore_session=core
    )


@cache
def _service_models() -> botocore.loaders.Loader:
    """Return what reads botocore's descriptions of services, each once: reading is most of what a new client costs."""
    return botocore.loaders.create_loader()


def provider_environment() -> dict[str, str]:
    """What a command of ours runs with, so that it acts as the provider account of the local AWS.

    AWS_ENDPOINT_URL, which the places set, says which local AWS.
    """
    kept = {name: value for name, value in os.environ.items() if name not in {"AWS_SESSION_TOKEN", "AWS_PROFILE"}}
    credentials = {"AWS_ACCESS_KEY_ID": PROVIDER, "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": REGION}
    return kept | credentials


def flat_template_url(addresses: Mapping[str, str]) -> str:
    """Return where the clients' flat template is published: beside the other."""
    return f"{addresses['template_url'].rpartition('/')[0]}/switchyard-client-flat.yaml"


class Places:
    """Everything that has to run for the story. Use as a context manager."""

    def __init__(
        self, transcript: Transcript, ground: Ground | None = None, workspace: Workspace | None = None
    ) -> None:
        """Set up with a local workspace unless another one is given; `slack` is of use with the local one only."""
        self._transcript = transcript
        self._ground = ground = ground or Ground()
        self._endpoint_before = os.environ.get("AWS_ENDPOINT_URL")
        self._aws: LocalAws | None = None
        self.aws_url = f"http://127.0.0.1:{ground.aws_port}"
        self.slack = Slack(f"http://127.0.0.1:{ground.slack_port}")
        self.addresses: dict[str, str] = {}
        self._workspace = workspace or LocalWorkspace(
            transcript, self.slack, ground.slack_port, ground.slack_patience_seconds, self.aws_url
        )

    def __enter__(self) -> Self:
        try:
            self._set_up()
        except BaseException:
            self._take_down()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._take_down()

    @property
    def flat_template_url(self) -> str:
        """The clients' template as one stack, for stack sets; it is published beside the other."""
        return flat_template_url(self.addresses)

    def _set_up(self) -> None:
        step = self._transcript.step
        self._transcript.chapter("Setting up")
        self._ground.state.mkdir(parents=True, exist_ok=True)
        os.environ["AWS_ENDPOINT_URL"] = self.aws_url
        local = isinstance(self._workspace, LocalWorkspace)
        for port in (self._ground.aws_port, *([self._ground.slack_port] if local else [])):
            _require_free(port)
        with ThreadPoolExecutor() as side_by_side:
            starting = [side_by_side.submit(start) for start in (self._start_aws, self._start_slack)]
        for each in starting:
            each.result()
        with step("serverless.yml deployed to the local AWS with osls"):
            self.addresses = self._deploy()
        with step("the app woken up, so that it answers within Slack's three seconds"):
            self._wake_the_app()
        self._workspace.connect(link.HttpApp(self.addresses["slack_url"]))

    def _wake_the_app(self) -> None:
        app = link.HttpApp(self.addresses["slack_url"])
        trouble = wake(app, PATIENCE_SECONDS, secret=self._workspace.signing_secret)
        if trouble:
            raise PlacesNotReady(
                f"The app did not answer Slack in time once within {PATIENCE_SECONDS:.0f} s: {trouble}. Is the machine "
                f"very busy? {self._ground.state / 'aws' / 'aws.log'} says what the Lambdas did."
            )

    def _start_aws(self) -> None:
        """Start the local AWS, with the Slack app's secrets in it."""
        with self._transcript.step(f"a local AWS on {self.aws_url}"):
            try:
                self._aws = LocalAws.start(
                    self._ground.state / "aws", self._ground.aws_port, timeout_seconds=START_SECONDS
                )
            except LocalAwsDidNotStartError as failure:
                raise PlacesNotReady(f"The local AWS did not start. {failure}") from failure
            ssm = session(PROVIDER).client("ssm")
            secrets = {
                "slack-bot-token": self._workspace.bot_token,
                "slack-signing-secret": self._workspace.signing_secret,
            }
            for name, value in secrets.items():
                ssm.put_parameter(Name=f"/switchyard/{STAGE}/{name}", Value=value, Type="SecureString", Overwrite=True)

    def _start_slack(self) -> None:
        self._workspace.start(self._ground.state)

    def _deploy(self) -> dict[str, str]:
        log, outputs = self._ground.state / "deploy.log", self._ground.state / "deployment.json"
        outputs.unlink(missing_ok=True)
        environment = provider_environment() | self._workspace.settings()
        command = [sys.executable, "-m", "deploy", "--stage", STAGE, "--outputs-file", str(outputs)]
        with log.open("wb") as output:
            done = subprocess.run(
                command, cwd=REPOSITORY, env=environment, stdout=output, stderr=subprocess.STDOUT, check=False
            )
        if done.returncode or not outputs.exists():
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-30:])
            raise PlacesNotReady(f"The deployment failed:\n{tail}")
        addresses: dict[str, str] = json.loads(outputs.read_text())
        return addresses

    def _take_down(self) -> None:
        self._workspace.stop()
        if self._aws is not None:
            self._aws.stop()
        os.environ.pop("AWS_ENDPOINT_URL", None)
        if self._endpoint_before is not None:
            os.environ["AWS_ENDPOINT_URL"] = self._endpoint_before


def _require_free(port: int) -> None:
    """Raise PlacesNotReady where something listens already: the demo's ports are fixed, so that its links are too."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as taken:
            raise PlacesNotReady(
                f"Port {port} is in use ({taken.strerror}), and the demo needs it. Is it running already?"
            ) from taken
