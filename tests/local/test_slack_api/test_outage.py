"""An outage of Slack: every call and every answer fails, in two ways, until it is over."""

import json
from http.client import RemoteDisconnected
from urllib.error import HTTPError
from urllib.parse import parse_qsl
from urllib.request import Request, urlopen

from slack_sdk import WebClient

from local.slack import ADA, AppAnswer, RunningWorkspace
from tests.local.test_slack_api.calls import error_of, post


def what_comes(url: str, **body: str) -> str:
    request = Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urlopen(request) as answer:
            return str(answer.status)
    except HTTPError as failed:
        with failed:
            return f"{failed.code} {failed.headers['Content-Type']}"
    except RemoteDisconnected:
        return "no answer"


def test_calls_are_turned_away_or_not_answered_at_all_and_do_nothing(ws: RunningWorkspace) -> None:
    ws.faults.set_outage(True)
    came = [what_comes(f"{ws.api_url}chat.postMessage", text="x") for _ in range(4)]
    assert came == ["503 text/html; charset=utf-8", "no answer"] * 2
    assert not ws.messages
    assert [call.error for call in ws.calls] == ["unavailable", "unreachable"] * 2


def test_reading_fails_as_well(ws: RunningWorkspace) -> None:
    ws.faults.set_outage(True)
    assert "200" not in [what_comes(f"{ws.api_url}{method}") for method in ("auth.test", "conversations.history")]


def test_an_answer_to_a_response_url_fails_and_may_come_again_later(ws: RunningWorkspace) -> None:
    url = dict(parse_qsl(ws.command_request(ADA, "/clients").body.decode()))["response_url"]
    ws.faults.set_outage(True)
    assert [what_comes(url, text="late") for _ in range(6)].count("200") == 0
    assert not ws.ephemerals(ADA)
    ws.faults.set_outage(False)
    assert what_comes(url, text="late") == "200"
    assert [each.text for each in ws.ephemerals(ADA)] == ["late"]


def test_what_people_do_still_reaches_the_app_and_its_direct_answer_is_shown(ws: RunningWorkspace) -> None:
    ws.connect(lambda _request: AppAnswer(200, b"stored"))
    ws.faults.set_outage(True)
    assert ws.run_command(ADA, "/clients").ok
    assert [each.text for each in ws.ephemerals(ADA)] == ["stored"]


def test_when_it_is_over_all_is_well_and_what_was_planned_still_comes(slack: WebClient, ws: RunningWorkspace) -> None:
    ws.faults.refuse("auth.test", "fatal_error")
    ws.faults.set_outage(True)
    assert what_comes(f"{ws.api_url}auth.test").startswith("503")
    ws.faults.set_outage(False)
    assert post(slack, "back again") == ws.messages[0].ts
    assert error_of(slack.auth_test) == "fatal_error"
    assert slack.auth_test()["ok"]
