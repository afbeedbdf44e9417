"""Slack as one sweep uses it: one post a second, no call after the sweep's time, and none while Slack is down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.errors import SlackUnavailable
from bot.ports import Channel, Clock, Picture

MOST = timedelta(seconds=58.3)
"""The last moment of a sweep at which a call to Slack may begin. Nearly the whole minute, so that after a burst only
Slack's rate limit slows us down; the rest is for the answer and for storing it."""
PACE = timedelta(seconds=1)
"""Time from one post to the next: Slack takes one message a second in a channel (docs.slack.dev, "Rate limits")."""
SILENCES = 3
"""After so many calls in a row without an answer, Slack counts as down for this minute."""


@dataclass
class SlackMinute:
    """The Channel for one sweep. Once its time is over, each method raises SlackUnavailable and calls nobody."""

    channel: Channel
    clock: Clock
    until: datetime
    _next_post: datetime | None = None
    _silences: int = 0

    @property
    def over(self) -> bool:
        """Return whether the rest has to wait for the next minute."""
        return self._silences >= SILENCES or self.clock.now() >= self.until

    def post(self, picture: Picture, thread: str | None) -> str:
        """Post it, at least a second after the post before it began."""
        now = self.clock.now()
        at = max(self._next_post or now, now)
        self._require_time(at)
        self.clock.sleep((at - now).total_seconds())
        self._next_post = at + PACE
        return self.channel.post(picture, thread)

    def edit(self, picture: Picture) -> None:
        """Edit it. Slack limits edits apart from posts and takes several at once, so they are not paced."""
        self._require_time(self.clock.now())
        self.channel.edit(picture)

    def find(self, picture: Picture, thread: str | None) -> str | None:
        self._require_time(self.clock.now())
        return self.channel.find(picture, thread)

    def permalink(self, ts: str) -> str:
        return "" if self.over else self.channel.permalink(ts)

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

    def _require_time(self, at: datetime) -> None:
        """Raise as for a rate limit if a call may not begin at that time: nothing was sent, and the next sweep may."""
        if at >= self.until:
            raise SlackUnavailable("The sweep's minute is over.", retry_after=1)
