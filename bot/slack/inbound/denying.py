"""Deny with a reason: the window (Slack: modal) that a press on Deny opens, and what it sends.

Slack accepts `views.open` for three seconds after a press. So it is the first call that a press makes: the window holds
only what the signed press holds, and nothing is checked yet. What the window sends is checked like any press; it names
the request and the row of buttons that it was opened for.

The answer appears in the window. If sending again may succeed, the window stays open with the typed text; otherwise the
answer replaces it.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from slack_sdk import WebClient
from slack_sdk.models.blocks import InputBlock, PlainTextInputElement, PlainTextObject
from slack_sdk.models.views import View

from bot.decisions.decide import REASON_LENGTH
from bot.domain.answers import Actor
from bot.domain.errors import ActionRefused, ApproversUnknown, PersonUnknown, SlackUnavailable, StalePress, TryAgain
from bot.domain.spelling import one_line
from bot.domain.vocabulary import Verb
from bot.settings import Settings
from bot.slack.client import SlackRefused, ask
from bot.slack.inbound.payload import Body, part, text, unescaped
from bot.slack.render import answers, views
from bot.slack.render.blocks import Block, Message, section
from bot.slack.render.text import Mrkdwn
from bot.workflow import Workflow

WINDOW = "deny_reason"
"""The window's `callback_id`, which Slack sends back with it."""
_REASON = "reason"
_EXPIRED = {"expired_trigger_id", "trigger_expired"}
_INVISIBLE = " \N{REPLACEMENT CHARACTER}"
log = logging.getLogger(__name__)
Answer = dict[str, Any]
"""Arguments of Bolt's `ack`, which say what Slack does with the window. Empty closes it."""


def ask_for_reason(client: WebClient, body: Body, action: Body) -> Message | None:
    """Open the window for whoever pressed Deny. Return None when it is open, else the private answer."""
    try:
        ask(client.views_open, trigger_id=text(body, "trigger_id"), view=_window(body, action))
    except SlackUnavailable as error:
        log.warning("Deny could not ask for a reason: %s", error)
        return answers.no_window(too_late=isinstance(error, SlackRefused) and error.code in _EXPIRED)
    return None


def deny(view: Body, actor: Actor, workflow: Workflow, settings: Settings) -> Answer:
    """Deny for the reason that was typed into the window. Return what Slack does with the window."""
    block = part(part(part(view, "state"), "values"), _REASON)
    reason = one_line(text(part(block, _REASON), "value"))
    if not reason.strip(_INVISIBLE):
        return _again("Please give a reason, so that others can read it later.")
    request_id, row = _opened_for(view)
    try:
        workflow.decide(request_id, Verb.DENY, actor, views.drawn_after(row), reason)
    except StalePress:
        return _again("The request has changed since. Copy your text, look at the request, and press Deny there again.")
    except (ApproversUnknown, PersonUnknown) as error:
        return _again(f"{error} Try again in a minute.")
    except ActionRefused as error:
        blocks = list(answers.refusal(error, settings).blocks)
        return {"response_action": "update", "view": _checked(blocks, close=_plain("Close"))}
    except (TryAgain, SlackUnavailable) as error:
        log.warning("a denial did not go through: %s", error, extra={"request_id": request_id})
        return _again("That did not go through just now. Please try again.")
    return {}


def fault(reference: str) -> Answer:
    """Report a fault of ours; `reference` finds it in the log."""
    return _again(f"Something went wrong in Switchyard; it is logged as {reference}. Please try again.")


def _window(body: Body, action: Body) -> Block:
    opened_for = {"request": text(action, "value"), "row": text(action, "block_id")}
    asked = InputBlock(
        block_id=_REASON,
        label=_plain("Reason"),
        hint=_plain("Everybody in the channel can read it. Line breaks become spaces."),
        element=PlainTextInputElement(action_id=_REASON, multiline=True, max_length=REASON_LENGTH, focus_on_load=True),
    )
    title = _title_of(part(body, "message"))
    shown = [section(Mrkdwn("*{}*").format(title))] if title else []
    return _checked(
        [*shown, asked.to_dict()],
        callback_id=WINDOW,
        submit=_plain("Deny"),
        close=_plain("Cancel"),
        private_metadata=json.dumps(opened_for, ensure_ascii=False),
    )


def _title_of(message: Body) -> str:
    """Return the pressed message's title, as Slack sent it along."""
    blocks = message.get("blocks")
    shown = [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []
    header: Body = next((block for block in shown if block.get("type") == "header"), {})
    return unescaped(text(part(header, "text"), "text"))


def _opened_for(view: Body) -> tuple[str, str]:
    """Return the request id and the row of buttons; empty, and so unknown, where the window is none of ours."""
    try:
        opened_for = json.loads(text(view, "private_metadata"))
        return str(opened_for["request"]), str(opened_for["row"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return "", ""


def _again(sentence: str) -> Answer:
    """Keep the window open, with the sentence under what was typed."""
    return {"response_action": "errors", "errors": {_REASON: sentence}}


def _checked(blocks: list[Block], **fields: Any) -> Block:
    view = View(type="modal", title=_plain("Deny"), blocks=blocks, **fields)
    found: Block = view.to_dict()
    return found


def _plain(words: str) -> PlainTextObject:
    return PlainTextObject(text=words, emoji=False)
