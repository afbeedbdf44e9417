"""What each Lambda imports for its first request: only what it needs. Imports are most of a cold start's CPU."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import bot
from bench.container import ENVIRONMENT, Container
from bench.latency import Latency
from bench.server import serving
from bench.story import Story

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
MOST = {
    "/clients": 76,
    "Approve": 78,
    "CREATE_COMPLETE": 58,
    "show the request": 85,
    "provision": 91,
    "outcome": 64,
    "show the end": 85,
    "sweep": 73,
}
"""How many modules of ours a fresh process may have imported once it has answered its first request (`bench/measure.py`
has the same paths). Each takes CPU of every cold start: 0.1 ms and more."""
HEAVY = {"jinja2", "anyascii"}
"""What none of these paths needs: 40 and 25 ms."""
STARTED = "import json, sys, handlers.{0}; print(json.dumps([*sys.modules]))"


@pytest.mark.parametrize("name", NEEDED)
def test_a_lambda_starts_with_what_it_needs(name: str) -> None:
    environ = {**ENVIRONMENT, "SLACK_API_URL": "http://127.0.0.1:9/api/", "PATH": os.environ["PATH"]}
    command = [sys.executable, "-c", STARTED.format(name)]
    said = subprocess.run(command, env=environ, stdout=subprocess.PIPE, text=True, check=True).stdout

    assert COSTLY.intersection(json.loads(said.splitlines()[-1])) == NEEDED[name]


def test_a_first_request_imports_no_more_of_our_modules_than_it_needs(tmp_path: Path) -> None:
    """One client goes from its invitation to its card, each step in a fresh process. Kept warm, it has them before."""
    with serving(Latency(0, 0, 0)) as server:
        container = Container(sys.executable, Path(sysconfig.get_path("purelib")), tmp_path, server)
        story = Story(container, Path(bot.__file__).parents[1], clients={"Acme": "222222222222"})
        story.play()
        kept_warm = {
            name: container.run(story.task, f"handlers.{name}", [{"warm": True}]).modules
            for name in ("slack", "provision")
        }

    ours = {path: [one for one in story.imported[path] if one.startswith(("bot.", "handlers."))] for path in MOST}
    too_many = {path: sorted(found) for path, found in ours.items() if len(found) > MOST[path]}
    assert not too_many, f"Import what few requests need where it is used; or measure, and raise MOST: {too_many}"
    assert {*ours["/clients"], *ours["Approve"]} <= {*kept_warm["slack"]}
    assert {*ours["provision"], *ours["show the request"], *ours["show the end"]} <= {*kept_warm["provision"]}
    assert HEAVY.isdisjoint(one for path in MOST for one in story.imported[path])


def test_docs_performance_says_how_many_modules_that_are() -> None:
    page = (Path(bot.__file__).parents[1] / "docs" / "performance.md").read_text()
    said = dict(re.findall(r"^\| ([\w/ ]+) \| \d+, (\d+) \| 0\.\d\d \|$", page, re.MULTILINE))
    assert said == {path: str(most) for path, most in MOST.items()}


def test_no_list_is_read_with_a_paginator_of_boto3() -> None:
    sources = Path(bot.__file__).parent.rglob("*.py")
    assert [one.name for one in sources if "get_paginator" in one.read_text()] == []
