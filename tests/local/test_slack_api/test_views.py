"""views.open: which views the local Slack takes, and what a trigger is good for."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from local.slack import ADA, OLLI, AppAnswer, RunningWorkspace, SignedRequest, running_workspace
from local.slack.block_kit.views import view_problems
from tests.local.test_slack_api.calls import ACTIONS, error_of, section
from tests.local.test_slack_app.recorder import Recorder

View = dict[str, Any]


class Wristwatch:
    """A clock that stands until it is turned."""

    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds


def plain(text: str) -> View:
    return {"type": "plain_text", "text": text}


def field(**fields: Any) -> View:
    return {"type": "plain_text_input", **fields}


def number(**fields: Any) -> View:
    return {"type": "number_input", "is_decimal_allowed": False, **fields}


def option(value: str) -> View:
    return {"text": plain(value.upper()), "value": value}


def menu(*values: str, **fields: Any) -> View:
    return {"type": "static_select", "options": [option(value) for value in values], **fields}


def asking(element: View | None = None, **fields: Any) -> View:
    return {"type": "input", "label": plain("Reason"), "element": element or field(), **fields}


def modal(*blocks: View, **fields: Any) -> View:
    return {"type": "modal", "title": plain("Deny"), "submit": plain("Deny"), "blocks": list(blocks), **fields}


LIMITS: dict[str, tuple[int, Callable[[int], View]]] = {
    "title": (24, lambda n: modal(section("x"), title=plain("x" * n))),
    "submit": (24, lambda n: modal(section("x"), submit=plain("x" * n))),
    "close": (24, lambda n: modal(section("x"), close=plain("x" * n))),
    "blocks": (100, lambda n: modal(*[{"type": "divider"}] * n)),
    "private_metadata": (3000, lambda n: modal(section("x"), private_metadata="x" * n)),
    "callback_id": (255, lambda n: modal(section("x"), callback_id="x" * n)),
    "external_id": (255, lambda n: modal(section("x"), external_id="x" * n)),
    "label": (2000, lambda n: modal(asking(label=plain("x" * n)))),
    "hint": (2000, lambda n: modal(asking(hint=plain("x" * n)))),
    "placeholder": (150, lambda n: modal(asking(field(placeholder=plain("x" * n))))),
    "initial value": (3000, lambda n: modal(asking(field(initial_value="x" * n)))),
    "max_length": (3000, lambda n: modal(asking(field(max_length=n)))),
    "min_length": (3000, lambda n: modal(asking(field(min_length=n)))),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_of_a_view_holds_exactly(name: str) -> None:
    most, build = LIMITS[name]
    assert view_problems(build(most)) == []
    assert len(view_problems(build(most + 1))) == 1


REFUSED: dict[str, tuple[object, str, str]] = {
    "no object": ("x", "unsupported type: None", "/view/type"),
    "workflow step": ({**modal(), "type": "workflow_step"}, "does not draw workflow_step", "/view/type"),
    "no blocks": (modal(), "no fewer than 1 items", "/view/blocks"),
    "no title": (
        {k: v for k, v in modal(section("x")).items() if k != "title"},
        "missing required field: title",
        "/view",
    ),
    "mrkdwn title": (modal(section("x"), title={"type": "mrkdwn", "text": "x"}), "(plain_text)", "/view/title/type"),
    "input without submit": (
        {k: v for k, v in modal(asking()).items() if k != "submit"},
        "must define `submit`",
        "/view/blocks/0",
    ),
    "date picker": (modal(asking({"type": "datepicker"})), "does not draw datepicker", "/view/blocks/0/element/type"),
    "number that is none": (modal(asking(number(min_value=1))), "a string", "/view/blocks/0/element/min_value"),
    "number in words": (modal(asking(number(max_value="ten"))), "a valid number", "/view/blocks/0/element/max_value"),
    "at least more than at most, as numbers": (
        modal(asking(number(min_value="10", max_value="9"))),
        "must not be more than max_value",
        "/view/blocks/0/element/min_value",
    ),
    "begins with too much": (
        modal(asking(number(max_value="9", initial_value="10"))),
        "must not be more than max_value",
        "/view/blocks/0/element/initial_value",
    ),
    "decimal where none is allowed": (
        modal(asking(number(initial_value="1.5"))),
        "a whole number",
        "/view/blocks/0/element/initial_value",
    ),
    "number without is_decimal_allowed": (
        modal(asking({"type": "number_input"})),
        "missing required field: is_decimal_allowed",
        "/view/blocks/0/element",
    ),
    "select of nothing": (modal(asking(menu())), "no fewer than 1 items", "/view/blocks/0/element/options"),
    "select that begins with something else": (
        modal(asking(menu("a", initial_option=option("b")))),
        "must exactly match",
        "/view/blocks/0/element/initial_option",
    ),
    "none of several": (
        modal(asking({**menu("a"), "type": "multi_static_select", "placeholder": plain("x"), "max_selected_items": 0})),
        "from 1 to 100",
        "/view/blocks/0/element/max_selected_items",
    ),
    "dispatches at another moment": (
        modal(asking(field(dispatch_action_config={"trigger_actions_on": ["on_blur"]}))),
        "a valid enum value",
        "/view/blocks/0/element/dispatch_action_config/trigger_actions_on/0",
    ),
    "button as a field": (modal(asking({"type": "button"})), "does not draw button", "/view/blocks/0/element/type"),
    "the same block_id": (modal(asking(block_id="a"), asking(block_id="a")), "already exists", "/view/blocks"),
    "length is no number": (modal(asking(field(max_length=True))), "an integer", "/view/blocks/0/element/max_length"),
    "at least more than at most": (
        modal(asking(field(min_length=5, max_length=4))),
        "must not be more than max_length",
        "/view/blocks/0/element/min_length",
    ),
    "two with the focus": (
        modal(asking(field(focus_on_load=True)), asking(field(focus_on_load=True))),
        "only one element",
        "/view/blocks/1/element/focus_on_load",
    ),
    "length of nothing": (modal(asking(field(max_length=0))), "from 1 to 3000", "/view/blocks/0/element/max_length"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_slack_refuses_of_a_view_is_refused_at_the_right_place(name: str) -> None:
    view, sentence, pointer = REFUSED[name]
    problems = view_problems(view)
    assert any(sentence in problem and problem.endswith(f"[json-pointer:{pointer}]") for problem in problems), problems


def test_a_window_may_hold_menus_numbers_buttons_and_links() -> None:
    several = {**menu("a", "b"), "type": "multi_static_select", "placeholder": plain("x"), "max_selected_items": 1}
    fields = [menu("a", initial_option=option("a")), several, number(min_value="1", max_value="100", initial_value="1")]
    link = {"type": "button", "text": plain("Open"), "url": "https://example.com"}
    pressed = [ACTIONS, {**section("x"), "accessory": link}, {"type": "actions", "elements": [menu("a")]}]
    assert view_problems(modal(*map(asking, fields), *pressed, asking(dispatch_action=True))) == []


@pytest.fixture
def watch() -> Wristwatch:
    return Wristwatch()


@pytest.fixture
def app() -> Recorder:
    return Recorder()


@pytest.fixture
def ws(app: Recorder, watch: Wristwatch) -> Iterator[RunningWorkspace]:
    with running_workspace(app, clock=watch) as workspace:
        yield workspace


@pytest.fixture
def slack(ws: RunningWorkspace) -> WebClient:
    return WebClient(ws.bot_token, base_url=ws.api_url, retry_handlers=[])


def trigger_of(ws: RunningWorkspace, app: Recorder) -> str:
    ws.client().chat_postMessage(channel=ws.channel, text="x", blocks=[ACTIONS])
    ws.press(ADA, ws.messages[-1], "Approve")
    return str(app.payload["trigger_id"])


def test_a_trigger_opens_a_window_for_who_pressed(ws: RunningWorkspace, app: Recorder, slack: WebClient) -> None:
    view = modal(asking(block_id="reason"), callback_id="deny_reason", private_metadata="r1")
    answer = slack.views_open(trigger_id=trigger_of(ws, app), view=view)["view"]
    window = ws.window(ADA)
    assert window is not None
    assert (answer["id"], answer["callback_id"], answer["private_metadata"]) == (window.id, "deny_reason", "r1")
    assert answer["blocks"][0]["element"]["action_id"], "Slack fills in the ids that are not given"
    assert ws.window(OLLI) is None


def test_a_command_carries_a_trigger_too(ws: RunningWorkspace, app: Recorder, slack: WebClient) -> None:
    ws.run_command(OLLI, "/clients")
    assert slack.views_open(trigger_id=app.form["trigger_id"], view=modal(section("x")))["ok"]
    assert ws.window(OLLI) is not None


def test_a_trigger_is_good_for_three_seconds(
    ws: RunningWorkspace, app: Recorder, slack: WebClient, watch: Wristwatch
) -> None:
    first, second = trigger_of(ws, app), trigger_of(ws, app)
    watch.seconds += 3
    assert slack.views_open(trigger_id=first, view=modal(section("x")))["ok"]
    watch.seconds += 0.5
    assert error_of(slack.views_open, trigger_id=second, view=modal(section("x"))) == "expired_trigger_id"


def test_a_trigger_is_good_once(ws: RunningWorkspace, app: Recorder, slack: WebClient) -> None:
    trigger = trigger_of(ws, app)
    slack.views_open(trigger_id=trigger, view=modal(section("x")))
    assert error_of(slack.views_open, trigger_id=trigger, view=modal(section("x"))) == "exchanged_trigger_id"


def test_a_trigger_that_slack_never_gave_is_refused(slack: WebClient) -> None:
    assert error_of(slack.views_open, trigger_id="1.2.abc", view=modal(section("x"))) == "invalid_trigger_id"
    assert error_of(slack.views_open, view=modal(section("x"))) == "invalid_arguments"


def test_a_bad_view_is_refused_with_the_place_and_the_trigger_stays_good(
    ws: RunningWorkspace, app: Recorder, slack: WebClient
) -> None:
    trigger = trigger_of(ws, app)
    with pytest.raises(SlackApiError) as refused:
        slack.views_open(trigger_id=trigger, view=modal(section("x"), title=plain("x" * 25)))
    answer = refused.value.response
    assert answer["error"] == "invalid_arguments"
    assert (
        "must be less than 25 characters [json-pointer:/view/title/text]" in answer["response_metadata"]["messages"][0]
    )
    assert slack.views_open(trigger_id=trigger, view=modal(section("x")))["ok"]


def test_a_view_of_more_than_250_kilobytes_is_refused(ws: RunningWorkspace, app: Recorder, slack: WebClient) -> None:
    view = modal(*[section("ä" * 3000)] * 20)
    assert error_of(slack.views_open, trigger_id=trigger_of(ws, app), view=view) == "view_too_large"


def test_opening_a_window_needs_no_scope() -> None:
    seen: list[SignedRequest] = []

    def app(request: SignedRequest) -> AppAnswer:
        seen.append(request)
        return AppAnswer(200)

    with running_workspace(app, scopes=()) as ws:
        ws.run_command(ADA, "/clients")
        recorder = Recorder(requests=seen)
        assert ws.client().views_open(trigger_id=recorder.form["trigger_id"], view=modal(section("x")))["ok"]


def test_a_home_tab_is_no_window(ws: RunningWorkspace, app: Recorder, slack: WebClient) -> None:
    with pytest.raises(SlackApiError) as refused:
        slack.views_open(trigger_id=trigger_of(ws, app), view={"type": "home", "blocks": [section("x")]})
    answer = refused.value.response
    assert answer["response_metadata"]["messages"] == ["[ERROR] must be a valid enum value [json-pointer:/view/type]"]
