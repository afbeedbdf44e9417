"""Publishes anew the Homes of those who are there, where what they show has changed.

Who it is for is judged each time, as when Home is opened. Home is only looked at, so nothing of this is worth waiting
for: what Slack or the table does not take now is left to the next minute, and a crash costs no more than the refresh.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.decisions.at_home import at_home
from bot.decisions.decide import Approval
from bot.decisions.people import People
from bot.domain.answers import Actor, AtHome
from bot.domain.app_home import AppHome
from bot.domain.errors import PersonUnknown, SlackUnavailable, SwitchyardError, WrongWorkspace
from bot.ports import Clock
from bot.ports.app_home import Homes
from bot.ports.store import Store

log = logging.getLogger(__name__)


@dataclass(eq=False, repr=False)
class Refreshing:
    """Refreshes Homes for one minute. Slack is asked only once for each user group of approvers."""

    store: Store
    approval: Approval
    homes: Homes
    clock: Clock
    _people: dict[str, People] = field(default_factory=dict)
    """By the workspace in which the app is installed."""

    def refresh(self, user_ids: Sequence[str], until: datetime) -> None:
        """Refresh the Homes of these people, as far as time goes, and until Slack or the table has trouble."""
        for user_id in user_ids:
            if self.clock.now() >= until:
                return
            try:
                self._refresh(user_id)
            except PersonUnknown as error:
                log.warning("the Home of %s stays as it is: %s", user_id, error)
            except SwitchyardError as error:
                log.warning("the Home of %s was not refreshed: %s", user_id, error)
                if not isinstance(error, SlackUnavailable) or not error.about_this_call:
                    return
            except Exception:
                log.exception("the Home of %s was not refreshed", user_id)

    def _refresh(self, user_id: str) -> None:
        """Claim it before anything else, so that one that always fails keeps no others waiting."""
        now = self.clock.now()
        home = self.store.claim_app_home(user_id, now)
        if home is None:
            return
        if not home.is_seen(now):
            self.store.leave_home(home)
            return
        shown = self._shown(home)
        if shown is not None and shown.approves is None:
            return
        refreshed = self.homes.refresh(home, shown)
        if refreshed is not None and refreshed != home:
            self.store.renew_app_home(refreshed, home.hash)
        if refreshed is None or shown is None:
            self.store.leave_home(refreshed or home)

    def _shown(self, home: AppHome) -> AtHome | None:
        """Return what the Home is to show; None where its person is none of ours by now. Raises PersonUnknown."""
        people = self._people.get(home.home_team_id) or self.approval.belonging(Actor("", "", home.home_team_id))
        self._people[home.home_team_id] = people
        try:
            return at_home(self.store, people, home.search, people.known(home.user_id))
        except WrongWorkspace:
            return None
