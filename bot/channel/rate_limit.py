"""The time that one sweep may spend on Slack: it waits when Slack asks for that, and stops while Slack is down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.errors import SlackUnavailable
from bot.ports import Clock

MOST = timedelta(seconds=55)
"""Longest time of one sweep: nearly the whole minute, so that after a burst only Slack's rate limit slows us down."""
SILENCES = 3
"""After so many calls in a row without an answer, Slack counts as down for this minute."""


@dataclass
class SlackBudget:
    """The time that is left for one sweep's calls to Slack."""

    clock: Clock
    until: datetime
    _silences: int = 0

    @property
    def over(self) -> bool:
        """Return whether the rest has to wait for the next minute."""
        return self._silences >= SILENCES or self.clock.now() >= self.until

    def heard(self) -> None:
        """Note that Slack has accepted a call."""
        self._silences = 0

    def worth_repeating(self, error: SlackUnavailable) -> bool:
        """Return whether to repeat the call now, after the wait that Slack asked for."""
        if error.retry_after is None:
            self._silences += error.down
            return False
        if self.clock.now() + timedelta(seconds=error.retry_after) >= self.until:
            self.until = self.clock.now()
            return False
        self.clock.sleep(error.retry_after)
        return True
