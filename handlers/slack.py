"""`POST /slack/events`: signed slash commands and button presses in, Bolt's answer out."""

from __future__ import annotations

from typing import Any

from bot import bootstrap


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer an HTTP API event (payload format 2.0)."""
    bootstrap.trace(context)
    return bootstrap.slack_door().answer(event)
