"""Handles presses on a shared message: Approve all, Deny all, Review and the buttons of its private answer."""

from __future__ import annotations

from bot.domain.errors import AlreadyDecided, StalePress, TwoPeopleNeeded
from bot.domain.request import SharedIn
from bot.domain.vocabulary import Verb
from bot.slack.ids import OF_REVIEW
from bot.slack.inbound.pressing import Press
from bot.slack.render import answers, batch_answers, batch_press, client_text, reviewing, team_choice
from bot.slack.render.blocks import Message
from bot.slack.render.text import Mrkdwn


def press_all(pressed: Press, reason: str = "", *, tells_client: bool = False) -> Message:
    """Press for all accounts that the message showed. Return what that covers."""
    home, verb = batch_press.asked_for(pressed.value), batch_press.VERBS[pressed.name]
    drawn = batch_press.drawn(pressed.row)
    done = pressed.workflow.press_all(home, drawn, verb, pressed.actor, reason, tells_client=tells_client)
    return batch_answers.pressed(done, pressed.settings)


def review_one(pressed: Press, reason: str = "", *, tells_client: bool = False) -> Message:
    """Decide about the account that Review shows. Return the next one, with what became of this one."""
    home, request_id = reviewing.asked_for(pressed.value)
    verb = Verb(pressed.name.removeprefix(OF_REVIEW))
    teams = team_choice.chosen(pressed.chosen, request_id, pressed.drawn_after)
    try:
        decided = pressed.workflow.decide(
            request_id, verb, pressed.actor, pressed.drawn_after, reason, teams=teams, tells_client=tells_client
        )
    except (AlreadyDecided, StalePress, TwoPeopleNeeded) as refused:
        return _next(pressed, home, request_id, answers.refusal(refused, pressed.settings).text)
    return _next(pressed, home, request_id, reviewing.came_of(decided))


def review(pressed: Press) -> Message:
    """Show the first account that is open."""
    return _next(pressed, batch_press.asked_for(pressed.value), "")


def skip(pressed: Press) -> Message:
    """Show the next account; decide nothing."""
    return _next(pressed, *reviewing.asked_for(pressed.value))


def block(pressed: Press) -> Message:
    """Block the account that Review shows, and show the next one."""
    home, request_id = reviewing.asked_for(pressed.value)
    pressed.workflow.press_block(request_id, pressed.actor, pressed.drawn_after)
    return _next(pressed, home, request_id, reviewing.BLOCKED)


def text_for_client(pressed: Press) -> Message:
    """Return the text for the client of the account that Review shows."""
    _, request_id = reviewing.asked_for(pressed.value)
    return client_text.client_text(*pressed.workflow.text_for_client(request_id, pressed.actor), pressed.settings)


def texts(pressed: Press) -> Message:
    """Return the texts for the clients of all accounts that the message shows."""
    home = batch_press.asked_for(pressed.value)
    return client_text.client_texts(pressed.workflow.texts_for_client(home, pressed.actor), pressed.settings)


def _next(pressed: Press, home: SharedIn, after: str, said: Mrkdwn | None = None) -> Message:
    found = pressed.workflow.review(home, after, pressed.actor)
    if found is None:
        return reviewing.nothing_left(pressed.settings, said)
    return reviewing.reviewed(found, pressed.settings, said)
