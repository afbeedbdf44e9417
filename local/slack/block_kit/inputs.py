"""Which fields a view may hold: Slack's input block and what can stand in it, as tables.

Sources: docs.slack.dev, "Input block", "Plain-text input element", "Number input element", "Checkboxes", "Select menu
element", "Multi-select menu element", "Dispatch action configuration object"; which surface takes which element is in
the table of "Block elements". What the local page does not draw is refused with a sentence that says so.
"""

import re
from decimal import Decimal

from local.slack.block_kit.blocks import CHECKBOXES, MULTI_SELECT, OTHER_ELEMENTS, SELECT
from local.slack.block_kit.checks import (
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
)
from local.slack.workspace.message import Json

_ID: Check = string(255)
_NO_FIELDS = frozenset({"button", "overflow", "email_text_input", "url_text_input", "file_input", "rich_text_input"})
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_DISPATCH = shape({}, {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), 2)})


def is_number(value: str, *, decimal: bool) -> bool:
    """Whether somebody can have typed this into a number input."""
    return bool(_NUMBER.fullmatch(value)) and (decimal or "." not in value)


def _number(value: object, pointer: str, problems: Problems) -> None:
    if not isinstance(value, str):
        report(problems, "must provide a string", pointer)
    elif not is_number(value, decimal=True):
        report(problems, "must be a valid number", pointer)


def _lengths_agree(element: Json, pointer: str, problems: Problems) -> None:
    least, most = element.get("min_length"), element.get("max_length")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        report(problems, "must not be more than max_length", f"{pointer}/min_length")


def _numbers_agree(element: Json, pointer: str, problems: Problems) -> None:
    given = {name: element[name] for name in ("min_value", "max_value", "initial_value") if name in element}
    if not all(isinstance(each, str) and is_number(each, decimal=True) for each in given.values()):
        return
    for name in sorted(given):
        if not is_number(given[name], decimal=element.get("is_decimal_allowed") is True):
            report(problems, "must be a whole number where is_decimal_allowed is false", f"{pointer}/{name}")
    number = {name: Decimal(each) for name, each in given.items()}
    for least, most in (("min_value", "max_value"), ("min_value", "initial_value"), ("initial_value", "max_value")):
        if least in number and most in number and number[least] > number[most]:
            report(problems, f"must not be more than {most}", f"{pointer}/{least}")


_TYPED: dict[str, Check] = {
    "action_id": _ID,
    "focus_on_load": boolean,
    "placeholder": text(150, PLAIN),
    "dispatch_action_config": _DISPATCH,
}
_TEXT = shape(
    {},
    {
        **_TYPED,
        "initial_value": string(3000, least=0),
        "multiline": boolean,
        "min_length": integer(0, 3000),
        "max_length": integer(1, 3000),
    },
    rules=(_lengths_agree,),
)
_NUMBER_INPUT = shape(
    {"is_decimal_allowed": boolean},
    {**_TYPED, "initial_value": _number, "min_value": _number, "max_value": _number},
    rules=(_numbers_agree,),
)
_EVERYWHERE = {
    "plain_text_input": _TEXT,
    "checkboxes": CHECKBOXES,
    "static_select": SELECT,
    "multi_static_select": MULTI_SELECT,
}


def _input(elements: dict[str, Check]) -> Check:
    return shape(
        {"label": text(2000, PLAIN), "element": by_type(elements, (OTHER_ELEMENTS | _NO_FIELDS) - elements.keys())},
        {"hint": text(2000, PLAIN), "optional": boolean, "dispatch_action": boolean, "block_id": _ID},
    )


HOME_INPUT = _input(_EVERYWHERE)
"""An input block of the Home tab, which has no number input ("Block elements", surfaces)."""
MODAL_INPUT = _input({**_EVERYWHERE, "number_input": _NUMBER_INPUT})
