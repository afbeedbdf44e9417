"""Windows: what the app gets when one is sent or closed, and what its answer does to it."""

from typing import Any

import pytest

from local.slack import (
    ADA,
    EVE,
    OLLI,
    AppAnswer,
    Manifest,
    Person,
    RunningWorkspace,
    Shortcut,
    SignedRequest,
    running_workspace,
)
from local.slack.app.elements import NothingToPress
from local.slack.people.filling_in import REQUIRED, TROUBLE, NothingOpen
from local.slack.workspace.modals import Window
from tests.local.test_slack_api.calls import error_of
from tests.local.test_slack_app.recorder import ACTIONS, Recorder, json_answer, posted


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def asking(**fields: Any) -> dict[str, Any]:
    element = {"type": "plain_text_input", "action_id": "typed", "max_length": 10}
    return {"type": "input", "block_id": "reason", "label": plain("Reason"), "element": element, **fields}


def modal(**fields: Any) -> dict[str, Any]:
    named = {"callback_id": "deny_reason", "private_metadata": "r1"}
    return {"type": "modal", "title": plain("Deny"), "submit": plain("Deny"), "blocks": [asking()], **named, **fields}


def opened(ws: RunningWorkspace, app: Recorder, person: Person = ADA, **fields: Any) -> Window:
    ws.press(person, posted(ws), "Approve")
    ws.client().views_open(trigger_id=app.payload["trigger_id"], view=modal(**fields))
    app.requests.clear()
    return window(ws, person)


def window(ws: RunningWorkspace, person: Person = ADA) -> Window:
    found = ws.window(person)
    assert found is not None
    return found


def test_a_sent_window_carries_what_was_typed_and_who_typed_it(ws: RunningWorkspace, app: Recorder) -> None:
    seen = opened(ws, app)
    assert ws.submit(ADA, Reason="a < b").ok
    payload = app.payload
    assert payload["type"] == "view_submission"
    assert (payload["user"]["id"], payload["user"]["team_id"], payload["team"]["id"]) == (
        "U0ADA",
        "T0SWITCHYARD",
        "T0SWITCHYARD",
    )
    view = payload["view"]
    assert (view["id"], view["callback_id"], view["private_metadata"]) == (seen.id, "deny_reason", "r1")
    assert view["state"]["values"] == {"reason": {"typed": {"type": "plain_text_input", "value": "a < b"}}}
    assert "channel" not in payload and "message" not in payload and "response_url" not in payload


@pytest.mark.parametrize(
    ("typed", "sent"), [({}, "Acme"), ({"Company": "Acme AG"}, "Acme AG"), ({"name": "Acme AG"}, "Acme AG")]
)
def test_what_a_field_begins_with_is_sent_unless_something_else_was_typed(
    ws: RunningWorkspace, app: Recorder, typed: dict[str, str], sent: str
) -> None:
    element = {"type": "plain_text_input", "action_id": "typed", "initial_value": "Acme", "focus_on_load": True}
    block = {"type": "input", "block_id": "name", "label": plain("Company"), "element": element}
    opened(ws, app, blocks=[block, asking(optional=True)])
    assert ws.submit(ADA, **typed).ok
    values = app.payload["view"]["state"]["values"]
    assert (values["name"]["typed"]["value"], values["reason"]["typed"]["value"]) == (sent, None)


@pytest.mark.parametrize(("typed", "sent"), [({}, ["b"]), ({"Who": "a"}, ["a"]), ({"Who": ""}, [])])
def test_boxes_that_are_ticked_at_first_are_sent_so(
    ws: RunningWorkspace, app: Recorder, typed: dict[str, str], sent: list[str]
) -> None:
    options = [{"text": plain(each.upper()), "value": each} for each in "ab"]
    element = {"type": "checkboxes", "action_id": "ticked", "options": options, "initial_options": options[1:]}
    block = {"type": "input", "block_id": "who", "label": plain("Who"), "element": element, "optional": True}
    opened(ws, app, blocks=[block])
    assert ws.submit(ADA, **typed).ok
    chosen = app.payload["view"]["state"]["values"]["who"]["ticked"]["selected_options"]
    assert [option["value"] for option in chosen] == sent


def test_a_field_that_was_emptied_is_not_what_it_began_with(ws: RunningWorkspace, app: Recorder) -> None:
    element = {"type": "plain_text_input", "action_id": "typed", "initial_value": "Acme"}
    opened(ws, app, blocks=[{"type": "input", "block_id": "name", "label": plain("Company"), "element": element}])
    assert ws.submit(ADA, Company="").error == "incomplete"
    assert window(ws).errors == {"name": REQUIRED}


LEVELS = [{"text": plain(each), "value": each.lower()} for each in ("Admin", "Reader")]
FIELDS: dict[str, dict[str, Any]] = {
    "Level": {"type": "static_select", "options": LEVELS},
    "Teams": {"type": "multi_static_select", "placeholder": plain("x"), "options": LEVELS, "max_selected_items": 1},
    "Number": {"type": "number_input", "is_decimal_allowed": False, "min_value": "1", "max_value": "100"},
}


def fields(**more: Any) -> list[dict[str, Any]]:
    """A field of each kind, with these fields of its element."""
    return [
        {"type": "input", "label": plain(label), "element": {"action_id": "it", **element, **more.get(label, {})}}
        for label, element in FIELDS.items()
    ]


def sent(app: Recorder) -> list[Any]:
    return [each["it"] for each in app.payload["view"]["state"]["values"].values()]


def test_menus_and_numbers_are_sent_as_slack_sends_them(ws: RunningWorkspace, app: Recorder) -> None:
    opened(ws, app, blocks=fields())
    assert ws.submit(ADA, Level="Reader", Teams="admin", Number="7").ok
    assert sent(app) == [
        {"type": "static_select", "selected_option": LEVELS[1]},
        {"type": "multi_static_select", "selected_options": LEVELS[:1]},
        {"type": "number_input", "value": "7"},
    ]


def test_menus_and_numbers_hold_what_they_begin_with(ws: RunningWorkspace, app: Recorder) -> None:
    begun = {"Level": {"initial_option": LEVELS[0]}, "Teams": {"initial_options": LEVELS[1:]}}
    opened(ws, app, blocks=fields(**begun, Number={"initial_value": "3"}))
    assert ws.submit(ADA).ok
    assert [each.get("value") for each in sent(app)] == [None, None, "3"]
    assert (sent(app)[0]["selected_option"], sent(app)[1]["selected_options"]) == (LEVELS[0], LEVELS[1:])


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"Level": ""}, REQUIRED),
        ({"Level": "another"}, REQUIRED),
        ({"Teams": ""}, REQUIRED),
        ({"Teams": "admin\nreader"}, "at most 1"),
        ({"Number": ""}, REQUIRED),
        ({"Number": "0"}, "at least 1"),
        ({"Number": "101"}, "at most 100"),
        ({"Number": "1.5"}, "a whole number"),
        ({"Number": "many"}, "a whole number"),
    ],
)
def test_menus_and_numbers_that_are_not_filled_in_well_are_not_sent(
    ws: RunningWorkspace, app: Recorder, typed: dict[str, str], said: str
) -> None:
    opened(ws, app, blocks=fields())
    assert ws.submit(ADA, **{"Level": "Admin", "Teams": "Admin", "Number": "1", **typed}).error == "incomplete"
    [sentence] = window(ws).errors.values()
    assert said in sentence
    assert app.requests == []


def test_a_press_in_a_window_says_which_and_what_is_filled_in(ws: RunningWorkspace, app: Recorder) -> None:
    before = opened(ws, app, blocks=[asking(), ACTIONS])
    assert ws.press_in_window(ADA, "Approve", Reason="half").ok
    payload = app.payload
    assert (payload["type"], payload["user"]["id"]) == ("block_actions", "U0ADA")
    assert payload["container"] == {"type": "view", "view_id": before.id}
    assert not {"message", "channel", "response_url", "state"} & payload.keys()
    assert (payload["view"]["id"], payload["view"]["private_metadata"]) == (before.id, "r1")
    assert payload["view"]["state"]["values"]["reason"]["typed"]["value"] == "half"
    [action] = payload["actions"]
    assert (action["action_id"], action["value"]) == ("approve", "r1")
    assert window(ws) == before, "a press leaves the window open"
    assert ws.client().views_open(trigger_id=payload["trigger_id"], view=modal())["ok"]


def test_the_app_puts_another_view_in_an_open_window(ws: RunningWorkspace, app: Recorder) -> None:
    before = opened(ws, app, external_id="deny")
    slack = ws.client()
    other = modal(title=plain("Page 2"))
    assert slack.views_update(view_id=before.id, hash=before.hash, view=other)["view"]["id"] == before.id
    after = window(ws)
    assert (after.id, after.view["title"]["text"]) == (before.id, "Page 2")
    assert error_of(slack.views_update, view_id=before.id, hash=before.hash, view=modal()) == "hash_conflict"
    assert error_of(slack.views_update, view_id="V0", view=modal()) == "not_found"
    assert error_of(slack.views_update, external_id="deny", view=modal()) == "not_found", "the new view has none"
    assert error_of(slack.views_update, view_id=before.id, view={**modal(), "type": "home"}) == "invalid_arguments"
    assert error_of(slack.api_call, api_method="views.update", json={"view": modal()}) == "invalid_arguments"
    assert window(ws) == after
    ws.close_window(ADA)
    assert error_of(slack.views_update, view_id=before.id, view=modal()) == "not_found"


def test_only_a_field_that_dispatches_its_action_is_pressed(ws: RunningWorkspace, app: Recorder) -> None:
    opened(ws, app, blocks=[asking(dispatch_action=True), asking(block_id="other", label=plain("Other"))])
    assert ws.press_in_window(ADA, "Reason", Reason="acme").ok
    [action] = app.payload["actions"]
    assert (action["type"], action["action_id"], action["value"]) == ("plain_text_input", "typed", "acme")
    with pytest.raises(NothingToPress, match=r"Other.*it has: Reason"):
        ws.press_in_window(ADA, "Other", Other="acme")


def test_a_global_shortcut_says_who_chose_it_and_opens_a_window(app: Recorder) -> None:
    with running_workspace(app, manifest=Manifest(shortcuts=(Shortcut("invite", "Invite a client"),))) as ws:
        assert ws.shortcut(EVE, "invite").ok
        payload = app.payload
        assert (payload["type"], payload["callback_id"]) == ("shortcut", "invite")
        assert (payload["user"]["id"], payload["user"]["team_id"], payload["team"]["id"]) == (
            "U0EVE",
            "T0ELSEWHERE",
            "T0SWITCHYARD",
        )
        assert not {"channel", "message", "response_url", "view"} & payload.keys()
        assert ws.client().views_open(trigger_id=payload["trigger_id"], view=modal())["ok"]
        assert window(ws, EVE)
        with pytest.raises(KeyError):
            ws.shortcut(EVE, "another")


def test_a_guest_keeps_the_id_of_the_workspace_they_come_from(ws: RunningWorkspace, app: Recorder) -> None:
    opened(ws, app, EVE)
    ws.submit(EVE, Reason="x")
    assert app.payload["user"]["team_id"] == "T0ELSEWHERE"


def test_an_empty_answer_closes_the_window(ws: RunningWorkspace, app: Recorder) -> None:
    opened(ws, app)
    assert ws.submit(ADA, Reason="x").ok
    assert ws.window(ADA) is None


def test_clear_closes_it_too(ws: RunningWorkspace, app: Recorder) -> None:
    opened(ws, app)
    app.answer = json_answer(response_action="clear")
    assert ws.submit(ADA, Reason="x").ok
    assert ws.window(ADA) is None


def test_errors_keep_the_window_and_stand_under_their_fields(ws: RunningWorkspace, app: Recorder) -> None:
    before = opened(ws, app)
    app.answer = json_answer(response_action="errors", errors={"reason": "Say more."})
    assert ws.submit(ADA, Reason="x").ok
    after = window(ws)
    assert after.errors == {"reason": "Say more."}
    assert (after.id, after.hash) == (before.id, before.hash), "the page keeps what was typed"


def test_an_update_takes_the_place_of_the_view(ws: RunningWorkspace, app: Recorder) -> None:
    before = opened(ws, app)
    other = {"type": "modal", "title": plain("Late"), "blocks": [{"type": "section", "text": plain("Too late.")}]}
    app.answer = json_answer(response_action="update", view=other)
    assert ws.submit(ADA, Reason="x").ok
    after = window(ws)
    assert (after.id, after.view["title"]["text"]) == (before.id, "Late")
    assert after.hash != before.hash


@pytest.mark.parametrize(
    "answer",
    [
        json_answer(response_action="errors", errors={"other": "No such field."}),
        json_answer(response_action="errors", errors={}),
        json_answer(response_action="update", view={"type": "modal"}),
        json_answer(response_action="push", view=modal()),
        json_answer(text="taken"),
        AppAnswer(200, b"taken"),
        AppAnswer(500),
    ],
)
def test_an_answer_that_slack_does_not_understand_keeps_the_window(
    ws: RunningWorkspace, app: Recorder, answer: AppAnswer
) -> None:
    opened(ws, app)
    app.answer = answer
    assert not ws.submit(ADA, Reason="x").ok
    assert window(ws).problem == TROUBLE


@pytest.mark.parametrize(("typed", "said"), [("", REQUIRED), ("x" * 11, "at most 10 characters")])
def test_what_is_incomplete_is_not_sent(ws: RunningWorkspace, app: Recorder, typed: str, said: str) -> None:
    opened(ws, app)
    assert ws.submit(ADA, Reason=typed).error == "incomplete"
    assert said in window(ws).errors["reason"]
    assert app.requests == []


def test_an_optional_field_may_stay_empty(ws: RunningWorkspace, app: Recorder) -> None:
    opened(ws, app, blocks=[asking(optional=True)])
    assert ws.submit(ADA).ok
    assert app.payload["view"]["state"]["values"]["reason"]["typed"]["value"] is None


def test_closing_tells_the_app_only_where_the_view_asks_for_it(ws: RunningWorkspace, app: Recorder) -> None:
    opened(ws, app)
    ws.close_window(ADA)
    assert (ws.window(ADA), app.requests) == (None, [])
    opened(ws, app, notify_on_close=True)
    ws.close_window(ADA)
    assert (app.payload["type"], app.payload["is_cleared"]) == ("view_closed", False)


def test_a_window_that_was_replaced_while_it_was_being_sent_stays(ws: RunningWorkspace, app: Recorder) -> None:
    first = opened(ws, app)

    def opens_another(request: SignedRequest) -> AppAnswer:
        answer = app(request)
        ws.client().views_open(trigger_id=app.payload["trigger_id"], view=modal())
        return answer

    ws.connect(opens_another)
    assert ws.submit(ADA, Reason="x").ok
    assert window(ws).id != first.id


def test_nobody_sends_a_window_that_somebody_else_has_open(ws: RunningWorkspace, app: Recorder) -> None:
    opened(ws, app)
    with pytest.raises(NothingOpen):
        ws.submit(OLLI, Reason="x")
    with pytest.raises(NothingOpen):
        ws.close_window(OLLI)
