"""A managed policy has up to five versions, and any of them can be made the default.

IAM API Reference, "CreatePolicyVersion" (LimitExceeded, the sentence as in 99designs/iamy issue 21) and
"SetDefaultPolicyVersion", which ministack has not.
"""

from collections.abc import Mapping
from typing import Any

from ministack.services import iam

from local.aws.gaps.iam_refusals import Refusal, refuse_first
from local.aws.gaps.request_facts import first

_MOST = 5


def install() -> None:
    """Count before ministack adds a version, and serve the missing action."""
    refuse_first("CreatePolicyVersion", _refusal)
    iam._IAM_HANDLERS["SetDefaultPolicyVersion"] = _set_default
    refuse_first("SetDefaultPolicyVersion", _missing)


def _refusal(parameters: Mapping[str, Any]) -> Refusal | None:
    policy = iam._policies.get(first(parameters, "PolicyArn"))
    if policy is None or len(policy["Versions"]) < _MOST:
        return None
    sentence = (
        "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing"
    )
    return 409, "LimitExceeded", f"{sentence} version."


def _missing(parameters: Mapping[str, Any]) -> Refusal | None:
    arn, version = first(parameters, "PolicyArn"), first(parameters, "VersionId")
    policy = iam._policies.get(arn)
    if policy is None:
        return 404, "NoSuchEntity", f"Policy {arn} does not exist or is not attachable."
    if version not in policy["Versions"]:
        return 404, "NoSuchEntity", f"Policy {arn} version {version} does not exist or is not attachable."
    return None


def _set_default(parameters: Mapping[str, Any]) -> Any:
    policy = iam._policies[first(parameters, "PolicyArn")]
    policy["DefaultVersionId"] = first(parameters, "VersionId")
    policy["UpdateDate"] = iam._now()
    for version in policy["Versions"].values():
        version["IsDefaultVersion"] = version["VersionId"] == policy["DefaultVersionId"]
    return iam._xml(200, "SetDefaultPolicyVersionResponse", "")
