"""Reads a list of AWS's part by part.

boto3's paginators do the same, but the first one looks through the files of all AWS's services: 7 ms of CPU in a cold
start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

Part = TypeVar("Part", bound=Mapping[str, object])


def in_parts(read: Callable[..., Part], **asked: str) -> Iterator[Part]:
    """Yield each answer of `read`; the next part is asked for only when it is needed."""
    where: dict[str, object] = {}
    while True:
        part = read(**asked, **where)
        yield part
        where = {name: part[name] for name in ("NextToken", "Marker") if part.get(name)}
        if not where:
            return
