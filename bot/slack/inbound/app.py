"""The Bolt app behind `POST /slack/events`: routes what `door.py` has let in to the listeners.

Bolt is told who the bot is (`authorize` answers from what is known), so that it never calls `auth.test`, and it works
before it answers: a Lambda is frozen once it has answered, and lazy listeners would lose exceptions.
"""

from __future__ import annotations

import logging
import re
import secrets

from slack_bolt import Ack, App, BoltContext, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.commands import Commands
from bot.settings import Settings
from bot.slack import ids
from bot.slack.inbound.buttons import ASK_NAME, ASK_REASON, AT_HOME, BUTTONS, KNOWN
from bot.slack.inbound.commands import asks_to_be_asked
from bot.slack.inbound.listeners import answer_command, press
from bot.slack.inbound.payload import Body, actor_of, is_at_home, is_private, part, text
from bot.slack.inbound.pressing import Press
from bot.slack.inbound.replies import answer_at_response_url, tell
from bot.slack.render.blocks import Message

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
    _register_command(app, workflow, settings, client)
    _register_presses(app, workflow, settings, client)
    _register_windows(app, workflow, settings, client)
    return app


def _register_command(app: App, workflow: Commands, settings: Settings, client: WebClient) -> None:
    """Tie `/clients` to Bolt, and what else people begin with: opening Home, and the shortcut that invites."""

    def on_command(ack: Ack, body: Body, context: BoltContext) -> None:
        mark, url, words = str(context[MARK]), text(body, "response_url"), text(body, "text")
        if asks_to_be_asked(words):
            message = _open_window(ids.INVITE_CLIENT, client, body, {}, settings)
        else:
            message = answer_command(words, actor_of(body), workflow, settings, mark, response_url=url)
        if message is None or (context[LATE]() and answer_at_response_url(client, body, message, replace=False)):
            ack()
        else:
            ack(response_type="ephemeral", **message.arguments())

    def on_opened(body: Body) -> None:
        from bot.slack.inbound import home

        home.opened(body, workflow, settings, client)

    def on_invite(ack: Ack, body: Body) -> None:
        ack()
        _tell(client, body, _open_window(ids.INVITE_CLIENT, client, body, {}, settings))

    app.command("/clients")(on_command)
    app.event("app_home_opened")(on_opened)
    app.shortcut(ids.INVITE_CLIENT)(on_invite)
    app.error(lambda error, body: _answer_fault(error, body, client))


def _register_presses(app: App, workflow: Commands, settings: Settings, client: WebClient) -> None:
    """Tie everything that can be pressed to Bolt, as one listener. What is none of ours gets 404."""
    open_window = {*ASK_NAME, ids.INVITE_CLIENT, *(ASK_REASON if settings.ask_deny_reason else ())}

    def on_press(ack: Ack, body: Body, action: Body, context: BoltContext) -> None:
        """Show the answer in place of what was pressed, unless that has to stay: the same press may succeed later."""
        ack()
        chosen, private = part(part(body, "state"), "values"), is_private(body)
        pressed = Press(action, actor_of(body), workflow, settings, str(context[MARK]), chosen, private)
        if pressed.name in AT_HOME and is_at_home(body):
            from bot.slack.inbound import home

            return _tell(client, body, home.press(pressed, body, client))
        if pressed.name in open_window:
            _tell(client, body, _open_window(pressed.name, client, body, action, settings))
            return workflow.note_presence(pressed.actor.user_id) if is_at_home(body) else None
        message = press(pressed)
        if message is not None and private and BUTTONS[pressed.name].replaces and not message.again:
            answer_at_response_url(client, body, message, replace=True)
            return None
        return _tell(client, body, message)

    app.action(re.compile(""), matchers=[lambda action: text(action, "action_id") in KNOWN])(on_press)


def _register_windows(app: App, workflow: Commands, settings: Settings, client: WebClient) -> None:
    """Tie to Bolt what the windows send."""

    def on_reason(ack: Ack, body: Body, view: Body, context: BoltContext) -> None:
        from bot.slack.inbound import denying

        denied = denying.deny(view, actor_of(body), workflow, settings, str(context[MARK]))
        ack(**denied.answer)
        if denied.message is not None:
            pressed = {"response_url": denied.url}
            answer_at_response_url(client, pressed, denied.message, replace=denied.replaces)

    def on_name(ack: Ack, body: Body, view: Body) -> None:
        """Rename or label, and show the client anew where it was shown."""
        from bot.slack.inbound import naming

        answer = naming.name(view, actor_of(body), workflow, settings)
        anew = None if answer else naming.shown_anew(view, actor_of(body), workflow, settings)
        if anew is not None:
            url, message = anew
            answer_at_response_url(client, {"response_url": url}, message, replace=True)
        ack(**answer)

    def on_invited(ack: Ack, body: Body, view: Body, context: BoltContext) -> None:
        from bot.slack.inbound import inviting

        ack(**inviting.invite(view, actor_of(body), workflow, settings, client, mark=str(context[MARK])))

    app.view(ids.DENY_REASON)(on_reason)
    app.view(ids.INVITE_CLIENT)(on_invited)
    for opens_window in ASK_NAME:
        app.view(opens_window)(on_name)


def _open_window(name: str, client: WebClient, body: Body, action: Body, settings: Settings) -> Message | None:
    """Open the window that was asked for by this name. Return None when it is open, else the private answer."""
    if name == ids.INVITE_CLIENT:
        from bot.slack.inbound import inviting

        return inviting.ask_whom_to_invite(client, body, settings)
    if name in ASK_NAME:
        from bot.slack.inbound import naming

        return naming.ask_for_name(client, body, action)
    from bot.slack.inbound import denying

    return denying.ask_for_reason(client, body, action)


def _tell(client: WebClient, body: Body, message: Message | None) -> None:
    """Tell the person this, if there is something to tell."""
    if message is not None:
        tell(client, body, message)


def _answer_fault(error: Exception, body: Body, client: WebClient) -> BoltResponse:
    """Log the fault under a reference, tell the person that reference, and return 200.

    For any other status Slack would show a warning that says less, without sending the request again.
    """
    from bot.slack.inbound import windows
    from bot.slack.render import answers

    reference = secrets.token_hex(4)
    log.error("fault %s", reference, exc_info=error)
    if body.get("type") == "view_submission":
        return BoltResponse(status=200, body=windows.fault(part(body, "view"), reference))
    message = answers.broken(reference)
    if "command" in body:
        return BoltResponse(status=200, body={"response_type": "ephemeral", **message.arguments()})
    tell(client, body, message)
    return BoltResponse(status=200, body="")
