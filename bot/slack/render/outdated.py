"""What a green message and its card say when it is no longer so: the client has left, or has been changed since."""

from __future__ import annotations

from bot.domain.request import Request
from bot.domain.vocabulary import Kind
from bot.slack.render import presses
from bot.slack.render.blocks import Message, header, section
from bot.slack.render.text import Mrkdwn

_GONE = Mrkdwn(
    "⚪ *No longer so.* The access has been taken away since. A session that was open then lasts until it expires, "
    "unless the client has deleted the role."
)
_CHANGED = Mrkdwn("⚪ *No longer so.* It has been changed since: a newer message says how it is now.")


def outdated_line(request: Request, outdated: Kind) -> Mrkdwn:
    """What became of it, and who had pressed."""
    return Mrkdwn("{}\n{}").format(_why(outdated), presses.pressed(request))


def outdated_card(request: Request, outdated: Kind | None) -> Message:
    """In the place of a switch-role card."""
    told = Mrkdwn("The card of {} is no longer valid.").format(request.company)
    return Message((header(f"Switch into {request.company}: no longer"), section(_why(outdated))), told)


def _why(outdated: Kind | None) -> Mrkdwn:
    return _GONE if outdated is not Kind.UPDATE else _CHANGED
