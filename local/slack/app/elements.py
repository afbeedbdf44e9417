"""Finding what a person presses in a message or a view, and how Slack reports that press.

Covers buttons, overflow menus and static selects; in a menu a person presses one of its options. In a menu of several
options nothing is pressed. A field that dispatches its action is pressed too: Enter in what is typed, a choice. What a
person has filled in and chosen goes along with each press.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from local.slack.app.filled import Given, options_of, values_of
from local.slack.workspace.message import Json, elements_in


@dataclass(frozen=True)
class Target:
    """What to press: by label as a person reads it, narrowed down by ids or an option's value where labels repeat."""

    label: str | None = None
    block_id: str | None = None
    action_id: str | None = None
    value: str | None = None
    chosen: Given = field(default_factory=dict)
    """What the person has filled in and chosen, as `values_of` takes it."""


class NothingToPress(LookupError):
    """There is no such button or option; the sentence names those that are there."""


def pressed(blocks: Iterable[Json], target: Target, action_ts: str) -> tuple[Json, Json]:
    """Return the entry of `actions` in a block_actions payload, and `state.values`; NothingToPress where it isn't."""
    blocks = tuple(blocks)
    values, offered = values_of(blocks, target.chosen), [*_offered(blocks)]
    for label, block, element, option in offered:
        if (
            target.label in {None, label}
            and target.block_id in {None, block["block_id"]}
            and target.action_id in {None, element["action_id"]}
            and target.value in {None, (option or {}).get("value")}
        ):
            held = values.get(block["block_id"], {}).get(element["action_id"], {})
            if option and held:
                held["selected_option"] = option
            return _action(block, element, option, action_ts) | ({} if option else held), values
    labels = ", ".join(label for label, *_ in offered) or "none"
    raise NothingToPress(f"no button “{target.label or target.action_id}” here; it has: {labels}")


def _offered(blocks: Iterable[Json]) -> Iterator[tuple[str, Json, Json, Json | None]]:
    for block, element in elements_in(blocks):
        if block["type"] == "input" and not block.get("dispatch_action"):
            continue
        if element["type"] == "button":
            yield element["text"]["text"], block, element, None
        elif element["type"] in {"static_select", "overflow"}:
            yield from ((option["text"]["text"], block, element, option) for option in options_of(element))
        elif block["type"] == "input":
            yield block["label"]["text"], block, element, None


def _action(block: Json, element: Json, option: Json | None, action_ts: str) -> Json:
    action: Json = {"action_id": element["action_id"], "block_id": block["block_id"], "type": element["type"]}
    names = ("placeholder",) if option else ("text", "value", "style", "url")
    action |= {name: element[name] for name in names if name in element}
    if option is not None:
        action["selected_option"] = option
    return action | {"action_ts": action_ts}
