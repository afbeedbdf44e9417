"""RoleARN and NotificationARNs of CreateStack, UpdateStack and DeleteStack.

AWS CloudFormation API Reference, "CreateStack" (RoleARN: CloudFormation uses it for all future operations on
the stack; NotificationARNs) and IAM User Guide, "Granting a user permissions to pass a role to an AWS service":
whoever names a role needs iam:PassRole on it.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from ministack.services.cloudformation import handlers, helpers

from local.aws.gaps.callers import ACTING, CALLER, as_service_role, refusal
from local.aws.gaps.request_facts import first

_Handler = Callable[[Any], Any]
REQUESTED: ContextVar[tuple[str, dict[str, Any]]] = ContextVar("requested_of_stack", default=("", {}))


def install() -> None:
    """Wrap the three operations."""
    for action in ("CreateStack", "UpdateStack", "DeleteStack"):
        handlers._ACTION_HANDLERS[action] = _with_role_and_topics(handlers._ACTION_HANDLERS[action])


def apply_requested(stack: dict[str, Any]) -> None:
    """Called when the operation's first stack event is recorded: now the request has been accepted."""
    name, attributes = REQUESTED.get()
    if name == stack.get("StackName"):
        stack.update(attributes)


def _with_role_and_topics(operation: _Handler) -> _Handler:
    def run(parameters: Any) -> Any:
        named = first(parameters, "StackName")
        stack = handlers._resolve_stack(named) or {}
        role_arn = first(parameters, "RoleARN")
        if role_arn and (denied := _may_not_pass(role_arn)):
            return helpers._error("AccessDenied", denied, 403)
        attributes: dict[str, Any] = {"RoleARN": role_arn} if role_arn else {}
        if any(name.partition(".")[0] == "NotificationARNs" for name in parameters):
            attributes["NotificationARNs"] = helpers._extract_string_members(parameters, "NotificationARNs")
        acting = CALLER.get()
        if used := role_arn or stack.get("RoleARN"):
            acting = as_service_role(used)
            if acting is None:
                return helpers._error("ValidationError", f"Role {used} is invalid or cannot be assumed")
        tokens = ACTING.set(acting), REQUESTED.set((stack.get("StackName", named), attributes))
        try:
            return operation(parameters)
        finally:
            ACTING.reset(tokens[0])
            REQUESTED.reset(tokens[1])

    return run


def _may_not_pass(role_arn: str) -> str | None:
    passed_to = {"iam:PassedToService": "cloudformation.amazonaws.com"}
    return refusal(CALLER.get(), "iam:PassRole", role_arn, passed_to)
