"""Handles presses on a request's own message: they decide on it, block its account, or show the text for its client."""

from __future__ import annotations

from bot.domain.request import Request
from bot.domain.vocabulary import Verb
from bot.slack.inbound.pressing import Press
from bot.slack.render import team_choice
from bot.slack.render.blocks import Message


def decide(pressed: Press) -> Message | None:
    """Decide. The request's own message shows that; where the client is shown privately, that is shown anew as well."""
    verb = Verb(pressed.name)
    teams = team_choice.chosen(pressed.chosen, pressed.value, pressed.drawn_after)
    decided = pressed.workflow.decide(pressed.value, verb, pressed.actor, pressed.drawn_after, teams=teams)
    return shown_beside(pressed, decided)


def shown_beside(pressed: Press, decided: Request) -> Message | None:
    """Return the client anew where the press was on it; None where the request's own message shows the decision."""
    if not pressed.private:
        return None
    from bot.slack.inbound.showing import show_anew

    return show_anew(decided.client_id, pressed.actor, pressed.workflow, pressed.settings)


def block(pressed: Press) -> Message | None:
    """Block the account of a request that was denied, or that removed its client."""
    from bot.slack.render.blocked import blocked

    done = pressed.workflow.press_block(pressed.value, pressed.actor, pressed.drawn_after)
    return blocked(done) if pressed.private else None


def text_for_client(pressed: Press) -> Message:
    """Return the text about the request that its client can be sent."""
    from bot.slack.render.client_text import client_text

    return client_text(*pressed.workflow.text_for_client(pressed.value, pressed.actor), pressed.settings)
