"""A record with some facts changed, wherever in the record they are: tests name facts, not where they are kept."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Record = TypeVar("Record", bound="DataclassInstance")


def changed(record: Record, **facts: Any) -> Record:
    """Return the record with these facts, each its own or one of the values in it. Raise TypeError for an unknown one.

    `level` and `invited_level` both name the level in `invited`. A fact that two values could hold is the first one's.
    """
    own = {field.name: getattr(record, field.name) for field in fields(record)}
    places: dict[str, tuple[str, str]] = {}
    for holder in [name for name, value in own.items() if is_dataclass(value)]:
        for part in fields(own[holder]):
            places.setdefault(part.name, (holder, part.name))
            places[f"{holder}_{part.name}"] = holder, part.name
    changes = {fact: value for fact, value in facts.items() if fact in own or fact not in places}
    for fact in facts.keys() - changes.keys():
        holder, part_name = places[fact]
        changes[holder] = replace(changes.get(holder, own[holder]), **{part_name: facts[fact]})
    return replace(record, **changes)
