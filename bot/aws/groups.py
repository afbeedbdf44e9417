"""Who is in an IAM group, and taking them out. A group that is not there has no members."""

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

    def __init__(self, iam: IAMClient) -> None:
        self._iam = iam

    def members(self, group: str) -> tuple[str, ...] | None:
        """User names in the group; None when there is no such group."""
        try:
            with _asking(_UNSEEN):
                pages = self._iam.get_paginator("get_group").paginate(GroupName=group)
                return tuple(user["UserName"] for page in pages for user in page["Users"])
        except _NotThere:
            return None

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
