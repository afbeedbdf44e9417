"""A stack that rolls back deletes what failed to create and is there, and sends an updated child back in its own words.

AWS CloudFormation User Guide, "Stack failure options" and "Stack status codes" (UPDATE_ROLLBACK_*). A child that failed
to create is there, and so is a custom resource: whatever it did before it failed is undone by its Delete.
"""

from collections.abc import Mapping
from typing import Any

from ministack.core import responses
from ministack.services.cloudformation import handlers, stacks

from local.aws.gaps.stack_events import SENT_BACK, STACK


def install() -> None:
    """Wrap the engine's rollback and its way back of one resource."""
    roll_back = stacks._roll_back_operation
    revert = stacks._revert_update

    async def roll_back_with_failed(name: str, stack_id: str, stack: Any, operation: Any, why: str = "") -> None:
        failed = operation.get("failed_logical_id")
        record = stack.get("_resources", {}).get(failed)
        if record and record["ResourceStatus"] == "CREATE_FAILED":
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
        module._roll_back_operation = roll_back_with_failed
    stacks._revert_update = revert_telling_child


def leave_to_rollback(
    stack: dict[str, Any], logical_id: str, resource_type: str, physical_id: str, properties: Mapping[str, Any]
) -> None:
    """Record a resource that failed to create, so that the rollback or the deletion of its stack deletes it."""
    stack["_resources"][logical_id] = {
        "PhysicalResourceId": physical_id,
        "ResourceType": resource_type,
        "ResourceStatus": "CREATE_FAILED",
        "LogicalResourceId": logical_id,
        "Properties": properties,
        "Attributes": {},
        "Timestamp": responses.now_iso(),
    }
