"""The condition key `iam:PolicyARN`: which policy a request attaches or detaches.

Service Authorization Reference, "Actions, resources, and condition keys for AWS IAM": AttachGroupPolicy,
AttachRolePolicy, AttachUserPolicy and the three that detach have it.
"""

import re
from collections.abc import Mapping
from typing import Any

from ministack.core import iam_actions

from local.aws.gaps.request_facts import first

_ATTACHES = re.compile(r"(iam:)?(Attach|Detach)(Group|Role|User)Policy")


def install() -> None:
    """Add the key to those that ministack's evaluation gets."""
    request_tag_context = iam_actions.request_tag_context

    def context_keys(service: str, iam_action: str, body: bytes, parameters: Mapping[str, Any]) -> dict[str, Any]:
        keys: dict[str, Any] = request_tag_context(service, iam_action, body, parameters)
        return {**keys, **policy_arn(iam_action, parameters)} if service == "iam" else keys

    iam_actions.request_tag_context = context_keys


def policy_arn(action: str, parameters: Mapping[str, Any]) -> dict[str, str]:
    """The key and its value for an action of IAM's, or nothing when the action has no such key."""
    return {"iam:PolicyARN": first(parameters, "PolicyArn")} if _ATTACHES.fullmatch(action) else {}
