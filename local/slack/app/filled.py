"""What is filled in and chosen in a message or a view: `state.values` of the payloads, by block id and action id.

A person's entries are given by `block_id/action_id`, by block id, by label or by action id. An entry is what was typed;
for boxes and menus it is the labels or values of what is chosen, as a list or with a line for each. What has no entry
holds what the app put there at first.
"""

from collections.abc import Iterable, Mapping, Sequence

from local.slack.workspace.message import Json, elements_in

Given = Mapping[str, str | Sequence[str]]
_OF_SEVERAL = {"multi_static_select", "checkboxes"}
_OF_OPTIONS = _OF_SEVERAL | {"static_select"}
_TYPED = {"plain_text_input", "number_input"}


def values_of(blocks: Iterable[Json], given: Given) -> Json:
    """Return what each field and each menu holds."""
    values: Json = {}
    for block, element in elements_in(blocks):
        if element["type"] in _OF_OPTIONS | _TYPED:
            held = {"type": element["type"], **_held(element, _entry(block, element, given))}
            values.setdefault(block["block_id"], {})[element["action_id"]] = held
    return values


def options_of(element: Json) -> list[Json]:
    """Return what a menu offers; nothing for what is no menu."""
    grouped = [option for group in element.get("option_groups", []) for option in group["options"]]
    return [*element.get("options", []), *grouped]


def _entry(block: Json, element: Json, given: Given) -> str | Sequence[str] | None:
    names = [f"{block['block_id']}/{element['action_id']}", block["block_id"], element["action_id"]]
    names += [block["label"]["text"]] if block["type"] == "input" else []
    return next((given[name] for name in names if name in given), None)


def _held(element: Json, entry: str | Sequence[str] | None) -> Json:
    if element["type"] in _TYPED:
        text = element.get("initial_value") if entry is None else entry
        return {"value": text or None}
    wanted = {*(entry.split("\n") if isinstance(entry, str) else entry or ())}
    chosen = [one for one in options_of(element) if {one["text"]["text"], one["value"]} & wanted]
    if element["type"] in _OF_SEVERAL:
        return {"selected_options": element.get("initial_options", []) if entry is None else chosen}
    return {"selected_option": chosen[0] if chosen else element.get("initial_option") if entry is None else None}
