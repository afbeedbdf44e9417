"""Renews a team's kit in its bucket, where the team's operators fetch it.

Killed at any line, it is run again: the kit stays due until all of its files are written. One Lambda at a time renews a
kit, and reads the clients only once it has the lease. What changes meanwhile it sees when it is done, and writes again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.errors import TryAgain
from bot.domain.request import LEASE
from bot.domain.team_kit import TeamKit, kit_changes
from bot.kit.entries import entry_of
from bot.kit.files import KitFile, files
from bot.kit.reading import granted
from bot.ports import Clock
from bot.ports.store import Change, Store
from bot.settings import Settings

WORK = timedelta(seconds=20)
"""How long one Lambda goes on writing a kit that keeps changing; the sweep has the rest done."""
log = logging.getLogger(__name__)


class Shelf(Protocol):
    """Where teams' kits lie."""

    def put(self, team: str, file: KitFile) -> None:
        """Write one file of a team's kit, in place of the one of that name. Raises TryAgain."""


class KitRenewal:
    """The use case."""

    def __init__(self, store: Store, shelf: Shelf, settings: Settings, clock: Clock) -> None:
        self._store, self._shelf, self._settings, self._clock = store, shelf, settings, clock

    def renew(self, teams: Sequence[str]) -> None:
        """Write these teams' kits as they are now, unless they are written already or somebody else is at it.

        What fails waits for the sweep. Raises the last fault that is no outage, after all teams have had their turn.
        """
        fault = None
        for team in teams:
            try:
                self._renew(team)
            except TryAgain as error:
                log.warning("the kit of team %s waits for the sweep: %s", team, error)
            except Exception as error:
                log.exception("the kit of team %s was not renewed", team)
                fault = error
        if fault is not None:
            raise fault

    def _renew(self, team: str) -> None:
        until = self._clock.now() + WORK
        lease = self._clock.now() + LEASE
        kit = self._store.claim_kit(team, self._clock.now(), lease)
        while kit is not None:
            self._write(team)
            if self._store.keep_kit(replace(kit, renewed=kit.wanted, lease_until=None), lease):
                return
            kit = self._changed_meanwhile(team, lease)
            if self._clock.now() >= until:
                log.warning("the kit of team %s keeps changing; the sweep has it renewed again", team)
                return

    def _write(self, team: str) -> None:
        """Write every file of the kit. A team without clients gets files without clients."""
        entries = [entry_of(client, self._settings) for client in granted(self._store, team)]
        for file in files(entries, self._settings):
            self._shelf.put(team, file)

    def _changed_meanwhile(self, team: str, lease: datetime) -> TeamKit | None:
        """Return the kit as it is wanted now. None where the lease ran out, and somebody else has taken it.

        Then the files may be a mixture of theirs and ours, so that the kit is wanted once more.
        """
        now = self._store.kit(team)
        if now.lease_until == lease:
            return now
        self._store.save(Change(kits=kit_changes([team], self._clock.now())))
        return None
