"""App Home: what is stored about it, and where it is published."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.answers import AtHome
from bot.domain.app_home import AppHome


class AppHomes(Protocol):
    """The part of the Store about App Home."""

    def keep_app_home(self, home: AppHome, due: datetime | None, *, over: str | None = None) -> bool:
        """Store it, to be refreshed then; None where it shall not be. Return whether it was stored.

        `over`: only in place of the record with this `hash`.
        """

    def stay_at_home(self, user_id: str, now: datetime) -> None:
        """Store that this person was there just now, where their Home is known. It is refreshed from then on."""

    def due_app_homes(self, now: datetime, limit: int) -> Sequence[str]:
        """Return whose Home may be refreshed now, longest overdue first."""

    def claim_app_home(self, user_id: str, now: datetime, due: datetime) -> AppHome | None:
        """Put off the next refresh until then. Return the stored Home; None where it is not due by now."""


class Homes(Protocol):
    """Where App Home is published."""

    def refresh(self, home: AppHome, shown: AtHome | None) -> AppHome | None:
        """Publish what is shown in place of what was, if it differs; None for somebody who is not ours.

        Return the record of what is published then; None where something newer was published meanwhile, which stays.
        Raises SlackUnavailable.
        """
