"""A group, role or user takes ten managed policies; attaching the eleventh is refused.

IAM User Guide, "IAM and AWS STS quotas" (for roles and users the default, for groups fixed); IAM API Reference,
"AttachGroupPolicy": LimitExceeded. The sentence as in aws/aws-cdk issue 13515 and in eks-hybrid pull request 741.
"""

from collections.abc import Mapping
from typing import Any

from local.aws.gaps.iam_refusals import Refusal, kind_of, quota, refuse_attaching

_MOST = 10


def install() -> None:
    """Count before ministack attaches."""
    refuse_attaching(_refusal)


def _refusal(entity: Mapping[str, Any], policy_arn: str) -> Refusal | None:
    attached = entity.get("AttachedPolicies", [])
    full = policy_arn not in attached and len(attached) >= _MOST
    return quota(f"PoliciesPer{kind_of(entity)}", _MOST) if full else None
