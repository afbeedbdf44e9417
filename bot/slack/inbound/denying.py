"""Deny with a reason: the window that a press on Deny opens, and what it sends.

The window names the request and the row of buttons that it was opened for. What it sends is checked like any press.

The answer appears in the window. If sending again may succeed, the window stays open with the typed text; otherwise the
answer replaces it.
"""

from __future__ import annotations

import logging

from slack_sdk import WebClient

from bot.decisions.decide import REASON_LENGTH
from bot.domain.answers import Actor
from bot.domain.errors import ActionRefused, ApproversUnknown, PersonUnknown, SlackUnavailable, StalePress, TryAgain
from bot.domain.spelling import one_line
from bot.domain.vocabulary import Verb
from bot.settings import Settings
from bot.slack.inbound.payload import Body, part, text, unescaped
from bot.slack.inbound.windows import Answer, again, field, open_window, opened_for, told, typed, window
from bot.slack.render import answers, views
from bot.slack.render.blocks import Block, Message, section
from bot.slack.render.text import Mrkdwn
from bot.workflow import Workflow

WINDOW = "deny_reason"
"""The window's `callback_id`, which Slack sends back with it."""
_REASON = "reason"
_INVISIBLE = " \N{REPLACEMENT CHARACTER}"
log = logging.getLogger(__name__)


def ask_for_reason(client: WebClient, body: Body, action: Body) -> Message | None:
    """Open the window for whoever pressed Deny. Return None when it is open, else the private answer."""
    return open_window(client, body, _window(body, action), "Deny")


def deny(view: Body, actor: Actor, workflow: Workflow, settings: Settings) -> Answer:
    """Deny for the reason that was typed into the window. Return what Slack does with the window."""
    reason = one_line(typed(view, _REASON))
    if not reason.strip(_INVISIBLE):
        return _again("Please give a reason, so that others can read it later.")
    request_id, row = opened_for(view, "request", "row")
    try:
        workflow.decide(request_id, Verb.DENY, actor, views.drawn_after(row), reason)
    except StalePress:
        return _again("The request has changed since. Copy your text, look at the request, and press Deny there again.")
    except (ApproversUnknown, PersonUnknown) as error:
        return _again(f"{error} Try again in a minute.")
    except ActionRefused as error:
        return told("Deny", answers.refusal(error, settings))
    except (TryAgain, SlackUnavailable) as error:
        log.warning("a denial did not go through: %s", error, extra={"request_id": request_id})
        return _again("That did not go through just now. Please try again.")
    return {}


def _window(body: Body, action: Body) -> Block:
    title = _title_of(part(body, "message"))
    asked = field(
        _REASON,
        "Reason",
        "Everybody in the channel can read it. Line breaks become spaces.",
        multiline=True,
        max_length=REASON_LENGTH,
    )
    return window(
        "Deny",
        [*([section(Mrkdwn("*{}*").format(title))] if title else []), asked],
        {"request": text(action, "value"), "row": text(action, "block_id")},
        callback_id=WINDOW,
        submit="Deny",
    )


def _title_of(message: Body) -> str:
    """Return the pressed message's title, as Slack sent it along."""
    blocks = message.get("blocks")
    shown = [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []
    header: Body = next((block for block in shown if block.get("type") == "header"), {})
    return unescaped(text(part(header, "text"), "text"))


def _again(sentence: str) -> Answer:
    return again(_REASON, sentence)
