"""Managed policies by ARN: what they say."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from bot.aws.groups import NotThere, asking

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


def default_document(iam: IAMClient, arn: str) -> Any:
    """Return what the policy says now, read from its JSON; None when there is no such policy. Raise as `Groups`."""
    with suppress(NotThere), asking({"NoSuchEntity"}):
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        return iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    return None
