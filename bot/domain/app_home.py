"""One person's App Home, as it was last published: what a refresh needs to show the same thing anew.

Slack does not say when Home is closed. So whoever has opened it, or pressed something in it, counts as being there for
a quarter of an hour. Home holds no facts: losing this record costs nothing but the refresh.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.record import Record
from bot.domain.search import Search

THERE = timedelta(minutes=15)
"""How long somebody counts as being at Home after opening it, or after the last press in it."""

AT_ONCE = 20
"""How many Homes are refreshed in one minute."""
REFRESHING = timedelta(seconds=15)
"""How long Homes are refreshed in one minute."""
LATEST = timedelta(seconds=45)
"""Time of the sweep's minute after which no refresh begins: Slack may take ten seconds for a call."""


class AppHome(Record):
    """Whose Home it is, since when nothing was pressed in it, what it shows, and by what a newer one is told apart."""

    user_id: str
    home_team_id: str
    """The workspace in which the app is installed, as Slack named it when Home was opened."""
    seen_at: datetime
    """When the person has opened it, or pressed something in it."""
    shows: str
    """What is searched for in it (`Search.encoded`), with its filters and its page."""
    digest: str
    """Of what was published."""
    hash: str
    """What Slack calls what was published. Slack refuses to replace anything else by a refresh."""

    @property
    def search(self) -> Search:
        """Return what is searched for."""
        return Search.decoded(self.shows)

    def is_seen(self, now: datetime) -> bool:
        """Return whether the person counts as being there."""
        return now - self.seen_at < THERE


def next_refresh(now: datetime) -> datetime:
    """Return when Home may be refreshed next: in the next minute of the clock, since the sweep begins with each."""
    return now.replace(second=0, microsecond=0) + timedelta(minutes=1)


def refreshed_until(began: datetime, now: datetime) -> datetime:
    """Return until when refreshes begin that could begin now, of a sweep that began then."""
    return min(now + REFRESHING, began + LATEST)
