"""Nested stacks run through the same engine as any other stack, so they have all of its events and states.

AWS CloudFormation User Guide, "Embed stacks within other stacks using nested stacks", and Template Reference,
"AWS::CloudFormation::Stack" (NotificationARNs): a child that fails to create stays CREATE_FAILED until its parent rolls
back and deletes it; a child that fails to update rolls itself back; deletion reports the child's every step.
"""

import asyncio
import copy
from collections.abc import Mapping
from typing import Any

from ministack.core import responses
from ministack.services import cloudformation
from ministack.services.cloudformation import engine, handlers, provisioners, stacks

from local.aws.gaps.callers import ACTING
from local.aws.gaps.nested_deletion import deleting_a_child
from local.aws.gaps.nested_rollback import leave_to_rollback
from local.aws.gaps.stack_events import SENT_BACK, STACK, stack_by_id
from local.aws.gaps.template_urls import read_template

_SNAPSHOT = (
    "_resources", "_template", "_template_body", "_resolved_params", "_conditions", "Parameters", "Tags", "Outputs",
)  # fmt: skip
_Provisioned = tuple[str, dict[str, str]]


class EmbeddedStackError(Exception):
    """What the parent's event says of a child that failed."""


def install() -> None:
    """Replace ministack's inline nested stacks."""
    provisioners._RESOURCE_HANDLERS[STACK] = {"create": create, "update": update, "delete": delete}


def create(logical_id: str, properties: Mapping[str, Any], parent_name: str) -> _Provisioned:
    """Deploy a child; raises when it did not become CREATE_COMPLETE."""
    parent = cloudformation._stacks[parent_name]
    declared = _declared(properties, parent_name, {})
    name = f"{parent_name}-{logical_id}-{responses.new_uuid().replace('-', '')[:12].upper()}"
    region, account = responses.get_region(), responses.get_account_id()
    stack_id = f"arn:aws:cloudformation:{region}:{account}:stack/{name}/{responses.new_uuid()}"
    child: dict[str, Any] = {
        "StackName": name,
        "StackId": stack_id,
        "StackStatus": "CREATE_IN_PROGRESS",
        "StackStatusReason": "",
        "CreationTime": responses.now_iso(),
        "LastUpdatedTime": responses.now_iso(),
        "DisableRollback": True,
        "ParentId": parent["StackId"],
        "RootId": parent.get("RootId", parent["StackId"]),
        "Outputs": [],
        "_parent_stack_name": parent_name,
        "_region": region,
        "_resources": {},
        **declared,
    }
    cloudformation._stacks[name] = child
    cloudformation._stack_events[stack_id] = []
    stacks._add_event(stack_id, name, name, STACK, "CREATE_IN_PROGRESS", "", stack_id)
    _deploy(child, disable_rollback=True)
    if child["StackStatus"] != "CREATE_COMPLETE":
        leave_to_rollback(parent, logical_id, STACK, stack_id, properties)
        why = child["StackStatusReason"]
        raise EmbeddedStackError(f"Embedded stack {stack_id} was not successfully created: {why}")
    return stack_id, _outputs(child)


def update(stack_id: str, _before: Mapping[str, Any], after: Mapping[str, Any], parent_name: str) -> _Provisioned:
    """Update a child; one that nothing changes for has no events, one that fails rolls itself back first."""
    child = stack_by_id(stack_id)
    if child is None:
        raise EmbeddedStackError(f"Stack [{stack_id}] does not exist")
    previous = {field: copy.deepcopy(child.get(field)) for field in _SNAPSHOT}
    declared = _declared(after, parent_name, child["_resolved_params"])
    template, parameters = declared["_template"], declared["_resolved_params"]
    unchanged = handlers._stack_has_no_updates(child, template, parameters, declared["Tags"], tags_given=True)
    child.update(declared)
    if unchanged:
        return stack_id, _outputs(child)
    child.update({"StackStatus": "UPDATE_IN_PROGRESS", "LastUpdatedTime": responses.now_iso()})
    name = child["StackName"]
    stacks._add_event(stack_id, name, name, STACK, "UPDATE_IN_PROGRESS", "", stack_id)
    _deploy(child, disable_rollback=bool(SENT_BACK.get()), previous=previous)
    if child["StackStatus"] not in ("UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE") or (
        child["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE" and not SENT_BACK.get()
    ):
        raise EmbeddedStackError(
            f"Embedded stack {stack_id} was not successfully updated. Currently in {child['StackStatus']} "
            f"with reason: {_why_rolled_back(stack_id)}"
        )
    return stack_id, _outputs(child)


def delete(stack_id: str, _properties: Mapping[str, Any]) -> None:
    """Delete a child with all of its events; raises when something in it is still there."""
    child = stack_by_id(stack_id)
    if child is None or child["StackStatus"] == "DELETE_COMPLETE":
        return
    with deleting_a_child(child.get("NotificationARNs", [])):
        asyncio.run(stacks._delete_stack_async(child["StackName"], stack_id))
    if child["StackStatus"] != "DELETE_COMPLETE":
        why = child.get("StackStatusReason", "")
        raise EmbeddedStackError(f"Embedded stack {stack_id} was not successfully deleted: {why}")


def _declared(properties: Mapping[str, Any], parent_name: str, previous: Mapping[str, Any]) -> dict[str, Any]:
    body = read_template(properties["TemplateURL"], ACTING.get())
    template = engine._parse_template(body)
    provisioners._check_nested_stack_capabilities(parent_name, template)
    given = properties.get("Parameters") or {}
    if any(isinstance(value, list) for value in given.values()):
        raise ValueError("Value of property Parameters must be an object with String (or simple type) properties")
    provided = [{"Key": key, "Value": "" if value is None else str(value)} for key, value in given.items()]
    parameters = engine._resolve_parameters(template, provided, previous)
    tags = provisioners._tag_map(properties.get("Tags"))
    return {
        "Description": template.get("Description", ""),
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": value["Value"], "NoEcho": value["NoEcho"]}
            for key, value in parameters.items()
        ],
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items() if not key.startswith("aws:")],
        "Capabilities": provisioners._inherited_capabilities(parent_name),
        "NotificationARNs": list(properties.get("NotificationARNs") or []),
        "_template": template,
        "_template_body": body,
        "_resolved_params": parameters,
        "_conditions": engine._evaluate_conditions(template, parameters),
    }


def _deploy(child: dict[str, Any], *, disable_rollback: bool, previous: dict[str, Any] | None = None) -> None:
    asyncio.run(
        stacks._deploy_stack_async(
            child["StackName"],
            child["StackId"],
            child["_template"],
            child["_resolved_params"],
            disable_rollback,
            child["Tags"],
            is_update=previous is not None,
            previous_stack=previous,
        )
    )


def _outputs(child: dict[str, Any]) -> dict[str, str]:
    return {f"Outputs.{output['OutputKey']}": output["OutputValue"] for output in child["Outputs"]}


def _why_rolled_back(stack_id: str) -> str:
    events = cloudformation._stack_events[stack_id]
    reasons = [e["ResourceStatusReason"] for e in events if e["ResourceStatus"] == "UPDATE_ROLLBACK_IN_PROGRESS"]
    return str(reasons[-1]) if reasons else ""
