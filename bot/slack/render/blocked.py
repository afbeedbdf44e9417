"""Renders blocks: the button, the line on a request's message, and the answers to the commands."""

from __future__ import annotations

from slack_sdk.models.blocks import ButtonElement

from bot.domain import blocking
from bot.domain.answers import Blocked
from bot.domain.model import Account, Client
from bot.domain.request import Request
from bot.ports import Picture
from bot.slack.ids import BLOCK_ACCOUNT
from bot.slack.render.blocks import Message, button, confirmation, paragraph
from bot.slack.render.text import Mrkdwn, code, listed, literal, mention, moment

_COMPANY = 150
_NAMED = 10
"""Most clients of an account that an answer names."""
_MEANS = Mrkdwn("Events from it are refused and no longer shown here. To unblock it, type {}.")


def blocked_by(account: Account | None) -> Mrkdwn | None:
    """Render who has blocked the account of a request, and how to unblock it; None where it is not blocked."""
    if account is None or account.blocked_at is None:
        return None
    by, at = mention(account.blocked_by), moment(account.blocked_at)
    return Mrkdwn("🚫 *Blocked* by {}, {}: account {}. {}").format(by, at, code(account.id), _means(account))


def block_button(picture: Picture) -> ButtonElement | None:
    """Return the button, which asks to confirm, since it concerns the whole account; None where it is not offered."""
    request = picture.request
    if picture.client is None or not blocking.offered(picture.client, request):
        return None
    text = Mrkdwn(
        "Events from the AWS account {} of *{}* will be refused and no longer shown here. `/clients unblock` ends that."
    )
    asked = text.format(code(request.stack.account_id), literal(request.company, _COMPANY))
    confirm = confirmation("Block the account?", asked, "Block", "Cancel")
    return button("Block", BLOCK_ACCOUNT, value=request.id, style="danger", confirm=confirm)


def what_block_does(request: Request) -> Mrkdwn:
    """Render what a press on the button would change."""
    return Mrkdwn("*Block* refuses all events from the account {} from now on.").format(code(request.stack.account_id))


def blocked(done: Blocked) -> Message:
    """Render the answer to `/clients block`."""
    named = listed([*map(_client, done.clients)], _NAMED)
    text = Mrkdwn("🚫 The account {} is blocked: {}. {}")
    return paragraph(text.format(code(done.account.id), named, _means(done.account)))


def blocked_with(done: Blocked) -> Mrkdwn:
    """Render that an account was blocked because its invitation was cancelled."""
    text = Mrkdwn("The account {}, which had used it, is blocked. {}")
    return text.format(code(done.account.id), _means(done.account))


def unblocked(done: Blocked) -> Message:
    """Render the answer to `/clients unblock`: nothing comes back by itself."""
    lines = [
        Mrkdwn("The account {} is no longer blocked. Nothing is asked again by itself:").format(code(done.account.id)),
        *(Mrkdwn("• {}: {}").format(_client(one), _way_back(one)) for one in done.clients[:_NAMED]),
        *([Mrkdwn("• and {} more clients").format(more)] if (more := len(done.clients) - _NAMED) > 0 else []),
    ]
    return paragraph(Mrkdwn("\n").join(lines))


def _client(client: Client) -> Mrkdwn:
    return Mrkdwn("*{}* ({})").format(literal(client.company, _COMPANY), code(client.id))


def _way_back(client: Client) -> Mrkdwn:
    if client.offboarded or client.stack_gone:
        return Mrkdwn("send a new invitation.")
    return Mrkdwn("press *Reopen* on its denied or expired request, or ask the client to change its stack.")


def _means(account: Account) -> Mrkdwn:
    return _MEANS.format(code(f"/clients unblock {account.id}"))
