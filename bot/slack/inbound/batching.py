"""Handles presses on a shared message: Approve all, Deny all, Review and the buttons of its private answer."""

from __future__ import annotations

from bot.domain.errors import AlreadyDecided, StalePress, TwoPeopleNeeded
from bot.domain.request import SharedIn
from bot.domain.vocabulary import Verb
from bot.slack.inbound.payload import text
from bot.slack.inbound.pressing import Button, Press
from bot.slack.render import answers, batch_answers, batch_press, client_text, reviewing, team_choice, views
from bot.slack.render.blocked import BLOCK_ACCOUNT
from bot.slack.render.blocks import Message
from bot.slack.render.text import Mrkdwn

REVIEW_DENY = f"{reviewing.OWN}{Verb.DENY}"


def press_all(pressed: Press, reason: str = "", *, tells_client: bool = False) -> Message:
    """Press for all accounts that the message showed. Return what that covers."""
    home, verb = batch_press.asked_for(pressed.value), batch_press.VERBS[text(pressed.action, "action_id")]
    drawn = batch_press.drawn(pressed.row)
    done = pressed.workflow.press_all(home, drawn, verb, pressed.actor, reason, tells_client=tells_client)
    return batch_answers.pressed(done, pressed.settings)


def review_one(pressed: Press, reason: str = "", *, tells_client: bool = False) -> Message:
    """Decide about the account that Review shows. Return the next one, with what became of this one."""
    home, request_id = reviewing.asked_for(pressed.value)
    verb = Verb(text(pressed.action, "action_id").removeprefix(reviewing.OWN))
    drawn_after = views.drawn_after(pressed.row)
    teams = team_choice.chosen(pressed.chosen, request_id, drawn_after)
    try:
        decided = pressed.workflow.decide(
            request_id, verb, pressed.actor, drawn_after, reason, teams=teams, tells_client=tells_client
        )
    except (AlreadyDecided, StalePress, TwoPeopleNeeded) as refused:
        return _next(pressed, home, request_id, answers.refusal(refused, pressed.settings).text)
    return _next(pressed, home, request_id, reviewing.came_of(decided))


def _review(pressed: Press) -> Message:
    return _next(pressed, batch_press.asked_for(pressed.value), "")


def _skip(pressed: Press) -> Message:
    return _next(pressed, *reviewing.asked_for(pressed.value))


def _block(pressed: Press) -> Message:
    home, request_id = reviewing.asked_for(pressed.value)
    pressed.workflow.press_block(request_id, pressed.actor, views.drawn_after(pressed.row))
    return _next(pressed, home, request_id, reviewing.BLOCKED)


def _text(pressed: Press) -> Message:
    _, request_id = reviewing.asked_for(pressed.value)
    return client_text.client_text(*pressed.workflow.text_for_client(request_id, pressed.actor), pressed.settings)


def _texts(pressed: Press) -> Message:
    home = batch_press.asked_for(pressed.value)
    return client_text.client_texts(pressed.workflow.texts_for_client(home, pressed.actor), pressed.settings)


def _next(pressed: Press, home: SharedIn, after: str, said: Mrkdwn | None = None) -> Message:
    found = pressed.workflow.review(home, after, pressed.actor)
    if found is None:
        return reviewing.nothing_left(pressed.settings, said)
    return reviewing.reviewed(found, pressed.settings, said)


BUTTONS = {
    batch_press.APPROVE_ALL: Button(press_all, once=True),
    batch_press.DENY_ALL: Button(press_all, once=True),
    batch_press.REVIEW: Button(_review),
    client_text.CLIENT_TEXTS: Button(_texts),
    **{f"{reviewing.OWN}{verb}": Button(review_one, replaces=True) for verb in Verb},
    f"{reviewing.OWN}{BLOCK_ACCOUNT}": Button(_block, once=True, replaces=True),
    f"{reviewing.OWN}{client_text.CLIENT_TEXT}": Button(_text),
    reviewing.NEXT: Button(_skip, replaces=True),
}
"""Each button by its `action_id`."""
