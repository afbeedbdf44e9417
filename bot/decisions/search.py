"""Searches the clients, in at most three calls of the table however many clients there are.

The longest word is looked up by its beginning, and the others filter what that finds; a number of four digits or more
comes before any word, since fewer clients have it. Where that finds too many, such as "international", the first other
word is looked up instead. What is found is read and compared with all words, so that the index, which may be late,
never shows a wrong client. Of one word that too many have, no more than a page is read: the index lists the best first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.domain.model import Client
from bot.domain.search import MOST_FOUND, PAGE, Found, Search
from bot.domain.words import asked_words, distance, matches
from bot.ports.store import Store, WordHits

_READ_AT_ONCE = 100
"""How many clients one call reads."""
_NUMBER = 4
"""Digits of a number that few clients have."""


def find(store: Store, search: Search) -> Found:
    """Return one page of what is searched for; the whole list where that is nothing in particular."""
    search = Search.decoded(search.encoded)  # so that the first page looks for no more than the button of the next
    if search.words:
        return _by_words(store, search)
    if search.standing and search.level:
        page = store.clients(MOST_FOUND, standing=search.standing)
        return _counted(search, page.clients, more=page.cursor is not None)
    page = store.clients(PAGE, search.cursor or None, standing=search.standing, level=search.level)
    following = replace(search, cursor=page.cursor) if page.cursor else None
    return Found(search, page.clients, next=following, first=search.first if search.cursor else None)


def _by_words(store: Store, search: Search) -> Found:
    asked = asked_words(search.words)
    hits = _looked_up(store, asked)

    def read(ids: Sequence[str]) -> list[Client]:
        return [one for one in store.clients_by_id(ids) if matches(one, asked)] if ids else []

    if hits.more and not (asked[1:] or search.standing or search.level):
        return _page(search, len(hits.ids), lambda start: read(hits.ids[start : start + PAGE]), more=True)
    newest_first = sorted(read(hits.ids), key=lambda one: (one.created_at, one.id), reverse=True)
    best_first = sorted(newest_first, key=lambda one: distance(one, search.words))
    return _counted(search, best_first, more=hits.more)


def _looked_up(store: Store, asked: Sequence[str]) -> WordHits:
    """Return clients that may match, best first, by at most two looks into the index."""
    if not asked:
        return WordHits((), more=False)
    rarest = max(asked, key=lambda word: (word.isdecimal() and len(word) >= _NUMBER, len(word)))
    hits = store.with_word(rarest, MOST_FOUND)
    others = [word for word in asked if word != rarest]
    return store.with_word(others[0], _READ_AT_ONCE) if hits.more and others else hits


def _counted(search: Search, found: Sequence[Client], *, more: bool) -> Found:
    """Return a page of the clients that the filters leave."""
    fitting = [one for one in found if search.standing in (None, one.standing)]
    fitting = [one for one in fitting if search.level in (None, one.gives.access_level)]
    return _page(search, len(fitting), lambda start: fitting[start : start + PAGE], more=more)


def _page(search: Search, total: int, clients_from: Callable[[int], Sequence[Client]], *, more: bool) -> Found:
    """Return the page that the search starts at; the last one where that is beyond what was found."""
    start = min(search.start, max(total - 1, 0)) // PAGE * PAGE
    return Found(
        replace(search, start=start),
        tuple(clients_from(start)),
        total=total,
        more=more,
        next=replace(search, start=start + PAGE) if total > start + PAGE else None,
        first=search.first if start else None,
    )
