"""IAM groups by name: where they are, who is in them and what they may do; removes members.

A group's name is unique in the account whatever its path, so one that somebody made elsewhere may have the name.
It counts as missing, except where the question is where a group is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from bot.aws.lists import in_parts
from bot.aws.outages import answering, code_of, sentence_of
from bot.domain.errors import ProvisioningFailed

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


ELSEWHERE = "another path"
"""The path of a group that exists and that we may not see."""
_UNSEEN = {"NoSuchEntity", "AccessDenied"}
"""What GetGroup answers for a group without members of ours: it does not exist, or is not at our path."""


class NotThere(Exception):
    """What was asked about does not exist."""


class _Denied(ProvisioningFailed):
    """We have no right to ask that."""


class Groups:
    """IAM groups by name. Every method raises ProvisioningFailed when IAM refuses, TryAgain when it does not answer."""

    def __init__(self, iam: IAMClient, path: str, never_there: str) -> None:
        """`path` is where our groups are.

        `never_there` is a name that no group has and that we may look for: it tells what a refusal means.
        """
        self._iam, self._path, self._never_there = iam, path, never_there

    def members(self, group: str) -> tuple[str, ...] | None:
        """Return the user names in the group; None when there is no such group of ours."""
        with suppress(NotThere), asking(_UNSEEN):
            pages = list(in_parts(self._iam.get_group, GroupName=group))
            if all(page["Group"]["Path"] == self._path for page in pages):
                return tuple(user["UserName"] for page in pages for user in page["Users"])
        return None

    def remove(self, group: str, members: Sequence[str]) -> None:
        """Remove members; those who are out already stay out."""
        for member in members:
            with suppress(NotThere), asking({"NoSuchEntity"}):
                self._iam.remove_user_from_group(GroupName=group, UserName=member)

    def where(self, group: str) -> str | None:
        """Return the group's path, or ELSEWHERE; None when there is no such group.

        We may look at our path, and at names without a group. A refusal means another path, unless we may not look at
        all; looking for a group that never exists finds that out.
        """
        try:
            return self._where(group)
        except _Denied:
            self._where(self._never_there)
            return ELSEWHERE

    def inline_policies(self, group: str) -> list[str]:
        """Return the names of its inline policies, sorted."""
        with asking(()):
            pages = in_parts(self._iam.list_group_policies, GroupName=group)
            return sorted(name for page in pages for name in page["PolicyNames"])

    def inline_policy(self, group: str, name: str) -> Any:
        """Return an inline policy's document, read from its JSON."""
        with asking(()):
            return self._iam.get_group_policy(GroupName=group, PolicyName=name)["PolicyDocument"]

    def attached_policies(self, group: str) -> list[str]:
        """Return the ARNs of the attached managed policies, sorted."""
        with asking(()):
            pages = in_parts(self._iam.list_attached_group_policies, GroupName=group)
            return sorted(one["PolicyArn"] for page in pages for one in page["AttachedPolicies"])

    def _where(self, group: str) -> str | None:
        with suppress(NotThere), asking({"NoSuchEntity"}):
            return self._iam.get_group(GroupName=group, MaxItems=1)["Group"]["Path"]
        return None


@contextmanager
def asking(not_there: Collection[str]) -> Iterator[None]:
    """Raise NotThere for these error codes of IAM, TryAgain when it does not answer, else ProvisioningFailed."""
    try:
        with answering("IAM"):
            yield
    except ClientError as error:
        if code_of(error) in not_there:
            raise NotThere from error
        refused = _Denied if code_of(error) == "AccessDenied" else ProvisioningFailed
        raise refused(sentence_of(error)) from error
