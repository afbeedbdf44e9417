"""The Bolt app behind `POST /slack/events`: checks Slack's signature, and routes to the listeners.

Bolt is told who the bot is (`authorize` answers from what is known), so that it never calls `auth.test`, and it works
before it answers: a Lambda is frozen once it has answered, and lazy listeners would lose exceptions.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from slack_bolt import App, BoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.settings import Settings
from bot.slack.listeners import register
from bot.slack.use_cases import Workflow


def create_app(workflow: Workflow, settings: Settings, client: WebClient, signing_secret: str) -> App:
    """The app for one workspace. Nothing is called until a request comes in."""

    def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=None, bot_token=client.token)

    # Bolt gets a client without the token: it would warn that `authorize` makes that useless, and nothing here uses it.
    app = App(
        name="switchyard-slack",
        signing_secret=signing_secret,
        client=WebClient(base_url=client.base_url),
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=True,
        ignoring_self_events_enabled=False,
        url_verification_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )
    register(app, workflow, settings, client)
    return app


def answer(app: App, event: Mapping[str, Any]) -> dict[str, Any]:
    """Answer an HTTP API event (payload format 2.0).

    Bolt's own Lambda adapter does this too, but raises for a body that is no base64 or no UTF-8, as anybody can send.
    """
    try:
        body = event.get("body") or ""
        if event.get("isBase64Encoded"):
            body = base64.b64decode(body, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return {"statusCode": 400, "headers": {"content-type": "application/json"}, "body": '{"error": "malformed"}'}
    try:
        request = BoltRequest(body=body, headers=dict(event.get("headers") or {}), mode="http")
    except (ValueError, TypeError, AttributeError, RecursionError):  # Bolt parses before it checks the signature
        return {"statusCode": 400, "headers": {"content-type": "application/json"}, "body": '{"error": "malformed"}'}
    response = app.dispatch(request)
    return {"statusCode": response.status, "headers": response.first_headers(), "body": response.body}
