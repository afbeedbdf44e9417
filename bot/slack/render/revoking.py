"""`/clients revoke`: the private question that answers the command, and what replaces it.

The question is not in the channel, so only the press's response URL can replace it.
"""

from __future__ import annotations

from bot.domain.answers import Revocation
from bot.domain.request import Request
from bot.settings import Settings
from bot.slack.inbound.payload import Body, text
from bot.slack.render.blocks import Message, actions, button, facts, header, paragraph, section
from bot.slack.render.choices import OPEN_SESSIONS
from bot.slack.render.text import Mrkdwn, code, literal, mention_channel, sentence
from bot.slack.render.warnings import still_granted

REVOKE_ACCESS = "revoke_access"
KEEP_ACCESS = "keep_access"
_STATE = "access-"
_GONE = Mrkdwn(
    "*Revoke* {removal}. Then nobody can switch into {role} through it. The message in {channel} lists who was "
    "removed.\n"
    "*What stays:* the client's stack. {sessions} To give access again, send the client a new invitation."
)
_SUPERSEDED = Mrkdwn("\nThis client has an open request, which will be closed.")


def question(asked: Revocation, settings: Settings) -> Message:
    """Ask an approver to confirm. The row of buttons carries the state of the access that it shows."""
    client = asked.client
    gone = _GONE.format(
        removal=sentence(asked.entrance.removal),
        role=code(asked.gives.role_name),
        channel=mention_channel(settings.channel_id),
        sessions=OPEN_SESSIONS,
    )
    shown = [
        ("Client", literal(client.company)),
        ("AWS account", code(client.stack.account_id)),
        ("Role", code(asked.gives.role_name)),
        ("Access level", literal(asked.gives.access_level)),
    ]
    buttons = [
        button("Revoke", REVOKE_ACCESS, value=client.id, style="danger"),
        button("Cancel", KEEP_ACCESS, value=client.id),
    ]
    blocks = (
        header(f"Revoke the access of {client.company}?"),
        facts(*shown),
        section(Mrkdwn("{}{}").format(gone, _SUPERSEDED if asked.superseded else Mrkdwn(""))),
        *([section(still_granted(asked.gives.role_name, asked.shared_with))] if asked.shared_with else []),
        *actions(*buttons, block_id=f"{_STATE}{asked.state}"),
    )
    title = Mrkdwn("Revoke the access of {}, account {}?").format(client.company, client.stack.account_id)
    return Message(blocks, title)


def state_shown(action: Body) -> str:
    """Return the state of the access that the pressed question showed."""
    return text(action, "block_id").removeprefix(_STATE)


def kept() -> Message:
    """Return the message that replaces the question after Cancel."""
    return paragraph(Mrkdwn("Nothing was revoked."))


def revoked(removal: Request, settings: Settings) -> Message:
    """Say that the access is being removed, and that the channel shows the progress."""
    words = Mrkdwn(
        "The access of *{}* is being removed: {} shows the progress.{} The client's stack still exists. To give access "
        "again, send the client a new invitation."
    )
    sessions = Mrkdwn(" {}").format(OPEN_SESSIONS) if removal.previous else Mrkdwn("")
    text = words.format(removal.company, mention_channel(settings.channel_id), sessions)
    shared_with = removal.warnings.shared_with
    others = [section(still_granted(removal.stack.role_name, shared_with))] if shared_with else []
    return Message((section(text), *others), text)
