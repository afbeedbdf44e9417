"""The table of buttons names functions that there are, and everything that can be pressed."""

from __future__ import annotations

import re
import typing
from importlib import import_module

import pytest

from bot.slack import ids
from bot.slack.inbound.buttons import ASK_NAME, ASK_REASON, AT_HOME, BUTTONS, KNOWN, Button
from bot.slack.inbound.pressing import Press
from bot.slack.render.blocks import Message

BEGINNINGS = {"OF_REVIEW", "TEAM_TASK"}
CALLBACKS = {"DENY_REASON"}
DRAWN_BEFORE = """
approve deny retry reopen repair approve_all deny_all review_all review_next review_approve review_deny review_retry
review_reopen block_account client_text client_texts choose_teams post_card show_client show_card ask_to_revoke
revoke_access revoke_chosen revoke_accounts keep_access cancel_invitation rename_client label_client change_teams
keep_teams team_task_adopt team_task_remove team_task_prepare team_task_cancel clients_older clients_newest
clients_state clients_level history_older history_newest open_console open_quick_create
"""
"""What messages hold that an earlier version has drawn. They stay in Slack for years: new ids join, none may go."""


@pytest.mark.safety("A button that an earlier version has drawn is known", "bot/slack/inbound/buttons.py")
def test_a_button_that_an_earlier_version_has_drawn_is_known() -> None:
    assert set(DRAWN_BEFORE.split()) <= KNOWN


def test_a_row_that_an_earlier_version_has_drawn_counts_as_it_did() -> None:
    assert ids.drawn_after("presses-3") == 3


@pytest.mark.parametrize("action_id", [name for name, button in BUTTONS.items() if button.does])
def test_a_button_names_a_function_that_takes_a_press_and_may_answer(action_id: str) -> None:
    module, _, name = BUTTONS[action_id].does.partition(".")
    function = getattr(import_module(f"bot.slack.inbound.{module}"), name)

    hints = typing.get_type_hints(function)

    assert next(iter(hints.values())) is Press
    assert hints["return"] in (Message, Message | None)


def test_every_id_of_ours_is_known_when_it_is_pressed() -> None:
    named = {
        name: one for name, one in vars(ids).items() if isinstance(one, str) and re.fullmatch("[A-Z][A-Z_]*", name)
    }
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
