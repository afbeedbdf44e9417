"""The switch-role card: everything an operator needs to work in the client's account, ready to be copied."""

from __future__ import annotations

from bot.domain.entrance import Entrance
from bot.domain.request import Request
from bot.domain.vocabulary import AccessLevel, Kind
from bot.settings import Settings
from bot.slack.render import links, terms
from bot.slack.render.blocks import Button, Message, actions, facts, header, section
from bot.slack.render.text import Mrkdwn, code, link, literal, preformatted, sentence

OPEN_CONSOLE = "open_console"
_COLORS = {AccessLevel.ADMINISTRATOR: "d13212", AccessLevel.POWER_USER: "ff9900", AccessLevel.READ_ONLY: "1d8102"}
"""The colour of the console's bar in the extension: red for the widest access."""
_CUT_AT_EQUALS_SIGN = Mrkdwn(
    "No entry for this role: its name contains `=`, which the extension can't read. Use *Switch role* above."
)
"""The extension's parser ends a value at the second equals sign of a line."""


def switch_role_card(request: Request, settings: Settings, entrance: Entrance) -> Message:
    """Render the card of an approved client, as approved."""
    shown_as = links.display_name(request.company, request.stack.access_level)
    url = links.switch_role_link(settings, request.stack.account_id, request.stack.role_name, shown_as)
    company = literal(request.company)
    join = Mrkdwn("{}\n{}").format(sentence(entrance.joining), preformatted(entrance.command))
    blocks = (
        header(f"Switch into {request.company}"),
        *([section(_note_on_update())] if request.kind is Kind.UPDATE else []),
        facts(
            [
                ("AWS account", code(request.stack.account_id)),
                ("Role", code(request.stack.role_name)),
                ("Access level", literal(request.stack.access_level)),
                ("Display name", code(shown_as)),
            ]
        ),
        actions([Button("Switch role", OPEN_CONSOLE, url=url)]),
        section(Mrkdwn("*Console*\n{}\n{}").format(link(url), terms.for_operators(request.stack.terms))),
        section(Mrkdwn("*Get access*\n{}").format(join)),
        *_pasted(request, settings),
    )
    return Message(blocks, Mrkdwn("Switch into {}: account {}.").format(company, request.stack.account_id))


def _pasted(request: Request, settings: Settings) -> tuple[dict[str, object], ...]:
    from bot.slack.render.templating import plain_text  # noqa: PLC0415  Jinja2 only where a card is posted

    profile = links.profile_name(request.company, request.stack.account_id, request.stack.role_name)
    stack_region = links.stack_region(request.stack.parent_stack_id, settings.region)
    config = plain_text(
        "aws-config.ini.j2",
        profile=profile,
        role_arn=settings.role_arn(request.stack.account_id, request.stack.role_name),
        region=settings.region,
        stack_region=stack_region,
        partition=settings.partition,
        provider_account_id=settings.provider_account_id,
        **terms.in_profile(request.stack.terms),
    )
    extension = _CUT_AT_EQUALS_SIGN
    if "=" not in request.stack.role_name:
        entry = plain_text(
            "extend-switch-roles.ini.j2",
            profile=profile,
            account_id=request.stack.account_id,
            role_name=request.stack.role_name,
            region=stack_region,
            color=_COLORS[request.stack.access_level],
        )
        extension = preformatted(entry)
    return (
        section(Mrkdwn("*AWS CLI*, for `~/.aws/config`\n{}").format(preformatted(config))),
        section(Mrkdwn("*AWS Extend Switch Roles*, browser extension\n{}").format(extension)),
    )


def _note_on_update() -> Mrkdwn:
    return Mrkdwn("This card replaces the earlier one. Please update your profiles.")
