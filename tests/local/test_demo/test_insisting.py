"""The demo's people on a busy machine: where Slack's three seconds pass, they look, then try again."""

from dataclasses import replace
from typing import Any

import pytest

from local.demo.insisting import Insisting
from local.demo.slack import NotTaken, Seen
from local.demo.teller import Teller
from local.demo.transcript import StoryBroken
from local.slack import ADA, AppAnswer, RunningWorkspace
from tests.local.test_demo.conftest import LateApp, ListeningTranscript, told

REQUEST: dict[str, Any] = {"event_type": "switchyard_request", "event_payload": {"request_id": "r1"}}


def button(label: str) -> list[dict[str, Any]]:
    text = {"type": "plain_text", "text": label}
    return [{"type": "actions", "elements": [{"type": "button", "text": text, "action_id": label, "value": "r1"}]}]


def request(ws: RunningWorkspace, teller: Teller) -> Seen:
    client = ws.client()
    client.chat_postMessage(channel=ws.channel, text="Onboard?", blocks=button("Approve"), metadata=REQUEST)
    return teller.slack.about("r1")


def decided(ws: RunningWorkspace, teller: Teller) -> AppAnswer:
    """What the app does that takes the press: the button goes."""
    ws.client().chat_update(channel=ws.channel, ts=teller.slack.about("r1").ts, text="Approved", blocks=[])
    return AppAnswer(200)


def said(teller: Teller) -> str:
    assert isinstance(teller.tell, ListeningTranscript)
    return "\n".join(teller.tell.said)


@pytest.mark.parametrize("late", [1, 2])
def test_a_command_that_slack_gave_up_on_is_typed_again(teller: Teller, app: LateApp, late: int) -> None:
    app.answering = lambda number: told(f"answer {number}")
    answers = teller.type(ADA, "/clients")
    assert [answer.words for answer in answers] == [f"answer {late + 1}"]
    assert said(teller).count("Slack gave up waiting, and nothing came of it; once more") == late


def test_a_press_that_counted_too_late_is_not_made_twice(ws: RunningWorkspace, teller: Teller, app: LateApp) -> None:
    app.answering = lambda _: decided(ws, teller)
    teller.press(ADA, request(ws, teller), "Approve")
    assert app.taken == 1
    assert "it was done" in said(teller)


def test_one_of_which_nothing_came_is_made_again(ws: RunningWorkspace, teller: Teller, app: LateApp) -> None:
    app.answering = lambda number: AppAnswer(200) if number == 1 else decided(ws, teller)
    teller.press(ADA, request(ws, teller), "Approve")
    assert (app.taken, teller.slack.about("r1").buttons) == (2, ())


def test_who_was_told_something_privately_does_not_press_again(
    ws: RunningWorkspace, teller: Teller, app: LateApp
) -> None:
    def refuse(_number: int) -> AppAnswer:
        ws.client().chat_postEphemeral(channel=ws.channel, user=ADA.id, text="You may not.")
        return AppAnswer(200)

    app.answering = refuse
    teller.press(ADA, request(ws, teller), "Approve")
    assert app.taken == 1
    assert [answer.words for answer in teller.told(ADA)] == ["You may not."]


@pytest.mark.parametrize("late", [0])
def test_a_button_that_went_meanwhile_needs_no_press(ws: RunningWorkspace, teller: Teller, app: LateApp) -> None:
    asked = request(ws, teller)
    decided(ws, teller)
    teller.press(ADA, asked, "Approve")
    assert app.taken == 0


@pytest.mark.parametrize("late", [0])
def test_patience_ends_with_a_sentence_that_says_what_was_tried(teller: Teller, app: LateApp) -> None:
    app.answering = lambda _: AppAnswer(500)
    impatient = Insisting(teller.slack, teller.tell, seconds=0)
    with pytest.raises(StoryBroken, match=r"Tried for 0 s in vain: Ada types /clients\. .*status code 500"):
        impatient.until_taken("Ada types /clients", lambda: teller.slack.type(ADA, "/clients"), lambda: False)


@pytest.mark.parametrize("late", [0])
def test_whoever_has_no_window_open_is_told_and_not_waited_for_forever(teller: Teller) -> None:
    with pytest.raises(NotTaken, match="no window is open for Ada"):
        teller.slack.fill_in(ADA, {})
    assert teller.slack.window(ADA) == ""


def test_what_a_person_was_told_before_does_not_count(ws: RunningWorkspace, teller: Teller, app: LateApp) -> None:
    ws.client().chat_postEphemeral(channel=ws.channel, user=ADA.id, text="Long ago.")
    app.answering = lambda number: AppAnswer(200) if number == 1 else decided(ws, teller)
    teller.press(ADA, request(ws, teller), "Approve")
    assert app.taken == 2
    assert replace(teller.slack.about("r1")).buttons == ()
