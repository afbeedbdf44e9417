"""The two walks of docs/architecture.md: which modules stand on the call stack when something goes out."""

from __future__ import annotations

import http.client
import re
from functools import partial
from pathlib import Path
from traceback import walk_stack
from types import SimpleNamespace
from typing import Any

import botocore.client
import pytest

from bot import bootstrap
from handlers import slack as slack_handler
from local.slack.app.signing import SignedRequest
from local.slack.workspace.facts import ADA
from tests.scenarios.outage_scene import OutageScene

PROJECT = Path(__file__).parents[2]
MOST = {"an event": 16, "Approve": 14}
"""How many modules each may pass: the house stays one that a person can walk through."""


def documented(walk: str) -> list[str]:
    """Return the modules in the page's table."""
    page = (PROJECT / "docs" / "architecture.md").read_text()
    [section] = re.findall(rf"^### The walk of {walk}\n(.*?)(?=^##)", page, re.MULTILINE | re.DOTALL)
    return re.findall(r"^\| `([\w/]+\.py)` \|", section, re.MULTILINE)


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Modules of bot/ and handlers/ on the call stack at any outbound call so far, in order."""
    found: list[str] = []

    def watch(owner: type, name: str) -> None:
        real = getattr(owner, name)

        def calls_out(*positional: Any, **named: Any) -> Any:
            files = [Path(frame.f_code.co_filename) for frame, _ in walk_stack(None)]
            ours = [str(file.relative_to(PROJECT)) for file in files if file.is_relative_to(PROJECT)]
            walked = [one for one in reversed(ours) if one.startswith(("bot/", "handlers/"))]
            found.extend(one for one in dict.fromkeys(walked) if one not in found)
            return real(*positional, **named)

        monkeypatch.setattr(owner, name, calls_out)

    watch(botocore.client.BaseClient, "_make_api_call")
    watch(http.client.HTTPConnection, "putrequest")
    return found


def walk_is_documented(passed: list[str], walk: str) -> None:
    assert sorted(documented(walk)) == sorted(passed)
    assert len(passed) <= MOST[walk]


def test_the_walk_of_an_event(outage: OutageScene, passed: list[str]) -> None:
    token = outage.invite()
    outage.happens("CREATE_IN_PROGRESS", token=token)
    passed.clear()
    assert outage.happens("CREATE_COMPLETE", token=token) == 202
    assert outage.last.buttons == ("Approve", "Deny")
    walk_is_documented(passed, "an event")


def test_the_walk_of_approve(outage: OutageScene, passed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    outage.happens("CREATE_COMPLETE", token=outage.invite())
    through_the_handler(outage, monkeypatch)
    passed.clear()
    outage.slack.press(ADA, outage.last, "Approve")
    assert len(outage.handed_over) == 1
    walk_is_documented(passed, "Approve")


def through_the_handler(outage: OutageScene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Slack's requests pass handlers/slack.py, as they do in the Lambda."""
    answer = outage.answer

    def by_the_handler(signed: SignedRequest, event: dict[str, Any]) -> dict[str, Any]:
        monkeypatch.setattr(bootstrap, "slack_door", lambda: SimpleNamespace(answer=partial(answer, signed)))
        return slack_handler.handler(event, None)

    outage.answer = by_the_handler
