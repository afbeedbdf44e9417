"""Which blocks the local Slack takes: every limit of the Block Kit reference at its edge and one beyond."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.slack.block_kit.blocks import block_problems

Block = dict[str, Any]


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}


def button(**fields: Any) -> Block:
    return {"type": "button", "text": plain("Approve"), **fields}


def actions(*elements: Block, **fields: Any) -> Block:
    return {"type": "actions", "elements": list(elements), **fields}


def section(**fields: Any) -> Block:
    return {"type": "section", **fields}


def confirm(**fields: Any) -> Block:
    dialog = {"title": plain("Sure?"), "text": mrkdwn("Really"), "confirm": plain("Yes"), "deny": plain("No")}
    return {**dialog, **fields}


def option(label: str = "One", value: str = "1", **fields: Any) -> Block:
    return {"text": plain(label), "value": value, **fields}


def options(number: int) -> list[Block]:
    return [option(value=str(each)) for each in range(number)]


def select(**fields: Any) -> Block:
    return {"type": "static_select", "action_id": "pick", "placeholder": plain("Pick"), **fields}


def menu(**fields: Any) -> Block:
    given = {"action_id": "pick", "placeholder": plain("Pick"), "options": [option()]}
    return {"type": "multi_static_select", **given, **fields}


def overflow(*options: Block) -> Block:
    return {"type": "overflow", "action_id": "more", "options": list(options)}


def context(*elements: Block) -> Block:
    return {"type": "context", "elements": list(elements)}


def image(**fields: Any) -> Block:
    return {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a", **fields}


def address(length: int) -> str:
    return "https://example.com/".ljust(length, "a")


LIMITS: dict[str, tuple[int, Callable[[int], list[Block]]]] = {
    "section text": (3000, lambda n: [section(text=mrkdwn("x" * n))]),
    "field text": (2000, lambda n: [section(fields=[mrkdwn("x" * n)])]),
    "fields": (10, lambda n: [section(fields=[mrkdwn("x")] * n)]),
    "header text": (150, lambda n: [{"type": "header", "text": plain("x" * n)}]),
    "blocks": (50, lambda n: [{"type": "divider"}] * n),
    "block_id": (255, lambda n: [{"type": "divider", "block_id": "x" * n}]),
    "context elements": (10, lambda n: [context(*[mrkdwn("x")] * n)]),
    "context text": (3000, lambda n: [context(mrkdwn("x" * n))]),
    "image address": (3000, lambda n: [image(image_url=address(n))]),
    "image alt text": (2000, lambda n: [image(alt_text="x" * n)]),
    "image title": (2000, lambda n: [image(title=plain("x" * n))]),
    "actions elements": (25, lambda n: [actions(*[button(action_id=str(i)) for i in range(n)])]),
    "button text": (75, lambda n: [actions(button(text=plain("x" * n)))]),
    "button value": (2000, lambda n: [actions(button(value="x" * n))]),
    "button url": (3000, lambda n: [actions(button(url=address(n)))]),
    "button accessibility label": (75, lambda n: [actions(button(accessibility_label="x" * n))]),
    "action_id": (255, lambda n: [actions(button(action_id="x" * n))]),
    "confirm title": (100, lambda n: [actions(button(confirm=confirm(title=plain("x" * n))))]),
    "confirm text": (300, lambda n: [actions(button(confirm=confirm(text=mrkdwn("x" * n))))]),
    "confirm button": (30, lambda n: [actions(button(confirm=confirm(confirm=plain("x" * n))))]),
    "deny button": (30, lambda n: [actions(button(confirm=confirm(deny=plain("x" * n))))]),
    "select options": (100, lambda n: [actions(select(options=options(n)))]),
    "select placeholder": (150, lambda n: [actions(select(options=[option()], placeholder=plain("x" * n)))]),
    "option text": (75, lambda n: [actions(select(options=[option("x" * n)]))]),
    "option value": (150, lambda n: [actions(select(options=[option(value="x" * n)]))]),
    "option description": (75, lambda n: [actions(select(options=[option(description=plain("x" * n))]))]),
    "option groups": (
        100,
        lambda n: [actions(select(option_groups=[{"label": plain("g"), "options": [one]} for one in options(n)]))],
    ),
    "group label": (
        75,
        lambda n: [actions(select(option_groups=[{"label": plain("x" * n), "options": [option()]}]))],
    ),
    "overflow options": (5, lambda n: [actions(overflow(*options(n)))]),
    "overflow url": (3000, lambda n: [actions(overflow(option(url=address(n))))]),
    "accessory button text": (75, lambda n: [section(text=plain("x"), accessory=button(text=plain("x" * n)))]),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_holds_exactly(name: str) -> None:
    most, build = LIMITS[name]
    assert block_problems(build(most)) == []
    refused = block_problems(build(most + 1))
    assert len(refused) == 1
    assert f"no more than {most} items" in refused[0] or f"less than {most + 1} characters" in refused[0]


REFUSED: dict[str, tuple[Sequence[object], str, str]] = {
    "one value for two options": (
        [actions(select(options=[option("Acme"), option("Beta")]))],
        'option value "1" already exists',
        "/blocks/0/elements/0",
    ),
    "one value in two groups": (
        [actions(select(option_groups=[{"label": plain(each), "options": [option()]} for each in "ab"]))],
        'option value "1" already exists',
        "/blocks/0/elements/0",
    ),
    "one value for two boxes": (
        [section(text=plain("x"), accessory=menu(options=[option("Acme"), option("Beta")]))],
        'option value "1" already exists',
        "/blocks/0/accessory",
    ),
    "one value for two actions": (
        [section(text=plain("x"), accessory=overflow(option("Rename"), option("Label")))],
        'option value "1" already exists',
        "/blocks/0/accessory",
    ),
    "expand is a word": (
        [section(text=plain("x"), expand="true")],
        "must provide a boolean",
        "/blocks/0/expand",
    ),
    "expand in small print": (
        [{**context(mrkdwn("x")), "expand": True}],
        "invalid additional property: expand",
        "/blocks/0",
    ),
    "no object": (["text"], "unsupported type: None", "/blocks/0/type"),
    "invented block": ([{"type": "marquee"}], "unsupported type: marquee", "/blocks/0/type"),
    "empty section": ([section()], "missing required field: text or fields", "/blocks/0"),
    "empty text": ([section(text=mrkdwn(""))], "must be more than 0 characters", "/blocks/0/text/text"),
    "text is a string": ([section(text="x")], "must provide an object", "/blocks/0/text"),
    "mrkdwn header": (
        [{"type": "header", "text": mrkdwn("x")}],
        "valid enum value (plain_text)",
        "/blocks/0/text/type",
    ),
    "mrkdwn button": ([actions(button(text=mrkdwn("x")))], "(plain_text)", "/blocks/0/elements/0/text/type"),
    "emoji in mrkdwn": (
        [section(text={**mrkdwn("x"), "emoji": True})],
        "invalid additional property: emoji",
        "/blocks/0/text",
    ),
    "extra field": ([section(text=plain("x"), colour="red")], "invalid additional property: colour", "/blocks/0"),
    "no elements": ([actions()], "no fewer than 1 items", "/blocks/0/elements"),
    "button without text": ([actions({"type": "button"})], "missing required field: text", "/blocks/0/elements/0"),
    "button style": ([actions(button(style="green"))], "(primary, danger)", "/blocks/0/elements/0/style"),
    "broken url": ([actions(button(url="http://[x"))], "must be a valid URL", "/blocks/0/elements/0/url"),
    "button url": ([actions(button(url="javascript:alert(1)"))], "must be a valid URL", "/blocks/0/elements/0/url"),
    "confirm without deny": (
        [actions(button(confirm={k: v for k, v in confirm().items() if k != "deny"}))],
        "missing required field: deny",
        "/blocks/0/elements/0/confirm",
    ),
    "same action_id": (
        [actions(button(action_id="a"), button(action_id="a"))],
        'action_id "a" already exists',
        "/blocks/0",
    ),
    "same block_id": (
        [{"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "a"}],
        'block_id "a" already exists',
        "/blocks",
    ),
    "options and groups": (
        [actions(select(options=[option()], option_groups=[{"label": plain("g"), "options": [option()]}]))],
        "exactly one of options and option_groups",
        "/blocks/0/elements/0",
    ),
    "initial option not offered": (
        [actions(select(options=[option()], initial_option=option("Two", "2")))],
        "initial_option must exactly match",
        "/blocks/0/elements/0/initial_option",
    ),
    "initial options not offered": (
        [section(text=plain("x"), accessory=menu(initial_options=[option(), option("Two", "2")]))],
        "initial_options must exactly match",
        "/blocks/0/accessory/initial_options/1",
    ),
    "several options in actions": (
        [actions(menu())],
        "unsupported type: multi_static_select",
        "/blocks/0/elements/0/type",
    ),
    "button in context": ([context(button())], "unsupported type: button", "/blocks/0/elements/0/type"),
    "image without alt text": (
        [{"type": "image", "image_url": "https://example.com/a.png"}],
        "missing required field: alt_text",
        "/blocks/0",
    ),
    "expand is no boolean": ([section(text=plain("x"), expand=1)], "must provide a boolean", "/blocks/0/expand"),
    "fields is no list": ([section(fields="x")], "must provide an array", "/blocks/0/fields"),
    "value is no string": ([actions(button(value=1))], "must provide a string", "/blocks/0/elements/0/value"),
    "rich text": ([{"type": "rich_text", "elements": []}], "local Slack does not draw rich_text", "/blocks/0/type"),
    "date picker": ([actions({"type": "datepicker"})], "does not draw datepicker", "/blocks/0/elements/0/type"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_slack_refuses_is_refused_at_the_right_place(name: str) -> None:
    blocks, sentence, pointer = REFUSED[name]
    problems = block_problems(blocks)
    assert any(sentence in problem and problem.endswith(f"[json-pointer:{pointer}]") for problem in problems), problems


def test_a_message_with_everything_in_it_is_fine() -> None:
    blocks: list[object] = [
        {"type": "header", "text": {**plain("Onboard Acme?"), "emoji": True}},
        section(text={**mrkdwn("*x*"), "verbatim": True}, fields=[plain("a"), mrkdwn("b")], accessory=image()),
        section(text=plain("Who?"), accessory=menu(initial_options=[option()])),
        {"type": "divider"},
        context(image(), mrkdwn("x"), plain("y")),
        actions(
            button(action_id="approve", style="primary", value="", confirm=confirm(style="danger")),
            button(action_id="open", url="https://example.com"),
            select(options=[option()], initial_option=option()),
            overflow(option(url="https://example.com"), option("Two", "2")),
            block_id="decide",
        ),
        image(title=plain("Picture")),
    ]
    assert block_problems(blocks) == []


def test_the_same_action_id_may_serve_in_two_blocks() -> None:
    assert block_problems([actions(button(action_id="a")), actions(button(action_id="a"))]) == []


WORDS = st.sampled_from(
    [
        "type",
        "text",
        "fields",
        "accessory",
        "elements",
        "button",
        "section",
        "actions",
        "static_select",
        "options",
        "option_groups",
        "initial_option",
        "plain_text",
        "mrkdwn",
        "action_id",
        "block_id",
        "confirm",
        "value",
        "url",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=6),
    max_leaves=20,
)


@given(st.lists(JSON, max_size=4))
def test_no_json_makes_the_check_break(blocks: list[object]) -> None:
    assert all("[json-pointer:/blocks" in problem for problem in block_problems(blocks))
