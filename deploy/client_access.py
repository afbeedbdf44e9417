"""Taking away the access to all clients: what CLIENTS=remove adds to a removal.

IAM refuses to delete a group that has members, and a policy that something else uses. So members leave first, and pages
go before the groups that they are attached to. Each step may run again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deploy.deployment import Deployment
from deploy.errors import DeployError
from deploy.inventory import Inventory
from deploy.removal import StackDeletion

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


@dataclass(frozen=True)
class ClientAccess:
    """The groups and policies of one stage by which operators get into clients' accounts."""

    iam: IAMClient
    deployment: Deployment
    deletion: StackDeletion

    def remove(self, inventory: Inventory) -> None:
        """Delete all of it. Raise DeployError with what AWS keeps, and what was made or moved by hand."""
        for group in self._groups():
            self._empty(group)
        self.deletion.delete(inventory.client_stacks)
        self.deletion.delete(one for one in inventory.page_stacks if not one.makes_group)
        self.deletion.delete(one for one in inventory.page_stacks if one.makes_group)
        left = [*self._groups(), *self._policies()]
        if left:
            raise DeployError(
                f"Of the stage's IAM groups and policies, {', '.join(left)} have no stack that made them, so nothing"
                " says that Switchyard did. They may let people into clients' accounts. Whoever administers the account"
                " has to delete them in IAM. Then run this again."
            )

    def remove_roles(self, names: Iterator[str]) -> None:
        """Delete the two service roles."""
        for name in names:
            for policy in self.iam.list_role_policies(RoleName=name)["PolicyNames"]:
                self.iam.delete_role_policy(RoleName=name, PolicyName=policy)
            for one in self.iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
                self.iam.detach_role_policy(RoleName=name, PolicyArn=one["PolicyArn"])
            self.iam.delete_role(RoleName=name)

    def members(self) -> dict[str, list[str]]:
        """Return the members of each group, by its name."""
        return {group: list(self._members(group)) for group in self._groups()}

    def _empty(self, group: str) -> None:
        members = list(self._members(group))
        for member in members:
            self.iam.remove_user_from_group(GroupName=group, UserName=member)
        if members:
            print(f"Removed from {group}: {', '.join(members)}", flush=True)

    def _members(self, group: str) -> Iterator[str]:
        for page in self.iam.get_paginator("get_group").paginate(GroupName=group):
            yield from (user["UserName"] for user in page["Users"])

    def _groups(self) -> list[str]:
        paths = (f"/switchyard/{kind}/{self.deployment.stage}/" for kind in ("clients", "teams"))
        listed: Any = self.iam.get_paginator("list_groups")
        pages = (page for path in paths for page in listed.paginate(PathPrefix=path))
        return [group["GroupName"] for page in pages for group in page["Groups"]]

    def _policies(self) -> list[str]:
        path = f"/switchyard/teams/{self.deployment.stage}/"
        pages = self.iam.get_paginator("list_policies").paginate(Scope="Local", PathPrefix=path)
        return [policy["PolicyName"] for page in pages for policy in page["Policies"]]
