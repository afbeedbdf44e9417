"""What the Makefile hands to what it starts."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_what_is_installed_sees_no_token_of_slack(tmp_path: Path) -> None:
    """`make demo SLACK=real` takes tokens from the environment, and sets up first, with foreign packages' scripts."""
    # Given what writes its environment down, in place of the make that installs
    installs, seen = tmp_path / "installs", tmp_path / "seen"
    installs.write_text(f"#!/bin/sh\nenv > {seen}\n")
    installs.chmod(0o755)
    tokens = {"SLACK_APP_TOKEN": "xapp-1", "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_CHANNEL_ID": "C1"}

    # When
    command = ["make", "--no-print-directory", "setup", f"MAKE={installs}"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **tokens}, check=True)

    # Then
    found = seen.read_text()
    assert "SLACK_CHANNEL_ID=C1" in found
    assert "xapp-1" not in found
    assert "xoxb-1" not in found


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("remove", "Say which stage"),
        ("remove STAGE=prod CLIENTS=yes", "CLIENTS is keep (as without it) or remove."),
        ("remove STAGE=prod OPEN=yes", "OPEN is refuse (as without it) or drop."),
        ("restore STAGE=prod", "Say what to restore"),
        ("restore STAGE=prod BACKUP=arn AT=2026-11-26T12:00:00Z", "Say one of BACKUP and AT, not both."),
    ],
)
def test_a_word_that_make_does_not_know_is_named_as_it_was_typed(said: str, told: str) -> None:
    command = ["make", "--no-print-directory", "-o", "setup", *said.split(), "BIN=/nonexistent"]
    ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert ended.returncode
    assert ended.stdout.startswith(told)
