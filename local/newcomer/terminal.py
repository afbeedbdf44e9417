"""A terminal: runs a command as if somebody sat there, types where it asks, and says how it ended."""

import os
import select
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

_AT_THE_TERMINAL = 'exec <"$0" >"$0" 2>&1; exec bash -euo pipefail -c "$1"'
"""The leader of a new session gets the first terminal that it opens as its own: prompts for secrets want one."""
_LOOK_EVERY = 0.05


class CommandFailed(Exception):
    """A command of the page ended with an error; the message has its last words."""


def run(
    command: str, folder: Path, environment: Mapping[str, str], typed: Mapping[str, str], seconds: float = 900
) -> str:
    """Return what the command printed. Raise CommandFailed when it fails, or has not ended in time."""
    ours, its = os.openpty()
    shell = ["bash", "-c", _AT_THE_TERMINAL, os.ttyname(its), command]
    try:
        with subprocess.Popen(shell, cwd=folder, env=dict(environment), start_new_session=True) as process:
            printed = _talk(process, ours, typed, time.monotonic() + seconds)
    finally:
        os.close(ours)
        os.close(its)
    if process.returncode:
        words = "\n".join(printed.splitlines()[-30:])
        raise CommandFailed(f"{command}\nended with {process.returncode}:\n{words}")
    return printed


def _talk(process: "subprocess.Popen[bytes]", terminal: int, typed: Mapping[str, str], deadline: float) -> str:
    """Read until the command has ended, and answer each prompt once, when it appears."""
    printed, waiting = "", dict(typed)
    while (ended := process.poll() is not None) is False or select.select([terminal], [], [], 0)[0]:
        if not ended and time.monotonic() > deadline:
            process.kill()
        if not select.select([terminal], [], [], _LOOK_EVERY)[0]:
            continue
        printed += os.read(terminal, 65_536).decode(errors="replace").replace("\r\n", "\n")
        last_line = printed.rpartition("\n")[2]
        for prompt in [prompt for prompt in waiting if prompt in last_line and last_line.endswith(": ")]:
            os.write(terminal, f"{waiting.pop(prompt)}\n".encode())
    return printed
