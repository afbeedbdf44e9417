"""The window that Deny opens, where a deployment asks for a reason: how it is opened, and what is sent from it."""

from __future__ import annotations

from typing import Any

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot.slack.inbound import denying
from bot.slack.render.blocks import Message as Answer
from local.slack.workspace.modals import Modals

View = dict[str, Any]


class AlwaysOpens(WebClient):
    """As much of Slack's Web API as a window takes."""

    view: View | None = None

    def api_call(self, api_method: str, **sent: Any) -> SlackResponse:
        self.view = sent["json"]["view"]
        return SlackResponse(
            client=self, http_verb="POST", api_url="", req_args={}, data={"ok": True}, headers={}, status_code=200
        )


def opened_at_once(action: dict[str, str]) -> View | None:
    """The window, where calls of the Web API do not count."""
    client = AlwaysOpens()
    denying.ask_for_reason(client, {}, action)
    return client.view


def opened(
    client: WebClient, modals: Modals, user: str, action: dict[str, str], message: dict[str, Any]
) -> tuple[View | None, Answer | None]:
    """The window this person has before them, and what they are told privately."""
    body = {"trigger_id": modals.trigger(user), "message": message}
    told = denying.ask_for_reason(client, body, action)
    window = modals.of(user)
    return (window.view if window and told is None else None), told


def filled_in(view: View, reason: str) -> View:
    """The window as Slack sends it."""
    return {**view, "state": {"values": {"reason": {"reason": {"type": "plain_text_input", "value": reason}}}}}
