"""How the app's answers are shown, and what people see when it refuses."""

import threading

import pytest

from local.slack import ADA, OLLI, AppAnswer, RunningWorkspace
from tests.local.test_slack_app.recorder import ACTIONS, Recorder, json_answer, posted


def test_a_plain_text_answer_is_shown_to_the_person_alone(ws: RunningWorkspace, app: Recorder) -> None:
    app.answer = AppAnswer(200, b"No clients yet.", {"content-type": "text/plain"})
    ws.run_command(ADA, "/clients")
    assert [each.text for each in ws.ephemerals(ADA)] == ["No clients yet."]
    assert not ws.ephemerals(OLLI)
    assert not ws.messages


def test_an_in_channel_answer_is_shown_to_everybody(ws: RunningWorkspace, app: Recorder) -> None:
    app.answer = json_answer(response_type="in_channel", text="Hello all")
    ws.run_command(ADA, "/clients")
    assert [each.text for each in ws.channel_messages] == ["Hello all"]


def test_blocks_in_an_answer_are_shown_and_can_be_pressed(ws: RunningWorkspace, app: Recorder) -> None:
    app.answer = json_answer(text="x", blocks=[ACTIONS])
    ws.run_command(ADA, "/clients")
    app.answer = AppAnswer(200)
    assert ws.press(ADA, ws.ephemerals(ADA)[0], "Approve").ok


def test_an_empty_answer_shows_nothing(ws: RunningWorkspace) -> None:
    assert ws.run_command(ADA, "/clients").ok
    assert not ws.ephemerals(ADA)


def test_invalid_blocks_in_an_answer_are_reported_to_the_person(ws: RunningWorkspace, app: Recorder) -> None:
    app.answer = json_answer(blocks=[{"type": "section"}])
    outcome = ws.run_command(ADA, "/clients")
    assert outcome.error == "invalid_blocks"
    assert "missing required field: text or fields" in ws.ephemerals(ADA)[0].text


def test_the_body_of_a_press_answer_means_nothing(ws: RunningWorkspace, app: Recorder) -> None:
    message = posted(ws)
    app.answer = json_answer(text="ignored", replace_original=True)
    assert ws.press(ADA, message, "Approve").ok
    assert ws.messages == (message,)
    assert not ws.ephemerals(ADA)


def test_an_unknown_command_never_reaches_the_app(ws: RunningWorkspace, app: Recorder) -> None:
    assert ws.run_command(ADA, "/deploy now").error == "unknown_command"
    assert not app.requests
    assert "/deploy is not a valid command" in ws.ephemerals(ADA)[0].text


@pytest.mark.parametrize("status", [302, 404, 500])
def test_an_error_status_fails_visibly(ws: RunningWorkspace, app: Recorder, status: int) -> None:
    app.answer = AppAnswer(status, b"secret stack trace")
    assert ws.run_command(ADA, "/clients").error == "dispatch_failed"
    assert ws.press(ADA, posted(ws), "Approve").error == "dispatch_failed"
    shown = ws.ephemerals(ADA)[0].text
    assert "/clients failed with the error “dispatch_failed”" in shown
    assert "secret" not in shown


def test_waiting_ends_as_soon_as_it_is_so(ws: RunningWorkspace) -> None:
    later = threading.Thread(target=posted, args=(ws,))
    later.start()
    ws.wait_for(lambda: ws.messages)
    later.join()
    with pytest.raises(AssertionError, match="the channel shows"):
        ws.wait_for(lambda: len(ws.messages) > 1, seconds=0.01)
