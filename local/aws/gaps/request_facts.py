"""What IAM looks at in a request: the true ARN of a user, group, role or policy, and CloudFormation's condition keys.

Service Authorization Reference, "Actions, resources, and condition keys for AWS IAM" (the ARN of a group, user, role or
policy includes its path; AddUserToGroup and RemoveUserFromGroup act on the group, attaching on who gets the policy) and
"... for AWS CloudFormation" (`cloudformation:TemplateUrl`, `cloudformation:RoleArn`: present only when the request
carries them).
"""

from collections.abc import Mapping
from typing import Any

from ministack.core import iam_actions
from ministack.services import iam

_CLOUDFORMATION_KEYS = {"TemplateURL": "cloudformation:TemplateUrl", "RoleARN": "cloudformation:RoleArn"}


def install() -> None:
    """Correct the resource and add the keys that ministack's evaluation gets."""
    extract_resource_arn = iam_actions.extract_resource_arn
    request_tag_context = iam_actions.request_tag_context

    def resource_arn(service: str, *arguments: Any) -> Any:
        if service == "iam":
            parameters, account = arguments[4], arguments[6]
            if arn := identity_arn(parameters, account):
                return arn
        return extract_resource_arn(service, *arguments)

    def context_keys(service: str, iam_action: str, body: bytes, parameters: Mapping[str, Any]) -> dict[str, Any]:
        keys: dict[str, Any] = request_tag_context(service, iam_action, body, parameters)
        if service == "cloudformation":
            given = {key: first(parameters, name) for name, key in _CLOUDFORMATION_KEYS.items()}
            keys = {**keys, **{key: value for key, value in given.items() if value}}
        return keys

    iam_actions.extract_resource_arn = resource_arn
    iam_actions.request_tag_context = context_keys


def identity_arn(parameters: Mapping[str, Any], account: str) -> str:
    """The ARN with path of the group, role, user or policy that an IAM request is about; empty when it names none."""
    for name_of, kind, store in (
        ("GroupName", "group", iam._groups),
        ("RoleName", "role", iam._roles),
        ("UserName", "user", iam._users),
    ):
        if name := first(parameters, name_of):
            path = first(parameters, "Path") or "/"
            existing = store.get_scoped(account, None, name)
            return str(existing["Arn"]) if existing else f"arn:aws:iam::{account}:{kind}{path}{name}"
    if name := first(parameters, "PolicyName"):
        return f"arn:aws:iam::{account}:policy{first(parameters, 'Path') or '/'}{name}"
    return first(parameters, "PolicyArn")


def first(parameters: Mapping[str, Any], name: str) -> str:
    """One value of a Query request, empty when absent."""
    value = parameters.get(name, "")
    return str(value[0] if value else "") if isinstance(value, list) else str(value)
