"""`POST /slack/events`: signed slash commands and button presses in, Bolt's answer out."""

from __future__ import annotations

from typing import Any

from bot import bootstrap

bootstrap.prepare(bootstrap.slack_app, bootstrap.secrets)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer an HTTP API event (payload format 2.0). The schedule's `{"warm": true}` only keeps it warm."""
    bootstrap.trace(context)
    if event.get("warm"):
        bootstrap.warm_up(bootstrap.deciding, signed=True)
        return {}
    return bootstrap.slack_door().answer(event)
