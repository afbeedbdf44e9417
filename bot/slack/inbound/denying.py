"""Deny with a reason: the window that a press on Deny opens, and what it sends.

The window names the request (or the shared message), the button and its row that it was opened for. What it sends is
checked like any press.

The answer appears in the window. If sending again may succeed, the window stays open with the typed text; otherwise the
answer replaces it.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import NamedTuple

from slack_sdk import WebClient

from bot.commands import Commands
from bot.decisions.decide import REASON_LENGTH
from bot.domain.answers import Actor
from bot.domain.errors import (
    ActionRefused,
    ApproversUnknown,
    PersonUnknown,
    Replayed,
    SlackUnavailable,
    StalePress,
    TryAgain,
)
from bot.domain.spelling import one_line
from bot.domain.vocabulary import Verb
from bot.settings import Settings
from bot.slack import ids
from bot.slack.inbound import batching, deciding
from bot.slack.inbound.payload import Body, is_private, part, text, unescaped
from bot.slack.inbound.pressing import Press
from bot.slack.inbound.windows import Answer, again, field, open_window, opened_for, tick, ticked, told, typed, window
from bot.slack.render import answers
from bot.slack.render.blocks import Block, Message, section
from bot.slack.render.text import Mrkdwn

_REASON, _TELL = "reason", "tell"
_LOGGED = 20
_INVISIBLE = " \N{REPLACEMENT CHARACTER}"
log = logging.getLogger(__name__)


def ask_for_reason(client: WebClient, body: Body, action: Body) -> Message | None:
    """Open the window for whoever pressed Deny. Return None when it is open, else the private answer."""
    return open_window(client, body, _window(body, action), "Deny")


class Denied(NamedTuple):
    """What Slack does with the window, and what the person is told beside it, at this response URL."""

    answer: Answer
    url: str = ""
    message: Message | None = None
    replaces: bool = False


def deny(view: Body, actor: Actor, workflow: Commands, settings: Settings, mark: str) -> Denied:
    """Deny for the reason that was typed into the window. `mark` identifies what the window sent."""
    reason = one_line(typed(view, _REASON))
    if not reason.strip(_INVISIBLE):
        return _again("Please give a reason, so that others can read it later.")
    value, row, action_id, url, private = opened_for(view, "request", "row", "button", "url", "private")
    pressed = {"value": value, "block_id": row, "action_id": action_id}
    press = Press(pressed, actor, workflow, settings, mark, private=bool(private))
    try:
        message = _denied(press, reason, tells_client=ticked(view, _TELL))
    except StalePress:
        return _again("The request has changed since. Copy your text, look at the request, and press Deny there again.")
    except (ApproversUnknown, PersonUnknown) as error:
        return _again(f"{error} Try again in a minute.")
    except ActionRefused as error:
        return Denied(told("Deny", answers.refusal(error, settings)))
    except Replayed:
        return Denied({})
    except (TryAgain, SlackUnavailable) as error:
        log.warning("a denial did not go through: %s", error, extra={"request_id": value[:_LOGGED]})
        return _again("That did not go through just now. Please try again.")
    return Denied({}, url, message, replaces=press.private)


def _denied(press: Press, reason: str, *, tells_client: bool) -> Message | None:
    """Deny one request, or as the button of a shared message says. Return what the person is told."""
    match press.name:
        case ids.DENY_ALL:
            return press.workflow.once(
                press.mark,
                lambda once: batching.press_all(replace(press, workflow=once), reason, tells_client=tells_client),
            )
        case ids.REVIEW_DENY:
            return batching.review_one(press, reason, tells_client=tells_client)
        case _:
            decide = press.workflow.decide
            denied = decide(press.value, Verb.DENY, press.actor, press.drawn_after, reason, tells_client=tells_client)
            return deciding.shown_beside(press, denied)


def _window(body: Body, action: Body) -> Block:
    title = _title_of(part(body, "message"))
    asked = field(
        _REASON,
        "Reason",
        "Everybody in the channel can read it. Line breaks become spaces.",
        multiline=True,
        max_length=REASON_LENGTH,
    )
    tell = tick(_TELL, "For the client", "Tell the client the reason", "“Text for the client” then has it.")
    return window(
        "Deny",
        [*([section(Mrkdwn("*{}*").format(title))] if title else []), asked, tell],
        {
            "request": text(action, "value"),
            "row": text(action, "block_id"),
            "button": text(action, "action_id"),
            "url": text(body, "response_url"),
            "private": "yes" if is_private(body) else "",
        },
        callback_id=ids.DENY_REASON,
        submit="Deny",
    )


def _title_of(message: Body) -> str:
    """Return the pressed message's title, as Slack sent it along."""
    blocks = message.get("blocks")
    shown = [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []
    header: Body = next((block for block in shown if block.get("type") == "header"), {})
    return unescaped(text(part(header, "text"), "text"))


def _again(sentence: str) -> Denied:
    return Denied(again(_REASON, sentence))
