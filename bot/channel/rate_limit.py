"""The time that one sweep may spend calling Slack: it waits when Slack says so, and stops while Slack is down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.errors import SlackUnavailable
from bot.ports import Clock

MOST = timedelta(seconds=55)
"""Of one sweep. Nearly the whole minute: after a burst Slack's rate limit alone decides how long it takes."""
SILENCES = 3
"""So many calls in a row without an answer mean that Slack is down. More would only use up the minute."""


@dataclass
class SlackBudget:
    """What is left of the time that one sweep may spend calling Slack."""

    clock: Clock
    until: datetime
    _silences: int = 0

    @property
    def over(self) -> bool:
        """Whether the rest has to wait for the next minute."""
        return self._silences >= SILENCES or self.clock.now() >= self.until

    def heard(self) -> None:
        """Slack has taken something."""
        self._silences = 0

    def worth_repeating(self, error: SlackUnavailable) -> bool:
        """Whether to try the same again now, which is after the wait that Slack asked for."""
        if error.retry_after is None:
            self._silences += error.down
            return False
        if self.clock.now() + timedelta(seconds=error.retry_after) >= self.until:
            self.until = self.clock.now()
            return False
        self.clock.sleep(error.retry_after)
        return True
