"""App Home: what is stored about it, and where it is published."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bot.domain.answers import AtHome
    from bot.domain.app_home import AppHome


class AppHomes(Protocol):
    """The part of the Store about App Home."""

    def keep_app_home(self, home: AppHome) -> None:
        """Store what a person's Home shows in place of what it showed before. It may be refreshed from then on."""

    def stay_at_home(self, user_id: str, now: datetime) -> None:
        """Store that this person was there just now, where their Home is known."""

    def due_app_homes(self, now: datetime, limit: int) -> Sequence[str]:
        """Return whose Home may be refreshed now, longest overdue first."""

    def claim_app_home(self, user_id: str, now: datetime) -> AppHome | None:
        """Put off the next refresh. Return the stored Home; None where it is not due by now."""

    def renew_app_home(self, home: AppHome, over: str) -> bool:
        """Store what a refresh has published, unless the stored Home's `hash` is no longer this one."""

    def leave_home(self, home: AppHome) -> bool:
        """Store that it is refreshed no more, unless the person has opened it, or pressed something, since then."""


class Homes(Protocol):
    """Where App Home is published."""

    def refresh(self, published: AppHome, shown: AtHome | None) -> AppHome | None:
        """Publish what is shown in place of what was, if it differs; None for somebody who is not ours.

        Return the record of what is published then; None where something newer was published meanwhile, which stays.
        Raises SlackUnavailable.
        """
