"""`/clients revoke`: the private question that the command is answered with, and what comes of a press on it.

The question is no message of the channel, so Slack takes what replaces it at the press's response URL alone.
"""

from __future__ import annotations

from bot.domain.errors import ActionRefused, ApproversUnknown, PersonUnknown
from bot.domain.request import Request
from bot.ports import Actor, Revocation
from bot.settings import Settings
from bot.slack.inbound.payload import Body, text
from bot.slack.inbound.use_cases import Workflow
from bot.slack.render import answers
from bot.slack.render.blocks import Button, Message, actions, facts, header, section
from bot.slack.render.choices import OPEN_SESSIONS
from bot.slack.render.text import Mrkdwn, code, literal, mention_channel, sentence
from bot.slack.render.warnings import still_granted

REVOKE_ACCESS = "revoke_access"
KEEP_ACCESS = "keep_access"
_STATE = "access-"
_GONE = Mrkdwn(
    "*Revoke* {removal}: nobody can switch into {role} by it any more. The message in {channel} says afterwards who "
    "was taken out.\n"
    "*What stays:* {sessions} The client's stack still stands; to let the client in again, invite it anew."
)
_SUPERSEDED = Mrkdwn("\nA request of this client is still open. It will be asked no longer.")


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
        Button("Revoke", REVOKE_ACCESS, value=client.id, style="danger"),
        Button("Cancel", KEEP_ACCESS, value=client.id),
    ]
    blocks = (
        header(f"Revoke the access of {client.company}?"),
        facts(shown),
        section(Mrkdwn("{}{}").format(gone, _SUPERSEDED if asked.superseded else Mrkdwn(""))),
        *([section(still_granted(asked.gives.role_name, asked.shared_with))] if asked.shared_with else []),
        actions(buttons, block_id=f"{_STATE}{asked.state}"),
    )
    title = Mrkdwn("Revoke the access of {}, account {}?").format(client.company, client.stack.account_id)
    return Message(blocks, title)


def revoke(action: Body, actor: Actor, workflow: Workflow, settings: Settings) -> Message:
    """Revoke what the question showed. Return what takes its place.

    Raises ApproversUnknown, PersonUnknown, TryAgain and SlackUnavailable: then the question stays.
    """
    try:
        removal = workflow.revoke(text(action, "value"), text(action, "block_id").removeprefix(_STATE), actor)
    except (ApproversUnknown, PersonUnknown):
        raise
    except ActionRefused as error:
        return answers.refusal(error, settings)
    return _revoked(removal, settings)


def kept() -> Message:
    """What takes the question's place after Cancel."""
    told = Mrkdwn("Nothing was revoked.")
    return Message((section(told),), told)


def _revoked(removal: Request, settings: Settings) -> Message:
    """The access is being taken away; the channel tells how it goes."""
    words = Mrkdwn(
        "The access of *{}* is being taken away: {} tells how that goes.{} Its stack still stands; to let it in again, "
        "invite it anew."
    )
    sessions = Mrkdwn(" {}").format(OPEN_SESSIONS) if removal.previous else Mrkdwn("")
    told = words.format(removal.company, mention_channel(settings.channel_id), sessions)
    shared_with = removal.warnings.shared_with
    others = [section(still_granted(removal.stack.role_name, shared_with))] if shared_with else []
    return Message((section(told), *others), told)
