"""Who gets in by AWS's own word: the stage's pages, and its clients' groups, as IAM has them now. Changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.aws.comparing import allowed
from bot.aws.policies import default_document
from bot.aws.stack_events import newest_first
from bot.domain.page import PageName
from deploy.deployment import Deployment
from deploy.inventory import OurStack, our_stacks

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

_REVISION = re.compile(r"R([0-9]+)")


@dataclass(frozen=True)
class ActualPage:
    """One page as AWS has it."""

    name: PageName
    stack_id: str
    revision: int
    """The last that was sent to CloudFormation: no later sending may have its number."""
    roles: frozenset[str]


@dataclass(frozen=True)
class ActualAccess:
    """All of one stage."""

    pages: Sequence[ActualPage]
    groups: frozenset[str]
    """The clients, by their ids, that have a group: made by its stack, or left without one."""

    def lists(self, team: str, role_arn: str) -> bool:
        """Return whether any page of the team lists the role."""
        return any(page.name.team == team and role_arn in page.roles for page in self.pages)


def read_access(cloudformation: Any, iam: IAMClient, deployment: Deployment) -> ActualAccess:
    """Return who gets in. Raise ProvisioningFailed or TryAgain when IAM does not tell."""
    client_stacks, page_stacks = our_stacks(cloudformation, deployment)
    prefix = f"{deployment.stack_name}-"
    groups = {one.name.removeprefix(f"{prefix}client-") for one in client_stacks}
    for page in iam.get_paginator("list_groups").paginate(PathPrefix=f"/switchyard/clients/{deployment.stage}/"):
        groups |= {group["GroupName"].removeprefix(prefix) for group in page["Groups"]}
    pages = tuple(_pages(cloudformation, iam, deployment, page_stacks))
    return ActualAccess(pages, frozenset(groups))


def _pages(
    cloudformation: Any, iam: IAMClient, deployment: Deployment, stacks: Sequence[OurStack]
) -> Iterator[ActualPage]:
    for stack in stacks:
        named = re.fullmatch(rf"{deployment.stack_name}-page-([a-z][a-z0-9]*)-([1-9][0-9]*)", stack.name)
        if named is None:
            continue
        name = PageName(named[1], int(named[2]))
        arn = (
            f"arn:{deployment.partition}:iam::{deployment.account_id}:policy/switchyard/teams/{deployment.stage}/"
            f"{deployment.stack_name}-team-{name.team}-{name.number}"
        )
        action, resources = allowed(default_document(iam, arn) or {})
        roles = frozenset(map(str, resources)) if action == "sts:assumerole" else frozenset[str]()
        yield ActualPage(name, stack.id, _last_revision(cloudformation, stack), roles)


def _last_revision(cloudformation: Any, stack: OurStack) -> int:
    """Return the newest revision among the tokens of the stack's events; CloudFormation keeps those of 90 days."""
    for event in newest_first(cloudformation, stack.id):
        token = _REVISION.fullmatch(event.get("ClientRequestToken", ""))
        if token:
            return int(token[1])
    parameters = cloudformation.describe_stacks(StackName=stack.id)["Stacks"][0].get("Parameters", [])
    said = next((one["ParameterValue"] for one in parameters if one["ParameterKey"] == "Revision"), "")
    token = _REVISION.fullmatch(said)
    return int(token[1]) if token else 0
