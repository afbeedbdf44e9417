"""The window on the page: drawn as its person has it, sent and closed, and nothing typed is lost on the way."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.slack import ADA, AppAnswer, RunningWorkspace, running_workspace
from tests.local.test_slack_app.recorder import Recorder, json_answer
from tests.local.test_slack_page.test_drawing import page
from tests.local.test_slack_page.test_endpoints import act, ask, state

VIEW: dict[str, Any] = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Deny"},
    "submit": {"type": "plain_text", "text": "Deny it"},
    "close": {"type": "plain_text", "text": "Cancel"},
    "blocks": [
        {"type": "section", "text": {"type": "mrkdwn", "text": "*Onboard Acme?* <b>"}},
        {
            "type": "input",
            "block_id": "reason",
            "label": {"type": "plain_text", "text": "Reason"},
            "hint": {"type": "plain_text", "text": "Everybody can read it."},
            "element": {"type": "plain_text_input", "action_id": "typed", "multiline": True},
        },
        {
            "type": "input",
            "block_id": "tell",
            "optional": True,
            "label": {"type": "plain_text", "text": "For the client"},
            "element": {
                "type": "checkboxes",
                "action_id": "told",
                "options": [{"text": {"type": "plain_text", "text": "Tell them"}, "value": "yes"}],
            },
        },
    ],
}


@pytest.fixture
def app() -> Recorder:
    return Recorder()


@pytest.fixture
def ws(app: Recorder) -> Iterator[RunningWorkspace]:
    with running_workspace(app) as workspace:
        workspace.run_command(ADA, "/clients")
        workspace.client().views_open(trigger_id=app.form["trigger_id"], view=VIEW)
        app.requests.clear()
        yield workspace


def test_a_window_is_drawn_for_its_person_alone(ws: RunningWorkspace) -> None:
    shown = page(ws)["modal"]
    for part in (
        "<h2><div .line>Deny</></>",
        "<strong>Onboard Acme?</> <b></>",
        "<label><div .line>Reason</></>",
        "<textarea .modal-field></>",
        "<div .modal-hint><div .line>Everybody can read it.</></>",
        "<label .modal-box><input></><div .line>Tell them</></>",
        "<button .act modal-cancel>Cancel</><button .act primary modal-submit>Deny it</>",
    ):
        assert part in shown
    assert page(ws, ("be", "U0OLLI"))["modal"] == ""


def test_sending_it_reaches_the_app_and_closes_it(ws: RunningWorkspace, app: Recorder) -> None:
    page(ws, ("fill", "No contract"), ("submit",))
    assert app.payload["view"]["state"]["values"]["reason"]["typed"]["value"] == "No contract"
    assert ws.window(ADA) is None
    assert page(ws)["modal"] == ""


@pytest.mark.parametrize(("tell", "chosen"), [("", []), ("yes", ["yes"]), ("Tell them", ["yes"]), ("another", [])])
def test_a_box_is_sent_ticked_or_not(ws: RunningWorkspace, app: Recorder, tell: str, chosen: list[str]) -> None:
    ws.submit(ADA, Reason="x", tell=tell)
    sent = app.payload["view"]["state"]["values"]["tell"]["told"]
    assert sent["type"] == "checkboxes"
    assert [one["value"] for one in sent["selected_options"]] == chosen


def test_closing_it_reaches_nobody(ws: RunningWorkspace, app: Recorder) -> None:
    page(ws, ("close",))
    assert (ws.window(ADA), app.requests) == (None, [])


def test_an_error_is_drawn_under_its_field(ws: RunningWorkspace, app: Recorder) -> None:
    app.answer = json_answer(response_action="errors", errors={"reason": "Say more."})
    ws.submit(ADA, Reason="x")
    assert "<textarea .modal-field></><p .modal-error>Say more.</>" in page(ws)["modal"]


def test_what_was_typed_stays_when_the_app_asks_again(ws: RunningWorkspace, app: Recorder) -> None:
    app.answer = json_answer(response_action="errors", errors={"reason": "Say more."})
    assert page(ws, ("fill", "x"), ("submit",), ("refresh",))["typed"] == "x"


def test_an_app_that_fails_leaves_the_window_with_slacks_sentence(ws: RunningWorkspace, app: Recorder) -> None:
    app.answer = AppAnswer(500)
    ws.submit(ADA, Reason="x")
    assert "<p .modal-problem>We had some trouble connecting. Try again?</>" in page(ws)["modal"]


def test_the_state_shows_each_persons_window(ws: RunningWorkspace) -> None:
    [(person, shown)] = state(ws)["modals"].items()
    assert (person, shown["view"]["title"]["text"], shown["errors"]) == ("U0ADA", "Deny", {})


def test_the_pages_addresses_send_and_close_it(ws: RunningWorkspace, app: Recorder) -> None:
    view_id = state(ws)["modals"]["U0ADA"]["id"]
    assert act(ws, "/_local/submit", user="U0ADA", view_id="V1", values={})[0] == 409
    assert act(ws, "/_local/submit", user="U0OLLI", view_id=view_id, values={})[0] == 409
    assert act(ws, "/_local/submit", user="U0ADA", view_id=view_id, values=["x"])[0] == 400
    assert act(ws, "/_local/submit", user="U0ADA", view_id=view_id, values={"reason": ""})[1]["error"] == "incomplete"
    assert app.requests == []
    assert act(ws, "/_local/close", user="U0OLLI", view_id=view_id)[0] == 409
    assert act(ws, "/_local/close", user="U0ADA", view_id=view_id)[1]["ok"]
    assert ws.window(ADA) is None


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Host": "evil.example"}])
def test_other_websites_can_neither_send_nor_close_it(
    ws: RunningWorkspace, app: Recorder, headers: dict[str, str]
) -> None:
    view_id = state(ws)["modals"]["U0ADA"]["id"]
    for path in ("/_local/submit", "/_local/close"):
        body = {"user": "U0ADA", "view_id": view_id, "values": {"reason": "x"}}
        assert ask(ws, path, body, headers)[0] == 403
    assert ws.window(ADA) is not None
    assert app.requests == []


def test_a_field_begins_with_what_the_app_put_there(ws: RunningWorkspace, app: Recorder) -> None:
    ask = VIEW["blocks"][1]
    filled = {**ask, "element": {**ask["element"], "initial_value": "Acme & Söhne"}}
    ws.run_command(ADA, "/clients")
    ws.client().views_open(trigger_id=app.form["trigger_id"], view={**VIEW, "blocks": [filled]})
    assert page(ws)["typed"] == "Acme & Söhne"
    page(ws, ("submit",))
    assert app.payload["view"]["state"]["values"]["reason"]["typed"]["value"] == "Acme & Söhne"
