"""Records to DynamoDB attribute values and back, by their type hints.

| field           | stored as                                                        |
|-----------------|------------------------------------------------------------------|
| str, StrEnum    | S                                                                |
| datetime        | S, UTC with microseconds, so that texts sort as times do         |
| int             | N                                                                |
| bool            | BOOL                                                             |
| tuple[X, ...]   | L                                                                |
| Record          | M                                                                |
| None            | nothing                                                          |

A record carries the number of its form, as `schema`. Records outlive the code that wrote them: attributes nobody knows
any more are passed over, and a field that an older record lacks takes its default. A record of a newer form is not read
at all, since this code would drop what it does not know when it saves the record again.
"""

from __future__ import annotations

from dataclasses import MISSING, fields
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from bot.domain.errors import StoredByNewer
from bot.domain.message import stamp
from bot.domain.record import Record

Attribute = dict[str, Any]
"""One DynamoDB attribute value, such as {"S": "text"}."""
Attributes = dict[str, Attribute]

Stored = TypeVar("Stored", bound=Record)

SCHEMA = 1
"""The form in which records are stored. Any change of what is stored raises it; docs/decisions/0027 says how."""
_NUMBER = "schema"
BESIDE = ("wanted", "count")
"""Fields that lie beside the map of the others, so that they can be counted up in place."""


class RecordUnreadable(ValueError):
    """A stored record that this code can't read: a mistake of ours, never of whoever waits for it."""


def to_stored(record: Record) -> Attribute:
    """Return the record with the number of its form."""
    return {"M": {_NUMBER: {"N": str(SCHEMA)}, **to_attributes(record)}}


def record_in(kind: type[Stored], item: Attributes) -> Stored:
    """Return an item's record. Raises StoredByNewer for a newer form, RecordUnreadable for one without a number."""
    stored = item["record"]["M"] | {name: item[name] for name in BESIDE if name in item}
    number = _load(int, stored.get(_NUMBER, {}), f"{kind.__name__}.{_NUMBER}")
    if number > SCHEMA:
        raise StoredByNewer(
            f"A {kind.__name__} is stored in form {number}, and this Switchyard reads forms up to {SCHEMA}. Nothing "
            "was lost or changed. Whoever runs Switchyard has to deploy the newer version again."
        )
    return from_attributes(kind, stored)


def to_attributes(record: Record) -> Attributes:
    """Return the record's fields as attributes, without those that are None."""
    values = ((field.name, getattr(record, field.name)) for field in fields(record))
    return {name: _store(value) for name, value in values if value is not None}


def from_attributes(kind: type[Stored], stored: Attributes) -> Stored:
    """Return the record. Raises RecordUnreadable when a field is missing or has another form."""
    hints = _hints(kind)  # type: ignore[arg-type]  # mypy takes a record's hash for that of its class
    found = {}
    for field in fields(kind):
        attribute = stored.get(field.name)
        if attribute is not None and "NULL" not in attribute:
            found[field.name] = _load(hints[field.name], attribute, f"{kind.__name__}.{field.name}")
        elif field.default is MISSING and field.default_factory is MISSING:
            if NoneType not in get_args(hints[field.name]):
                raise RecordUnreadable(f"a stored {kind.__name__} lacks {field.name}")
            found[field.name] = None
    return kind(**found)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _store(value: Any) -> Attribute:
    match value:  # a bool is an int, and a StrEnum a str
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case str():
            return {"S": str(value)}
        case datetime():
            return {"S": stamp(value)}
        case tuple():
            return {"L": [_store(one) for one in value]}
        case Record():
            return {"M": to_attributes(value)}
    raise TypeError(f"no form to store {type(value).__name__} in")


def _load(hint: Any, attribute: Attribute, where: str) -> Any:
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (one for one in get_args(hint) if one is not NoneType)
    try:
        if get_origin(hint) is tuple:
            return tuple(_load(get_args(hint)[0], one, where) for one in attribute["L"])
        if isinstance(hint, type) and issubclass(hint, Record):
            return from_attributes(hint, attribute["M"])
        if hint is bool:
            return attribute["BOOL"]
        if hint is int:
            return int(attribute["N"])
        if hint is datetime:
            return datetime.fromisoformat(attribute["S"])
        return hint(attribute["S"])
    except (KeyError, ValueError) as error:
        raise RecordUnreadable(f"{where} is stored as {attribute!r:.80}") from error
