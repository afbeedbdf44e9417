"""Shared by the Web API tests: posting, and the error of a refused call."""

from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "Approve"}, "action_id": "approve", "value": "r1"}
ACTIONS = {"type": "actions", "block_id": "decide", "elements": [BUTTON]}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def error_of(call: Any, **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        call(**arguments)
    return str(refused.value.response["error"])


def post(slack: WebClient, text: str, **arguments: Any) -> str:
    return str(slack.chat_postMessage(channel="C0ONBOARDING", text=text, **arguments)["ts"])
