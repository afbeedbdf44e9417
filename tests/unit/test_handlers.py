"""What the Lambda entry points do by themselves: name the invocation in the log, take a body apart, leave the rest."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from bot import bootstrap
from bot.errors import SettingsInvalid, TryAgain
from handlers import ingest, outcome, provision, slack, sweep
from tests.fakes import World


@dataclass
class Context:
    aws_request_id: str


def unavailable() -> Any:
    raise TryAgain("the table does not answer")


ENTRIES: dict[str, tuple[Callable[[dict[str, Any], object], object], dict[str, Any]]] = {
    "ingest": (ingest.create_handler(unavailable), {"body": "{}"}),
    "outcome": (outcome.create_handler(unavailable), {"detail": {"stack-id": "s"}}),
    "provision": (provision.create_handler(unavailable), {"request_id": "r-1"}),
    "slack": (slack.handler, {}),
    "sweep": (sweep.create_handler(unavailable), {}),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_log_lines_carry_the_invocation(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STAGE", raising=False)
    bootstrap.settings.cache_clear()
    bootstrap.slack_app.cache_clear()
    entry, event = ENTRIES[name]
    with suppress(TryAgain, SettingsInvalid):
        entry(event, Context(f"invocation-of-{name}"))
    told = bootstrap.logger().get_current_keys()["function_request_id"]
    bootstrap.trace(None)
    assert told == f"invocation-of-{name}"


@pytest.mark.parametrize("name", ["ingest", "provision"])
def test_what_has_to_wait_is_in_the_log(name: str, caplog: pytest.LogCaptureFixture) -> None:
    entry, event = ENTRIES[name]
    entry(event, None)
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "the table does not answer" in caplog.text


@pytest.mark.parametrize(
    "event",
    [{"body": "e30=!", "isBase64Encoded": True}, {"body": "\ud800"}],
)
def test_a_body_that_is_no_text_is_malformed(event: dict[str, Any]) -> None:
    told = ingest.create_handler(lambda: World().workflow)(event, None)
    assert told["statusCode"] == 400
    assert "decoded" in told["body"]
