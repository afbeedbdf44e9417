"""How many groups the account has left, by IAM's own count."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from bot.aws.outages import answering

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

KEPT_SECONDS = 300
"""How long an answer is kept in a container."""


class GroupQuota:
    """Asks IAM at most every five minutes."""

    def __init__(self, iam: IAMClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._iam, self._clock = iam, clock
        self._left: int | None = None
        self._until = -1.0

    def left(self) -> int | None:
        """Return how many more groups the account may have; None when IAM refuses to tell.

        Raise TryAgain when IAM does not answer.
        """
        if self._clock() >= self._until:
            self._left, self._until = self._ask(), self._clock() + KEPT_SECONDS
        return self._left

    def _ask(self) -> int | None:
        try:
            with answering("IAM"):
                counts = self._iam.get_account_summary()["SummaryMap"]
        except ClientError:
            return None
        if "GroupsQuota" not in counts:
            return None
        return max(counts["GroupsQuota"] - counts.get("Groups", 0), 0)
