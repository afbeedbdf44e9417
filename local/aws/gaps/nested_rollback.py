"""A parent that rolls back deletes the child that failed to create, and sends an updated child back with its own words.

AWS CloudFormation User Guide, "Stack failure options" and "Stack status codes" (UPDATE_ROLLBACK_*).
"""

from typing import Any

from ministack.services.cloudformation import handlers, stacks

from local.aws.gaps.stack_events import SENT_BACK, STACK


def install() -> None:
    """Wrap the engine's rollback and its way back of one resource."""
    roll_back = stacks._roll_back_operation
    revert = stacks._revert_update

    async def roll_back_with_child(name: str, stack_id: str, stack: Any, operation: Any, why: str = "") -> None:
        failed = operation.get("failed_logical_id")
        record = stack.get("_resources", {}).get(failed)
        if record and record["ResourceType"] == STACK and record["ResourceStatus"] == "CREATE_FAILED":
            operation["created"] = [*operation["created"], failed]
        await roll_back(name, stack_id, stack, operation, why)

    async def revert_telling_child(*arguments: Any, **more: Any) -> None:
        _, _, _, resource_type, physical_id, *_ = arguments
        token = SENT_BACK.set(physical_id if resource_type == STACK else "")
        try:
            await revert(*arguments, **more)
        finally:
            SENT_BACK.reset(token)

    for module in (stacks, handlers):
        module._roll_back_operation = roll_back_with_child
    stacks._revert_update = revert_telling_child
