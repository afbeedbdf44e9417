"""What each Lambda imports before its first request: only what it needs. Imports are most of a cold start's CPU."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import bot
from bench.container import ENVIRONMENT

COSTLY = {
    *("bot.ingest", "bot.decisions", "bot.provisioning", "bot.channel", "bot.slack", "bot.sweep"),
    *("slack_bolt", "slack_sdk", "jinja2", "anyascii", "asyncio"),
}
"""Our own wings and the libraries that not every Lambda needs. slack_sdk brings asyncio along."""
NEEDED = {
    "ingest": {"bot.ingest"},
    "slack": {"bot.slack", "slack_bolt", "slack_sdk", "asyncio"},
    "provision": {"bot.channel", "bot.slack", "slack_sdk", "asyncio"},
    "outcome": {"bot.provisioning"},
    "kit": {"bot.slack", "slack_sdk", "asyncio", "jinja2"},
    "sweep": set(),
}
STARTED = "import json, sys, handlers.{0}; print(json.dumps([*sys.modules]))"


@pytest.mark.parametrize("name", NEEDED)
def test_a_lambda_starts_with_what_it_needs(name: str) -> None:
    environ = {**ENVIRONMENT, "SLACK_API_URL": "http://127.0.0.1:9/api/", "PATH": os.environ["PATH"]}
    command = [sys.executable, "-c", STARTED.format(name)]
    said = subprocess.run(command, env=environ, stdout=subprocess.PIPE, text=True, check=True).stdout

    assert COSTLY.intersection(json.loads(said.splitlines()[-1])) == NEEDED[name]


def test_no_list_is_read_with_a_paginator_of_boto3() -> None:
    sources = Path(bot.__file__).parent.rglob("*.py")
    assert [one.name for one in sources if "get_paginator" in one.read_text()] == []
