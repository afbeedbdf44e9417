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

import re
from dataclasses import dataclass
from typing import Any

from bot.domain.errors import Malformed
from bot.domain.model import ClientStack, Event, Terms
from bot.domain.vocabulary import AccessLevel
from bot.ingest.fields import json_object, only, text, utc_time

REASON_LENGTH = 1000
VERSIONS = (1, 2)
SHORTEST_SESSION, LONGEST_SESSION = 3600, 43200
"""Limits of a role's `MaxSessionDuration`, in seconds (IAM API Reference, CreateRole)."""
_CLAIMS = ("version", "account_id", "company", "role_name", "access_level", "invitation")
_TERMS = ("require_mfa", "max_session_seconds")
_STACKS = ("parent_stack_id", "child_stack_id")
_NEWS = ("notification", "completed", "last_word", "knock")
_STACK_TYPE = "AWS::CloudFormation::Stack"
_STACK_ID = (
    r"arn:{partition}:cloudformation:[a-z0-9-]{{1,32}}:\d{{12}}:"
    r"stack/[A-Za-z][A-Za-z0-9-]{{0,127}}/[0-9A-Za-z-]{{1,64}}"
)
_ROLE_NAME = r"[A-Za-z0-9+=,.@_-]{1,43}"
_PRINTABLE = r"[\x21-\x7e]{1,400}"


@dataclass(frozen=True)
class Incoming:
    """An event with its invitation token."""

    event: Event
    token: str
    asks_admission: bool = False
    """It only asks whether it would be admitted."""


def parse(body: bytes, partition: str) -> Incoming:
    """Return the event in a request body. Raises Malformed, naming the field, unless it is one of a known version."""
    fields = json_object(body)
    terms = _terms(fields, _version(fields))
    stack_id = _STACK_ID.format(partition=partition)
    account_id = text(fields, "account_id", r"\d{12}")
    parent = text(fields, "parent_stack_id", stack_id)
    child = None if fields.get("child_stack_id") is None else text(fields, "child_stack_id", stack_id)
    if parent.split(":")[4] != account_id:
        raise Malformed("parent_stack_id: belongs to another account than account_id.")
    if child is not None and child.split(":")[3:5] != parent.split(":")[3:5]:
        raise Malformed("child_stack_id: belongs to another account or region than parent_stack_id.")
    company = " ".join(text(fields, "company", r"(?s).{1,256}").split())
    role_name = text(fields, "role_name", _ROLE_NAME)
    level = AccessLevel(text(fields, "access_level", "|".join(AccessLevel)))
    claims = {"company": company, "stack": ClientStack(account_id, role_name, level, parent, terms)}
    token = text(fields, "invitation", r"[\x21-\x7e]{0,200}")
    match [name for name in _NEWS if name in fields]:
        case ["notification"]:
            message = text(fields, "notification", r"(?s).{1,65536}")
            return Incoming(_notification(message, claims, child, stack_id), token)
        case ["completed"]:
            return Incoming(_completed(fields["completed"], claims), token)
        case ["last_word"]:
            return Incoming(_own_event(fields["last_word"], "last_word", "DELETE_COMPLETE", "DELETED", claims), token)
        case ["knock"]:
            return Incoming(
                _own_event(fields["knock"], "knock", "CREATE_IN_PROGRESS", "KNOCK", claims), token, asks_admission=True
            )
    raise Malformed(f"Exactly one of {', '.join(_NEWS)} is needed.")


def _version(fields: dict[str, Any]) -> int:
    version = fields.get("version")
    if type(version) is int and version in VERSIONS:
        return version
    if type(version) is int and version > max(VERSIONS):
        raise Malformed(
            "version: this Switchyard understands versions 1 and 2, and the client's forwarder speaks a newer one. "
            "The provider has to deploy a newer Switchyard."
        )
    raise Malformed(
        "version: must be the number 1 or 2. The client has to update its stack with the provider's newest template."
    )


def _terms(fields: dict[str, Any], version: int) -> Terms | None:
    """Return what version 2 says beyond version 1; None for version 1. Raises Malformed for any other field."""
    known = (*_CLAIMS, *_STACKS, *_NEWS)
    if version == 1:
        only(fields, known, "version 1 has")
        return None
    only(fields, (*known, *_TERMS), "version 2 has")
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


def _notification(message: str, claims: dict[str, Any], child: str | None, stack_id: str) -> Event:
    found = parse_notification(message)
    own = text(found, "StackId", stack_id)
    if own != child:
        raise Malformed("notification: is about another stack than child_stack_id.")
    resource_type = text(found, "ResourceType", r"[\w:]{1,200}")
    status = text(found, "ResourceStatus", r"[A-Z_]{1,100}")
    about_stack = resource_type == _STACK_TYPE and found.get("PhysicalResourceId") == own
    event_id = text(found, "EventId", _PRINTABLE)
    return Event(
        key=f"{own}/{event_id}",
        child_stack_id=own,
        timestamp=utc_time(found.get("Timestamp"), "notification's Timestamp"),
        status=status,
        reason=found.get("ResourceStatusReason", "")[:REASON_LENGTH],
        resource_type=resource_type,
        logical_id=text(found, "LogicalResourceId", r"[A-Za-z0-9-]{1,255}"),
        about_stack=about_stack,
        **claims,
    )


def _completed(news: object, claims: dict[str, Any]) -> Event:
    if not isinstance(news, dict):
        raise Malformed("completed: must be an object.")
    only(news, ("operation", "request_id", "timestamp"), "`completed` has")
    operation = text(news, "operation", "CREATE|UPDATE")
    key = f"COMPLETED#{text(news, 'request_id', _PRINTABLE)}"
    return _own_event({"timestamp": news.get("timestamp")}, "completed", f"{operation}_COMPLETE", key, claims)


def _own_event(news: object, name: str, status: str, key: str, claims: dict[str, Any]) -> Event:
    """Return the event for what the forwarder itself reports, without a notification."""
    if not isinstance(news, dict):
        raise Malformed(f"{name}: must be an object with a timestamp.")
    only(news, ("timestamp",), f"`{name}` has")
    return Event(
        key=f"{claims['stack'].parent_stack_id}#{key}",
        child_stack_id=None,
        timestamp=utc_time(news.get("timestamp"), f"{name}.timestamp"),
        status=status,
        reason="",
        resource_type=_STACK_TYPE,
        logical_id="",
        about_stack=True,
        **claims,
    )
