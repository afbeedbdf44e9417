"""A record with some facts changed, wherever in the record they are: tests name facts, not where they are kept."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Record = TypeVar("Record", bound="DataclassInstance")


def changed(record: Record, **facts: Any) -> Record:
    """Return the record with these facts, each its own or one of the values in it. Raise TypeError for an unknown one.

    A fact that two values of a record could hold is changed in the first.
    """
    own = {field.name: getattr(record, field.name) for field in fields(record)}
    values = {name: value for name, value in own.items() if is_dataclass(value)}
    changes: dict[str, Any] = {}
    for fact, value in facts.items():
        holders = [name for name, part in values.items() if fact in [field.name for field in fields(part)]]
        if fact in own or not holders:
            changes[fact] = value
        else:
            part = changes.get(holders[0], values[holders[0]])
            changes[holders[0]] = replace(part, **{fact: value})
    return replace(record, **changes)
