"""Slack takes every view for any data, and nothing foreign in it formats, links or mentions.

`local/slack/block_kit` judges: it holds the limits of Slack's reference and knows nothing of the code that draws.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.slack.inbound.buttons import KNOWN
from bot.slack.render.blocks import Message
from local.slack.block_kit.blocks import MOST_CHARACTERS, block_problems, characters_in
from local.slack.block_kit.views import view_problems
from tests.proving import amount
from tests.unit.slack.reading import hidden, read
from tests.unit.slack.render.generated import View, arguments_of, made, views
from tests.unit.slack.render.test_symbols import rows
from tests.unit.slack.samples import buttons, texts

COLOURS = {re.sub(r".*`(.*)`.*", r"\1", row[0]): set(row[2].split(", ")) for row in rows("Buttons")}
"""By style: the labels of the buttons that have it."""
COLOURLESS_TOO = {"Cancel"}
"""What leaves all as it is has no colour; the red one cancels an invitation."""
MOST_TEXT = 4000
"""Characters of a message's text, which Slack takes in an edit."""


@pytest.mark.safety(
    "Whatever a client sends, Slack takes every view and shows it as text", "bot/slack/render/blocks.py"
)
@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@pytest.mark.parametrize("view", [pytest.param(view, id=name) for name, view in views().items()])
def test_slack_takes_every_view_for_any_data(view: View) -> None:
    @settings(max_examples=amount(12, proving=300), phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(arguments_of(view))
    def drawn(arguments: dict[str, Any]) -> None:
        check(view(**arguments))

    drawn()


def check(shown: Message | dict[str, Any]) -> None:
    """Fail for what Slack refuses, and for markup that is not well-formed."""
    if isinstance(shown, Message):
        blocks = list(shown.blocks)
        assert block_problems(blocks) == []
        assert characters_in(blocks) <= MOST_CHARACTERS
        assert len(shown.text) <= MOST_TEXT
        for text in texts(shown):
            if text["type"] == "mrkdwn":
                read(text["text"])
            assert hidden(text["text"]) == []
        read(shown.text)
        assert [one for one in buttons(shown) if not has_its_colour(one)] == []
        assert {one["action_id"] for one in buttons(shown)} <= KNOWN
    else:
        assert view_problems(shown) == []


def has_its_colour(button: dict[str, Any]) -> bool:
    """Whether docs/symbols.md gives the button's label this colour; menus have none."""
    if button["type"] != "button":
        return True
    label, style = re.sub(r" \d+$", "", button["text"]["text"]), button.get("style")
    reds, greens = COLOURS["danger"], COLOURS["primary"]
    return label in COLOURS[style] if style else label not in greens and (label not in reds or label in COLOURLESS_TOO)


def test_the_judge_refuses_what_slack_refuses() -> None:
    long = Message(({"type": "section", "text": {"type": "mrkdwn", "text": "a" * 3001}},), "")  # type: ignore[arg-type]
    with pytest.raises(AssertionError, match="3001"):
        check(long)


def test_a_view_with_an_argument_that_nothing_can_make_fails() -> None:
    with pytest.raises(LookupError, match="complex"):
        made(complex, "number")
    assert isinstance(made(str), st.SearchStrategy)


COPIED = ("card.switch_role_card", "invitations.invitation", "client_text.client_text", "client_text.client_texts")


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@pytest.mark.parametrize("name", COPIED)
def test_text_that_is_to_be_copied_is_never_folded(name: str) -> None:
    """Slack folds a long section behind "see more" unless it has `expand`."""
    shown: list[int] = []

    @settings(max_examples=amount(10, proving=100), phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(arguments_of(views()[name]))
    def drawn(arguments: dict[str, Any]) -> None:
        sections = [one for one in views()[name](**arguments).blocks if one["type"] == "section" and "text" in one]
        sections = [one for one in sections if "```" in one["text"]["text"]]
        assert all(one.get("expand") is True for one in sections)
        shown.append(len(sections))

    drawn()
    assert any(shown)


def test_every_time_is_in_the_readers_zone() -> None:
    """Only `text.py` writes times for Slack. What is copied out of Slack, for a client, names its zone."""
    form = re.compile(r"strftime|isoformat|:%[a-zA-Z]")
    files = [path for path in Path("bot/slack/render").glob("*.py") if path.name != "text.py"]
    lines = [line for path in files for line in path.read_text().splitlines()]
    [expiry] = filter(form.search, lines)
    assert expiry.endswith('%H:%M} UTC",')
