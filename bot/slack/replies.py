"""Private answers to a press: by `chat.postEphemeral`, or at the response URL that came with it.

They never raise: a press that counted must not look as if it had failed.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient

from bot.errors import SlackUnavailable
from bot.slack.blocks import Message
from bot.slack.client import TIMEOUT_SECONDS, ask
from bot.slack.payload import Body, part, text

log = logging.getLogger(__name__)


def tell(client: WebClient, body: Body, message: Message) -> None:
    """Tell the person who pressed, privately; through the response URL where the bot may not post."""
    channel, user = text(part(body, "channel"), "id"), text(part(body, "user"), "id")
    try:
        if channel and user:
            ask(client.chat_postEphemeral, channel=channel, user=user, **message.arguments())
            return
    except SlackUnavailable as error:
        log.warning("a private answer was not taken: %s", error)
    answer_at_response_url(body, message, replace=False)


def answer_at_response_url(body: Body, message: Message, *, replace: bool) -> None:
    """Answer where Slack said to; `replace` puts the answer in place of the pressed message."""
    url = text(body, "response_url")
    if not url:
        log.warning("no response URL to answer at")
        return
    try:
        webhook = WebhookClient(url, timeout=TIMEOUT_SECONDS, retry_handlers=[])
        response = webhook.send(response_type="ephemeral", replace_original=replace, **message.arguments())
    except (OSError, HTTPException, ValueError) as error:
        log.warning("the response URL did not answer (%s)", type(error).__name__)
        return
    if response.status_code != HTTPStatus.OK:
        log.warning("the response URL answered %s %s", response.status_code, response.body[:200])
