"""`make check-blocks` against the local Slack: each view is judged, and what is refused is named with its place."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.slack.render.blocks import Message, header, section
from bot.slack.render.text import Mrkdwn
from local.slack.running import RunningWorkspace, running_workspace
from tests import check_blocks
from tests.check_blocks import drawings, main, problems_of
from tests.unit.slack.render.generated import View, views

GOOD = Message((header("Acme"), section(Mrkdwn("Hello"))), Mrkdwn("Hello"))
LONG: dict[str, Any] = {"type": "header", "text": {"type": "plain_text", "text": "a" * 151}}
BAD_WINDOW = {"type": "modal", "title": {"type": "plain_text", "text": "t" * 25}, "blocks": list(GOOD.blocks)}


def view(drawn: Message | dict[str, Any]) -> View:
    return lambda: drawn


def test_what_slack_takes_has_no_problems() -> None:
    with running_workspace() as slack:
        assert list(problems_of(slack.client(), [GOOD])) == []
        assert [call.method for call in slack.calls] == ["blocks.validate"] and slack.messages == ()


@pytest.mark.parametrize("drawn", [Message((*GOOD.blocks, LONG), Mrkdwn("")), BAD_WINDOW])
def test_what_slack_refuses_is_named_with_its_place(drawn: Message | dict[str, Any]) -> None:
    with running_workspace() as slack:
        [problem] = problems_of(slack.client(), [drawn])
    assert "must be less than" in problem and problem.startswith("/")


def test_a_token_that_slack_refuses_is_no_judgement() -> None:
    with running_workspace() as slack:
        client = slack.client()
        client.token = "xoxb-wrong"
        with pytest.raises(SlackApiError, match="invalid_auth"):
            list(problems_of(client, [GOOD]))


@pytest.mark.parametrize(("drawn", "says", "code"), [(GOOD, "taken  one", 0), (BAD_WINDOW, "refused  one", 1)])
def test_the_command_names_each_view(
    drawn: Message | dict[str, Any],
    says: str,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", RunningWorkspace.bot_token)
    monkeypatch.setattr(check_blocks, "views", lambda: {"one": view(drawn)})
    monkeypatch.setattr(check_blocks, "drawings", lambda one: [one()])
    with running_workspace() as slack:
        monkeypatch.setenv("SLACK_API_URL", slack.api_url)
        assert main() == code
    assert says in capsys.readouterr().out


def test_without_a_token_or_a_slack_it_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SLACK_BOT_TOKEN", raising=False)
    assert main() == 2
    assert "Set SLACK_BOT_TOKEN" in capsys.readouterr().err
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-wrong")
    monkeypatch.setattr(check_blocks, "views", lambda: {"one": view(GOOD)})
    monkeypatch.setattr(check_blocks, "drawings", lambda one: [one()])
    with running_workspace() as slack:
        monkeypatch.setenv("SLACK_API_URL", slack.api_url)
        assert main() == 2
    assert "invalid_auth" in capsys.readouterr().err


def test_drawings_are_always_the_same() -> None:
    name, some = next(iter(views().items()))
    assert drawings(some) == drawings(some) and drawings(some), name
