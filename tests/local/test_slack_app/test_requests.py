"""What the local Slack sends to the app: commands and presses, signed."""

import pytest
from slack_sdk.signature import SignatureVerifier

from local.slack import ADA, EVE, OLLI, RunningWorkspace, running_workspace
from local.slack.app.elements import NothingToPress
from tests.local.test_slack_app.recorder import ACTIONS, APPROVE, Recorder, posted


def test_a_command_carries_all_of_slacks_fields(ws: RunningWorkspace, app: Recorder) -> None:
    assert ws.run_command(ADA, "/clients  invite Acme & Söhne  ").ok
    form = app.form
    assert form.pop("response_url").startswith(f"{ws.base_url}/commands/T0SWITCHYARD/")
    assert len(form.pop("trigger_id").split(".")) == 3
    assert form == {
        "token": "local-verification-token",
        "team_id": "T0SWITCHYARD",
        "team_domain": "switchyard-demo",
        "channel_id": "C0ONBOARDING",
        "channel_name": "onboarding",
        "user_id": "U0ADA",
        "user_name": "ada",
        "command": "/clients",
        "text": "invite Acme & Söhne",
        "api_app_id": "A0SWITCHYARD",
        "is_enterprise_install": "false",
    }


def test_requests_are_signed_as_slack_signs(ws: RunningWorkspace) -> None:
    verifier = SignatureVerifier(ws.signing_secret)
    for request in (ws.command_request(ADA, "/clients"), ws.press_request(ADA, posted(ws), "Approve")):
        assert verifier.is_valid_request(request.body, request.headers)
        assert not verifier.is_valid_request(request.with_body(request.body + b"x").body, request.headers)
        assert not SignatureVerifier("another secret").is_valid_request(request.body, request.headers)


def test_the_signature_carries_the_workspaces_time() -> None:
    with running_workspace(clock=lambda: 1763877954.7) as ws:
        assert ws.command_request(ADA, "/clients").headers["X-Slack-Request-Timestamp"] == "1763877954"


def test_a_press_carries_message_action_and_person(ws: RunningWorkspace, app: Recorder) -> None:
    message = posted(ws, metadata={"event_type": "request", "event_payload": {"id": "r1"}})
    assert ws.press(OLLI, message, "Approve").ok
    payload = app.payload
    assert payload["type"] == "block_actions"
    assert payload["user"] == {"id": "U0OLLI", "username": "olli", "name": "olli", "team_id": "T0SWITCHYARD"}
    assert payload["team"] == {"id": "T0SWITCHYARD", "domain": "switchyard-demo"}
    assert payload["channel"] == {"id": "C0ONBOARDING", "name": "onboarding"}
    assert payload["container"] == {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": "C0ONBOARDING",
        "is_ephemeral": False,
    }
    assert payload["message"] == message.as_slack()
    assert payload["state"] == {"values": {}}
    action = payload["actions"][0]
    assert float(action.pop("action_ts")) > float(message.ts)
    assert action == {"block_id": "decide", **{key: APPROVE[key] for key in APPROVE}}


def test_a_menu_option_is_pressed_by_its_label(ws: RunningWorkspace, app: Recorder) -> None:
    ws.press(ADA, posted(ws), "History")
    action = app.payload["actions"][0]
    assert (action["type"], action["selected_option"]["value"]) == ("overflow", "history")


TEAMS = [{"text": {"type": "plain_text", "text": name}, "value": name.lower()} for name in ("Operators", "Data")]
CHOOSER = {
    "type": "section",
    "block_id": "who",
    "text": {"type": "mrkdwn", "text": "Who gets in"},
    "accessory": {
        "type": "multi_static_select",
        "action_id": "teams",
        "placeholder": {"type": "plain_text", "text": "Teams"},
        "options": TEAMS,
        "initial_options": TEAMS[:1],
    },
}


@pytest.mark.parametrize(
    ("chosen", "values"),
    [({}, ["operators"]), ({"teams": ["Data", "Operators"]}, ["operators", "data"]), ({"teams": []}, [])],
)
def test_a_press_carries_what_is_chosen_in_the_message(
    ws: RunningWorkspace, app: Recorder, chosen: dict[str, list[str]], values: list[str]
) -> None:
    message = posted(ws, blocks=[CHOOSER, ACTIONS])
    assert ws.press(ADA, message, "Approve", **chosen).ok
    menu = app.payload["state"]["values"]["who"]["teams"]
    assert menu["type"] == "multi_static_select"
    assert [option["value"] for option in menu["selected_options"]] == values
    with pytest.raises(NothingToPress):
        ws.press(ADA, message, "Data")


def test_an_option_is_chosen_by_its_value_where_labels_repeat(ws: RunningWorkspace, app: Recorder) -> None:
    options = [{"text": {"type": "plain_text", "text": "Acme"}, "value": value} for value in ("c1", "c2")]
    placeholder = {"type": "plain_text", "text": "Show one"}
    pick = {"type": "static_select", "action_id": "pick", "placeholder": placeholder, "options": options}
    ws.client().chat_postMessage(channel=ws.channel, text="x", blocks=[{"type": "actions", "elements": [pick]}])
    assert ws.choose(ADA, ws.messages[-1], "pick", "c2").ok
    assert app.payload["actions"][0]["selected_option"] == options[1]


def test_pressing_what_is_not_there_names_what_is(ws: RunningWorkspace) -> None:
    with pytest.raises(NothingToPress, match=r"Deny.*it has: Approve, History"):
        ws.press(ADA, posted(ws), "Deny")


def test_a_person_who_sees_an_old_message_can_still_press_it(ws: RunningWorkspace, app: Recorder) -> None:
    seen = posted(ws)
    ws.client().chat_update(channel=ws.channel, ts=seen.ts, text="done", blocks=[])
    assert ws.message(seen.ts).buttons == ()
    assert ws.press(OLLI, seen, "Approve").ok
    assert app.payload["actions"][0]["value"] == "r1"


def test_a_guest_keeps_the_id_of_the_workspace_they_come_from(ws: RunningWorkspace, app: Recorder) -> None:
    ws.press(EVE, posted(ws), "Approve")
    assert (app.payload["user"]["team_id"], app.payload["team"]["id"]) == ("T0ELSEWHERE", "T0SWITCHYARD")


def test_a_press_in_a_thread_names_the_thread(ws: RunningWorkspace, app: Recorder) -> None:
    parent = posted(ws)
    ws.press(ADA, posted(ws, thread_ts=parent.ts), "Approve")
    assert app.payload["container"]["thread_ts"] == parent.ts


def test_a_press_in_a_private_answer_carries_no_message(ws: RunningWorkspace, app: Recorder) -> None:
    ws.client().chat_postEphemeral(channel=ws.channel, user=ADA.id, text="x", blocks=[ACTIONS])
    ws.press(ADA, ws.ephemerals(ADA)[0], "Approve")
    assert app.payload["container"]["is_ephemeral"]
    assert "message" not in app.payload
