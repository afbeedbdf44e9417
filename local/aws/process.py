"""Starts the local AWS as a process of its own, for tests and for the demo, and ends it again.

Healthy means that it has taken its port and its health address answers; a start that fails gives its last words.
"""

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

from local.aws.environment import HOST, READY

_REPOSITORY = Path(__file__).resolve().parents[2]


class LocalAwsDidNotStartError(Exception):
    """The process ended, or did not answer in time; the message carries the end of its output."""


class LocalAws:
    """A running local AWS. Use as a context manager, or call `stop()`."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int, state_dir: Path) -> None:
        self.process = process
        self.port = port
        self.url = f"http://{HOST}:{port}"
        self.log = state_dir / "aws.log"

    @classmethod
    def start(
        cls,
        state_dir: Path,
        port: int | None = None,
        sns_delay: float = 0.1,
        timeout_seconds: float = 40,
        function_update: float = 0.0,
    ) -> "LocalAws":
        """Start on `port` (default: a free one) and return once it is healthy."""
        chosen = port or _free_port()
        state_dir.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "local.aws", "--port", str(chosen)]
        command += ["--state-dir", str(state_dir.resolve()), "--sns-delay", str(sns_delay)]
        command += ["--function-update", str(function_update)]
        with (state_dir / "output.log").open("wb") as output:
            process = subprocess.Popen(command, cwd=_REPOSITORY, stdout=output, stderr=subprocess.STDOUT)
        local_aws = cls(process, chosen, state_dir)
        try:
            local_aws._wait_until_healthy(state_dir / "output.log", timeout_seconds)
        except BaseException:
            local_aws.stop()
            raise
        return local_aws

    def stop(self, timeout_seconds: float = 15) -> None:
        """End it cleanly; a copy that does not end in time is killed."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _wait_until_healthy(self, output: Path, timeout_seconds: float) -> None:
        deadline = time.monotonic() + timeout_seconds
        while READY not in output.read_text(errors="replace") or not self._healthy():
            if self.process.poll() is not None:
                raise LocalAwsDidNotStartError(output.read_text(errors="replace").strip() or "it ended without a word")
            if time.monotonic() > deadline:
                raise LocalAwsDidNotStartError(f"no answer on {self.url} within {timeout_seconds:.0f} seconds")
            time.sleep(0.1)

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=2) as answer:  # noqa: S310
                return bool(json.load(answer))
        except (urllib.error.URLError, OSError, ValueError):
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
