"""Handles a press on Block under a request's message. The message shows what it changed."""

from __future__ import annotations

import logging

from bot.domain.answers import Actor
from bot.domain.errors import ActionRefused, SlackUnavailable, TryAgain
from bot.settings import Settings
from bot.slack.inbound.payload import Body, text
from bot.slack.inbound.use_cases import Workflow
from bot.slack.render import answers, views
from bot.slack.render.blocks import Message

log = logging.getLogger(__name__)


def press(action: Body, actor: Actor, workflow: Workflow, settings: Settings, mark: str) -> Message | None:
    """Block the account of the pressed request. Return None when it is blocked, else the answer. Raises Replayed."""
    request_id, drawn_after = text(action, "value"), views.drawn_after(text(action, "block_id"))
    try:
        workflow.once(mark, lambda once: once.press_block(request_id, actor, drawn_after))
    except ActionRefused as error:
        return answers.refusal(error, settings)
    except (TryAgain, SlackUnavailable) as error:
        log.warning("Block did not go through: %s", error, extra={"request_id": request_id})
        return answers.try_again()
    return None
