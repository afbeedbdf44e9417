"""Sends somebody the kit that was asked for, in a direct message."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from bot.domain.errors import Conflict, Replayed, TryAgain
from bot.domain.kit import KitAsked
from bot.kit.entries import entry_of
from bot.kit.files import KitFile, files
from bot.kit.reading import granted
from bot.ports import Clock
from bot.ports.store import Change, Command, Store
from bot.settings import Settings

log = logging.getLogger(__name__)


class Courier(Protocol):
    """Brings people their kits. Nothing raises: whom it fails, it tells."""

    def deliver(self, asked: KitAsked, kit: Sequence[KitFile], clients: int, first: Callable[[], None]) -> None:
        """Send these files, of so many clients, and call `first` just before anything is to be seen."""

    def excuse(self, asked: KitAsked, *, empty: bool) -> None:
        """Tell why nothing was sent: there are no clients (`empty`), or the table does not answer now."""


class KitSending:
    """The use case: read, render, send once."""

    def __init__(self, store: Store, courier: Courier, settings: Settings, clock: Clock) -> None:
        self._store, self._courier, self._settings, self._clock = store, courier, settings, clock

    def send(self, asked: KitAsked) -> None:
        """Send the kit unless that has been done; where it can't be sent, tell whoever asked."""
        try:
            entries = [entry_of(one, self._settings) for one in granted(self._store, asked.team)]
            if not entries:
                return self._courier.excuse(asked, empty=True)
            kit = files(entries, self._settings)
            self._courier.deliver(asked, kit, len(entries), lambda: self._note(asked))
        except (Replayed, Conflict):
            log.warning("a kit was asked for a second time with the same command, and not sent again")
        except TryAgain as error:
            log.warning("a kit was not sent: %s", error)
            self._courier.excuse(asked, empty=False)
        return None

    def _note(self, asked: KitAsked) -> None:
        """Store that this command's kit is sent. Raises Replayed where it was; TryAgain."""
        self._store.save(Change(command=Command(f"kit-{asked.mark}", self._clock.now())))
