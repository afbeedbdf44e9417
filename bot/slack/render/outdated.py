"""Renders a green message and its card after a later change: the client has left, or its access has changed."""

from __future__ import annotations

from bot.domain.request import Request
from bot.domain.vocabulary import Kind
from bot.slack.render import presses
from bot.slack.render.blocks import Message, header, section
from bot.slack.render.text import Mrkdwn

_GONE = Mrkdwn(
    "⚪ *No longer valid.* The access was removed later. A session that was open then lasts until it expires, unless "
    "the client has deleted the role."
)
_CHANGED = Mrkdwn("⚪ *No longer valid.* The access was changed later. A newer message says how it is now.")


def outdated_line(request: Request, outdated: Kind) -> Mrkdwn:
    """Render what happened later, and who had pressed."""
    return Mrkdwn("{}\n{}").format(_why(outdated), presses.pressed(request))


def outdated_card(request: Request, outdated: Kind | None) -> Message:
    """Render what replaces a switch-role card."""
    text = Mrkdwn("The card of {} is no longer valid.").format(request.company)
    return Message((header(f"Switch into {request.company}: no longer valid"), section(_why(outdated))), text)


def _why(outdated: Kind | None) -> Mrkdwn:
    return _GONE if outdated is not Kind.UPDATE else _CHANGED
