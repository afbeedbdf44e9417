"""Teams' pages on CloudFormation: one managed policy per page, made by one stack of ours.

`write` may run again at any time. In the good case it is one call: an update of the stack whose id is known. What
CloudFormation refuses then is decided by the stack as it is:

| the stack is                                          | then                          |
|-------------------------------------------------------|-------------------------------|
| not there                                             | create                        |
| made without our service role                         | fails, it is not ours         |
| worked on, or done, with this revision's token        | nothing, it has begun         |
| *_IN_PROGRESS for anything else                       | not now                       |
| ROLLBACK_COMPLETE, *_FAILED that allow nothing else   | delete, wait, create          |
| UPDATE_ROLLBACK_FAILED                                | fails, for an engineer        |
| anything else                                         | update                        |

Each revision stands in the policy as a Sid, so an update that changes nothing is one that is done.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from bot.aws.groups import Groups
from bot.aws.outages import answering, moved_on, sentence_of, unchanged
from bot.aws.page_comparing import PageComparison, roles_of
from bot.aws.stacks import ONLY_DELETABLE, Stacks, stuck
from bot.domain.errors import ProvisioningFailed, TryAgain
from bot.domain.model import ClientStack, Difference
from bot.domain.page import Page, PageName
from bot.ports import Progress, Started
from bot.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_iam import IAMClient

PARAMETER_LENGTH = 4_096
"""Characters of a parameter's value (CloudFormation User Guide, "Quotas": 4,096 bytes; our values are ASCII)."""
_ROLE = re.compile(r"arn:(aws|aws-cn|aws-us-gov):iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_-]{1,43}")
"""As in client-templates/team-page.yaml. A blank in a role's name would make it two roles there."""


class PageStacksOnCloudFormation:
    """Keeps to `ports.PageStacks`."""

    def __init__(
        self,
        settings: Settings,
        cloudformation: CloudFormationClient,
        iam: IAMClient,
        *,
        poll_seconds: int = 2,
        polls: int = 10,
    ) -> None:
        self._settings = settings
        self._stacks = Stacks(cloudformation, settings.page_template_url, settings.team_role_arn, poll_seconds, polls)
        # A team's name begins with a letter, so no group is called this.
        groups = Groups(iam, settings.team_path, never_there=settings.team_group_name("0"))
        self._comparison = PageComparison(settings, self._stacks, groups, iam)
        self._ours = re.compile(
            rf"arn:{settings.partition}:cloudformation:{settings.region}:{settings.provider_account_id}"
            rf":stack/{re.escape(settings.page_stack_prefix)}(?P<team>[a-z][a-z0-9]{{0,19}})-(?P<number>[1-9][0-9]*)"
            r"/[0-9A-Za-z-]+"
        )

    def role_arn(self, stack: ClientStack) -> str:
        return self._settings.role_arn(stack.account_id, stack.role_name)

    def name_of(self, stack_id: str) -> PageName | None:
        ours = self._ours.fullmatch(stack_id)
        return PageName(ours["team"], int(ours["number"])) if ours else None

    def write(self, page: Page) -> Started:
        try:
            with answering("CloudFormation"):
                return self._write(page)
        except ClientError as error:
            if moved_on(error):
                raise TryAgain("The page's stack is changing at the moment. Trying again in a minute.") from error
            raise ProvisioningFailed(sentence_of(error)) from error

    def progress(self, page: Page) -> Progress:
        if page.stack_id is not None:
            found = self._progress_on(page.stack_id, page)
            if found.begun:
                return found
        stack = self._stacks.told_of_ours(self._settings.page_stack_name(page.name))
        if stack is None or stack["StackId"] == page.stack_id:
            return Progress(begun=False)
        return self._progress_on(stack["StackId"], page)

    def differences(self, page: Page) -> Sequence[Difference]:
        return tuple(self._comparison.differences(page))

    def _write(self, page: Page) -> Started:
        wanted = self._parameters(page)
        if page.stack_id is not None:
            try:
                return self._update(page.stack_id, wanted, page.token)
            except ClientError as error:
                if not moved_on(error):
                    raise
        name = self._settings.page_stack_name(page.name)
        stack = self._stacks.ours(name)
        if stack is None:
            return Started(self._stacks.create(name, wanted, page.token))
        stack_id, status = stack["StackId"], stack["StackStatus"]
        if self._progress_on(stack_id, page).begun:
            return Started(stack_id)
        if status.endswith("_IN_PROGRESS"):
            raise TryAgain(f"The stack {name} is in {status}. Trying again in a minute.")
        if status == "UPDATE_ROLLBACK_FAILED":
            raise stuck(stack)
        if status in ONLY_DELETABLE:
            self._stacks.clear(stack_id, f"{page.token}-clear")
            return Started(self._stacks.create(name, wanted, page.token))
        return self._update(stack_id, wanted, page.token)

    def _update(self, stack_id: str, wanted: dict[str, str], token: str) -> Started:
        try:
            self._stacks.update(stack_id, wanted, token)
        except ClientError as error:
            if not unchanged(error):
                raise
            return Started(stack_id, finished=True)
        return Started(stack_id)

    def _progress_on(self, stack_id: str, page: Page) -> Progress:
        found = self._stacks.progress_on(stack_id, page.token, earlier=lambda token: _revision(token) < page.revision)
        return replace(found, stack_id=stack_id)

    def _parameters(self, page: Page) -> dict[str, str]:
        """Return the template's parameters. Raise ProvisioningFailed for what is not the ARN of one role."""
        roles = roles_of(page)
        wrong = [role for role in roles if not _ROLE.fullmatch(role)]
        if wrong:
            raise ProvisioningFailed(
                f"A team's page can only list ARNs of roles, and this is none: {wrong[0]!r}. The page was not changed."
            )
        first, second = in_two_parts(roles)
        return {
            "PolicyName": self._settings.page_policy_name(page.name),
            "GroupName": self._settings.team_group_name(page.team, page.name.group),
            "MakesGroup": "true" if page.name.makes_group else "false",
            "TeamPath": self._settings.team_path,
            "Roles1": first,
            "Roles2": second,
            "Revision": page.token,
        }


def in_two_parts(roles: Sequence[str]) -> tuple[str, str]:
    """Return the roles divided by blanks, as the values of two parameters; the second is used once the first is full.

    What has no room in both makes the second too long, so that CloudFormation refuses it.
    """
    kept, length = 0, -1
    while kept < len(roles) and length + 1 + len(roles[kept]) <= PARAMETER_LENGTH:
        length += 1 + len(roles[kept])
        kept += 1
    return " ".join(roles[:kept]), " ".join(roles[kept:])


def _revision(token: str) -> float:
    """Return the revision that was written with this token; of any other, one that is never before another."""
    number = re.fullmatch(r"R([0-9]+)", token)
    return int(number[1]) if number else float("inf")
