"""Compares a team's page with what is wanted, and describes the differences for the channel.

Wanted is: a stack of ours, and in it a managed policy that allows `sts:AssumeRole` on exactly the page's roles, and is
attached to its team's group. That group has no other policies than its own ten pages and the one that lets it read its
team's kit; this is compared with the page whose stack makes the group. One comparison takes six to eight calls.

An update of the stack writes the policy (PUT_BACK). CloudFormation knows nothing of what else was done by hand, and its
update would not undo it, so that has to be undone by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bot.aws import kit_policy
from bot.aws.comparing import allowed, in_words, listed
from bot.aws.groups import Groups
from bot.aws.policies import default_document
from bot.aws.stacks import Stacks
from bot.domain.errors import TryAgain
from bot.domain.model import Difference
from bot.domain.page import PAGES_IN_A_GROUP, Page, PageName
from bot.domain.vocabulary import Remedy
from bot.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


class PageComparison:
    """Looks at pages; changes nothing."""

    def __init__(self, settings: Settings, stacks: Stacks, groups: Groups, iam: IAMClient) -> None:
        self._settings, self._stacks, self._groups, self._iam = settings, stacks, groups, iam

    def differences(self, page: Page) -> Iterator[Difference]:
        """Yield what is not as wanted. Raises ProvisioningFailed when AWS refuses to tell, TryAgain when not now."""
        name = self._settings.page_stack_name(page.name)
        stack = self._stacks.named(name)
        if stack is None:
            yield from self._stack_gone(name, page)
        elif not self._stacks.is_ours(stack):
            yield self._stacks.not_ours(stack)
        elif stack["StackStatus"].endswith("_IN_PROGRESS"):
            raise TryAgain(f"The stack {name} is in {stack['StackStatus']}.")
        else:
            document = default_document(self._iam, self._arn(page.name))
            yield from self._policy_differences(page, document)
            yield from self._group_differences(page, exists=document is not None)

    def _stack_gone(self, name: str, page: Page) -> Iterator[Difference]:
        yield Difference(Remedy.RENEW, f"The stack {name} is deleted, which makes the team's page {page.number}.")
        policy, group = self._settings.page_policy_name(page.name), self._group(page)
        if default_document(self._iam, self._arn(page.name)) is not None:
            yield Difference(
                Remedy.BY_HAND,
                f"The policy {policy} still exists without it. Detach it from whoever has it and delete it in IAM.",
            )
        if page.name.makes_group and self._groups.where(group) is not None:
            yield Difference(
                Remedy.BY_HAND,
                f"The group {group} still exists without it. First write down its members. Then delete it in IAM, with "
                "its members and policies.",
            )

    def _policy_differences(self, page: Page, document: Any) -> Iterator[Difference]:
        policy, group = self._settings.page_policy_name(page.name), self._group(page)
        if document is None:
            yield Difference(
                Remedy.BY_HAND,
                f"The policy {policy} is deleted, so nobody gets in by the team's page {page.number}. Its stack still "
                f"exists and can't make it again. Create a policy of that name with the path {self._settings.team_path}"
                f" that allows sts:GetCallerIdentity, and attach it to the group {group}; Repair then writes the "
                "roles.",
            )
        elif changed := _changes(document, page):
            yield Difference(Remedy.PUT_BACK, f"The policy {policy} was changed. {changed}")

    def _group_differences(self, page: Page, *, exists: bool) -> Iterator[Difference]:
        group, path = self._group(page), self._settings.team_path
        where = self._groups.where(group)
        if where == path:
            attached = self._groups.attached_policies(group)
            if exists and self._arn(page.name) not in attached:
                yield Difference(
                    Remedy.BY_HAND,
                    f"The team's page {page.number} is not attached to the group {group}, so its members don't get in "
                    f"by it. Attach it: aws iam attach-group-policy --group-name {group} --policy-arn "
                    f"{self._arn(page.name)}",
                )
            if page.name.makes_group:
                yield from self._given_more(page, attached)
        elif page.name.makes_group and where is None:
            yield Difference(
                Remedy.BY_HAND,
                f"The group {group} is deleted, with its memberships. Create it again with the path {path}, attach the "
                "team's pages to it and put the team's people into it.",
            )
        elif page.name.makes_group:
            yield Difference(
                Remedy.BY_HAND,
                f"The group {group} is at {where} instead of {path}. Move it back: aws iam update-group --group-name "
                f"{group} --new-path {path}",
            )

    def _given_more(self, page: Page, attached: list[str]) -> Iterator[Difference]:
        group = self._group(page)
        numbers = range(page.number, page.number + PAGES_IN_A_GROUP)
        pages = {self._arn(PageName(page.team, number)) for number in numbers}
        inline = self._groups.inline_policies(group)
        yield from kit_policy.differences(self._settings, self._groups, group, page.team, inline)
        added = [f"the inline policy {name}" for name in inline if name != kit_policy.NAME]
        added += [f"the managed policy {arn}" for arn in attached if arn not in pages]
        if added:
            yield Difference(
                Remedy.BY_HAND,
                f"The group {group} was given more: {listed(added)}. Its members may do what that allows. Switchyard "
                "may not remove it, so remove it in IAM first.",
            )

    def _arn(self, page: PageName) -> str:
        return self._settings.page_policy_arn(page)

    def _group(self, page: Page) -> str:
        return self._settings.team_group_name(page.team, page.name.group)


def roles_of(page: Page) -> tuple[str, ...]:
    """Return the ARNs that the policy lists, each once: two clients may have the same role."""
    return tuple(dict.fromkeys(entry.role_arn for entry in page.entries))


def _changes(document: Any, page: Page) -> str:
    """Return what the policy says instead of what is wanted; empty when it says that."""
    action, found = allowed(document)
    wanted = roles_of(page)
    if not wanted:
        as_wanted = (action, found) == ("sts:getcalleridentity", ["*"])
        return "" if as_wanted else f"It should list no role. Now it says: {in_words(document)}"
    if action != "sts:assumerole":
        return f"It should list {len(wanted)} roles. Now it says: {in_words(document)}"
    listing = {str(resource) for resource in found}
    besides, missing = sorted(listing - set(wanted)), sorted(set(wanted) - listing)
    said = [f"It also lists {listed(besides)}."] if besides else []
    said += [f"It does not list {listed(missing)}."] if missing else []
    return " ".join(said)
