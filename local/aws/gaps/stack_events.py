"""Stack events with AWS's ids, order and reasons, handed on to whoever listens (SNS topics, EventBridge).

AWS CloudFormation User Guide, "Stack status codes" and "View CloudFormation stack events": an update passes through
UPDATE_COMPLETE_CLEANUP_IN_PROGRESS, a stack-level failure names the resources that failed, and a nested stack that its
parent sends back reports UPDATE_ROLLBACK_*, not another update.
"""

import inspect
import logging
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, handlers, stacks

from local.aws.gaps.stack_operations import apply_requested

STACK = "AWS::CloudFormation::Stack"
SENT_BACK: ContextVar[str] = ContextVar("stack_id_of_the_child_sent_back", default="")
Listener = Callable[[dict[str, Any], dict[str, Any]], None]

_CLEANUP = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
_WHEN_SENT_BACK = {
    "UPDATE_IN_PROGRESS": "UPDATE_ROLLBACK_IN_PROGRESS",
    _CLEANUP: "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_COMPLETE": "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_FAILED": "UPDATE_ROLLBACK_FAILED",
}
_log = logging.getLogger("local.aws.stack_events")


def install(listeners: Sequence[Listener]) -> None:
    """Stand between ministack's stack engine and its event list."""
    record = stacks._add_event
    roll_back = stacks._roll_back_operation

    signature = inspect.signature(record)

    def add_event(*given: Any, **named: Any) -> None:
        event = signature.bind(*given, **named).arguments
        stack_id, logical_id, status = event["stack_id"], event["logical_id"], event["status"]
        stack = stack_by_id(stack_id) or {}
        of_stack = event["resource_type"] == STACK and logical_id == event["stack_name"]
        steps = [(status, event.get("reason", ""))]
        if of_stack:
            event["physical_id"] = stack_id
            steps = _steps_of_stack(stack, *steps[0])
        for step, reason in steps:
            record(**{**event, "status": step, "reason": reason})
            recorded = cloudformation._stack_events[stack_id][-1]
            if not of_stack:
                recorded["EventId"] = f"{logical_id}-{step}-{recorded['Timestamp']}"
            _tell(listeners, stack, recorded)

    async def roll_back_saying_why(
        stack_name: str, stack_id: str, stack: dict[str, Any], operation: dict[str, Any], why: str = ""
    ) -> None:
        failed = operation.get("failed_logical_id")
        if failed and not why and not operation.get("is_update"):
            why = f"The following resource(s) failed to create: [{failed}]. Rollback requested by user."
        await roll_back(stack_name, stack_id, stack, operation, why)

    for module in (stacks, handlers, changesets):
        module._add_event = add_event
    for module in (stacks, handlers):
        module._roll_back_operation = roll_back_saying_why


def stack_by_id(stack_id: str) -> dict[str, Any] | None:
    """The stack of the request's account and region with this id."""
    return next((stack for stack in list(cloudformation._stacks.values()) if stack["StackId"] == stack_id), None)


def _steps_of_stack(stack: dict[str, Any], status: str, reason: str) -> list[tuple[str, str]]:
    if status in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"):
        apply_requested(stack)
        if status == "DELETE_IN_PROGRESS" and not stack.get("ParentId"):
            reason = reason or "User Initiated"
    failure = stack.get("_failed_operation") or {}
    if status in ("CREATE_FAILED", "UPDATE_FAILED") and failure.get("failed_logical_id"):
        verb = "update" if failure.get("failed_update") else "create"
        reason = f"The following resource(s) failed to {verb}: [{failure['failed_logical_id']}]. "
        stack["StackStatusReason"] = reason
    steps = [(status, reason)]
    events = cloudformation._stack_events.get(stack.get("StackId", ""), [])
    if status == "UPDATE_COMPLETE":
        steps = [(_CLEANUP, ""), *steps]
    if status == "DELETE_COMPLETE" and events:
        stack["DeletionTime"] = events[-1]["Timestamp"]
    if SENT_BACK.get() and SENT_BACK.get() == stack.get("StackId"):
        steps = [(_WHEN_SENT_BACK.get(step, step), why) for step, why in steps]
        stack["StackStatus"] = steps[-1][0]
    return steps


def _tell(listeners: Sequence[Listener], stack: dict[str, Any], event: dict[str, Any]) -> None:
    for listener in listeners:
        try:
            listener(stack, event)
        except Exception:
            _log.exception("Could not pass on %s of %s", event["ResourceStatus"], event["LogicalResourceId"])
