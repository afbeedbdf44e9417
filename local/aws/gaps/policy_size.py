"""A managed policy's document holds 6,144 characters, blanks not counted; a longer one is refused.

IAM User Guide, "IAM and AWS STS quotas", "IAM and STS character limits"; IAM API Reference, "CreatePolicy",
"CreatePolicyVersion": LimitExceeded. The sentence as in pull request 14473 of
ministryofjustice/cloud-platform-environments.
"""

from collections.abc import Mapping
from typing import Any

from local.aws.gaps.iam_refusals import Refusal, length, quota, refuse_first
from local.aws.gaps.request_facts import first

_MOST = 6144


def install() -> None:
    """Measure before ministack stores."""
    for action in ("CreatePolicy", "CreatePolicyVersion"):
        refuse_first(action, _refusal)


def _refusal(parameters: Mapping[str, Any]) -> Refusal | None:
    return quota("PolicySize", _MOST) if length(first(parameters, "PolicyDocument")) > _MOST else None
