"""Which views Slack opens as a modal: the limits of Slack's reference, as tables.

Sources: docs.slack.dev, "Modal views", "Input block", "Plain-text input element", "Checkboxes". Only modals, of what
people can fill in only plain-text inputs and checkboxes; the rest is refused with a sentence that says that the local
page does not draw it, and so is anything to press inside a modal.
"""

from local.slack.block_kit.blocks import BLOCKS, CHECKBOXES, OTHER_BLOCKS, OTHER_ELEMENTS, objects, report_repeated
from local.slack.block_kit.checks import (
    PLAIN,
    Check,
    Problems,
    array,
    boolean,
    by_type,
    integer,
    report,
    shape,
    string,
    text,
)
from local.slack.workspace.message import Json

MOST_BLOCKS = 100
MOST_BYTES = 250_000  # of a view as JSON; views.open, error view_too_large
_LABEL = text(24, PLAIN)
_ID: Check = string(255)
_DISPATCH = frozenset({"button", "static_select", "overflow", "email_text_input", "url_text_input", "number_input"})


def _lengths_agree(element: Json, pointer: str, problems: Problems) -> None:
    least, most = element.get("min_length"), element.get("max_length")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        report(problems, "must not be more than max_length", f"{pointer}/min_length")


_INPUT = shape(
    {
        "label": text(2000, PLAIN),
        "element": by_type(
            {
                "plain_text_input": shape(
                    {},
                    {
                        "action_id": _ID,
                        "initial_value": string(3000, least=0),
                        "multiline": boolean,
                        "min_length": integer(0, 3000),
                        "max_length": integer(1, 3000),
                        "focus_on_load": boolean,
                        "placeholder": text(150, PLAIN),
                    },
                    rules=(_lengths_agree,),
                ),
                "checkboxes": CHECKBOXES,
            },
            OTHER_ELEMENTS | _DISPATCH,
        ),
    },
    {"hint": text(2000, PLAIN), "optional": boolean, "block_id": _ID},
)


def _one_focus(view: Json, pointer: str, problems: Problems) -> None:
    """Report a second element that takes the focus: a view has one ("Plain-text input element", focus_on_load)."""
    elements = [block.get("element") for block in objects(view.get("blocks"))]
    focused = [index for index, each in enumerate(elements) if isinstance(each, dict) and each.get("focus_on_load")]
    for index in focused[1:]:
        there = f"{pointer}/blocks/{index}/element/focus_on_load"
        report(problems, "only one element can be set to focus on load", there)


def _submit_for_inputs(view: Json, pointer: str, problems: Problems) -> None:
    inputs = [index for index, block in enumerate(objects(view.get("blocks"))) if block.get("type") == "input"]
    if inputs and "submit" not in view:
        report(problems, "must define `submit` to use an input block in modals", f"{pointer}/blocks/{inputs[0]}")


def _nothing_to_press(view: Json, pointer: str, problems: Problems) -> None:
    for index, block in enumerate(objects(view.get("blocks"))):
        if any(each.get("type") != "image" for each in objects([block.get("accessory")])):
            sentence = "the local Slack draws nothing to press in a modal, although Slack does"
            report(problems, sentence, f"{pointer}/blocks/{index}/accessory")


def _block_ids_differ(view: Json, pointer: str, problems: Problems) -> None:
    ids = [block.get("block_id") for block in objects(view.get("blocks"))]
    report_repeated(ids, f"{pointer}/blocks", problems, "block_id")


_BLOCK = by_type(
    {**{kind: check for kind, check in BLOCKS.items() if kind != "actions"}, "input": _INPUT},
    OTHER_BLOCKS | {"actions"},
)
_VIEW = by_type(
    {
        "modal": shape(
            {"title": _LABEL, "blocks": array(_BLOCK, MOST_BLOCKS)},
            {
                "submit": _LABEL,
                "close": _LABEL,
                "private_metadata": string(3000, least=0),
                "callback_id": _ID,
                "external_id": string(255, least=0),
                "clear_on_close": boolean,
                "notify_on_close": boolean,
                "submit_disabled": boolean,
            },
            rules=(_submit_for_inputs, _nothing_to_press, _block_ids_differ, _one_focus),
        )
    },
    frozenset({"home", "workflow_step"}),
)


def view_problems(view: object) -> Problems:
    """Everything Slack would refuse about a view, in Slack's words; empty when it is fine."""
    problems: Problems = []
    _VIEW(view, "/view", problems)
    return problems
