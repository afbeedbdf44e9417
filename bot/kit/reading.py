"""Reads the clients of a kit: all that have access, or those of one team, in proportion to the team."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.domain.model import Client
from bot.ports.store import Store

AT_ONCE = 200
"""Clients read in one call."""


def granted(store: Store, team: str = "") -> Sequence[Client]:
    """Return the clients that people may switch into now: of the team, if one is named. Raises TryAgain."""
    clients = _on_pages(store, team) if team else _listed(store)
    return [one for one in clients if one.given is not None and (not team or team in one.given.teams)]


def _listed(store: Store) -> Iterator[Client]:
    cursor = None
    while True:
        page = store.clients(AT_ONCE, cursor)
        yield from page.clients
        cursor = page.cursor
        if cursor is None:
            return


def _on_pages(store: Store, team: str) -> Sequence[Client]:
    """Return the clients on the team's pages. A client moves between two by being on both, so that none is missed."""
    book, _ = store.asked_of(team, 0)
    pages = store.pages(team, range(1, len(book.filled) + 1))
    ids = dict.fromkeys(one.client_id for page in pages.values() for one in page.entries)
    return store.clients_by_id(list(ids))
