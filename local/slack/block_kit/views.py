"""Which views Slack opens as a modal or publishes as a Home tab: the limits of Slack's reference, as tables.

Sources: docs.slack.dev, "Modal views" and "Home tab views". What people can fill in is in `inputs`.
"""

from local.slack.block_kit.blocks import BLOCKS, OTHER_BLOCKS, objects, report_repeated
from local.slack.block_kit.checks import PLAIN, Check, Problems, array, boolean, by_type, report, shape, string, text
from local.slack.block_kit.inputs import HOME_INPUT, MODAL_INPUT
from local.slack.workspace.message import Json

MOST_BLOCKS = 100
MOST_BYTES = 250_000  # of a view as JSON; views.open and views.publish, error view_too_large
_LABEL = text(24, PLAIN)
_ID: Check = string(255)


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


def _block_ids_differ(view: Json, pointer: str, problems: Problems) -> None:
    ids = [block.get("block_id") for block in objects(view.get("blocks"))]
    report_repeated(ids, f"{pointer}/blocks", problems, "block_id")


_OWN: dict[str, Check] = {
    "private_metadata": string(3000, least=0),
    "callback_id": _ID,
    "external_id": string(255, least=0),
}
_VIEWS = {
    "modal": shape(
        {"title": _LABEL, "blocks": array(by_type({**BLOCKS, "input": MODAL_INPUT}, OTHER_BLOCKS), MOST_BLOCKS)},
        {
            **_OWN,
            "submit": _LABEL,
            "close": _LABEL,
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
        },
        rules=(_submit_for_inputs, _block_ids_differ, _one_focus),
    ),
    "home": shape(
        {"blocks": array(by_type({**BLOCKS, "input": HOME_INPUT}, OTHER_BLOCKS), MOST_BLOCKS)},
        _OWN,
        rules=(_block_ids_differ, _one_focus),
    ),
}


def view_problems(view: object, kind: str | None = None) -> Problems:
    """Everything Slack would refuse about a view, in Slack's words; empty when it is fine.

    `kind` is what the method takes: `modal` or `home`. None is either.
    """
    problems: Problems = []
    if kind and isinstance(view, dict) and view.get("type") in _VIEWS.keys() - {kind}:
        report(problems, "must be a valid enum value", "/view/type")
        return problems
    by_type(_VIEWS, frozenset({"workflow_step"}))(view, "/view", problems)
    return problems
