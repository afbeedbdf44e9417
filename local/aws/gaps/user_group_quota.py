"""A user can be in ten groups; AddUserToGroup refuses the eleventh.

IAM User Guide, "IAM and AWS STS quotas": "Groups an IAM user can be a member of: 10 (not adjustable)"; IAM API
Reference, "AddUserToGroup": LimitExceeded. The quota's name in the sentence is GroupsPerUser, as tools that met it say.
"""

from collections.abc import Mapping
from typing import Any

from ministack.services import iam

from local.aws.gaps.iam_refusals import Refusal, quota, refuse_first
from local.aws.gaps.request_facts import first

_MOST = 10


def install() -> None:
    """Count before ministack adds."""
    refuse_first("AddUserToGroup", _refusal)


def _refusal(parameters: Mapping[str, Any]) -> Refusal | None:
    user, group = first(parameters, "UserName"), first(parameters, "GroupName")
    joined = [name for name, record in iam._groups.items() if user in record["Users"]]
    more = group in iam._groups and group not in joined
    return quota("GroupsPerUser", _MOST) if more and len(joined) >= _MOST else None
