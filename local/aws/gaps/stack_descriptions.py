"""DescribeStacks tells a stack's role, topics, parent and time of deletion.

AWS CloudFormation API Reference, data type "Stack": RoleARN, NotificationARNs, ParentId, RootId, DeletionTime.
"""

from html import escape
from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import handlers

_FIELDS = ("RoleARN", "ParentId", "RootId", "DeletionTime")


def install() -> None:
    """Add the fields to ministack's answer, after each StackId."""
    describe_stacks = handlers._ACTION_HANDLERS["DescribeStacks"]

    def describe(parameters: Any) -> Any:
        status, headers, body = describe_stacks(parameters)
        text = body.decode()
        for stack in list(cloudformation._stacks.values()):
            stack_id = f"<StackId>{escape(stack['StackId'])}</StackId>"
            text = text.replace(stack_id, stack_id + _more(stack))
        return status, headers, text.encode()

    handlers._ACTION_HANDLERS["DescribeStacks"] = describe


def _more(stack: dict[str, Any]) -> str:
    fields = "".join(f"<{name}>{escape(stack[name])}</{name}>" for name in _FIELDS if stack.get(name))
    topics = "".join(f"<member>{escape(arn)}</member>" for arn in stack.get("NotificationARNs", []))
    return f"{fields}<NotificationARNs>{topics}</NotificationARNs>"
