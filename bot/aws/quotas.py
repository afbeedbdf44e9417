"""How many groups and policies the account has and may have, by IAM's own count."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from bot.aws.outages import answering
from bot.domain.limits import Limit
from bot.domain.vocabulary import Counted

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

KEPT_SECONDS = 300
"""How long an answer is kept in a container."""


class Quotas:
    """Asks IAM at most every five minutes."""

    def __init__(self, iam: IAMClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._iam, self._clock = iam, clock
        self._limits: tuple[Limit, ...] = ()
        self._until = -1.0

    def limits(self) -> tuple[Limit, ...]:
        """Return what IAM tells of each limit; nothing of one that it does not tell, or when it refuses.

        Raise TryAgain when IAM does not answer.
        """
        if self._clock() >= self._until:
            self._limits, self._until = self._ask(), self._clock() + KEPT_SECONDS
        return self._limits

    def _ask(self) -> tuple[Limit, ...]:
        try:
            with answering("IAM"):
                counts = self._iam.get_account_summary()["SummaryMap"]
        except ClientError:
            return ()
        told = (
            (Counted.GROUPS, counts.get("Groups", 0), counts.get("GroupsQuota")),
            (Counted.POLICIES, counts.get("Policies", 0), counts.get("PoliciesQuota")),
        )
        return tuple(Limit(kind, used, quota) for kind, used, quota in told if quota is not None)
