"""What lies in a table's items: which record, and which of its fields."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any, cast, get_args, get_type_hints

from bot.domain.app_home import AppHome
from bot.domain.bulk import Bulk
from bot.domain.invitation import Invitation, RefusedAttempts, RefusedPerson
from bot.domain.message import Message
from bot.domain.model import Account, Audit, Client, Event, GoneStack
from bot.domain.page import Page, PageChange, Team
from bot.domain.request import Request
from bot.domain.team_kit import TeamKit
from bot.ports.store import Turn

KINDS = (
    Account,
    Client,
    Request,
    Invitation,
    Event,
    GoneStack,
    Audit,
    Turn,
    Message,
    RefusedAttempts,
    RefusedPerson,
)
SINCE = (Bulk, Team, Page, PageChange, TeamKit, AppHome)
"""Records that 0.1.0 did not store."""
_PLACES = {
    "client": Client,
    "name": Client,
    "request": Request,
    "event": Event,
    "audit": Audit,
    "asked": Audit,
    "account": Account,
    "turn": Turn,
    "gone": GoneStack,
    "person": RefusedPerson,
    "book": Team,
    "page": Page,
    "change": PageChange,
    "kit": TeamKit,
    "home": AppHome,
}


def kind_of(item: dict[str, Any]) -> type | None:
    """Which record lies in an item, by its key."""
    match place(item):
        case ("messages", _):
            return Message
        case ("bulks", _):
            return Bulk
        case ("invitation", _):
            return Invitation
        case ("refused", "invitation"):
            return RefusedAttempts
        case (_, sort):
            return _PLACES.get(sort)


def record_in(item: dict[str, Any]) -> dict[str, Any]:
    return {**item["record"]["M"], **({"wanted": item["wanted"]} if "wanted" in item else {})}


def paths_of(kind: type) -> set[str]:
    """Every field of a record, and of the values in it, such as `stack.role_name`."""
    paths = set()
    hints = get_type_hints(kind)
    for name in (field.name for field in fields(kind)):
        hint = hints[name]
        [inner] = [one for one in (get_args(hint) or (hint,)) if one not in (type(None), ...)]
        paths.add(name)
        if is_dataclass(inner):
            paths |= {f"{name}.{path}" for path in paths_of(cast(type, inner))}
    return paths


def paths_in(facts: dict[str, Any]) -> set[str]:
    """The same of what is stored."""
    paths = set()
    for name, value in facts.items():
        paths.add(name)
        for one in [value, *value.get("L", [])]:
            paths |= {f"{name}.{path}" for path in paths_in(one.get("M", {}))}
    return paths


def place(item: dict[str, Any]) -> tuple[str, str]:
    """By its key, what an item is."""
    return item["pk"]["S"].partition("#")[0], item["sk"]["S"].partition("#")[0]
