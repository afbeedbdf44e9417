"""Reads the body of `POST /events`: what a forwarder sends, checked field by field before anything believes it.

It is JSON with `version`, `account_id`, `company`, `role_name`, `access_level`, `invitation`, `parent_stack_id`,
`child_stack_id` (or null), and exactly one of

* `notification`: CloudFormation's SNS message, `Key='value'` lines;
* `completed`: `{"operation": "CREATE" or "UPDATE", "request_id": …, "timestamp": …}`, what a stack without a child says
  when its role has been created or changed;
* `last_word`: `{"timestamp": …}`, what the gate says when the role is gone;
* `knock`: `{"timestamp": …}`, the gate's question before anything is created: would this stack be let in?

Version 2 has `require_mfa` (true or false) and `max_session_seconds` (3600 to 43200) as well, and needs both. Version 1
has neither: clients' forwarders live for years, so it is taken as ever, and its terms are unknown.

No other field, and none twice: what two readers could understand differently is malformed.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bot.domain.errors import Malformed
from bot.domain.model import ClientStack, Event, Terms
from bot.domain.record import Record
from bot.domain.vocabulary import AccessLevel

REASON_LENGTH = 1000
SHORTEST_SESSION, LONGEST_SESSION = 3600, 43200
"""Limits of a role's `MaxSessionDuration`, in seconds (IAM API Reference, CreateRole)."""
NEWEST_VERSION = 2
_CLAIMS = ("version", "account_id", "company", "role_name", "access_level", "invitation")
_TERMS = ("require_mfa", "max_session_seconds")
_STACKS = ("parent_stack_id", "child_stack_id")
_NEWS = ("notification", "completed", "last_word", "knock")
_OF_THE_GATE = {"last_word": ("DELETE_COMPLETE", "DELETED"), "knock": ("CREATE_IN_PROGRESS", "KNOCK")}
"""The status that stands for what the gate says, and the end of that event's key."""
_STACK_TYPE = "AWS::CloudFormation::Stack"
_STACK_ID = (
    r"arn:{partition}:cloudformation:[a-z0-9-]{{1,32}}:\d{{12}}:"
    r"stack/[A-Za-z][A-Za-z0-9-]{{0,127}}/[0-9A-Za-z-]{{1,64}}"
)
_ROLE_NAME = r"[A-Za-z0-9+=,.@_-]{1,43}"
_PRINTABLE = r"[\x21-\x7e]{1,400}"
_HALVES = re.compile(r"[\ud800-\udfff]")
"""Halves of surrogate pairs: JSON can spell them, the table can't store them."""


class Incoming(Record):
    """An event with its invitation token."""

    event: Event
    token: str
    asks_admission: bool = False
    """It only asks whether it would be admitted."""


def parse(body: bytes, partition: str) -> Incoming:
    """Return the event in a request body. Raises Malformed, naming the field, unless it is one of a known version."""
    fields = _json_object(body)
    terms = _terms(fields)
    stack_id = _STACK_ID.format(partition=partition)
    account_id = _text(fields, "account_id", r"\d{12}")
    parent = _text(fields, "parent_stack_id", stack_id)
    child = None if fields.get("child_stack_id") is None else _text(fields, "child_stack_id", stack_id)
    if parent.split(":")[4] != account_id:
        raise Malformed("parent_stack_id: belongs to another account than account_id.")
    if child is not None and child.split(":")[3:5] != parent.split(":")[3:5]:
        raise Malformed("child_stack_id: belongs to another account or region than parent_stack_id.")
    company = " ".join(_text(fields, "company", r"(?s).{1,256}").split())
    role_name = _text(fields, "role_name", _ROLE_NAME)
    level = AccessLevel(_text(fields, "access_level", "|".join(AccessLevel)))
    event = partial(Event, stack=ClientStack(account_id, role_name, level, parent, terms), company=company)
    token = _text(fields, "invitation", r"[\x21-\x7e]{0,200}")
    match [name for name in _NEWS if name in fields]:
        case ["notification"]:
            message = _text(fields, "notification", r"(?s).{1,65536}")
            return Incoming(_notified(event, parse_notification(message), child, stack_id), token)
        case ["completed"]:
            news = _news(fields, "completed", "operation", "request_id", "timestamp")
            status = f"{_text(news, 'operation', 'CREATE|UPDATE')}_COMPLETE"
            key = f"{parent}#COMPLETED#{_text(news, 'request_id', _PRINTABLE)}"
            return Incoming(_said(event, key, status, _time(news, "timestamp", "completed.timestamp")), token)
        case ["last_word" | "knock" as name]:
            status, key = _OF_THE_GATE[name]
            at = _time(_news(fields, name, "timestamp"), "timestamp", f"{name}.timestamp")
            return Incoming(_said(event, f"{parent}#{key}", status, at), token, asks_admission=name == "knock")
    raise Malformed(f"Exactly one of {', '.join(_NEWS)} is needed.")


def _terms(fields: dict[str, Any]) -> Terms | None:
    """Return the terms, which version 2 has; None for version 1. Raises Malformed for other versions and fields."""
    version, known = fields.get("version"), (*_CLAIMS, *_STACKS, *_NEWS)
    if type(version) is not int or version < 1:
        raise Malformed(
            "version: must be the number 1 or 2. The client has to update its stack with the provider's newest "
            "template."
        )
    if version > NEWEST_VERSION:
        raise Malformed(
            "version: this Switchyard understands versions 1 and 2, and the client's forwarder speaks a newer one. "
            "The provider has to deploy a newer Switchyard."
        )
    if version == 1:
        _only(fields, known, "version 1 has")
        return None
    _only(fields, (*known, *_TERMS), "version 2 has")
    mfa, seconds = (fields.get(name) for name in _TERMS)
    if not isinstance(mfa, bool):
        raise Malformed("require_mfa: version 2 needs true or false.")
    if type(seconds) is not int or not SHORTEST_SESSION <= seconds <= LONGEST_SESSION:
        raise Malformed(f"max_session_seconds: version 2 needs a number from {SHORTEST_SESSION} to {LONGEST_SESSION}.")
    return Terms(mfa, seconds)


def parse_notification(message: str) -> dict[str, str]:
    """Return the `Key='value'` lines of a CloudFormation notification. Values may hold quotes and newlines."""
    lines = re.split(r"\n(?=\w+=')", message)
    pairs = (line.split("='", 1) for line in lines if "='" in line)
    return {key: value.rstrip("\n").removesuffix("'") for key, value in pairs}


def _notified(event: partial[Event], found: dict[str, str], child: str | None, stack_id: str) -> Event:
    """Return the event of a CloudFormation notification."""
    own = _text(found, "StackId", stack_id)
    if own != child:
        raise Malformed("notification: is about another stack than child_stack_id.")
    resource_type = _text(found, "ResourceType", r"[\w:]{1,200}")
    return event(
        key=f"{own}/{_text(found, 'EventId', _PRINTABLE)}",
        child_stack_id=own,
        timestamp=_time(found, "Timestamp", "notification's Timestamp"),
        status=_text(found, "ResourceStatus", r"[A-Z_]{1,100}"),
        reason=found.get("ResourceStatusReason", "")[:REASON_LENGTH],
        resource_type=resource_type,
        logical_id=_text(found, "LogicalResourceId", r"[A-Za-z0-9-]{1,255}"),
        about_stack=resource_type == _STACK_TYPE and found.get("PhysicalResourceId") == own,
    )


def _said(event: partial[Event], key: str, status: str, at: datetime) -> Event:
    """Return the event for what the forwarder itself says, without a notification."""
    return event(
        key=key,
        child_stack_id=None,
        timestamp=at,
        status=status,
        reason="",
        resource_type=_STACK_TYPE,
        logical_id="",
        about_stack=True,
    )


def _json_object(body: bytes) -> dict[str, Any]:
    """Return the fields of a body that is one JSON object in UTF-8. Raise Malformed for anything else."""
    try:
        fields = json.loads(body.decode(), object_pairs_hook=_once_each)
    except (ValueError, RecursionError):
        raise Malformed("The body is not JSON in UTF-8.") from None
    if not isinstance(fields, dict):
        raise Malformed("The body must be a JSON object.")
    return fields


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("A field stands twice in one object.")
    return found


def _only(fields: dict[str, Any], known: tuple[str, ...], whose: str) -> None:
    """Raise Malformed for a field that is not known. `whose` begins the sentence, such as "version 1 has"."""
    for name in fields:
        if name not in known:
            raise Malformed(f"{name!r:.80}: {whose} no such field.")


def _news(fields: dict[str, Any], name: str, *known: str) -> dict[str, Any]:
    """Return the object that is this field, with known fields only. Raise Malformed, naming the field."""
    news = fields[name]
    if not isinstance(news, dict):
        raise Malformed(f"{name}: must be an object with {', '.join(known)}.")
    _only(news, known, f"`{name}` has")
    return news


def _text(fields: dict[str, Any], name: str, form: str) -> str:
    """Return the field's text, which has this form from end to end. Raise Malformed, naming the field."""
    value = fields.get(name)
    if not isinstance(value, str) or not re.fullmatch(form, value, re.ASCII) or _HALVES.search(value):
        raise Malformed(f"{name}: missing, or not of the form expected.")
    return value


def _time(fields: dict[str, Any], name: str, called: str) -> datetime:
    """Return the field's time in UTC; one without a zone is taken for UTC. Raise Malformed with what it is called."""
    try:
        moment = datetime.fromisoformat(fields.get(name))  # type: ignore[arg-type]
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise Malformed(f"{called}: must be a time in ISO 8601.") from None
