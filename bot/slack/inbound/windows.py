"""Opens Slack's windows (modals), and phrases what becomes of them.

Slack accepts `views.open` for three seconds after a press. So it is the first call that a press makes: a window holds
only what the signed press holds, and nothing is checked yet. What the window sends is checked like any press.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import Any

from slack_sdk import WebClient
from slack_sdk.models.blocks import CheckboxesElement, InputBlock, Option, PlainTextInputElement, PlainTextObject
from slack_sdk.models.views import View

from bot.domain.errors import SlackUnavailable
from bot.slack.client import SlackRefused, ask
from bot.slack.inbound.payload import Body, part, text
from bot.slack.render import answers
from bot.slack.render.blocks import Block, Message

_EXPIRED = {"expired_trigger_id", "trigger_expired"}
log = logging.getLogger(__name__)
Answer = dict[str, Any]
"""Arguments of Bolt's `ack`, which say what Slack does with the window. Empty closes it."""


def open_window(client: WebClient, body: Body, view: Block, label: str) -> Message | None:
    """Open the window for whoever pressed the button of this label. Return None when it is open, else the answer."""
    try:
        ask(client.views_open, trigger_id=text(body, "trigger_id"), view=view)
    except SlackUnavailable as error:
        log.warning("%s opened no window: %s", label, error)
        return answers.no_window(label, too_late=isinstance(error, SlackRefused) and error.code in _EXPIRED)
    return None


def window(title: str, blocks: Sequence[Block], opened_for: dict[str, str], *, callback_id: str, submit: str) -> Block:
    """Return a window to fill in. What it was opened for comes back with what is typed."""
    return _checked(
        title,
        blocks,
        callback_id=callback_id,
        submit=plain(submit),
        close=plain("Cancel"),
        private_metadata=json.dumps(opened_for, ensure_ascii=False),
    )


def field(name: str, label: str, hint: str, *, optional: bool = False, focused: bool = True, **element: Any) -> Block:
    """Return a field to type into; only one of a window is `focused`. `typed` reads it by its name."""
    entry = PlainTextInputElement(action_id=name, focus_on_load=focused or None, **element)
    block: Block = InputBlock(
        block_id=name, label=plain(label), hint=plain(hint), element=entry, optional=optional or None
    ).to_dict()
    return block


def typed(view: Body, name: str) -> str:
    """Return what was typed into the field of this name."""
    block = part(part(part(view, "state"), "values"), name)
    return text(part(block, name), "value")


def tick(name: str, label: str, sentence: str, hint: str) -> Block:
    """Return a box that may be ticked, and is not at first. `ticked` reads it by its name."""
    box = CheckboxesElement(action_id=name, options=[Option(value=name, text=plain(sentence))])
    block: Block = InputBlock(block_id=name, label=plain(label), hint=plain(hint), element=box, optional=True).to_dict()
    return block


def ticked(view: Body, name: str) -> bool:
    """Return whether the box of this name is ticked."""
    return name in chosen(view, name)


def chosen(view: Body, name: str) -> list[str]:
    """Return the values of what is chosen in the menu of this name; none where nothing is."""
    held = part(part(part(part(view, "state"), "values"), name), name)
    several = held.get("selected_options")
    options = several if isinstance(several, list) else [held.get("selected_option")]
    return [text(one, "value") for one in options if isinstance(one, dict)]


def opened_for(view: Body, *names: str) -> list[str]:
    """Return what the window was opened for, by these names; empty texts where it is none of ours."""
    try:
        found = json.loads(text(view, "private_metadata"))
        return [str(found[name]) for name in names]
    except (ValueError, LookupError, TypeError, RecursionError):
        return [""] * len(names)


def again(name: str, sentence: str) -> Answer:
    """Keep the window open, with the sentence under what was typed into this field."""
    return {"response_action": "errors", "errors": {name: sentence}}


def told(title: str, message: Message) -> Answer:
    """Show the message in place of the window's content."""
    return {"response_action": "update", "view": _checked(title, message.blocks, close=plain("Close"))}


def reading(title: str, message: Message) -> Block:
    """Return a window that only shows the message: of its buttons, links stay."""
    blocks = []
    for block in message.blocks:
        if block["type"] == "actions":
            links = [one for one in block["elements"] if one.get("url")]
            blocks += [block | {"elements": links}] if links else []
        else:
            held = block.get("accessory")
            gone = held is not None and not held.get("url")
            blocks.append({name: value for name, value in block.items() if not gone or name != "accessory"})
    return _checked(title, blocks, close=plain("Close"))


def fault(view: Body, reference: str) -> Answer:
    """Report a fault of ours under the window's field; `reference` finds it in the log."""
    blocks = view.get("blocks")
    fields = [one for one in blocks if isinstance(one, dict)] if isinstance(blocks, list) else []
    name = next((text(one, "block_id") for one in fields if one.get("type") == "input"), "")
    told = f"Something went wrong in Switchyard; it is logged as {reference}. Please try again."
    return again(name, f"{told} If it goes wrong again, tell whoever runs Switchyard that reference.")


def plain(words: str) -> PlainTextObject:
    """Return our own words as plain text."""
    return PlainTextObject(text=words, emoji=False)


def _checked(title: str, blocks: Sequence[Block], **fields: Any) -> Block:
    """Return the window, once slack_sdk has checked Slack's limits."""
    found: Block = View(type="modal", title=plain(title), blocks=list(blocks), **fields).to_dict()
    return found
