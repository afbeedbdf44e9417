"""Every minute: finishes what was left half-done, reminds and expires."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot import bootstrap
from bot.workflow import Workflow

bootstrap.prepare(bootstrap.workflow)


def create_handler(workflow: Callable[[], Workflow]) -> Callable[[dict[str, Any], object], None]:
    """Return the handler on this workflow."""

    def handle(_event: dict[str, Any], context: object) -> None:
        bootstrap.trace(context)
        workflow().sweep()

    return handle


handler = create_handler(bootstrap.workflow)
