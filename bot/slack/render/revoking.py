"""`/clients revoke`: the private question that answers the command, and what replaces it.

The question is not in the channel, so only the press's response URL can replace it.
"""

from __future__ import annotations

from bot.domain.answers import Revocation
from bot.domain.request import Request
from bot.settings import Settings
from bot.slack.ids import KEEP_ACCESS, REVOKE_ACCESS
from bot.slack.render.blocks import Message, actions, button, facts, header, paragraph, section
from bot.slack.render.choices import OPEN_SESSIONS
from bot.slack.render.text import Mrkdwn, code, literal, mention, sentence
from bot.slack.render.warnings import still_granted

_STATE = "access-"
_GONE = Mrkdwn(
    "*Revoke* {removal}. Then nobody can switch into {role} through Switchyard. The message in {channel} lists who was "
    "removed.\n"
    "*What stays:* the client's stack. {sessions} To give access again, send the client a new invitation. "
    "Open invitations stay: `/clients invitations` lists them, to cancel.{open_request}"
)
_REVOKED = Mrkdwn(
    "The access of *{}* is being removed: {} shows the progress.{} The client's stack still exists. To give access "
    "again, send the client a new invitation."
)
_SUPERSEDED = Mrkdwn("\nThis client has an open request, which will be closed.")


def question(asked: Revocation, settings: Settings) -> Message:
    """Ask an approver to confirm. The row of buttons carries the state of the access that it shows."""
    client, gives, others = asked.client, asked.gives, asked.shared_with
    gone = _GONE.format(
        removal=sentence(asked.entrance.removal),
        role=code(gives.role_name),
        channel=mention(settings.channel_id),
        sessions=OPEN_SESSIONS,
        open_request=_SUPERSEDED if asked.superseded else "",
    )
    account, level = code(client.stack.account_id), literal(gives.access_level)
    shown = (("AWS account", account), ("Role", code(gives.role_name)), ("Access level", level))
    revoke = button("Revoke", REVOKE_ACCESS, value=client.id, style="danger")
    blocks = (
        header(f"Revoke the access of {client.company}?"),
        facts(("Client", literal(client.company)), *shown),
        section(gone),
        *([section(still_granted(gives.role_name, others))] if others else []),
        *actions(revoke, button("Cancel", KEEP_ACCESS, value=client.id), block_id=f"{_STATE}{asked.state}"),
    )
    title = Mrkdwn("Revoke the access of {}, account {}?").format(client.company, client.stack.account_id)
    return Message(blocks, title)


def state_shown(block_id: str) -> str:
    """Return the state of the access that the question with this row of buttons showed."""
    return block_id.removeprefix(_STATE)


def kept() -> Message:
    """Return the message that replaces the question after Cancel."""
    return paragraph(Mrkdwn("Nothing was revoked."))


def revoked(removal: Request, settings: Settings) -> Message:
    """Say that the access is being removed, and that the channel shows the progress."""
    sessions = Mrkdwn(" {}").around(removal.previous and OPEN_SESSIONS)
    text = _REVOKED.format(removal.company, mention(settings.channel_id), sessions)
    shared_with = removal.warnings.shared_with
    others = [section(still_granted(removal.stack.role_name, shared_with))] if shared_with else []
    return Message((section(text), *others), text)
