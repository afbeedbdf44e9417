"""Handles what people do in Slack: type `/clients …`, press a button, send a window, turn the page of a list.

Plain functions make one call of the workflow and one answer of it; `register` ties them to Bolt. A command is answered
in the response itself. A press is answered by the request's message, which the workflow updates, or privately when it
changed nothing.
"""

from __future__ import annotations

import logging

from slack_bolt import Ack, App, BoltContext, BoltResponse
from slack_sdk import WebClient

from bot.domain.answers import Actor
from bot.domain.errors import (
    ActionRefused,
    ApproversUnknown,
    BadCommand,
    PersonUnknown,
    Replayed,
    SlackUnavailable,
    TryAgain,
)
from bot.domain.vocabulary import Verb
from bot.settings import Settings
from bot.slack.inbound import blocking, denying, revoking
from bot.slack.inbound.commands import (
    Block,
    Command,
    Help,
    Invite,
    ListClients,
    ListInvitations,
    Revoke,
    ShowHistory,
    Unblock,
    parse,
)
from bot.slack.inbound.fault import answer_fault
from bot.slack.inbound.payload import Body, actor_of, text
from bot.slack.inbound.replies import answer_at_response_url, tell
from bot.slack.inbound.use_cases import Workflow
from bot.slack.render import answers, blocked, history, invitations, views
from bot.slack.render.blocks import Message
from bot.slack.render.card import OPEN_CONSOLE

COMMAND = "/clients"
MARK = "mark"
"""The key in Bolt's context for the mark that identifies the signed request."""
LATE = "late"
"""The key for a function that returns whether the answer to a command would reach Slack too late."""
log = logging.getLogger(__name__)


def answer_command(typed: str, actor: Actor, workflow: Workflow, settings: Settings, mark: str) -> Message | None:
    """Do what was typed after `/clients` and return the answer. `mark` identifies the signed command.

    Returns None, with nothing done, for a command that has come before. Only the plain list and help may be repeated.
    """
    try:
        asked = parse(typed)
        if isinstance(asked, ListClients | Help):
            return _answer(asked, actor, workflow, settings)
        return workflow.once(mark, lambda once: _answer(asked, actor, once, settings))
    except BadCommand as error:
        return answers.misunderstood(str(error))
    except ActionRefused as error:
        return answers.refusal(error, settings)
    except Replayed:
        _note_replay()
        return None
    except (TryAgain, SlackUnavailable) as error:
        log.warning("a command did not go through: %s", error)
        return answers.try_again()


def _answer(asked: Command, actor: Actor, workflow: Workflow, settings: Settings) -> Message:
    match asked:
        case Invite():
            invited = workflow.invite(asked.company, asked.level, actor, asked.accounts)
            return invitations.invitation(invited, settings, asked.instead)
        case ListInvitations():
            return invitations.invitations(workflow.list_invitations(actor, asked.company))
        case ShowHistory() | Revoke() | Block() | Unblock():
            return _about_a_client(asked, actor, workflow, settings)
        case ListClients():
            return _list(None, actor, workflow, settings)
        case Help():
            return answers.usage(settings)


def _about_a_client(
    asked: ShowHistory | Revoke | Block | Unblock, actor: Actor, workflow: Workflow, settings: Settings
) -> Message:
    match asked:
        case ShowHistory():
            return history.history(workflow.history(asked.client, actor))
        case Revoke():
            return revoking.question(workflow.ask_to_revoke(asked.client, actor), settings)
        case Block():
            return blocked.blocked(workflow.block(asked.client, actor))
        case Unblock():
            return blocked.unblocked(workflow.unblock(asked.client, actor))


def press(action: Body, actor: Actor, workflow: Workflow, settings: Settings) -> Message | None:
    """Store the press. Return None when it counted, which the request's own message shows; else the private answer."""
    verb, request_id = Verb(action["action_id"]), text(action, "value")
    try:
        workflow.decide(request_id, verb, actor, views.drawn_after(text(action, "block_id")))
    except ActionRefused as error:
        return answers.refusal(error, settings)
    except (TryAgain, SlackUnavailable) as error:
        log.warning("%s did not go through: %s", verb, error, extra={"request_id": request_id})
        return answers.try_again()
    return None


def cancel(hashed: str, actor: Actor, workflow: Workflow, settings: Settings, mark: str) -> Message | None:
    """Cancel an invitation. Return the list of open ones; None for a press that has come before."""
    try:
        return workflow.once(mark, lambda once: _cancelled(hashed, actor, once))
    except ActionRefused as error:
        return answers.refusal(error, settings)
    except Replayed:
        _note_replay()
        return None
    except (TryAgain, SlackUnavailable) as error:
        log.warning("an invitation could not be cancelled: %s", error)
        return answers.try_again()


def _cancelled(hashed: str, actor: Actor, workflow: Workflow) -> Message:
    cancelled = workflow.cancel_invitation(hashed, actor)
    return invitations.invitations(workflow.list_invitations(actor), cancelled=cancelled)


def _note_replay() -> None:
    log.warning("something signed has come a second time; nothing was done or answered")


def turn_page(cursor: str | None, actor: Actor, workflow: Workflow, settings: Settings) -> Message:
    """Return another page of the list of clients."""
    try:
        return _list(cursor, actor, workflow, settings)
    except ActionRefused as error:
        return answers.refusal(error, settings)
    except TryAgain as error:
        log.warning("the list could not be read: %s", error)
        return answers.try_again()


def turn_history(value: str, actor: Actor, workflow: Workflow, settings: Settings) -> Message:
    """Return another page of a client's history."""
    try:
        return history.history(workflow.history_page(*history.asked_for(value), actor))
    except ActionRefused as error:
        return answers.refusal(error, settings)
    except (TryAgain, SlackUnavailable) as error:
        log.warning("a history could not be read: %s", error)
        return answers.try_again()


def _list(cursor: str | None, actor: Actor, workflow: Workflow, settings: Settings) -> Message:
    workflow.require_ours(actor)
    return answers.clients(workflow.list_clients(cursor), settings, newest=cursor is None)


def register(app: App, workflow: Workflow, settings: Settings, client: WebClient) -> None:
    """Tie all of it to Bolt."""

    def on_command(ack: Ack, body: Body, context: BoltContext) -> None:
        person = actor_of(body)
        message = answer_command(text(body, "text"), person, workflow, settings, str(context[MARK]))
        if message is None or (context[LATE]() and answer_at_response_url(client, body, message, replace=False)):
            ack()
        else:
            ack(response_type="ephemeral", **message.arguments())

    def on_press(ack: Ack, body: Body, action: Body) -> None:
        ack()
        message = press(action, actor_of(body), workflow, settings)
        if message is not None:
            tell(client, body, message)

    def on_deny(ack: Ack, body: Body, action: Body) -> None:
        ack()
        message = denying.ask_for_reason(client, body, action)
        if message is not None:
            tell(client, body, message)

    def on_reason(ack: Ack, body: Body, view: Body) -> None:
        ack(**denying.deny(view, actor_of(body), workflow, settings))

    def on_page(ack: Ack, body: Body, action: Body) -> None:
        ack()
        message = turn_page(text(action, "value") or None, actor_of(body), workflow, settings)
        answer_at_response_url(client, body, message, replace=True)

    def on_cancel(ack: Ack, body: Body, action: Body, context: BoltContext) -> None:
        ack()
        person = actor_of(body)
        message = cancel(text(action, "value"), person, workflow, settings, str(context[MARK]))
        if message is not None:
            answer_at_response_url(client, body, message, replace=True)

    def on_link(ack: Ack) -> None:
        ack()

    def on_error(error: Exception, body: Body) -> BoltResponse:
        return answer_fault(error, body, client)

    app.command(COMMAND)(on_command)
    for verb in Verb:
        asks = settings.ask_deny_reason and verb is Verb.DENY
        app.action(verb.value)(on_deny if asks else on_press)
    app.view(denying.WINDOW)(on_reason)
    for page in (answers.OLDER_CLIENTS, answers.NEWEST_CLIENTS):
        app.action(page)(on_page)
    app.action(invitations.CANCEL_INVITATION)(on_cancel)
    _register_private(app, workflow, settings, client)
    for opened in (OPEN_CONSOLE, invitations.OPEN_QUICK_CREATE):
        app.action(opened)(on_link)
    app.error(on_error)


def _register_private(app: App, workflow: Workflow, settings: Settings, client: WebClient) -> None:
    """Tie what a history's pages, the question before a revocation and Block offer to Bolt."""

    def on_block(ack: Ack, body: Body, action: Body, context: BoltContext) -> None:
        ack()
        try:
            message = blocking.press(action, actor_of(body), workflow, settings, str(context[MARK]))
        except Replayed:
            _note_replay()
        else:
            if message is not None:
                tell(client, body, message)

    def on_history(ack: Ack, body: Body, action: Body) -> None:
        ack()
        message = turn_history(text(action, "value"), actor_of(body), workflow, settings)
        answer_at_response_url(client, body, message, replace=True)

    def on_revoke(ack: Ack, body: Body, action: Body, context: BoltContext) -> None:
        ack()
        person = actor_of(body)
        try:
            message = workflow.once(str(context[MARK]), lambda once: revoking.revoke(action, person, once, settings))
        except Replayed:
            _note_replay()
        except (ApproversUnknown, PersonUnknown) as error:
            tell(client, body, answers.refusal(error, settings))
        except (TryAgain, SlackUnavailable) as error:
            log.warning("a revocation did not go through: %s", error)
            tell(client, body, answers.try_again())
        else:
            answer_at_response_url(client, body, message, replace=True)

    def on_keep(ack: Ack, body: Body) -> None:
        ack()
        answer_at_response_url(client, body, revoking.kept(), replace=True)

    for page in (history.OLDER_HISTORY, history.NEWEST_HISTORY):
        app.action(page)(on_history)
    app.action(blocked.BLOCK_ACCOUNT)(on_block)
    app.action(revoking.REVOKE_ACCESS)(on_revoke)
    app.action(revoking.KEEP_ACCESS)(on_keep)
