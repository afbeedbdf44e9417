"""The Block Kit blocks that Switchyard uses, built with slack_sdk's classes, which check Slack's limits.

Markup is accepted only as `Mrkdwn`. It is sent as `verbatim`, so that Slack does not turn text into links or mentions,
and plain text is sent without emoji.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from slack_sdk.models.blocks import (
    ActionsBlock,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)

from bot.slack.render.text import BUTTON_LIMIT, HEADER_LIMIT, Mrkdwn, plain

Block = dict[str, Any]
FIELDS_IN_A_SECTION = 10
CONFIRM_LIMIT = 30


@dataclass(frozen=True)
class Message:
    """A message for Slack; `text` is what notifications and screen readers get."""

    blocks: tuple[Block, ...]
    text: Mrkdwn

    def arguments(self) -> dict[str, Any]:
        """Return the arguments for `chat.postMessage`, a command's answer or a response URL."""
        return {"blocks": list(self.blocks), "text": str(self.text)}


@dataclass(frozen=True)
class Confirm:
    """The question that Slack asks before a press counts."""

    title: str
    text: Mrkdwn
    yes: str
    no: str


@dataclass(frozen=True)
class Button:
    """A button. `value` is a request id, an invitation's hash or a list's cursor, never a decision; `url` is opened."""

    label: str
    action_id: str
    value: str | None = None
    url: str | None = None
    style: Literal["primary", "danger"] | None = None
    confirm: Confirm | None = None


def header(text: str) -> Block:
    """Return a title in large type. It is no markup, so it may hold foreign text."""
    return _checked(HeaderBlock(text=PlainTextObject(text=plain(text, HEADER_LIMIT), emoji=False)))


def section(text: Mrkdwn) -> Block:
    """Return a paragraph."""
    return _checked(SectionBlock(text=_markup(text)))


def facts(pairs: Sequence[tuple[str, Mrkdwn]]) -> Block:
    """Return labelled facts in two columns."""
    fields = [_markup(Mrkdwn("*{}*\n{}").format(label, value)) for label, value in pairs[:FIELDS_IN_A_SECTION]]
    return _checked(SectionBlock(fields=fields))


def context(*texts: Mrkdwn) -> Block:
    """Return small print."""
    return _checked(ContextBlock(elements=[_markup(text) for text in texts]))


def actions(buttons: Sequence[Button], block_id: str | None = None) -> Block:
    """Return a row of buttons; `block_id` comes back with a press."""
    return _checked(ActionsBlock(elements=[_button(button) for button in buttons], block_id=block_id))


def _button(button: Button) -> ButtonElement:
    return ButtonElement(
        text=PlainTextObject(text=plain(button.label, BUTTON_LIMIT), emoji=False),
        action_id=button.action_id,
        value=button.value,
        url=button.url,
        style=button.style,
        confirm=_confirm(button.confirm) if button.confirm else None,
    )


def _confirm(asked: Confirm) -> ConfirmObject:
    words = (asked.title, asked.yes, asked.no)
    title, yes, no = (PlainTextObject(text=plain(one, CONFIRM_LIMIT), emoji=False) for one in words)
    return ConfirmObject(title=title, text=_markup(asked.text), confirm=yes, deny=no)


def _markup(text: Mrkdwn) -> MarkdownTextObject:
    if not isinstance(text, Mrkdwn):
        raise TypeError("only Mrkdwn is shown as markup; see bot/slack/render/text.py")
    return MarkdownTextObject(text=str(text), verbatim=True)


def _checked(block: Any) -> Block:
    found: Block = block.to_dict()
    return found
