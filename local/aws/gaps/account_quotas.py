"""An account holds 300 groups and 1,500 customer-managed policies; one more is refused.

IAM User Guide, "IAM and AWS STS quotas" (the defaults); IAM API Reference, "CreateGroup", "CreatePolicy":
LimitExceeded. No local setting raises a quota, as nobody here can ask AWS for more.
"""

from ministack.services import iam

from local.aws.gaps.iam_refusals import quota, refuse_first

_MOST_GROUPS = 300
_MOST_POLICIES = 1500


def install() -> None:
    """Count before ministack creates."""
    groups, policies = quota("GroupsPerAccount", _MOST_GROUPS), quota("PoliciesPerAccount", _MOST_POLICIES)
    refuse_first("CreateGroup", lambda _: groups if len(iam._groups) >= _MOST_GROUPS else None)
    refuse_first("CreatePolicy", lambda _: policies if len(iam._policies) >= _MOST_POLICIES else None)
