"""DeletePolicy refuses a policy that is attached, or has other versions than the default, with DeleteConflict.

IAM API Reference, "DeletePolicy"; the sentences as in serverless/components issue 312 and rebuy-de/aws-nuke issue 1.
"""

from collections.abc import Mapping
from typing import Any

from ministack.services import iam

from local.aws.gaps.iam_refusals import Refusal, attached_to, refuse_first
from local.aws.gaps.request_facts import first


def install() -> None:
    """Check before ministack deletes."""
    refuse_first("DeletePolicy", _refusal)


def _refusal(parameters: Mapping[str, Any]) -> Refusal | None:
    arn = first(parameters, "PolicyArn")
    if attached_to(arn):
        return 409, "DeleteConflict", "Cannot delete a policy attached to entities."
    if len(iam._policies.get(arn, {"Versions": ()})["Versions"]) > 1:
        sentence = "This policy has more than one version. Before you delete a policy, you must delete the policy's"
        return 409, "DeleteConflict", f"{sentence} versions. The default version is deleted with the policy."
    return None
