"""Reading what a caller wants shown: text, blocks, views, metadata, flags; refused the way Slack refuses.

Slack takes arguments as a form (nested values as JSON strings) or as a JSON object. Sources: docs.slack.dev, pages of
chat.postMessage, chat.update and "Message metadata".
"""

import json
import secrets
from copy import deepcopy
from typing import cast

from local.slack.block_kit.blocks import MOST_CHARACTERS, block_problems, characters_in
from local.slack.block_kit.views import MOST_BYTES, view_problems
from local.slack.workspace.errors import SlackRefusal, invalid_arguments, invalid_blocks
from local.slack.workspace.message import Json

MOST_TEXT_POSTED = 40_000  # longer texts are cut, without an error
MOST_TEXT_UPDATED = 4_000


def text_to_post(arguments: Json) -> str:
    """The text of a new message, cut where Slack cuts it."""
    return _string(arguments, "text")[:MOST_TEXT_POSTED]


def text_to_update(arguments: Json) -> str | None:
    """The new text of a message, None when it was not given."""
    if arguments.get("text") is None:
        return None
    text = _string(arguments, "text")
    if len(text) > MOST_TEXT_UPDATED:
        raise SlackRefusal("msg_too_long")
    return text


def blocks_given(arguments: Json) -> tuple[Json, ...] | None:
    """The checked blocks with the ids Slack fills in, None when the argument is missing."""
    blocks = parsed(arguments.get("blocks"), "invalid_blocks_format")
    if blocks is None:
        return None
    if not isinstance(blocks, list):
        raise SlackRefusal("invalid_blocks_format")
    if problems := block_problems(blocks):
        raise invalid_blocks(problems)
    if characters_in(blocks) > MOST_CHARACTERS:
        raise SlackRefusal("msg_blocks_too_long")
    return tuple(_with_ids(block) for block in blocks)


def view_given(view: object, kind: str = "modal") -> Json:
    """The checked view of this kind with the ids Slack fills in; it is given as JSON or as an object."""
    found = parsed(view, "invalid_arguments")
    if problems := view_problems(found, kind):
        raise invalid_arguments(problems)
    if len(json.dumps(found).encode()) > MOST_BYTES:
        raise SlackRefusal("view_too_large")
    checked = cast(Json, deepcopy(found))
    return checked | {"blocks": [_with_ids(block) for block in checked["blocks"]]}


def metadata_given(arguments: Json) -> Json | None:
    """Message metadata, None when the argument is missing, `{}` to remove it."""
    metadata = parsed(arguments.get("metadata"), "invalid_metadata_format")
    if metadata is None:
        return None
    if not isinstance(metadata, dict):
        raise SlackRefusal("invalid_metadata_format")
    well_formed = isinstance(metadata.get("event_type"), str) and isinstance(metadata.get("event_payload"), dict)
    if metadata and not well_formed:
        raise SlackRefusal("invalid_metadata_schema")
    return metadata


def flag(arguments: Json, name: str) -> bool:
    """A yes/no argument: JSON's true, or the forms `1` and `true`."""
    return str(arguments.get(name)).lower() in {"1", "true"}


def required(arguments: Json, name: str) -> str:
    """A string that must be there, or Slack's `invalid_arguments`."""
    value = arguments.get(name)
    if not isinstance(value, str) or not value:
        raise invalid_arguments([f"missing required field: {name}"])
    return value


def _string(arguments: Json, name: str) -> str:
    value = arguments.get(name)
    return value if isinstance(value, str) else ""


def parsed(value: object, error: str) -> object:
    """What a nested argument holds, given as it is or as JSON; SlackRefusal with `error` when it is unreadable."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if value else None
    except ValueError as unreadable:
        raise SlackRefusal(error) from unreadable


def _with_ids(block: Json) -> Json:
    filled = deepcopy(block)
    filled.setdefault("block_id", secrets.token_urlsafe(4)[:5])
    held = filled.get("elements", []) if filled["type"] == "actions" else []
    single = [filled[name] for name in ("accessory", "element") if name in filled]
    for element in [*held, *single]:
        if element["type"] != "image":
            element.setdefault("action_id", secrets.token_urlsafe(4)[:5])
    return filled
