"""`AWS::IAM::Group` in templates: created, updated, replaced and deleted with the permissions of the stack's role.

AWS CloudFormation Template Reference, "AWS::IAM::Group": Ref is the name, GetAtt Arn carries the path, a changed
GroupName replaces, Path, Policies and ManagedPolicyArns update in place. The IAM actions asked for are those of the
type's handlers in the CloudFormation registry. A handler may look (GetGroup) before it creates and after it deletes.
IAM can't know the path of a group that is not there, so it judges that look by the ARN without a path.
"""

import json
from collections.abc import Mapping
from typing import Any

from ministack.core import responses
from ministack.services import iam
from ministack.services.cloudformation import provisioners

from local.aws.gaps.handler_errors import HandlerError
from local.aws.gaps.iam_as_principal import ask, call
from local.aws.gaps.iam_failures import refuse_change, refuse_creation

_TYPE = "AWS::IAM::Group"
_Created = tuple[str, dict[str, str]]


def install() -> None:
    """Register the type."""
    provisioners._RESOURCE_HANDLERS[_TYPE] = {"create": create, "update": update, "delete": delete}
    provisioners._REPLACING_PROPERTIES[_TYPE] = ("GroupName",)


def create(logical_id: str, properties: Mapping[str, Any], stack_name: str) -> _Created:
    """CreateGroup and its policies; what was made is taken away again when a policy is refused."""
    refuse_creation("GroupsPerAccount: 300")
    name = properties.get("GroupName") or provisioners._physical_name(stack_name, logical_id)
    ask("GetGroup", GroupName=name)
    call("CreateGroup", GroupName=name, Path=properties.get("Path", "/"))
    try:
        _put_policies(name, {}, properties)
        call("GetGroup", GroupName=name)
    except HandlerError:
        group = iam._groups.pop(name)
        for arn in list(group["AttachedPolicies"]):
            iam.detach_managed_policy(group, arn)
        iam._group_inline_policies.pop(name, None)
        raise
    return name, {"Arn": iam._groups[name]["Arn"]}


def update(name: str, before: Mapping[str, Any], after: Mapping[str, Any], _stack_name: str) -> _Created:
    """Change path and policies of the group that is there."""
    refuse_change()
    call("GetGroup", GroupName=name)
    if after.get("Path", "/") != before.get("Path", "/"):
        ask("UpdateGroup", GroupName=name)
        path = after.get("Path", "/")
        iam._groups[name] |= {"Path": path, "Arn": f"arn:aws:iam::{responses.get_account_id()}:group{path}{name}"}
    _put_policies(name, before, after)
    return name, {"Arn": iam._groups[name]["Arn"]}


def delete(name: str, properties: Mapping[str, Any]) -> None:
    """Delete the template's policies and the group, and look whether it is gone; members make it a DeleteConflict."""
    ask("GetGroup", GroupName=name)
    if name not in iam._groups:
        return
    refuse_change()
    call("GetGroup", GroupName=name)
    if iam._groups[name]["Users"]:
        call("DeleteGroup", GroupName=name)
    call("ListGroupPolicies", GroupName=name)
    call("ListAttachedGroupPolicies", GroupName=name)
    _put_policies(name, properties, {})
    call("DeleteGroup", GroupName=name)
    ask("GetGroup", GroupName=name)


def _put_policies(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    old, new = _inline(before), _inline(after)
    for policy in sorted(old.keys() - new.keys()):
        call("DeleteGroupPolicy", GroupName=name, PolicyName=policy)
    for policy, document in new.items():
        if old.get(policy) != document:
            call("PutGroupPolicy", GroupName=name, PolicyName=policy, PolicyDocument=document)
    attached_before = set(before.get("ManagedPolicyArns", []))
    attached_after = set(after.get("ManagedPolicyArns", []))
    for arn in sorted(attached_before - attached_after):
        call("DetachGroupPolicy", GroupName=name, PolicyArn=arn)
    for arn in sorted(attached_after - attached_before):
        call("AttachGroupPolicy", GroupName=name, PolicyArn=arn)


def _inline(properties: Mapping[str, Any]) -> dict[str, str]:
    return {
        policy["PolicyName"]: json.dumps(policy["PolicyDocument"], separators=(",", ":"))
        for policy in properties.get("Policies") or []
    }
