"""DeletePolicy refuses a policy that has other versions than the default, with DeleteConflict.

IAM API Reference, "DeletePolicy"; the sentence as in rebuy-de/aws-nuke issue 1. That a policy is attached, ministack
checks itself.
"""

from collections.abc import Mapping
from typing import Any

from ministack.services import iam

from local.aws.gaps.iam_refusals import Refusal, refuse_first
from local.aws.gaps.request_facts import first


def install() -> None:
    """Check before ministack deletes."""
    refuse_first("DeletePolicy", _refusal)


def _refusal(parameters: Mapping[str, Any]) -> Refusal | None:
    arn = first(parameters, "PolicyArn")
    if len(iam._policies.get(arn, {"Versions": ()})["Versions"]) > 1:
        sentence = "This policy has more than one version. Before you delete a policy, you must delete the policy's"
        return 409, "DeleteConflict", f"{sentence} versions. The default version is deleted with the policy."
    return None
