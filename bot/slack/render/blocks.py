"""The Block Kit blocks that Switchyard uses, built with slack_sdk's classes, which check Slack's limits.

Markup is accepted only as `Mrkdwn`. It is sent as `verbatim`, so that Slack does not turn text into links or mentions,
and plain text is sent without emoji.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from slack_sdk.models.blocks import (
    ActionsBlock,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    HeaderBlock,
    MarkdownTextObject,
    Option,
    PlainTextObject,
    SectionBlock,
    StaticMultiSelectElement,
    StaticSelectElement,
)

from bot.domain.record import Record
from bot.slack.render.text import HEADER_LIMIT, Mrkdwn, plain

Block = dict[str, Any]
_OPTION = 75
"""Most characters of an option's text (docs.slack.dev, "Option object")."""


class Message(Record):
    """A message for Slack; `text` is what notifications and screen readers get."""

    blocks: tuple[Block, ...]
    text: Mrkdwn
    again: bool = False
    """Whether the same press or command may succeed later."""

    def arguments(self) -> dict[str, Any]:
        """Return the arguments for `chat.postMessage`, a command's answer or a response URL."""
        return {"blocks": list(self.blocks), "text": str(self.text)}


def header(text: str) -> Block:
    """Return a title in large type. It is no markup, so it may hold foreign text."""
    return HeaderBlock(text=_plain(text)).to_dict()


def section(text: Mrkdwn, *, expand: bool = False) -> Block:
    """Return a paragraph. `expand` where its text is to be copied: Slack never folds it behind "see more" then.

    Source: docs.slack.dev, "Section block".
    """
    return SectionBlock(text=_markup(text), expand=expand or None).to_dict()


def paragraph(text: Mrkdwn, *, again: bool = False) -> Message:
    """Return a message of one paragraph; `again` where the same press or command may succeed later."""
    return Message((section(text),), text, again)


def facts(*pairs: tuple[str, Mrkdwn]) -> Block:
    """Return labelled facts in two columns."""
    return SectionBlock(fields=[_markup(Mrkdwn("*{}*\n{}").format(*pair)) for pair in pairs]).to_dict()


def context(text: Mrkdwn) -> Block:
    """Return small print."""
    return ContextBlock(elements=[_markup(text)]).to_dict()


def beside(text: Mrkdwn, element: ButtonElement) -> Block:
    """Return a paragraph with a button beside it."""
    return SectionBlock(text=_markup(text), accessory=element).to_dict()


def actions(*buttons: ButtonElement | StaticSelectElement | None, block_id: str | None = None) -> list[Block]:
    """Return a row of the buttons and menus that there are, if any; `block_id` comes back with a press."""
    row = [one for one in buttons if one]
    return [ActionsBlock(elements=row, block_id=block_id).to_dict()] if row else []


def choice(
    text: Mrkdwn,
    label: str,
    action_id: str,
    *,
    options: Sequence[tuple[str, str]],
    chosen: Sequence[str],
    block_id: str,
) -> Block:
    """Return a paragraph with a menu beside it, where several options may be chosen, each a text and its value.

    `chosen` are the values of those that are chosen at first. What people have chosen comes along with the press on any
    button of the message: `chosen_in` reads it.
    """
    offered = {value: Option(value=value, text=_plain(text, _OPTION)) for text, value in options}
    menu = StaticMultiSelectElement(
        action_id=action_id,
        placeholder=_plain(label),
        options=list(offered.values()),
        initial_options=[offered[one] for one in chosen if one in offered] or None,
    )
    return SectionBlock(text=_markup(text), accessory=menu, block_id=block_id).to_dict()


def menu(
    label: str, action_id: str, options: Sequence[tuple[str, str]], chosen: str | None = None
) -> StaticSelectElement | None:
    """Return a menu in which one option is pressed, each a text and its value; None without options.

    `chosen` is the value of the option that it shows instead of its label.
    """
    offered = {value: Option(value=value, text=_plain(text, _OPTION)) for text, value in options}
    if not offered:
        return None
    first = offered.get(chosen) if chosen is not None else None
    return StaticSelectElement(
        action_id=action_id, placeholder=_plain(label), options=list(offered.values()), initial_option=first
    )


def button(
    label: str,
    action_id: str,
    *,
    value: str | None = None,
    url: str | None = None,
    style: str | None = None,
    confirm: ConfirmObject | None = None,
) -> ButtonElement:
    """Return a button that opens `url`, or sends `value`: an id, an invitation's hash or a cursor, never a decision."""
    return ButtonElement(text=_plain(label), action_id=action_id, value=value, url=url, style=style, confirm=confirm)


def confirmation(title: str, text: Mrkdwn, yes: str, no: str) -> ConfirmObject:
    """Return the question that Slack asks before a press counts."""
    return ConfirmObject(title=_plain(title), text=_markup(text), confirm=_plain(yes), deny=_plain(no))


def _plain(text: str, limit: int = HEADER_LIMIT) -> PlainTextObject:
    return PlainTextObject(text=plain(text, limit), emoji=False)


def _markup(text: Mrkdwn) -> MarkdownTextObject:
    if not isinstance(text, Mrkdwn):
        raise TypeError("only Mrkdwn is shown as markup; see bot/slack/render/text.py")
    return MarkdownTextObject(text=str(text), verbatim=True)
