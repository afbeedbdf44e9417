"""Handles what people do in Slack: type `/clients …`, press a button, turn the page of a list.

Plain functions make one call of the workflow and one answer of it; `app.py` ties them to Bolt. A command is answered
in the response itself. A press is answered by the request's message, which the provision Lambda updates, or privately
when it changed nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from bot.commands import Commands
from bot.domain.answers import Actor
from bot.domain.errors import ActionRefused, Replayed, SeveralNamed, SlackUnavailable, TryAgain
from bot.domain.kit import KitAsked
from bot.domain.search import Found, Search
from bot.settings import Settings
from bot.slack.inbound.buttons import BUTTONS
from bot.slack.inbound.commands import AskForKit, Find, Open, parse
from bot.slack.inbound.pressing import Press
from bot.slack.render.blocks import Message

log = logging.getLogger(__name__)


def answer_command(
    typed: str, actor: Actor, workflow: Commands, settings: Settings, mark: str, *, response_url: str = ""
) -> Message | None:
    """Do what was typed after `/clients` and return the answer. `mark` identifies the signed command.

    `response_url` is where Slack takes what is to be told about the command afterwards.
    Only lists of clients and help may be repeated; of the others a second arrival does nothing and has no answer.
    """

    def act() -> Message:
        asked = parse(typed)
        match asked:
            case Open.HELP:
                from bot.slack.render.answers import usage

                return usage(settings)
            case Open.LIST:
                from bot.slack.inbound.finding import page

                return page(Search(), actor, workflow, settings)
            case Find():
                from bot.slack.inbound.finding import find

                return find(asked, actor, workflow, settings, mark)
            case AskForKit():
                from bot.slack.render.kit import on_its_way

                workflow.ask_for_kit(KitAsked(actor.user_id, asked.team, response_url, mark), actor)
                return on_its_way(asked.team, settings)
        from bot.slack.inbound.answering import answer

        return workflow.once(mark, lambda once: answer(asked, actor, once, settings))

    return _privately(act, settings, "a command")


def press(pressed: Press) -> Message | None:
    """Do what the button does. Return None when the request's own message shows that; else the private answer."""
    button = BUTTONS[pressed.name]

    def act() -> Message | None:
        if not button.once:
            return button.act(pressed)
        return pressed.workflow.once(pressed.mark, lambda once: button.act(replace(pressed, workflow=once)))

    return _privately(act, pressed.settings, f"a press on {pressed.name} ({pressed.value:.20})")


def _privately(act: Callable[[], Message | None], settings: Settings, what: str) -> Message | None:
    """Do what was asked for. Return the private answer: what `act` returns, or why nothing was changed.

    Return None, with nothing done, for something signed that has come before.
    """
    try:
        return act()
    except SeveralNamed as several:
        from bot.slack.render import clients

        return clients.choice(Found(Search(several.name), several.clients), clients.SHOW)
    except ActionRefused as error:
        from bot.slack.render import answers

        return answers.refusal(error, settings)
    except Replayed:
        log.warning("%s, signed, has come a second time; nothing was done or answered", what)
        return None
    except (TryAgain, SlackUnavailable) as error:
        from bot.slack.render import answers

        log.warning("%s did not go through: %s", what, error)
        return answers.try_again()
