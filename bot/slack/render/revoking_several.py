"""`/clients revoke` for a company with several accounts: the private question with all of them, and what replaces it.

Each option of the menu carries its client and the state of the access that it shows. Slack sends what is chosen along
with the press on Revoke (docs.slack.dev, "block_actions payload", `state`); without a choice nothing is revoked.
"""

from __future__ import annotations

from bot.domain.answers import Revocation, SeveralRevoked, SeveralToRevoke
from bot.domain.vocabulary import Standing
from bot.settings import Settings
from bot.slack.ids import CHOOSE_ACCOUNTS, KEEP_ACCESS, REVOKE_CHOSEN
from bot.slack.inbound.payload import Body, part, text
from bot.slack.render.blocks import Message, actions, button, choice, header, paragraph, section
from bot.slack.render.choices import OPEN_SESSIONS
from bot.slack.render.text import Mrkdwn, code, listed, literal, mention, packed

_ROW = "revoke-accounts"
_ROLE, _COMPANY, _SECTION = 26, 100, 2_900
_NAMED = 20
_LEFT_OUT = 5
_MEANS = Mrkdwn(
    "*Revoke* takes away the access to what is chosen: all {number}, unless you choose fewer. Then nobody can switch "
    "into their roles through Switchyard; messages in {channel} list who was removed.\n"
    "*What stays:* the client's stacks. {sessions} To give access again, send the client a new invitation. Open "
    "requests of these accounts are closed. Those of other accounts stay, and so do invitations: `/clients` and "
    "`/clients invitations` list them."
)
_NONE_CHOSEN = Mrkdwn("No account is chosen, so nothing was changed. Choose the accounts whose access is to end.")
_MORE = Mrkdwn("There are more than {}. Type the command again afterwards for the rest.")
_REVOKED = Mrkdwn(
    "The access to {number} of *{company}* is being removed: {accounts}. {channel} shows the "
    "progress. {sessions} To give access again, send the client a new invitation."
)


def question(asked: SeveralToRevoke, settings: Settings) -> Message:
    """Ask an approver to confirm, with all accounts chosen at first."""
    company, number = asked.several[0].client.company, f"{len(asked.several)} accounts"
    means = _MEANS.format(number=len(asked.several), channel=mention(settings.channel_id), sessions=OPEN_SESSIONS)
    options = [(_option(one), f"{one.client.id} {one.state}") for one in asked.several]
    menu = choice(
        Mrkdwn("*Which accounts?*"),
        "Choose accounts",
        CHOOSE_ACCOUNTS,
        options=options,
        chosen=[value for _, value in options],
        block_id=_ROW,
    )
    lines = packed(map(_line, asked.several), Mrkdwn("\n"), _SECTION)
    blocks = (
        header(f"Revoke the access to {number} of {company}?"),
        *map(section, lines),
        section(means),
        *([section(_MORE.format(len(asked.several)))] if asked.more else []),
        menu,
        *actions(button("Revoke", REVOKE_CHOSEN, style="danger"), button("Cancel", KEEP_ACCESS)),
    )
    return Message(blocks, Mrkdwn("Revoke the access to {} of {}?").format(number, company))


def _line(one: Revocation) -> Mrkdwn:
    """Return account, level and role, and how the client stands where it is anything but onboarded."""
    text, standing = Mrkdwn("• {} · {} · {}{}"), one.client.standing
    other = Mrkdwn(" · {}").around("" if standing is Standing.ONBOARDED else standing.value)
    role = code(one.gives.role_name, _ROLE)
    return text.format(code(one.client.stack.account_id), one.gives.access_level, role, other)


def _option(one: Revocation) -> str:
    return f"{one.client.stack.account_id} {one.gives.access_level}"


def chosen(values: Body) -> list[tuple[str, str]]:
    """Return the chosen clients, each with the state of its access that was shown; none where Slack sent no choice."""
    options = part(part(values, _ROW), CHOOSE_ACCOUNTS).get("selected_options")
    values_of = [text(one, "value") for one in options if isinstance(one, dict)] if isinstance(options, list) else []
    return [(client_id, state) for client_id, _, state in (value.partition(" ") for value in values_of)]


def none_chosen() -> Message:
    """Say that nothing was changed; the question stays."""
    return paragraph(_NONE_CHOSEN, again=True)


def revoked(done: SeveralRevoked, settings: Settings) -> Message:
    """Say whose access is being removed, and what was left out and why."""
    number = "1 account" if len(done.revoked) == 1 else f"{len(done.revoked)} accounts"
    text = _REVOKED.format(
        number=number,
        company=literal(done.revoked[0].company, _COMPANY),
        accounts=listed([code(one.stack.account_id) for one in done.revoked], _NAMED),
        channel=mention(settings.channel_id),
        sessions=OPEN_SESSIONS,
    )
    if not done.left_out:
        return paragraph(text)
    more = len(done.left_out) - _LEFT_OUT
    lines = [Mrkdwn("⚠️ *Left out:*"), *(Mrkdwn("• {}").format(literal(one)) for one in done.left_out[:_LEFT_OUT])]
    lines += [Mrkdwn("• and {} more").format(more)] if more > 0 else []
    return Message((section(text), section(Mrkdwn("\n").join(lines))), text)
