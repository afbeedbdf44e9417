"""Private answers to a press: by `chat.postEphemeral`, at its response URL, or by a direct message.

They never raise: a press that counted must not look as if it had failed.
"""

from __future__ import annotations

import json
import logging
import re
from http import HTTPStatus
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from slack_sdk import WebClient

from bot.domain.errors import SlackUnavailable
from bot.slack.client import TIMEOUT_SECONDS, ask
from bot.slack.direct import send_directly
from bot.slack.inbound.payload import Body, part, text
from bot.slack.render.blocks import Message

SLACKS = ("https://hooks.slack.com/", "https://hooks.slack-gov.com/")
"""How a response URL of Slack begins. The slash at the end keeps parsers from reading another host."""
_PRINTABLE = re.compile(r"[!-~]+")
_SHOWN = 200
log = logging.getLogger(__name__)


def tell(client: WebClient, body: Body, message: Message) -> None:
    """Tell the person who pressed, privately; through the response URL where the bot may not post.

    What was pressed in no conversation is answered by a direct message.
    """
    channel, user = text(part(body, "channel"), "id"), text(part(body, "user"), "id")
    try:
        if channel and user:
            ask(client.chat_postEphemeral, channel=channel, user=user, **message.arguments())
            return
        if user and not text(body, "response_url"):
            send_directly(client, user, message)
            return
    except SlackUnavailable as error:
        log.warning("a private answer was not taken: %s", error)
    answer_at_response_url(client, body, message, replace=False)


def answer_at_response_url(client: WebClient, body: Body, message: Message, *, replace: bool) -> bool:
    """Answer where Slack said to, and return whether Slack took it. `replace`: in place of the pressed message.

    Only Slack's own hosts count, and the server that `client` speaks to, which `SLACK_API_URL` names.
    """
    url = text(body, "response_url")
    if not url:
        log.warning("no response URL to answer at")
        return False
    if not _is_slacks(url, client.base_url):
        log.warning("the response URL is none of Slack's, so nothing was sent there")
        return False
    answer = {"response_type": "ephemeral", "replace_original": replace, **message.arguments()}
    try:
        status, said = _post(url, answer)
    except (OSError, HTTPException, ValueError) as error:
        log.warning("the response URL did not answer (%s)", type(error).__name__)
        return False
    if status != HTTPStatus.OK:
        log.warning("the response URL answered %s %s", status, said)
    return status == HTTPStatus.OK


def _is_slacks(url: str, api_url: str) -> bool:
    api = urlsplit(api_url)
    return bool(_PRINTABLE.fullmatch(url)) and url.startswith((*SLACKS, f"{api.scheme}://{api.netloc}/"))


class _NoRedirects(HTTPRedirectHandler):
    """Treats a redirect like any other answer: following it would send the message to somebody else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _post(url: str, answer: dict[str, Any]) -> tuple[int, str]:
    """Return the status and the beginning of the text. Raises OSError, HTTPException or ValueError."""
    headers = {"Content-Type": "application/json;charset=utf-8"}
    request = Request(url, data=json.dumps(answer).encode(), headers=headers, method="POST")  # noqa: S310
    try:
        with build_opener(_NoRedirects).open(request, timeout=TIMEOUT_SECONDS) as response:
            return response.status, response.read(_SHOWN).decode(errors="replace")
    except HTTPError as refused:
        with refused:
            return refused.code, refused.read(_SHOWN).decode(errors="replace")
