"""How long a sweep's calls take, on the simulated clock: at Lambda's CPU share the reading of records counts too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from itertools import islice
from typing import Any, cast

from bot.ports.store import Store
from tests.fakes import TurnableClock

CALL, RECORD, SLACK = timedelta(milliseconds=6), timedelta(milliseconds=1.4), timedelta(milliseconds=180)
"""One call of the table, one record that is read from the index, and one call of Slack (each at its median)."""
PAGE = 100


class Distance:
    """Turns the clock while `counts`. Events that arrive meanwhile have Lambdas of their own, which delay no sweep."""

    def __init__(self, clock: TurnableClock, call: timedelta = CALL) -> None:
        self.counts = True
        self.call = call
        self._clock = clock

    def take(self, time: timedelta) -> None:
        if self.counts:
            self._clock.moment += time


def distant(store: Store, distance: Distance) -> Store:
    """Return the store with the time that its calls take."""
    return cast(Store, _DistantStore(store, distance))


class _DistantStore:
    def __init__(self, store: Store, distance: Distance) -> None:
        self._store, self._distance = store, distance

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            self._distance.take(self._distance.call)
            return getattr(self._store, name)(*arguments, **named)

        return call

    def due(self, *arguments: Any, **named: Any) -> Any:
        return list(self._read(self._store.due(*arguments, **named)))

    def due_messages(self, *arguments: Any) -> Any:
        return self._read(self._store.due_messages(*arguments))

    def _read(self, records: Iterable[Any]) -> Iterator[Any]:
        """Yield them, each page when its first is asked for, as DynamoStore does."""
        left = iter(records)
        while True:
            page = list(islice(left, PAGE))
            self._distance.take(self._distance.call + len(page) * RECORD)
            yield from page
            if len(page) < PAGE:
                return
