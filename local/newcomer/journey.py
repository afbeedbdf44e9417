"""The newcomer's way: a clone, a local AWS and a local Slack, the page's commands one by one, and the first client."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import yaml

from local.aws.process import LocalAws
from local.demo.actors import Operator, team_groups
from local.demo.cast import ACME
from local.demo.places import PROVIDER, REGION, session
from local.demo.slack import Seen, Slack
from local.demo.teller import Teller
from local.demo.transcript import StoryBroken, Transcript
from local.newcomer import answers
from local.newcomer.blocks import Block, blocks
from local.newcomer.terminal import run
from local.slack.workspace import facts

_SLACK_PATIENCE = 60
"""Seconds, in place of Slack's three: this is no test of speed."""


class Newcomer:
    """Follows a page in a clone, as a person with a terminal, a browser and Slack."""

    def __init__(self, clone: Path, aws: LocalAws, slack: Slack, transcript: Transcript) -> None:
        self.aws = aws
        self._clone, self._slack, self._tell = clone, slack, transcript
        self._teller = Teller(slack, transcript)
        self._home = aws.log.parent
        self._exported: dict[str, str] = {}
        self.addresses: dict[str, str] = {}
        self.seconds: dict[str, float] = {}
        """By command: how long it took."""
        self._olli = Operator("olli")
        self._request: Seen | None = None
        self.switched = False
        """Whether the operator got into the client."""
        self._somebody_who_may_take_on_roles()

    def follow(self, page: Path, without: str | None = None) -> None:
        """Do all that the page says. Raise CommandFailed or StoryBroken at the first thing that does not work.

        `without` is the heading of a section that is left out.
        """
        for block in blocks(page):
            if block.heading != without:
                self._do(block)

    def _do(self, block: Block) -> None:
        match block.language:
            case "sh":
                for command in block.commands:
                    self.run(command)
            case "ini":
                self.add_profile(block.text)
            case "text":
                self._type_in_slack(block.text)
            case other:
                raise StoryBroken(f"Nobody knows what to do with a block of {other!r} under {block.heading!r}")

    def run(self, command: str) -> str:
        """Run one command, and do what comes after it; return what it printed. Raise CommandFailed."""
        if exported := re.fullmatch(r"export (\w+)=(\S+)", command):
            self._exported[exported[1]] = answers.edited(exported[2])
            return ""
        began = time.monotonic()
        command = answers.edited(command, self.addresses.get("Events URL", ""))
        self._tell.say(f"  $ {command}")
        printed = run(command, self._clone, self._environment(command), answers.TYPED)
        self.seconds[command] = time.monotonic() - began
        self._after(command, printed)
        return printed

    def add_profile(self, text: str) -> None:
        """Add to `~/.aws/config`, which lies elsewhere here."""
        with (self._home / "config").open("a", encoding="utf-8") as config:
            config.write(answers.edited(text) + "\n")

    def _after(self, command: str, printed: str) -> None:
        """Do what the page leaves to its reader after a command."""
        if copied := re.match(r"cp \S+ (stages/\S+\.env)", command):
            answers.edit_stage_file(self._clone / copied[1])
        elif deployed := re.match(r"make deploy STAGE=(\w+)", command):
            self.addresses = dict(re.findall(r"(?m)^(\w+ URL): (\S+)$", printed))
            self._paste_the_manifest(self._clone / "build" / f"slack-manifest-{deployed[1]}.yml")
        elif command.startswith("aws iam add-user-to-group"):
            self._switch()
        for beginning, words in answers.EXPECTED.items():
            if command.startswith(beginning):
                self._tell.holds(f"it prints {words}", printed.strip() == words)

    def _environment(self, command: str) -> dict[str, str]:
        """Return what a terminal has; an administrator's where the command is AWS's."""
        kept = ("PATH", "HOME", "LANG", "PIP_INDEX_URL", "UV_DEFAULT_INDEX", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")
        found = {name: os.environ[name] for name in kept if name in os.environ}
        found["AWS_ENDPOINT_URL"] = self.aws.url
        if command.startswith("aws "):
            credentials = {"AWS_ACCESS_KEY_ID": PROVIDER, "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}
            return {**found, **credentials, "PATH": f"{self._cli()}:{found['PATH']}"}
        files = {
            "AWS_CONFIG_FILE": str(self._home / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self._home / "credentials"),
        }
        return {**found, **files, "SLACK_API_URL": f"{self._slack.url}/api/", **self._exported}

    def _cli(self) -> Path:
        """Return the folder of an `aws` that runs `local.newcomer.aws_cli`."""
        folder = self._home / "bin"
        folder.mkdir(exist_ok=True)
        cli = folder / "aws"
        here = Path(__file__).resolve().parents[2]
        cli.write_text(f'#!/bin/sh\nPYTHONPATH="{here}" exec "{sys.executable}" -m local.newcomer.aws_cli "$@"\n')
        cli.chmod(0o755)
        return folder

    def _somebody_who_may_take_on_roles(self) -> None:
        """Give the newcomer an IAM user with access keys, who may take on roles and nothing else."""
        iam = session(PROVIDER).client("iam")
        iam.create_user(UserName="newcomer")
        may = (
            '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]}'
        )
        iam.put_user_policy(UserName="newcomer", PolicyName="takes-on-roles", PolicyDocument=may)
        key = iam.create_access_key(UserName="newcomer")["AccessKey"]
        (self._home / "credentials").write_text(
            f"[default]\naws_access_key_id = {key['AccessKeyId']}\naws_secret_access_key = {key['SecretAccessKey']}\n"
        )

    def _paste_the_manifest(self, file: Path) -> None:
        """Give Slack the app's address as the finished manifest has it."""
        settings = yaml.safe_load(file.read_text(encoding="utf-8"))["settings"]
        self._slack.set_request_url(settings["interactivity"]["request_url"])

    def _type_in_slack(self, line: str) -> None:
        """Type a line as Ada. What an invitation gives is sent to Acme, who creates the stack; then Ada approves it."""
        told = self._teller.type(facts.ADA, line)
        self._tell.holds(f"Slack answers {line} privately", told)
        links = [url for answer in told for url in answer.links if "templateURL" in url]
        if line.startswith("/clients invite"):
            self._tell.holds("the answer has the client's link", links)
            ACME.create_stack(links[-1], RequireMfa="false")
            request = self._teller.request_of(ACME)
            self._tell.holds("nobody gets in before the approval", self._olli.switch_into(ACME.role_arn()) is None)
            self._teller.press(facts.ADA, request, "Approve")
            self._request = self._teller.now_says(request, "✅", "Ada presses Approve, and the message turns green")

    def _switch(self) -> None:
        """Switch into the client as the operator whom the page has put into the team."""
        if self._request is None:
            raise StoryBroken("The page adds an operator before there is a client")
        request, [team] = self._request, team_groups()
        card = self._tell.wait_for("the card is in the thread", lambda: self._teller.card(request))
        self._tell.holds(f"it names the team's group {team}", team in card.words)
        self._tell.holds("the operator switches into the client", self._olli.switch_into(ACME.role_arn()))
        self.switched = True


@contextmanager
def places(folder: Path) -> Iterator[tuple[LocalAws, Slack]]:
    """Run a local AWS and a local Slack on free ports."""
    before = os.environ.get("AWS_ENDPOINT_URL")
    with LocalAws.start(folder / "aws", timeout_seconds=120) as aws, _local_slack(folder) as slack:
        os.environ["AWS_ENDPOINT_URL"] = aws.url
        try:
            yield aws, slack
        finally:
            os.environ.pop("AWS_ENDPOINT_URL")
            os.environ.update({"AWS_ENDPOINT_URL": before} if before is not None else {})


@contextmanager
def _local_slack(folder: Path) -> Iterator[Slack]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "local.slack", "--port", str(port), "--patience", str(_SLACK_PATIENCE)]
    with (folder / "slack.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=Path(__file__).resolve().parents[2], stdout=log, stderr=log)
    try:
        slack = Slack(f"http://127.0.0.1:{port}")
        if not slack.answers_within(120, lambda: process.poll() is None):
            raise StoryBroken((folder / "slack.log").read_text(errors="replace"))
        yield slack
    finally:
        process.terminate()
        process.wait(30)


def told_commands(seconds: Mapping[str, float]) -> str:
    """Return a line for each command, with how long it took."""
    return "\n".join(f"  {took:6.1f} s  {command}" for command, took in seconds.items())
