"""One Lambda container: a fresh process of the Lambdas' Python, measured from its start to its answers."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.runner import ANSWERED
from bench.server import Noted, Server

RUNNER = Path(__file__).with_name("runner.py")
ENVIRONMENT = {
    "STAGE": "prod",
    "TABLE_NAME": "switchyard-prod",
    "PROVIDER_ACCOUNT_ID": "111111111111",
    "PARTITION": "aws",
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "ASIATESTING000000000",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_EC2_METADATA_DISABLED": "true",
    "SLACK_CHANNEL_ID": "C0ONBOARDING",
    "SLACK_TEAM_ID": "",
    "APPROVERS": "U0ADA,S0APPROVERS",
    "CLIENT_TEMPLATE_URL": "https://s3.eu-west-1.amazonaws.com/bucket/clients/switchyard-client.yaml",
    "GROUP_TEMPLATE_URL": "https://s3.eu-west-1.amazonaws.com/bucket/provider/client-group-0.yaml",
    "GROUP_ROLE_ARN": "arn:aws:iam::111111111111:role/switchyard-prod-client-groups",
    "TEAM_PAGE_TEMPLATE_URL": "https://s3.eu-west-1.amazonaws.com/bucket/provider/team-page-0.yaml",
    "TEAMS": "none",
    "TEAM_ROLE_ARN": "arn:aws:iam::111111111111:role/switchyard-prod-team-pages",
    "PROVISION_FUNCTION": "switchyard-prod-provision",
    "AWS_LAMBDA_FUNCTION_NAME": "switchyard-prod-bench",
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
    "POWERTOOLS_SERVICE_NAME": "bot",
    "LANG": "en_US.UTF-8",
}


@dataclass(frozen=True)
class Answered:
    """One event's answer, and what it took. The first event's counts from the process's start."""

    cpu: float
    """Seconds, user and system."""
    wall: float
    calls: list[Noted]
    """`cpu` of each counts from where ours does."""
    answer: Any
    log: str
    """What the handler wrote to its log meanwhile."""


@dataclass(frozen=True)
class Run:
    """One container's life: its first answer was given cold, its last one warm."""

    answered: list[Answered]
    peak_mb: float
    """The most memory that the process held."""
    modules: tuple[str, ...]
    """What it imported until the end."""

    @property
    def cold(self) -> Answered:
        return self.answered[0]

    @property
    def warm(self) -> Answered:
        return self.answered[-1]


@dataclass(frozen=True)
class Container:
    """Starts processes against one server."""

    python: str
    runtime: Path
    scratch: Path
    server: Server
    depth: int = 0
    """How deep in the call stack the handler is imported."""

    def run(
        self, task: Path, module: str, events: Sequence[Any], more: Mapping[str, str] | None = None, prefix: str = ""
    ) -> Run:
        """Give a fresh process these events. `prefix` is a command that starts it elsewhere, such as in a cgroup."""
        path = [str(task), str(self.runtime)]
        asked = self.scratch / "events.json"
        given = {"path": path, "module": module, "events": list(events), "depth": self.depth}
        asked.write_text(json.dumps(given))
        environ = {**ENVIRONMENT, "AWS_ENDPOINT_URL": self.server.url, "SLACK_API_URL": f"{self.server.url}/api/"}
        environ |= {"PATH": os.environ["PATH"], "TZ": ":UTC", **(more or {})}
        if self.server.roots is not None:
            environ |= dict.fromkeys(("AWS_CA_BUNDLE", "SSL_CERT_FILE"), str(self.server.roots))
        command = [self.python, "-I", "-S", "-B", str(RUNNER), str(asked)]
        if prefix:
            command = ["/bin/sh", "-c", f'{prefix}; exec "$@"', "sh", *command]
        self.server.noted, began = [], time.perf_counter()
        process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.server.caller = process.pid
        out, complaints = process.communicate()
        if process.returncode or self.server.unread:
            raise RuntimeError(f"{module} failed: {self.server.unread} {complaints[-3000:]} {out[-3000:]}")
        *logs, said = out.split(ANSWERED)
        return self._read(json.loads(said), logs, began)

    def _read(self, said: dict[str, Any], logs: list[str], began: float) -> Run:
        answered, cpu, wall = [], 0.0, began
        for (cpu_then, wall_then), answer, log in zip(said["marks"], said["answers"], logs, strict=True):
            calls = [replace(one, cpu=one.cpu - cpu) for one in self.server.noted if cpu <= one.cpu < cpu_then]
            answered.append(Answered(cpu_then - cpu, wall_then - wall, calls, answer, log))
            cpu, wall = cpu_then, wall_then
        return Run(answered, said["kilobytes"] / 1024, tuple(said["modules"]))
