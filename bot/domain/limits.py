"""How near the provider's account is to the limits that IAM sets it."""

from __future__ import annotations

from bot.domain.record import Record
from bot.domain.vocabulary import Counted

NEAR = 80
"""From so many percent of a limit on, it is said what to do."""


def near(used: int, quota: int) -> bool:
    """Return whether it is time to say so."""
    return 100 * used >= NEAR * quota


class Limit(Record):
    """How many of something the account has, and how many IAM allows it."""

    kind: Counted
    used: int
    quota: int

    @property
    def left(self) -> int:
        """Return how many more there may be; negative where there are more than allowed."""
        return self.quota - self.used

    @property
    def percent(self) -> float:
        """Return how much of the quota is used."""
        return 100 * self.used / max(self.quota, 1)
