"""What is searched for among the clients, and what is found.

A search travels in the value of a button, so it turns into a short text and back. What comes back is foreign text.
"""

from __future__ import annotations

import re
from dataclasses import replace
from enum import Enum
from typing import TypeVar

from bot.domain.model import Client
from bot.domain.record import Record
from bot.domain.vocabulary import AccessLevel, Standing

PAGE = 10
"""Clients on a page."""
MOST_FOUND = 200
"""Most clients that one search looks at."""
TYPED_LENGTH = 80
"""Most characters of the words of a search; what is longer is cut, so that it fits beside a button."""
_BETWEEN = "|"
_Named = TypeVar("_Named", bound=Enum)


class Search(Record):
    """What was asked for. Without words and filters it is the whole list, newest first."""

    words: str = ""
    """As typed, on one line."""
    standing: Standing | None = None
    level: AccessLevel | None = None
    start: int = 0
    """The first result shown, where the results are counted."""
    cursor: str = ""
    """What continues the list, where they are not."""

    @property
    def encoded(self) -> str:
        """Return the search as a text of at most 255 characters, which `decoded` reads."""
        names = [one.name if one else "" for one in (self.standing, self.level)]
        return _BETWEEN.join((*names, str(self.start or ""), self.cursor, _line(self.words)))

    @classmethod
    def decoded(cls, text: str) -> Search:
        """Return the search that the text stands for; what can't be read of it counts as not asked for."""
        standing, level, start, cursor, words = (text.split(_BETWEEN, 4) + [""] * 5)[:5]
        first = int(start) if re.fullmatch(r"[0-9]{1,3}", start) else 0
        return cls(_line(words), _named(Standing, standing), _named(AccessLevel, level), first, cursor)

    @property
    def first(self) -> Search:
        """Return the same search from its first result."""
        return replace(self, start=0, cursor="")


class Found(Record):
    """One page of what was found: best first where words were typed, else newest first.

    `total` counts what was found; None for a plain list. `more`: not all that the table holds was looked at, so there
    may be more than `total`. `next` and `first` lead to other pages; None where this is the last, or the first.
    """

    search: Search
    clients: tuple[Client, ...]
    total: int | None = None
    more: bool = False
    next: Search | None = None
    first: Search | None = None


def _line(words: str) -> str:
    return " ".join(words.split())[:TYPED_LENGTH].strip()


def _named(kind: type[_Named], name: str) -> _Named | None:
    return kind.__members__.get(name)
