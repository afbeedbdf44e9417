"""Renders blocks: the button, the line on a request's message, and the answers to the commands."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import blocking
from bot.domain.answers import Blocked
from bot.domain.model import Account, Client
from bot.domain.request import Request
from bot.ports import Picture
from bot.slack.render.blocks import Button, Confirm, Message, section
from bot.slack.render.text import Mrkdwn, code, literal, mention, moment

BLOCK_ACCOUNT = "block_account"
_COMPANY = 150
_MEANS = Mrkdwn("Events from it are refused and no longer shown here.")


@dataclass(frozen=True)
class BlockShown:
    """The block on a request's message: who has blocked its account, or the button and what that does."""

    line: Mrkdwn | None = None
    button: Button | None = None
    does: Mrkdwn | None = None


NO_BLOCK = BlockShown()


def block_shown(picture: Picture) -> BlockShown:
    """Return what this message shows of a block."""
    if picture.account is not None:
        return BlockShown(line=_line(picture.account))
    if picture.client is None or not blocking.offered(picture.client, picture.request):
        return NO_BLOCK
    return BlockShown(button=_button(picture.request), does=_what_it_does(picture.request))


def _line(account: Account) -> Mrkdwn:
    """Render who has blocked the account of a request, and how to unblock it."""
    if account.blocked_at is None:
        return Mrkdwn("")
    text = Mrkdwn("🚫 *Blocked* by {}, {}: account {}. {} To unblock it, type {}.")
    return text.format(
        mention(account.blocked_by), moment(account.blocked_at), code(account.id), _MEANS, _unblock(account)
    )


def _button(request: Request) -> Button:
    """Return the button, which asks to confirm, since it concerns the whole account."""
    text = Mrkdwn("Events from the AWS account {} of *{}* will be refused and no longer shown here.")
    asked = text.format(code(request.stack.account_id), literal(request.company, _COMPANY))
    return Button(
        "Block",
        BLOCK_ACCOUNT,
        value=request.id,
        style="danger",
        confirm=Confirm("Block the account?", asked, "Block", "Cancel"),
    )


def _what_it_does(request: Request) -> Mrkdwn:
    """Render what a press on the button would change."""
    return Mrkdwn("*Block* refuses all events from the account {} from now on.").format(code(request.stack.account_id))


def blocked(done: Blocked) -> Message:
    """Render the answer to `/clients block`."""
    text = Mrkdwn("🚫 The account {} is blocked: {}. {} To unblock it, type {}.")
    return _paragraph(text.format(code(done.account.id), _named(done), _MEANS, _unblock(done.account)))


def blocked_with(done: Blocked) -> Mrkdwn:
    """Render that an account was blocked because its invitation was cancelled."""
    text = Mrkdwn("The account {}, which had used it, is blocked. {} To unblock it, type {}.")
    return text.format(code(done.account.id), _MEANS, _unblock(done.account))


def unblocked(done: Blocked) -> Message:
    """Render the answer to `/clients unblock`: nothing comes back by itself."""
    lines = [
        Mrkdwn("The account {} is no longer blocked. Nothing is asked again by itself:").format(code(done.account.id)),
        *(Mrkdwn("• *{}* ({}): {}").format(one.company, code(one.id), _way_back(one)) for one in done.clients),
    ]
    return _paragraph(Mrkdwn("\n").join(lines))


def _way_back(client: Client) -> Mrkdwn:
    if client.offboarded or client.stack_gone:
        return Mrkdwn("send a new invitation.")
    return Mrkdwn("press *Reopen* on its denied or expired request, or ask the client to change its stack.")


def _named(done: Blocked) -> Mrkdwn:
    return Mrkdwn(", ").join(Mrkdwn("*{}* ({})").format(one.company, code(one.id)) for one in done.clients)


def _unblock(account: Account) -> Mrkdwn:
    return code(f"/clients unblock {account.id}")


def _paragraph(text: Mrkdwn) -> Message:
    return Message((section(text),), text)
