"""What an app can do through a response_url, how often and how long."""

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from local.slack import ADA, Message, RunningWorkspace, running_workspace
from tests.local.test_slack_app.recorder import ACTIONS, Recorder, posted


def answer_through(url: str, **content: Any) -> None:
    with urlopen(Request(url, data=json.dumps(content).encode())) as answer:
        assert answer.read() == b"ok"


def refusal_of(url: str, **content: Any) -> tuple[int, str]:
    with pytest.raises(HTTPError) as refused:
        answer_through(url, **content)
    with refused.value:
        return refused.value.code, json.load(refused.value)["error"]


def command_response_url(ws: RunningWorkspace, app: Recorder) -> str:
    ws.run_command(ADA, "/clients")
    return app.form["response_url"]


def press_response_url(ws: RunningWorkspace, app: Recorder, message: Message) -> str:
    ws.press(ADA, message, "Approve")
    return str(app.payload["response_url"])


def test_a_response_url_answers_privately_unless_told_otherwise(ws: RunningWorkspace, app: Recorder) -> None:
    url = command_response_url(ws, app)
    answer_through(url, text="for Ada")
    answer_through(url, text="for all", response_type="in_channel")
    assert [each.text for each in ws.ephemerals(ADA)] == ["for Ada"]
    assert [each.text for each in ws.messages] == ["for all"]


def test_a_response_url_works_five_times(ws: RunningWorkspace, app: Recorder) -> None:
    url = command_response_url(ws, app)
    for number in range(5):
        answer_through(url, text=str(number))
    assert refusal_of(url, text="once more") == (404, "used_url")
    assert len(ws.ephemerals(ADA)) == 5


@pytest.mark.parametrize(("later", "refused"), [(1800, False), (1801, True)])
def test_a_response_url_works_for_thirty_minutes(app: Recorder, later: int, refused: bool) -> None:
    now = [1_000_000.0]
    with running_workspace(app, clock=lambda: now[0]) as ws:
        url = command_response_url(ws, app)
        now[0] += later
        if refused:
            assert refusal_of(url, text="x") == (404, "expired_url")
        else:
            answer_through(url, text="x")
            assert ws.ephemerals(ADA)


def test_a_guessed_response_url_is_unknown(ws: RunningWorkspace) -> None:
    assert refusal_of(f"{ws.base_url}/actions/T0SWITCHYARD/1/guess", text="x") == (404, "invalid_url")


def test_bad_content_through_a_response_url_is_refused(ws: RunningWorkspace, app: Recorder) -> None:
    url = command_response_url(ws, app)
    assert refusal_of(url) == (400, "no_text")
    assert refusal_of(url, blocks=[{"type": "section"}]) == (400, "invalid_blocks")
    with pytest.raises(HTTPError) as refused:
        urlopen(Request(url, data=b"{"))
    with refused.value:
        assert json.load(refused.value)["error"] == "invalid_payload"


def test_the_pressed_message_can_be_replaced_and_deleted(ws: RunningWorkspace, app: Recorder) -> None:
    message = posted(ws)
    url = press_response_url(ws, app, message)
    answer_through(url, replace_original=True, text="Approved")
    assert (ws.message(message.ts).text, ws.message(message.ts).blocks) == ("Approved", ())
    answer_through(url, delete_original=True)
    assert not ws.messages


def test_a_pressed_private_answer_can_be_replaced(ws: RunningWorkspace, app: Recorder) -> None:
    ws.client().chat_postEphemeral(channel=ws.channel, user=ADA.id, text="page 1", blocks=[ACTIONS])
    url = press_response_url(ws, app, ws.ephemerals(ADA)[0])
    answer_through(url, replace_original=True, text="page 2")
    assert [each.text for each in ws.ephemerals(ADA)] == ["page 2"]
    assert not ws.messages
