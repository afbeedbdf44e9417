"""The switch-role card: everything an operator needs to work in the client's account, ready to be copied.

Source of its link: IAM User Guide, "Switch from a user to an IAM role (console)".
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode

from bot.domain import policy
from bot.domain.entrance import Entrance, Joining
from bot.domain.model import ClientStack
from bot.domain.request import Request
from bot.domain.vocabulary import AccessLevel, Kind
from bot.ports import Picture
from bot.settings import Settings
from bot.slack.render import terms
from bot.slack.render.blocks import Block, Message, actions, button, context, facts, header, section
from bot.slack.render.states import no_longer_valid
from bot.slack.render.text import Mrkdwn, code, link, literal, preformatted, sentence

OPEN_CONSOLE = "open_console"
_DISPLAY_NAME = 64
_COLORS = {AccessLevel.ADMINISTRATOR: "d13212", AccessLevel.POWER_USER: "ff9900", AccessLevel.READ_ONLY: "1d8102"}
"""The colour of the console's bar in the extension: red for the widest access."""
_REPLACES = Mrkdwn("This card replaces the earlier one. Please update your profiles.")
_THE_REQUEST = Mrkdwn("Who asked for this access, and who approved it")
_CUT_AT_EQUALS_SIGN = Mrkdwn(
    "No entry for this role: its name contains `=`, which the extension can't read. Use *Switch role* above."
)
"""The extension's parser ends a value at the second equals sign of a line."""


def switch_role_card(picture: Picture, settings: Settings, request_link: str = "") -> Message:
    """Render the card of an approved client, as approved; that it is no longer valid, once the access has changed.

    `request_link` opens the request's message, where it is known.
    """
    request, stack, entrance = picture.request, picture.request.stack, picture.entrance
    outdated = policy.outdated(request, picture.client) if picture.client else Kind.OFFBOARD
    if outdated:
        blocks = [header(f"Switch into {request.company}: no longer valid"), section(no_longer_valid(outdated))]
        return Message(tuple(blocks), Mrkdwn("The card of {} is no longer valid.").format(request.company))
    url = switch_role_url(request.company, stack, settings)
    blocks = [
        header(f"Switch into {request.company}"),
        *([section(_REPLACES)] if request.kind is Kind.UPDATE else []),
        facts(
            ("AWS account", code(stack.account_id)),
            ("Role", code(stack.role_name)),
            ("Access level", literal(stack.access_level)),
            ("Display name", code(display_name(request.company, stack.access_level))),
        ),
        *actions(button("Switch role", OPEN_CONSOLE, url=url)),
        section(Mrkdwn("*Console*\n{}\n{}").format(link(url), terms.for_operators(stack.terms))),
        section(Mrkdwn("*Get access*\n{}").format(Mrkdwn("\n").join(map(_joining, entrance.joining))), expand=True),
        *_pasted(request, entrance, settings),
        *([context(link(request_link, _THE_REQUEST))] if request_link else []),
    ]
    return Message(tuple(blocks), Mrkdwn("Switch into {}: account {}.").format(request.company, stack.account_id))


def _joining(one: Joining) -> Mrkdwn:
    return Mrkdwn("{}\n{}").format(sentence(one.who), preformatted(one.command))


def _pasted(request: Request, entrance: Entrance, settings: Settings) -> list[Block]:
    """Return what operators paste into their files. The client's stack is in the region that its StackId names."""
    from bot.slack.render.templating import plain_text  # noqa: PLC0415  Jinja2 only where a card is posted

    stack = request.stack
    values = {
        "profile": profile_name(request.company, stack.account_id, stack.role_name),
        "account_id": stack.account_id,
        "role_name": stack.role_name,
        "role_arn": settings.role_arn(stack.account_id, stack.role_name),
        "region": settings.region,
        "stack_region": stack.parent_stack_id.split(":")[3],
        "partition": settings.partition,
        "provider_account_id": settings.provider_account_id,
        "color": _COLORS[stack.access_level],
        **terms.in_profile(stack.terms),
    }
    config = preformatted(plain_text("aws-config.ini.j2", **values))
    entry = preformatted(plain_text("extend-switch-roles.ini.j2", **values))
    extension = _CUT_AT_EQUALS_SIGN if "=" in stack.role_name else entry
    chained = preformatted(plain_text("aws-config-chained.ini.j2", **values))
    center = terms.for_identity_center(stack.terms, sentence(entrance.federated), chained)
    return [
        section(Mrkdwn("*AWS CLI*, for `~/.aws/config`\n{}").format(config), expand=True),
        *([section(Mrkdwn("*IAM Identity Center*\n{}").format(center), expand=True)] if entrance.federated else []),
        section(Mrkdwn("*AWS Extend Switch Roles*, browser extension\n{}").format(extension), expand=True),
    ]


def switch_role_url(company: str, stack: ClientStack, settings: Settings) -> str:
    """Return the address of the console's page that switches into this stack's role, with everything filled in."""
    shown_as = display_name(company, stack.access_level)
    filled_in = {"account": stack.account_id, "roleName": stack.role_name, "displayName": shown_as}
    return f"{settings.sign_in_url}/switchrole?{urlencode(filled_in, quote_via=quote, safe='')}"


def display_name(company: str, level: AccessLevel) -> str:
    """Return what the console shows after switching: company and level, at most 64 characters."""
    room = _DISPLAY_NAME - len(level) - 1
    return f"{company[:room].rstrip()} {level}"


def profile_name(company: str, account_id: str, role_name: str) -> str:
    """Return a profile name that no other client has: account and role make it unique, the company readable.

    The company's part is cut so that it never looks like an account id: the first one in the name is the client's.
    """
    from anyascii import anyascii  # noqa: PLC0415  25 ms, so only where a card is posted

    slug = re.sub(r"[^a-z0-9]+", "-", anyascii(company).lower()).strip("-")[:32].rstrip("-")
    slug = re.sub(r"[0-9]{12,}", lambda digits: digits[0][:11], slug)
    return "-".join(part for part in (slug, account_id, role_name) if part)
