"""Who is in an IAM group of ours, and taking them out. A group that is not there has no members.

A group's name is unique in the account whatever its path, so one that somebody made elsewhere may bear the name.
It counts as not there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from bot.aws.outages import answering, code_of, sentence_of
from bot.errors import ProvisioningFailed

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


_UNSEEN = {"NoSuchEntity", "AccessDenied"}
"""What GetGroup answers for a group that is not there: IAM can't know its path, and our rights are for a path."""


class _NotThere(Exception):
    """The group, or a member of it, does not exist."""


class Groups:
    """IAM groups by name. Every method raises ProvisioningFailed when IAM refuses, TryAgain when it does not answer."""

    def __init__(self, iam: IAMClient, path: str) -> None:
        """`path` is where our groups are."""
        self._iam, self._path = iam, path

    def members(self, group: str) -> tuple[str, ...] | None:
        """Return the user names in the group; None when there is no such group of ours."""
        found: list[str] = []
        try:
            with _asking(_UNSEEN):
                for page in self._iam.get_paginator("get_group").paginate(GroupName=group):
                    if page["Group"]["Path"] != self._path:
                        return None
                    found += [user["UserName"] for user in page["Users"]]
        except _NotThere:
            return None
        return tuple(found)

    def remove(self, group: str, members: Sequence[str]) -> None:
        """Take them out; whoever is out already stays out."""
        for member in members:
            try:
                with _asking({"NoSuchEntity"}):
                    self._iam.remove_user_from_group(GroupName=group, UserName=member)
            except _NotThere:
                continue


@contextmanager
def _asking(not_there: Collection[str]) -> Iterator[None]:
    try:
        with answering("IAM"):
            yield
    except ClientError as error:
        if code_of(error) in not_there:
            raise _NotThere from error
        raise ProvisioningFailed(sentence_of(error)) from error
