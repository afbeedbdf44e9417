"""DeleteGroup refuses a group that still has members or policies, with DeleteConflict.

IAM API Reference, "DeleteGroup": "The group must not contain any users or have any attached policies."
"""

from typing import Any

from ministack.services import iam

from local.aws.gaps.request_facts import first


def install() -> None:
    """Check before ministack deletes."""
    delete_group = iam._IAM_HANDLERS["DeleteGroup"]

    def delete(parameters: Any) -> Any:
        name = first(parameters, "GroupName")
        group = iam._groups.get(name)
        if group is not None and (obstacle := _obstacle(name, group)):
            return iam._error(409, "DeleteConflict", f"Cannot delete entity, must {obstacle} first.")
        return delete_group(parameters)

    iam._IAM_HANDLERS["DeleteGroup"] = delete


def _obstacle(name: str, group: Any) -> str:
    if group["Users"]:
        return "remove users from group"
    if iam._group_inline_policies.get(name):
        return "delete policies"
    if group.get("AttachedPolicies"):
        return "detach all policies"
    return ""
