"""Answers a signed request after a fault of ours: the log and the person get the same reference."""

from __future__ import annotations

import logging
import secrets

from slack_bolt import BoltResponse
from slack_sdk import WebClient

from bot.slack.inbound import denying
from bot.slack.inbound.payload import Body
from bot.slack.inbound.replies import tell
from bot.slack.render import answers

log = logging.getLogger(__name__)


def answer_fault(error: Exception, body: Body, client: WebClient) -> BoltResponse:
    """Log the fault under a reference, tell the person that reference, and return 200.

    For any other status Slack would show a warning that says less, without sending the request again.
    """
    reference = secrets.token_hex(4)
    log.error("fault %s", reference, exc_info=error)
    if body.get("type") == "view_submission":
        return BoltResponse(status=200, body=denying.fault(reference))
    message = answers.broken(reference)
    if "command" in body:
        return BoltResponse(status=200, body={"response_type": "ephemeral", **message.arguments()})
    tell(client, body, message)
    return BoltResponse(status=200, body="")
