"""The inline policies of a group hold 5,120 characters together, blanks not counted; more is refused.

IAM User Guide, "IAM and AWS STS quotas", "IAM and STS character limits"; IAM API Reference, "PutGroupPolicy":
LimitExceeded. The sentence as in HumanCellAtlas/data-store issue 1963.
"""

from collections.abc import Mapping
from typing import Any

from ministack.services import iam

from local.aws.gaps.iam_refusals import Refusal, length, refuse_first
from local.aws.gaps.request_facts import first

_MOST = 5120


def install() -> None:
    """Measure before ministack stores."""
    refuse_first("PutGroupPolicy", _refusal)


def _refusal(parameters: Mapping[str, Any]) -> Refusal | None:
    group = first(parameters, "GroupName")
    documents = dict(iam._group_inline_policies.get(group) or {})
    documents[first(parameters, "PolicyName")] = first(parameters, "PolicyDocument")
    if sum(length(document) for document in documents.values()) <= _MOST:
        return None
    return 409, "LimitExceeded", f"Maximum policy size of {_MOST} bytes exceeded for group {group}"
