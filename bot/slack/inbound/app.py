"""The Bolt app behind `POST /slack/events`: routes what `door.py` has let in to the listeners.

Bolt is told who the bot is (`authorize` answers from what is known), so that it never calls `auth.test`, and it works
before it answers: a Lambda is frozen once it has answered, and lazy listeners would lose exceptions.
"""

from __future__ import annotations

from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.settings import Settings
from bot.slack.inbound.listeners import register
from bot.workflow import Workflow


def create_app(workflow: Workflow, settings: Settings, client: WebClient) -> App:
    """Return the app for one workspace. Nothing is called until a request comes in."""

    def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=None, bot_token="none")  # noqa: S106

    # Bolt gets neither our client nor the token: nothing here uses them, and reading the token takes a call.
    app = App(
        name="switchyard-slack",
        client=WebClient(base_url=client.base_url),
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=False,
        ignoring_self_events_enabled=False,
        url_verification_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )
    register(app, workflow, settings, client)
    return app
