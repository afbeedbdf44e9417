"""Direct messages between the bot and one person."""

from __future__ import annotations

from slack_sdk import WebClient

from bot.domain.errors import SlackUnavailable
from bot.slack.client import ask
from bot.slack.inbound.payload import part, text
from bot.slack.render.blocks import Message


def direct_message(client: WebClient, user_id: str) -> str:
    """Return the conversation with this person alone; files can't be shared with a person's id.

    Raises SlackUnavailable.
    """
    answer = ask(client.conversations_open, users=user_id).data
    channel = text(part(answer, "channel"), "id") if isinstance(answer, dict) else ""
    if not channel:
        raise SlackUnavailable("Slack opened a direct message without naming it.")
    return channel


def send_directly(client: WebClient, user_id: str, message: Message) -> None:
    """Send the message to this person alone. Raises SlackUnavailable."""
    channel = direct_message(client, user_id)
    ask(client.chat_postMessage, channel=channel, unfurl_links=False, unfurl_media=False, **message.arguments())
