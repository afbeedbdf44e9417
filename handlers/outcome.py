"""EventBridge, "CloudFormation Stack Status Change" of a client-group stack: records what became of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot import bootstrap
from bot.domain.errors import TryAgain
from bot.workflow import Workflow

log = bootstrap.logger()
bootstrap.prepare(lambda: bootstrap.workflow().provisioning)


def create_handler(workflow: Callable[[], Workflow]) -> Callable[[dict[str, Any], object], None]:
    """Return the handler on this workflow. The event only says which stack changed; the sweep asks for the rest."""

    def handle(event: dict[str, Any], context: object) -> None:
        bootstrap.trace(context)
        stack_id = str(event["detail"]["stack-id"])
        try:
            workflow().record_outcome(stack_id)
        except TryAgain as later:
            log.warning("%s waits for the sweep: %s", stack_id, later)

    return handle


handler = create_handler(bootstrap.workflow)
