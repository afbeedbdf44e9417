"""Finding what a person presses in a message, and how Slack reports that press.

Covers buttons, overflow menus and static selects; in a menu a person presses one of its options. In a menu of several
options nothing is pressed. What a person has chosen in menus goes along with each press.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from local.slack.workspace.message import Json, Message


@dataclass(frozen=True)
class Target:
    """What to press: by label as a person reads it, narrowed down by ids or an option's value where labels repeat."""

    label: str | None = None
    block_id: str | None = None
    action_id: str | None = None
    value: str | None = None
    chosen: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What the person has chosen in the message's menus: labels or values, by `block_id/action_id` or by action id."""


class NothingToPress(LookupError):
    """The message shows no such button or option; the sentence names those it does show."""


def pressed_action(message: Message, target: Target, action_ts: str) -> Json:
    """The entry of `actions` in a block_actions payload, or NothingToPress."""
    offered = [*_offered(message)]
    for label, block, element, option in offered:
        if (
            target.label in {None, label}
            and target.block_id in {None, block["block_id"]}
            and target.action_id in {None, element["action_id"]}
            and target.value in {None, (option or {}).get("value")}
        ):
            return _action(block, element, option, action_ts)
    labels = ", ".join(label for label, *_ in offered) or "none"
    raise NothingToPress(f"no button “{target.label or target.action_id}” in message {message.ts}; it has: {labels}")


def state_values(message: Message, chosen: Mapping[str, Sequence[str]], action: Json) -> Json:
    """What a block_actions payload says is chosen in the message, by block id and action id; else what is at first."""
    values: Json = {}
    for block, element in message.elements():
        if element["type"] not in {"static_select", "multi_static_select"}:
            continue
        wanted = chosen.get(f"{block['block_id']}/{element['action_id']}", chosen.get(element["action_id"]))
        options = [one for one in _options(element) if {one["text"]["text"], one["value"]} & {*(wanted or ())}]
        if element["type"] == "multi_static_select":
            state: Json = {"selected_options": element.get("initial_options", []) if wanted is None else options}
        elif (action["block_id"], action["action_id"]) == (block["block_id"], element["action_id"]):
            state = {"selected_option": action["selected_option"]}
        else:
            state = {"selected_option": options[0] if options else element.get("initial_option")}
        values.setdefault(block["block_id"], {})[element["action_id"]] = {"type": element["type"], **state}
    return values


def _offered(message: Message) -> Iterator[tuple[str, Json, Json, Json | None]]:
    for block, element in message.elements():
        if element["type"] == "button":
            yield element["text"]["text"], block, element, None
        for option in _options(element) if element["type"] != "multi_static_select" else ():
            yield option["text"]["text"], block, element, option


def _options(element: Json) -> list[Json]:
    grouped = [option for group in element.get("option_groups", []) for option in group["options"]]
    return [*element.get("options", []), *grouped]


def _action(block: Json, element: Json, option: Json | None, action_ts: str) -> Json:
    action: Json = {"action_id": element["action_id"], "block_id": block["block_id"], "type": element["type"]}
    action |= {name: element[name] for name in ("text", "value", "style", "url", "placeholder") if name in element}
    if option is not None:
        action["selected_option"] = option
    return action | {"action_ts": action_ts}
