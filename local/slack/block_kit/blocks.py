"""Which blocks Slack accepts in a message: the limits of Slack's Block Kit reference, as tables.

Sources: docs.slack.dev, Block Kit reference, pages "Blocks", "Block elements" and "Composition objects".
Blocks and elements that Slack has and the local page does not draw are refused with a sentence that says so.
"""

from collections import Counter
from collections.abc import Sequence

from local.slack.block_kit.checks import (
    ANY_TEXT,
    PLAIN,
    Check,
    Problems,
    array,
    boolean,
    by_type,
    integer,
    one_of,
    report,
    shape,
    string,
    text,
    url,
)
from local.slack.workspace.message import Json

MOST_BLOCKS = 50
MOST_CHARACTERS = 13_200  # of all blocks together; undocumented, seen as msg_blocks_too_long

_ID: Check = string(255)
_CONFIRM = shape(
    {"title": text(100, PLAIN), "text": text(300), "confirm": text(30, PLAIN), "deny": text(30, PLAIN)},
    {"style": one_of("primary", "danger")},
)
_OPTION_FIELDS: dict[str, Check] = {"text": text(75, PLAIN), "value": string(150)}
_OPTION = shape(_OPTION_FIELDS, {"description": text(75, PLAIN)})
_OVERFLOW_OPTION = shape(_OPTION_FIELDS, {"description": text(75, PLAIN), "url": url(3000)})
_OPTION_GROUP = shape({"label": text(75, PLAIN), "options": array(_OPTION, 100)}, {})


def _options_or_groups(element: Json, pointer: str, problems: Problems) -> None:
    if ("options" in element) == ("option_groups" in element):
        report(problems, "must provide exactly one of options and option_groups", pointer)


def _offered(element: Json) -> list[Json]:
    groups = objects(element.get("option_groups"))
    return objects(element.get("options")) + [each for group in groups for each in objects(group.get("options"))]


def _values_differ(element: Json, pointer: str, problems: Problems) -> None:
    """Report values that are there more than once: an option's is unique (docs.slack.dev, "Option object")."""
    report_repeated([each.get("value") for each in _offered(element)], pointer, problems, "option value")


def _initial_option_is_offered(element: Json, pointer: str, problems: Problems) -> None:
    if "initial_option" in element and element["initial_option"] not in _offered(element):
        report(problems, "initial_option must exactly match one of the options", f"{pointer}/initial_option")


def _initial_options_are_offered(element: Json, pointer: str, problems: Problems) -> None:
    for place, option in enumerate(objects(element.get("initial_options"))):
        if option not in objects(element.get("options")):
            there = f"{pointer}/initial_options/{place}"
            report(problems, "initial_options must exactly match some of the options", there)


def objects(value: object) -> list[Json]:
    """The JSON objects of a list; none of what is no list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list | tuple) else []


def _text_or_fields(block: Json, pointer: str, problems: Problems) -> None:
    if "text" not in block and "fields" not in block:
        report(problems, "missing required field: text or fields", pointer)


def _action_ids_differ(block: Json, pointer: str, problems: Problems) -> None:
    report_repeated([each.get("action_id") for each in objects(block.get("elements"))], pointer, problems)


def report_repeated(ids: list[object], pointer: str, problems: Problems, name: str = "action_id") -> None:
    """Report each id that is there more than once."""
    for each, count in Counter(each for each in ids if isinstance(each, str)).items():
        if count > 1:
            report(problems, f'{name} "{each}" already exists', pointer)


_BUTTON = shape(
    {"text": text(75, PLAIN)},
    {
        "action_id": _ID,
        "url": url(3000),
        "value": string(2000, least=0),
        "style": one_of("primary", "danger"),
        "confirm": _CONFIRM,
        "accessibility_label": string(75),
    },
)
SELECT = shape(
    {},
    {
        "action_id": _ID,
        "placeholder": text(150, PLAIN),
        "options": array(_OPTION, 100),
        "option_groups": array(_OPTION_GROUP, 100),
        "initial_option": _OPTION,
        "confirm": _CONFIRM,
        "focus_on_load": boolean,
    },
    rules=(_options_or_groups, _values_differ, _initial_option_is_offered),
)
MULTI_SELECT = shape(
    {"placeholder": text(150, PLAIN), "options": array(_OPTION, 100)},
    {
        "action_id": _ID,
        "initial_options": array(_OPTION, 100),
        "confirm": _CONFIRM,
        "max_selected_items": integer(1, 100),
        "focus_on_load": boolean,
    },
    rules=(_values_differ, _initial_options_are_offered),
)
_OVERFLOW = shape(
    {"options": array(_OVERFLOW_OPTION, 5)}, {"action_id": _ID, "confirm": _CONFIRM}, rules=(_values_differ,)
)
CHECKBOXES = shape(
    {"options": array(_OPTION, 10)},
    {"action_id": _ID, "initial_options": array(_OPTION, 10), "confirm": _CONFIRM, "focus_on_load": boolean},
    rules=(_values_differ, _initial_options_are_offered),
)
"""Block Kit reference, "Checkboxes"; in a message the local page does not draw them."""
_IMAGE_FIELDS: dict[str, Check] = {"image_url": url(3000), "alt_text": string(2000)}
_IMAGE = shape(_IMAGE_FIELDS, {})

OTHER_ELEMENTS = frozenset(
    {
        "channels_select",
        "checkboxes",
        "conversations_select",
        "datepicker",
        "datetimepicker",
        "external_select",
        "multi_channels_select",
        "multi_conversations_select",
        "multi_external_select",
        "multi_users_select",
        "radio_buttons",
        "timepicker",
        "users_select",
        "workflow_button",
        "feedback_buttons",
        "icon_button",
    }
)
OTHER_BLOCKS = frozenset(
    {
        "context_actions",
        "file",
        "input",
        "markdown",
        "plan",
        "rich_text",
        "table",
        "task_card",
        "video",
        "alert",
        "card",
        "carousel",
    }
)
_ACTION = by_type({"button": _BUTTON, "static_select": SELECT, "overflow": _OVERFLOW}, OTHER_ELEMENTS)
_ACCESSORY = by_type(
    {
        "button": _BUTTON,
        "static_select": SELECT,
        "multi_static_select": MULTI_SELECT,
        "overflow": _OVERFLOW,
        "image": _IMAGE,
    },
    OTHER_ELEMENTS,
)
_CONTEXT_ELEMENT = by_type({"image": _IMAGE, **{kind: text(3000, (kind,)) for kind in ANY_TEXT}})

BLOCKS: dict[str, Check] = {
    "section": shape(
        {},
        {
            "text": text(3000),
            "fields": array(text(2000), 10),
            "accessory": _ACCESSORY,
            "expand": boolean,
            "block_id": _ID,
        },
        rules=(_text_or_fields,),
    ),
    "header": shape({"text": text(150, PLAIN)}, {"block_id": _ID}),
    "divider": shape({}, {"block_id": _ID}),
    "context": shape({"elements": array(_CONTEXT_ELEMENT, 10)}, {"block_id": _ID}),
    "actions": shape({"elements": array(_ACTION, 25)}, {"block_id": _ID}, rules=(_action_ids_differ,)),
    "image": shape(_IMAGE_FIELDS, {"title": text(2000, PLAIN), "block_id": _ID}),
}
_BLOCK = by_type(BLOCKS, OTHER_BLOCKS)


def block_problems(blocks: Sequence[object]) -> Problems:
    """Everything Slack would refuse about a message's blocks, in Slack's words; empty when they are fine."""
    problems: Problems = []
    if len(blocks) > MOST_BLOCKS:
        report(problems, f"no more than {MOST_BLOCKS} items allowed", "/blocks")
    for index, block in enumerate(blocks):
        _BLOCK(block, f"/blocks/{index}", problems)
    report_repeated([each.get("block_id") for each in objects(blocks)], "/blocks", problems, "block_id")
    return problems


def characters_in(node: object) -> int:
    """How many characters of text the blocks hold together."""
    if isinstance(node, list):
        return sum(characters_in(item) for item in node)
    if isinstance(node, dict):
        own = node.get("text")
        rest = sum(characters_in(value) for value in node.values() if isinstance(value, dict | list))
        return rest + (len(own) if isinstance(own, str) else 0)
    return 0
