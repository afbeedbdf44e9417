"""Carries out each signed command once: what a command stores carries its mark, and a mark can be stored only once.

Slack sends a command once and never repeats it. A second arrival with the same signature was captured on its way and
sent again by somebody else, so it changes nothing and gets no answer.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar, cast

from bot.domain.errors import ActionRefused, Conflict, Replayed, TryAgain
from bot.domain.invitation import RefusedPerson
from bot.ports.store import Change, Command, Store

Done = TypeVar("Done")


class OnceStore:
    """The store during one command. The first change that is saved carries the command's mark."""

    def __init__(self, store: Store, command: Command) -> None:
        self._store = store
        self._unmarked: Command | None = command

    @property
    def as_store(self) -> Store:
        """Return this as a Store for the use cases; reads go to the real one."""
        return cast(Store, self)

    def sealed(self, act: Callable[[], Done]) -> Done:
        """Do the command, and return its result or raise its refusal only once the mark is stored.

        A command that failed stores its mark too, if it can. Raises Replayed, and what `act` raises.
        """
        try:
            done = act()
        except Replayed:
            raise
        except ActionRefused:
            self.seal()
            raise
        except Exception:
            with suppress(Exception):  # what went wrong first is what is told
                self.seal()
            raise
        self.seal()
        return done

    def save(self, change: Change) -> None:
        """Save the change, with the mark unless it is stored already. Raises what `Store.save` raises, and Replayed."""
        self._store.save(replace(change, command=self._unmarked))
        self._unmarked = None

    def count_refused(self, refused: RefusedPerson) -> None:
        """Store the mark, then count the refusal: counting can't be in one transaction. Raises what `seal` raises."""
        self.seal()
        self._store.count_refused(refused)

    def seal(self) -> None:
        """Store the mark alone, unless a saved change carries it already. Raises Replayed, TryAgain."""
        if self._unmarked is None:
            return
        try:
            self.save(Change())
        except Conflict as error:  # two arrivals at once
            raise TryAgain("This command is being worked on already. Type it again.") from error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)
