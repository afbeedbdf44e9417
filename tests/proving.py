"""How much is tried: in `make test` what finds something within minutes, in `make prove` (PROVE=1) everything."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
PROVING = bool(os.environ.get("PROVE"))


def amount(usual: int, proving: int) -> int:
    """How many there are of something."""
    return proving if PROVING else usual


def one_in(number: int, cases: Iterable[T]) -> Iterator[T]:
    """Return every so many cases, always the same ones; all of them in `make prove`."""
    return (case for place, case in enumerate(cases) if PROVING or place % number == 0)
