"""The Bolt app behind `POST /slack/events`: routes what `door.py` has let in to the listeners.

Bolt is told who the bot is (`authorize` answers from what is known), so that it never calls `auth.test`, and it works
before it answers: a Lambda is frozen once it has answered, and lazy listeners would lose exceptions.
"""

from __future__ import annotations

import logging
import secrets

from slack_bolt import Ack, App, BoltContext, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.commands import Commands
from bot.settings import Settings
from bot.slack.inbound import denying, home, inviting, naming, windows
from bot.slack.inbound.commands import asks_to_be_asked
from bot.slack.inbound.denying import ASK_REASON
from bot.slack.inbound.listeners import BUTTONS, answer_command, press
from bot.slack.inbound.payload import Body, actor_of, is_private, part, text
from bot.slack.inbound.pressing import Press
from bot.slack.inbound.replies import answer_at_response_url, tell
from bot.slack.render import answers, shown
from bot.slack.render.home import INVITE_CLIENT

MARK = "mark"
"""The key in Bolt's context for the mark that identifies the signed request."""
LATE = "late"
"""The key for a function that returns whether the answer to a command would reach Slack too late."""
log = logging.getLogger(__name__)


def create_app(workflow: Commands, settings: Settings, client: WebClient) -> App:
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
    _register_home(app, workflow, settings, client)
    _register(app, workflow, settings, client)
    _register_naming(app, workflow, settings, client)
    _register_inviting(app, workflow, settings, client)
    return app


def _register(app: App, workflow: Commands, settings: Settings, client: WebClient) -> None:
    """Tie the listeners to Bolt."""

    def on_command(ack: Ack, body: Body, context: BoltContext) -> None:
        mark, url, words = str(context[MARK]), text(body, "response_url"), text(body, "text")
        if asks_to_be_asked(words):
            message = inviting.ask_whom_to_invite(client, body, settings)
        else:
            message = answer_command(words, actor_of(body), workflow, settings, mark, response_url=url)
        if message is None or (context[LATE]() and answer_at_response_url(client, body, message, replace=False)):
            ack()
        else:
            ack(response_type="ephemeral", **message.arguments())

    def on_press(ack: Ack, body: Body, action: Body, context: BoltContext) -> None:
        """Show the answer in place of what was pressed, unless that has to stay: the same press may succeed later."""
        ack()
        chosen = part(part(body, "state"), "values")
        private = is_private(body)
        message = press(Press(action, actor_of(body), workflow, settings, str(context[MARK]), chosen, private))
        if message is not None and private and BUTTONS[action["action_id"]].replaces and not message.again:
            answer_at_response_url(client, body, message, replace=True)
        elif message is not None:
            tell(client, body, message)

    def on_deny(ack: Ack, body: Body, action: Body) -> None:
        ack()
        message = denying.ask_for_reason(client, body, action)
        if message is not None:
            tell(client, body, message)

    def on_reason(ack: Ack, body: Body, view: Body, context: BoltContext) -> None:
        denied = denying.deny(view, actor_of(body), workflow, settings, str(context[MARK]))
        ack(**denied.answer)
        if denied.message is not None:
            pressed = {"response_url": denied.url}
            answer_at_response_url(client, pressed, denied.message, replace=denied.replaces)

    def on_error(error: Exception, body: Body) -> BoltResponse:
        return _answer_fault(error, body, client)

    app.command("/clients")(on_command)
    app.view(denying.WINDOW)(on_reason)
    app.error(on_error)
    for action_id in BUTTONS:
        asks_first = action_id in ASK_REASON and settings.ask_deny_reason
        app.action(action_id)(on_deny if asks_first else on_press)


def _register_home(app: App, workflow: Commands, settings: Settings, client: WebClient) -> None:
    """Tie Home to Bolt. What is pressed in it is taken before the listeners of messages, whose buttons it shares."""

    def on_opened(body: Body) -> None:
        home.opened(body, workflow, settings, client)

    def on_press(ack: Ack, body: Body, action: Body, context: BoltContext) -> None:
        ack()
        message = home.press(Press(action, actor_of(body), workflow, settings, str(context[MARK])), body, client)
        if message is not None:
            tell(client, body, message)

    app.event(home.OPENED)(on_opened)
    for action_id in home.PRESSED:
        app.action(action_id, matchers=[home.is_at_home])(on_press)


def _register_naming(app: App, workflow: Commands, settings: Settings, client: WebClient) -> None:
    """Tie the windows of Rename and Label to Bolt."""

    def on_naming(ack: Ack, body: Body, action: Body) -> None:
        ack()
        message = naming.ask_for_name(client, body, action)
        if message is not None:
            tell(client, body, message)

    def on_name(ack: Ack, body: Body, view: Body) -> None:
        """Rename or label, and show the client anew where it was shown."""
        answer = naming.name(view, actor_of(body), workflow, settings)
        anew = None if answer else naming.shown_anew(view, actor_of(body), workflow, settings)
        if anew is not None:
            url, message = anew
            answer_at_response_url(client, {"response_url": url}, message, replace=True)
        ack(**answer)

    for opens_window in (shown.RENAME_CLIENT, shown.LABEL_CLIENT):
        app.action(opens_window)(on_naming)
        app.view(opens_window)(on_name)


def _register_inviting(app: App, workflow: Commands, settings: Settings, client: WebClient) -> None:
    """Tie the window of Invite to Bolt."""

    def on_invite(ack: Ack, body: Body) -> None:
        ack()
        message = inviting.ask_whom_to_invite(client, body, settings)
        if message is not None:
            tell(client, body, message)
        if home.is_at_home(body):
            workflow.note_presence(actor_of(body).user_id)

    def on_invited(ack: Ack, body: Body, view: Body, context: BoltContext) -> None:
        ack(**inviting.invite(view, actor_of(body), workflow, settings, client, mark=str(context[MARK])))

    app.shortcut(INVITE_CLIENT)(on_invite)
    app.action(INVITE_CLIENT)(on_invite)
    app.view(INVITE_CLIENT)(on_invited)


def _answer_fault(error: Exception, body: Body, client: WebClient) -> BoltResponse:
    """Log the fault under a reference, tell the person that reference, and return 200.

    For any other status Slack would show a warning that says less, without sending the request again.
    """
    reference = secrets.token_hex(4)
    log.error("fault %s", reference, exc_info=error)
    if body.get("type") == "view_submission":
        return BoltResponse(status=200, body=windows.fault(part(body, "view"), reference))
    message = answers.broken(reference)
    if "command" in body:
        return BoltResponse(status=200, body={"response_type": "ephemeral", **message.arguments()})
    tell(client, body, message)
    return BoltResponse(status=200, body="")
