"""Attaching a policy that does not exist is refused.

IAM API Reference, "AttachGroupPolicy", "AttachRolePolicy", "AttachUserPolicy": NoSuchEntity. The sentence as in
getmoto/moto pull request 6482. Of the policies that AWS manages, those that ministack knows exist.
"""

from collections.abc import Mapping
from typing import Any

from ministack.services import iam

from local.aws.gaps.iam_refusals import Refusal, refuse_attaching


def install() -> None:
    """Look the policy up before ministack attaches it."""
    refuse_attaching(_refusal)


def _refusal(_entity: Mapping[str, Any], policy_arn: str) -> Refusal | None:
    if iam._policy_exists(policy_arn):
        return None
    return 404, "NoSuchEntity", f"Policy {policy_arn} does not exist or is not attachable."
