"""A deleted stack answers to its StackId for as long as this runs, never to its name; a failed one blocks its name.

AWS CloudFormation API Reference, "DescribeStacks" (a deleted stack is named by its unique stack ID) and "DeleteStack"
(kept for 90 days); User Guide, "Stack status codes": ROLLBACK_COMPLETE can only be deleted.
"""

from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import handlers, helpers

from local.aws.gaps.request_facts import first

_DELETED = "DELETE_COMPLETE"


def install() -> None:
    """Keep deleted stacks under their id when their name is taken again, and guard the names."""
    resolve_stack = handlers._resolve_stack
    create_stack = handlers._ACTION_HANDLERS["CreateStack"]
    update_stack = handlers._ACTION_HANDLERS["UpdateStack"]

    def resolve(name_or_id: str) -> Any:
        stack = resolve_stack(name_or_id)
        by_name = stack is not None and name_or_id == stack["StackName"]
        return None if by_name and stack["StackStatus"] == _DELETED else stack

    def create(parameters: Any) -> Any:
        name = first(parameters, "StackName")
        existing = cloudformation._stacks.get(name)
        if existing is not None and existing["StackStatus"] != _DELETED:
            return helpers._error("AlreadyExistsException", f"Stack [{name}] already exists")
        answer = create_stack(parameters)
        if existing is not None and cloudformation._stacks[name] is not existing:
            cloudformation._stacks[existing["StackId"]] = existing
        return answer

    def update(parameters: Any) -> Any:
        stack = resolve(first(parameters, "StackName"))
        if stack is not None and stack["StackStatus"] in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"):
            status = stack["StackStatus"]
            return helpers._error(
                "ValidationError", f"Stack:{stack['StackId']} is in {status} state and can not be updated."
            )
        return update_stack(parameters)

    handlers._resolve_stack = resolve
    handlers._ACTION_HANDLERS["CreateStack"] = create
    handlers._ACTION_HANDLERS["UpdateStack"] = update
