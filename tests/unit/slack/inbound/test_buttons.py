"""The table of buttons names functions that there are, and everything that can be pressed."""

from __future__ import annotations

import typing
from importlib import import_module

import pytest

from bot.slack import ids
from bot.slack.inbound.buttons import ASK_NAME, ASK_REASON, AT_HOME, BUTTONS, KNOWN, Button
from bot.slack.inbound.pressing import Press
from bot.slack.render.blocks import Message

BEGINNINGS = {"OF_REVIEW", "TEAM_TASK"}
CALLBACKS = {"DENY_REASON"}


@pytest.mark.parametrize("action_id", [name for name, button in BUTTONS.items() if button.does])
def test_a_button_names_a_function_that_takes_a_press_and_may_answer(action_id: str) -> None:
    module, _, name = BUTTONS[action_id].does.partition(".")
    function = getattr(import_module(f"bot.slack.inbound.{module}"), name)

    hints = typing.get_type_hints(function)

    assert next(iter(hints.values())) is Press
    assert hints["return"] in (Message, Message | None)


def test_every_id_of_ours_is_known_when_it_is_pressed() -> None:
    named = {name: value for name, value in vars(ids).items() if name.isupper() and not name.startswith("_")}
    pressed = {value for name, value in named.items() if name not in BEGINNINGS | CALLBACKS}
    assert pressed <= KNOWN
    assert {*ASK_REASON, *ASK_NAME, *AT_HOME} <= KNOWN


def test_only_what_is_chosen_or_opened_does_nothing_by_itself() -> None:
    links = {ids.OPEN_CONSOLE, ids.OPEN_QUICK_CREATE}
    menus = {ids.CHOOSE_TEAMS, ids.CHOOSE_ACCOUNTS, ids.SEARCH_HOME}
    assert {name for name, button in BUTTONS.items() if not button.does} == links | menus


def test_a_button_is_done_by_the_function_that_it_names() -> None:
    asked = Button("questions.keep_access").act(typing.cast("Press", None))
    assert asked is not None
    assert "Nothing" in asked.text
    assert Button("").act(typing.cast("Press", None)) is None
