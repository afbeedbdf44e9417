"""What should make an approver look twice at a request, as long as looking twice still helps."""

from __future__ import annotations

from bot import transitions
from bot.request import Request
from bot.slack.text import Mrkdwn, code
from bot.vocabulary import UNDER_WAY, Kind

_NAMESAKES = 10


def warnings(request: Request) -> list[Mrkdwn]:
    """None once a request is settled. A new stack is compared with its invitation; a changed one with what it was."""
    found = []
    open_still = bool(transitions.buttons(request.state)) or request.state in UNDER_WAY
    if open_still and (request.kind is Kind.ONBOARD or (request.kind is Kind.UPDATE and request.recreated)):
        found += _differences_from_the_invitation(request)
    return found


def _differences_from_the_invitation(request: Request) -> list[Mrkdwn]:
    found = []
    if request.invited_level not in (None, request.access_level):
        text = Mrkdwn("⚠️ *Access level differs from the invitation:* invited for *{}*, the client's stack says *{}*.")
        found.append(text.format(request.invited_level, request.access_level))
    if request.claimed_company:
        text = Mrkdwn("⚠️ *The client calls itself “{}”*; the invitation was for {}.")
        found.append(text.format(request.claimed_company, request.company))
    if request.namesakes:
        accounts = Mrkdwn(", ").join(map(code, request.namesakes[:_NAMESAKES]))
        many = len(request.namesakes) > 1
        more = " and more" if len(request.namesakes) > _NAMESAKES else ""
        text = Mrkdwn("⚠️ *{} called {} too:* account{} {}{}. Make sure that you mean this one.")
        subject = "Other clients are" if many else "Another client is"
        found.append(text.format(subject, request.company, "s" if many else "", accounts, more))
    return found
