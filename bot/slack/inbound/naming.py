"""Rename and Label: the windows that these two buttons open, and what is sent from them.

A window is drawn for a state of the client, and counts only while that is still its state. It carries the response URL
of the press, so that the client that was shown privately can be shown anew.
"""

from __future__ import annotations

import logging

from slack_sdk import WebClient

from bot.commands import Commands
from bot.decisions.rename import LABEL_LENGTH
from bot.domain.answers import Actor
from bot.domain.errors import (
    ActionRefused,
    ApproversUnknown,
    NotAllowed,
    PersonUnknown,
    SlackUnavailable,
    TryAgain,
)
from bot.domain.spelling import COMPANY_LENGTH
from bot.settings import Settings
from bot.slack.ids import RENAME_CLIENT
from bot.slack.inbound import showing
from bot.slack.inbound.payload import Body, text
from bot.slack.inbound.windows import Answer, again, field, open_window, opened_for, told, typed, window
from bot.slack.render import answers, shown
from bot.slack.render.blocks import Block, Message, section
from bot.slack.render.text import Mrkdwn, code

_NAME = "name"
log = logging.getLogger(__name__)


def ask_for_name(client: WebClient, body: Body, action: Body) -> Message | None:
    """Open the window of Rename or Label for whoever pressed it. Return None when it is open, else the answer."""
    return open_window(client, body, _window(body, action), _title(text(action, "action_id")))


def name(view: Body, actor: Actor, workflow: Commands, settings: Settings) -> Answer:
    """Rename or label the client as was typed into the window. Return what Slack does with the window."""
    client_id, state = opened_for(view, "client", "state")
    words = typed(view, _NAME)
    title = _title(text(view, "callback_id"))
    change = workflow.rename if title == "Rename" else workflow.label
    try:
        change(client_id, words, actor, state)
    except NotAllowed as error:
        return told(title, answers.refusal(error, settings))
    except (ApproversUnknown, PersonUnknown) as error:
        return again(_NAME, f"{error} Try again in a minute.")
    except ActionRefused as error:
        return again(_NAME, str(error).replace("`", ""))
    except (TryAgain, SlackUnavailable) as error:
        log.warning("%s of %s did not go through: %s", title, client_id, error)
        return again(_NAME, "That did not go through just now. Please try again.")
    return {}


def shown_anew(view: Body, actor: Actor, workflow: Commands, settings: Settings) -> tuple[str, Message] | None:
    """Return the client as it is shown now, and the response URL to show it at; None where that is not known."""
    client_id, answer_at = opened_for(view, "client", "answer_at")
    if not answer_at:
        return None
    message = showing.show_anew(client_id, actor, workflow, settings)
    return None if message is None else (answer_at, message)


def _title(action_id: str) -> str:
    return "Rename" if action_id == RENAME_CLIENT else "Label"


def _window(body: Body, action: Body) -> Block:
    label = _title(text(action, "action_id"))
    drawn = shown.named_as(text(action, "value"))
    asked = Mrkdwn("*{}*, client {}").format(drawn["company"], code(drawn["client"]))
    opened = {"client": drawn["client"], "state": drawn["state"], "answer_at": text(body, "response_url")}
    entry = _company if label == "Rename" else _label
    blocks = [section(asked), entry(drawn["now"])]
    return window(label, blocks, opened, callback_id=text(action, "action_id"), submit=label)


def _company(now: str) -> Block:
    hint = "The history keeps both names. Requests keep the name that they were asked under."
    return field(_NAME, "Company", hint, max_length=COMPANY_LENGTH, initial_value=now)


def _label(now: str) -> Block:
    hint = "Such as “production”. It stands behind the company wherever clients are listed. Empty removes it."
    return field(_NAME, "Label", hint, optional=True, max_length=LABEL_LENGTH, initial_value=now)
