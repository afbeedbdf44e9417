"""Handles what people do in Slack: type `/clients …`, press a button, send a window, turn the page of a list.

Plain functions make one call of the workflow and one answer of it; `register` ties them to Bolt. A command is answered
in the response itself. A press is answered by the request's message, which the provision Lambda updates, or privately
when it changed nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import assert_never

from slack_bolt import Ack, App, BoltContext, BoltResponse
from slack_sdk import WebClient

from bot.domain.answers import Actor
from bot.domain.errors import ActionRefused, BadCommand, Replayed, SlackUnavailable, TryAgain
from bot.domain.vocabulary import Verb
from bot.settings import Settings
from bot.slack.inbound import denying
from bot.slack.inbound.commands import ClientVerb, Command, Help, Invite, ListClients, ListInvitations, OfClient, parse
from bot.slack.inbound.fault import answer_fault
from bot.slack.inbound.payload import Body, actor_of, text
from bot.slack.inbound.replies import answer_at_response_url, tell
from bot.slack.render import answers, blocked, history, invitations, revoking, views
from bot.slack.render.blocks import Message
from bot.slack.render.card import OPEN_CONSOLE
from bot.workflow import Workflow

COMMAND = "/clients"
MARK = "mark"
"""The key in Bolt's context for the mark that identifies the signed request."""
LATE = "late"
"""The key for a function that returns whether the answer to a command would reach Slack too late."""
log = logging.getLogger(__name__)


def answer_command(typed: str, actor: Actor, workflow: Workflow, settings: Settings, mark: str) -> Message | None:
    """Do what was typed after `/clients` and return the answer. `mark` identifies the signed command.

    Only the plain list and help may be repeated; of the others a second arrival does nothing and has no answer.
    """

    def act() -> Message:
        asked = parse(typed)
        if isinstance(asked, ListClients | Help):
            return _answer(asked, actor, workflow, settings)
        return workflow.once(mark, lambda once: _answer(asked, actor, once, settings))

    return _privately(act, settings, "a command")


def _answer(asked: Command, actor: Actor, workflow: Workflow, settings: Settings) -> Message:
    match asked:
        case Invite():
            invited = workflow.invite(asked.company, asked.level, actor, asked.accounts)
            return invitations.invitation(invited, settings, asked.instead)
        case ListInvitations():
            return invitations.invitations(workflow.list_invitations(actor, asked.company))
        case OfClient():
            return _about_a_client(asked, actor, workflow, settings)
        case ListClients():
            return _list(None, actor, workflow, settings)
        case Help():
            return answers.usage(settings)


def _about_a_client(asked: OfClient, actor: Actor, workflow: Workflow, settings: Settings) -> Message:
    match asked.verb:
        case ClientVerb.HISTORY:
            return history.history(workflow.history(asked.client, actor))
        case ClientVerb.REVOKE:
            return revoking.question(workflow.ask_to_revoke(asked.client, actor), settings)
        case ClientVerb.BLOCK:
            return blocked.blocked(workflow.block(asked.client, actor))
        case ClientVerb.UNBLOCK:
            return blocked.unblocked(workflow.unblock(asked.client, actor))
    assert_never(asked.verb)


def press(action: Body, actor: Actor, workflow: Workflow, settings: Settings) -> Message | None:
    """Store the press. Return None when it counted, which the request's own message shows; else the private answer."""
    verb, request_id = Verb(action["action_id"]), text(action, "value")

    def act() -> None:
        workflow.decide(request_id, verb, actor, views.drawn_after(text(action, "block_id")))

    return _privately(act, settings, f"{verb} on request {request_id}")


def block(action: Body, actor: Actor, workflow: Workflow, settings: Settings, mark: str) -> Message | None:
    """Block the account of the pressed request. Return None when it is blocked, else the private answer."""
    request_id, drawn_after = text(action, "value"), views.drawn_after(text(action, "block_id"))

    def act() -> None:
        workflow.once(mark, lambda once: once.press_block(request_id, actor, drawn_after))

    return _privately(act, settings, f"block on request {request_id}")


def cancel(hashed: str, actor: Actor, workflow: Workflow, settings: Settings, mark: str) -> Message | None:
    """Cancel an invitation. Return the list of open ones; None for a press that has come before."""

    def act(once: Workflow) -> Message:
        cancelled = once.cancel_invitation(hashed, actor)
        return invitations.invitations(once.list_invitations(actor), cancelled=cancelled)

    return _privately(lambda: workflow.once(mark, act), settings, "the cancelling of an invitation")


def revoke(action: Body, actor: Actor, workflow: Workflow, settings: Settings, mark: str) -> Message | None:
    """Revoke what the pressed question showed. Return what replaces it; None for a press that has come before."""

    def act(once: Workflow) -> Message:
        state = revoking.state_shown(text(action, "block_id"))
        return revoking.revoked(once.revoke(text(action, "value"), state, actor), settings)

    return _privately(lambda: workflow.once(mark, act), settings, "a revocation")


def turn_page(cursor: str | None, actor: Actor, workflow: Workflow, settings: Settings) -> Message | None:
    """Return another page of the list of clients."""
    return _privately(lambda: _list(cursor, actor, workflow, settings), settings, "the list")


def turn_history(value: str, actor: Actor, workflow: Workflow, settings: Settings) -> Message | None:
    """Return another page of a client's history."""

    def act() -> Message:
        return history.history(workflow.history_page(*history.asked_for(value), actor))

    return _privately(act, settings, "a history")


def _list(cursor: str | None, actor: Actor, workflow: Workflow, settings: Settings) -> Message:
    workflow.require_ours(actor)
    return answers.clients(workflow.list_clients(cursor), settings, newest=cursor is None)


def _privately(act: Callable[[], Message | None], settings: Settings, what: str) -> Message | None:
    """Do what was asked for. Return the private answer: what `act` returns, or why nothing was changed.

    Return None, with nothing done, for something signed that has come before.
    """
    try:
        return act()
    except BadCommand as error:
        return answers.misunderstood(str(error))
    except ActionRefused as error:
        return answers.refusal(error, settings)
    except Replayed:
        log.warning("%s, signed, has come a second time; nothing was done or answered", what)
        return None
    except (TryAgain, SlackUnavailable) as error:
        log.warning("%s did not go through: %s", what, error)
        return answers.try_again()


def register(app: App, workflow: Workflow, settings: Settings, client: WebClient) -> None:
    """Tie all of it to Bolt."""

    def on_command(ack: Ack, body: Body, context: BoltContext) -> None:
        message = answer_command(text(body, "text"), actor_of(body), workflow, settings, str(context[MARK]))
        if message is None or (context[LATE]() and answer_at_response_url(client, body, message, replace=False)):
            ack()
        else:
            ack(response_type="ephemeral", **message.arguments())

    def on_press(ack: Ack, body: Body, action: Body) -> None:
        ack()
        answer(body, press(action, actor_of(body), workflow, settings))

    def on_block(ack: Ack, body: Body, action: Body, context: BoltContext) -> None:
        ack()
        answer(body, block(action, actor_of(body), workflow, settings, str(context[MARK])))

    def on_deny(ack: Ack, body: Body, action: Body) -> None:
        ack()
        answer(body, denying.ask_for_reason(client, body, action))

    def on_reason(ack: Ack, body: Body, view: Body) -> None:
        ack(**denying.deny(view, actor_of(body), workflow, settings))

    def on_page(ack: Ack, body: Body, action: Body) -> None:
        ack()
        replace(body, turn_page(text(action, "value") or None, actor_of(body), workflow, settings))

    def on_history(ack: Ack, body: Body, action: Body) -> None:
        ack()
        replace(body, turn_history(text(action, "value"), actor_of(body), workflow, settings))

    def on_cancel(ack: Ack, body: Body, action: Body, context: BoltContext) -> None:
        ack()
        replace(body, cancel(text(action, "value"), actor_of(body), workflow, settings, str(context[MARK])))

    def on_revoke(ack: Ack, body: Body, action: Body, context: BoltContext) -> None:
        ack()
        replace(body, revoke(action, actor_of(body), workflow, settings, str(context[MARK])))

    def on_keep(ack: Ack, body: Body) -> None:
        ack()
        replace(body, revoking.kept())

    def on_link(ack: Ack) -> None:
        ack()

    def on_error(error: Exception, body: Body) -> BoltResponse:
        return answer_fault(error, body, client)

    def answer(body: Body, message: Message | None) -> None:
        if message is not None:
            tell(client, body, message)

    def replace(body: Body, message: Message | None) -> None:
        """Show it in place of what was pressed, which stays where the same press may succeed later."""
        if message is not None and message.again:
            tell(client, body, message)
        elif message is not None:
            answer_at_response_url(client, body, message, replace=True)

    app.command(COMMAND)(on_command)
    app.view(denying.WINDOW)(on_reason)
    app.error(on_error)
    on_actions = {
        **{verb.value: on_press for verb in Verb},
        **({Verb.DENY.value: on_deny} if settings.ask_deny_reason else {}),
        blocked.BLOCK_ACCOUNT: on_block,
        answers.OLDER_CLIENTS: on_page,
        answers.NEWEST_CLIENTS: on_page,
        history.OLDER_HISTORY: on_history,
        history.NEWEST_HISTORY: on_history,
        invitations.CANCEL_INVITATION: on_cancel,
        revoking.REVOKE_ACCESS: on_revoke,
        revoking.KEEP_ACCESS: on_keep,
        OPEN_CONSOLE: on_link,
        invitations.OPEN_QUICK_CREATE: on_link,
    }
    for action_id, on_action in on_actions.items():
        app.action(action_id)(on_action)
