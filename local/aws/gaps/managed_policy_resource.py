"""`AWS::IAM::ManagedPolicy` in templates: created, updated and deleted with the permissions of the stack's role.

AWS CloudFormation Template Reference, "AWS::IAM::ManagedPolicy": Ref is the ARN; ManagedPolicyName, Path and
Description replace, the others update in place. The IAM actions asked for are those of the type's handlers in the
CloudFormation registry. A changed document becomes a new default version. At five versions the oldest that is not the
default goes first (aws-amplify/amplify-js issue 7540 shows the order: ListPolicyVersions, DeletePolicyVersion,
CreatePolicyVersion). CreatePolicyVersion sets the default itself, SetDefaultPolicyVersion is not asked for.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ministack.core import responses
from ministack.services import iam
from ministack.services.cloudformation import provisioners

from local.aws.gaps.handler_errors import HandlerError
from local.aws.gaps.iam_as_principal import call
from local.aws.gaps.iam_failures import refuse_change, refuse_creation
from local.aws.gaps.request_facts import identity_arn

_MOST_VERSIONS = 5
_KINDS = {"Groups": "Group", "Roles": "Role", "Users": "User"}
_Created = tuple[str, dict[str, Any]]


def install() -> None:
    """Register the type in place of ministack's, which asks nobody."""
    provisioners._RESOURCE_HANDLERS["AWS::IAM::ManagedPolicy"] = {"create": create, "update": update, "delete": delete}


def create(logical_id: str, properties: Mapping[str, Any], stack_name: str) -> _Created:
    """CreatePolicy and its attachments; what was made is taken away again when an attachment is refused."""
    refuse_creation("PoliciesPerAccount: 1500")
    name = properties.get("ManagedPolicyName") or provisioners._physical_name(stack_name, logical_id, max_len=128)
    more = {"Description": properties["Description"]} if "Description" in properties else {}
    path, document = properties.get("Path", "/"), _document(properties)
    call("CreatePolicy", PolicyName=name, Path=path, PolicyDocument=document, **more)
    arn = identity_arn({"PolicyName": name, "Path": path}, responses.get_account_id())
    try:
        _attach(arn, {}, properties)
    except HandlerError:
        provisioners._iam_policy_remove(arn, properties)
        raise
    return arn, _attributes(arn)


def update(arn: str, before: Mapping[str, Any], after: Mapping[str, Any], _stack_name: str) -> _Created:
    """Give the policy that is there another document and other attachments.

    ministack rolls back only what succeeded, so what was half done is taken back here, as far as the principal may.
    """
    refuse_change()
    call("GetPolicy", PolicyArn=arn)
    try:
        _change(arn, before, after)
    except HandlerError:
        with suppress(HandlerError):
            _change(arn, after, before)
        raise
    return arn, _attributes(arn)


def delete(arn: str, properties: Mapping[str, Any]) -> None:
    """Detach the policy from whom the template names, and delete it; who else has it makes it a DeleteConflict."""
    if arn not in iam._policies:
        return
    refuse_change()
    call("GetPolicy", PolicyArn=arn)
    _attach(arn, properties, {})
    for version in _other_versions(arn):
        call("DeletePolicyVersion", PolicyArn=arn, VersionId=version)
    call("DeletePolicy", PolicyArn=arn)


def _change(arn: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    if _document(before) != _document(after):
        others = _other_versions(arn)
        if len(others) + 1 >= _MOST_VERSIONS:
            call("DeletePolicyVersion", PolicyArn=arn, VersionId=others[0])
        call("CreatePolicyVersion", PolicyArn=arn, PolicyDocument=_document(after), SetAsDefault="true")
    _attach(arn, before, after)


def _attach(arn: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    for several, kind in _KINDS.items():
        old, new = set(before.get(several) or []), set(after.get(several) or [])
        for name in sorted(old - new):
            _detach(arn, kind, name)
        for name in sorted(new - old):
            call(f"Attach{kind}Policy", **{f"{kind}Name": name}, PolicyArn=arn)


def _detach(arn: str, kind: str, name: str) -> None:
    """Detach the policy from whom still has it, so that a deletion can be repeated."""
    entity = {"Group": iam._groups, "Role": iam._roles, "User": iam._users}[kind].get(name)
    if entity and arn in entity.get("AttachedPolicies", []):
        call(f"Detach{kind}Policy", **{f"{kind}Name": name}, PolicyArn=arn)


def _other_versions(arn: str) -> list[str]:
    """The versions that are not the default, oldest first."""
    call("ListPolicyVersions", PolicyArn=arn)
    others = iam._policies[arn]["Versions"].keys() - {iam._policies[arn]["DefaultVersionId"]}
    return sorted(others, key=lambda version: int(version.removeprefix("v")))


def _attributes(arn: str) -> dict[str, Any]:
    names = "PolicyId", "AttachmentCount", "DefaultVersionId", "IsAttachable", "CreateDate", "UpdateDate"
    record = iam._policies[arn]
    return {"PolicyArn": arn, "PermissionsBoundaryUsageCount": 0, **{name: record[name] for name in names}}


def _document(properties: Mapping[str, Any]) -> str:
    document = properties.get("PolicyDocument", {})
    return document if isinstance(document, str) else json.dumps(document, separators=(",", ":"))
