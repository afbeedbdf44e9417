"""A team's kit in its bucket: how often what it shows has changed, and how much of that is written.

It is level-triggered, as a message is. Whoever changes what it shows raises `wanted` in the same transaction. Whoever
renews it takes the lease, writes what is stored at that moment, and stores the `wanted` of that moment as `renewed`. So
ten changes make one renewal or two, and an older kit is never the last one written.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from bot.domain.record import Record
from bot.domain.request import LEASE

MOST_AT_ONCE = 80
"""A save takes 100 records. A client in more teams is in the kits of the others from their next change on."""


class TeamKit(Record):
    """One team's kit."""

    team: str
    wanted: int = 0
    renewed: int = 0
    lease_until: datetime | None = None
    """Until then, only the Lambda that is renewing it may write it."""


class KitChange(Record):
    """Something that a team's kit shows has changed."""

    team: str
    at: datetime

    @property
    def due_at(self) -> datetime:
        """Return when the sweep should have the kit renewed, unless it is due already."""
        return self.at + LEASE


def kit_changes(teams: Iterable[str], now: datetime) -> tuple[KitChange, ...]:
    """Return that the kits of these teams have changed, once for each; of as many as one save has room for."""
    return tuple(KitChange(team, now) for team in islice(dict.fromkeys(teams), MOST_AT_ONCE))
