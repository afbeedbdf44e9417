"""A signed command counts once: what it stores carries its mark, and a mark can be stored once.

Slack sends a command once and never repeats it. A second arrival with the same signature was captured on its way and
sent again by somebody else, so it changes nothing and is told nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from bot.domain.errors import Conflict, TryAgain
from bot.domain.invitation import RefusedPerson
from bot.ports.store import Change, Command, Store


class OnceStore:
    """The store, as one command sees it. The first change that is saved carries the command's mark."""

    def __init__(self, store: Store, command: Command) -> None:
        self._store = store
        self._unmarked: Command | None = command

    @property
    def as_store(self) -> Store:
        """The same, as the use cases know it: reads are the store's own."""
        return cast(Store, self)

    def save(self, change: Change) -> None:
        """Save it, with the mark if nothing carries it yet. Raises what `Store.save` raises: Replayed too."""
        self._store.save(replace(change, command=self._unmarked))
        self._unmarked = None

    def count_refusal(self, refused: RefusedPerson) -> None:
        """Count it once the mark is stored, for counting is no part of a transaction. Raises what `seal` raises."""
        self.seal()
        self._store.count_refusal(refused)

    def seal(self) -> None:
        """Store the mark alone if nothing that was saved carries it. Raises Replayed, TryAgain."""
        if self._unmarked is None:
            return
        try:
            self.save(Change())
        except Conflict as error:  # two arrivals at once
            raise TryAgain("This command is being looked at already. Type it again.") from error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)
