"""EventBridge, "CloudFormation Stack Status Change" of a client-group stack: records what became of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot import bootstrap
from bot.workflow import Workflow


def create_handler(workflow: Callable[[], Workflow]) -> Callable[[dict[str, Any], object], None]:
    """The handler on this workflow. The event only says which stack moved; what fails is found by the sweep."""

    def handle(event: dict[str, Any], context: object) -> None:
        bootstrap.trace(context)
        workflow().record_outcome(str(event["detail"]["stack-id"]))

    return handle


handler = create_handler(bootstrap.workflow)
