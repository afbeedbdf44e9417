"""What people see of a block: the button, the line on a request's message, and what a command is answered."""

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
_MEANS = Mrkdwn("Nothing that comes from it is let in or shown here any more.")


@dataclass(frozen=True)
class BlockShown:
    """What a request's message shows of a block: who has blocked its account, or the button and what that does."""

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
    """Who has blocked the account of a request, and how that ends."""
    if account.blocked_at is None:
        return Mrkdwn("")
    text = Mrkdwn("🚫 *Blocked* by {}, {}: account {}. {} {} ends that.")
    return text.format(
        mention(account.blocked_by), moment(account.blocked_at), code(account.id), _MEANS, _unblock(account)
    )


def _button(request: Request) -> Button:
    """The button, which asks to confirm: it concerns the whole account."""
    text = Mrkdwn("Nothing that comes from the AWS account {} of *{}* is let in or shown here any more.")
    asked = text.format(code(request.stack.account_id), literal(request.company, _COMPANY))
    return Button(
        "Block",
        BLOCK_ACCOUNT,
        value=request.id,
        style="danger",
        confirm=Confirm("Block the account?", asked, "Block", "Cancel"),
    )


def _what_it_does(request: Request) -> Mrkdwn:
    """What a press on the button would change."""
    return Mrkdwn("*Block* refuses whatever comes from the account {} from now on.").format(
        code(request.stack.account_id)
    )


def blocked(done: Blocked) -> Message:
    """What `/clients block` is answered."""
    text = Mrkdwn("🚫 The account {} is blocked: {}. {} {} ends that.")
    return _told(text.format(code(done.account.id), _named(done), _MEANS, _unblock(done.account)))


def blocked_with(done: Blocked) -> Mrkdwn:
    """The sentence about an account that was blocked because its invitation was cancelled."""
    text = Mrkdwn("The account {}, which has used it, is blocked: {} {} ends that.")
    return text.format(code(done.account.id), _MEANS, _unblock(done.account))


def unblocked(done: Blocked) -> Message:
    """What `/clients unblock` is answered: nothing comes back by itself."""
    lines = [
        Mrkdwn("The account {} is not blocked any more. That asks for nothing by itself:").format(
            code(done.account.id)
        ),
        *(Mrkdwn("• *{}* ({}): {}").format(one.company, code(one.id), _way_back(one)) for one in done.clients),
    ]
    return _told(Mrkdwn("\n").join(lines))


def _way_back(client: Client) -> Mrkdwn:
    if client.offboarded or client.stack_gone:
        return Mrkdwn("invite it anew.")
    return Mrkdwn(
        "press *Reopen* on its request if that was denied or has expired, or let the client change its stack."
    )


def _named(done: Blocked) -> Mrkdwn:
    return Mrkdwn(", ").join(Mrkdwn("*{}* ({})").format(one.company, code(one.id)) for one in done.clients)


def _unblock(account: Account) -> Mrkdwn:
    return code(f"/clients unblock {account.id}")


def _told(text: Mrkdwn) -> Message:
    return Message((section(text),), text)
