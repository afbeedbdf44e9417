"""Remembers what one use case has read or saved, so that it reads each request and client only once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from bot.domain.model import Client
from bot.domain.request import Request
from bot.ports.store import Change, Store


class Remembering:
    """The store, as one use case sees it.

    A plan may rest on records that have changed since, like any plan: a save succeeds only over the versions that were
    read. When one fails, everything is read again. Messages are drawn from the store itself.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, Any] = {}

    @property
    def as_store(self) -> Store:
        """Return this as a Store for the use cases; everything else goes to the real one."""
        return cast(Store, self)

    def request(self, request_id: str) -> Request | None:
        """Return it as this use case knows it, or as it is stored."""
        found: Request | None = self._known.get(request_id) or self._read(self._store.request(request_id))
        return found

    def client(self, client_id: str) -> Client | None:
        """Return it as this use case knows it, or as it is stored."""
        found: Client | None = self._known.get(client_id) or self._read(self._store.client(client_id))
        return found

    def save(self, change: Change) -> None:
        """Save it, and remember it as it is stored then. Raises what `Store.save` raises."""
        before, self._known = self._known, {}
        self._store.save(change)
        self._known = before
        records: list[Any] = [*(one.client for one in change.indexed), *change.requests]
        for one in records:
            self._read(replace(one, version=one.version + 1))

    def _read(self, found: Any) -> Any:
        if found is not None:
            self._known[found.id] = found
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)
