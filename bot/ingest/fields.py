"""Reads the fields of a JSON object strictly: each has exactly its form, none is repeated, none is unknown."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from bot.domain.errors import Malformed

_HALVES = re.compile(r"[\ud800-\udfff]")
"""Halves of surrogate pairs: JSON can spell them, the table can't store them."""


def json_object(body: bytes) -> dict[str, Any]:
    """Return the fields of a body that is one JSON object in UTF-8. Raise Malformed for anything else."""
    try:
        fields = json.loads(body.decode(), object_pairs_hook=_once_each)
    except (ValueError, RecursionError):
        raise Malformed("The body is not JSON in UTF-8.") from None
    if not isinstance(fields, dict):
        raise Malformed("The body must be a JSON object.")
    return fields


def only(fields: dict[str, Any], known: tuple[str, ...], whose: str) -> None:
    """Raise Malformed for a field that is not known. `whose` begins the sentence, such as "version 1 has"."""
    for name in fields:
        if name not in known:
            raise Malformed(f"{name!r:.80}: {whose} no such field.")


def text(fields: dict[str, Any], name: str, form: str) -> str:
    """Return the field's text, which has this form from end to end. Raise Malformed, naming the field."""
    value = fields.get(name)
    if not isinstance(value, str) or not re.fullmatch(form, value, re.ASCII) or _HALVES.search(value):
        raise Malformed(f"{name}: missing, or not of the form expected.")
    return value


def utc_time(value: object, name: str) -> datetime:
    """Return a time in UTC; one without a zone is taken for UTC. Raise Malformed, naming the field."""
    try:
        moment = datetime.fromisoformat(value)  # type: ignore[arg-type]
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise Malformed(f"{name}: must be a time in ISO 8601.") from None


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("A field stands twice in one object.")
    return found
