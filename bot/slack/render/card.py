"""The switch-role card: everything an operator needs to work in the client's account, ready to be copied.

It shows one entry of the operator's kit (bot/kit), so that a card and a kit say the same.
"""

from __future__ import annotations

from bot.domain import policy
from bot.domain.entrance import Entrance, Joining
from bot.domain.vocabulary import Kind
from bot.kit import profiles
from bot.kit.entries import Entry, entry
from bot.ports import Picture
from bot.settings import Settings
from bot.slack.ids import OPEN_CONSOLE
from bot.slack.render import terms
from bot.slack.render.blocks import Block, Message, actions, button, context, facts, header, section
from bot.slack.render.states import no_longer_valid
from bot.slack.render.text import Mrkdwn, code, link, literal, preformatted, sentence

_REPLACES = Mrkdwn("This card replaces the earlier one. Please update your profiles.")
THE_REQUEST = Mrkdwn("Who asked for this access, and who approved it")
_CUT_AT_EQUALS_SIGN = Mrkdwn(
    "No entry for this role: its name contains `=`, which the extension can't read. Use *Switch role* above."
)


def switch_role_card(picture: Picture, settings: Settings, request_link: str = "") -> Message:
    """Render the card of an approved client, as approved; that it is no longer valid, once the access has changed.

    `request_link` opens the request's message, where it is known.
    """
    request, entrance = picture.request, picture.entrance
    outdated = policy.outdated(request, picture.client) if picture.client else Kind.OFFBOARD
    if outdated:
        blocks = [header(f"Switch into {request.company}: no longer valid"), section(no_longer_valid(outdated))]
        return Message(tuple(blocks), Mrkdwn("The card of {} is no longer valid.").format(request.company))
    shown = entry(request.company, request.stack, settings, picture.client.label if picture.client else "")
    blocks = [
        header(f"Switch into {request.company}"),
        *([section(_REPLACES)] if request.kind is Kind.UPDATE else []),
        facts(
            ("AWS account", code(shown.account_id)),
            ("Role", code(shown.role_name)),
            ("Access level", literal(shown.level)),
            ("Display name", code(shown.display_name)),
        ),
        *actions(button("Switch role", OPEN_CONSOLE, url=shown.url)),
        section(Mrkdwn("*Console*\n{}\n{}").format(link(shown.url), terms.for_operators(shown.terms))),
        section(Mrkdwn("*Get access*\n{}").format(Mrkdwn("\n").join(map(joining, entrance.joining))), expand=True),
        *_pasted(shown, entrance, settings),
        *([context(link(request_link, THE_REQUEST))] if request_link else []),
    ]
    return Message(tuple(blocks), Mrkdwn("Switch into {}: account {}.").format(request.company, shown.account_id))


def joining(one: Joining) -> Mrkdwn:
    """Render how one more person gets in, with the command to copy."""
    return Mrkdwn("{}\n{}").format(sentence(one.who), preformatted(one.command))


def _pasted(shown: Entry, entrance: Entrance, settings: Settings) -> list[Block]:
    """Return what operators paste into their files."""
    config = preformatted(profiles.cli_profile(shown, settings, explained=True))
    role = profiles.extension_role(shown, settings)
    extension = preformatted(role) if role else _CUT_AT_EQUALS_SIGN
    chained = preformatted(profiles.cli_profile_of_identity_center(shown, settings, explained=True))
    center = terms.for_identity_center(shown.terms, sentence(entrance.federated), chained)
    return [
        section(Mrkdwn("*AWS CLI*, for `~/.aws/config`\n{}").format(config), expand=True),
        *([section(Mrkdwn("*IAM Identity Center*\n{}").format(center), expand=True)] if entrance.federated else []),
        section(Mrkdwn("*AWS Extend Switch Roles*, browser extension\n{}").format(extension), expand=True),
    ]
