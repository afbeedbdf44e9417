"""Menus on the page: what is chosen is sent at once, goes along with other presses, and outlives a drawing."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl
from urllib.request import Request, urlopen

import pytest

from local.slack import ADA, AppAnswer, RunningWorkspace, SignedRequest, running_workspace
from tests.local.test_slack_page.test_drawing import page

Block = dict[str, Any]


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def option(label: str, value: str, **fields: Any) -> Block:
    return {"text": plain(label), "value": value, **fields}


CONFIRM = {"title": plain("Sure?"), "text": plain("Really"), "confirm": plain("Yes"), "deny": plain("No")}
STATES = [option("granted", "g"), option("denied", "d")]
CLIENTS = [option("Acme", "c1"), option("Acme", "c2")]
STATE = {"type": "static_select", "action_id": "state", "placeholder": plain("State"), "options": STATES}
PICK = {"type": "static_select", "action_id": "pick", "placeholder": plain("Show one"), "options": CLIENTS}
NEXT = {"type": "button", "action_id": "next", "text": plain("Next")}
MORE = {
    "type": "overflow",
    "action_id": "more",
    "options": [option("Rename", "r"), option("Docs", "docs", url="https://example.com/docs")],
}


def answer(**filters: Block) -> list[Block]:
    elements = [{**STATE, **filters.get("state", {})}, {**PICK, **filters.get("pick", {})}, NEXT]
    return [
        {"type": "section", "block_id": "row", "text": plain("Acme"), "accessory": MORE},
        {"type": "actions", "block_id": "filters", "elements": elements},
    ]


@pytest.fixture
def requests() -> list[SignedRequest]:
    return []


@pytest.fixture
def ws(requests: list[SignedRequest]) -> Iterator[RunningWorkspace]:
    def app(request: SignedRequest) -> AppAnswer:
        requests.append(request)
        return AppAnswer(200)

    with running_workspace(app) as workspace:
        yield workspace


def show(ws: RunningWorkspace, blocks: list[Block]) -> None:
    ws.client().chat_postEphemeral(channel=ws.channel, user=ADA.id, text="x", blocks=blocks)


def sent(request: SignedRequest) -> Block:
    payload = json.loads(dict(parse_qsl(request.body.decode()))["payload"])
    assert isinstance(payload, dict)
    return payload


def test_a_choice_is_sent_by_its_value(ws: RunningWorkspace, requests: list[SignedRequest]) -> None:
    show(ws, answer())
    page(ws, ("choose", "pick", "c2"))
    [action] = sent(requests[0])["actions"]
    assert action["selected_option"] == CLIENTS[1], "the second of two that read alike"
    assert sent(requests[0])["state"]["values"]["filters"]["pick"]["selected_option"]["value"] == "c2"
    assert sent(requests[0])["state"]["values"]["filters"]["state"]["selected_option"] is None


def test_a_choice_goes_along_with_the_next_press(ws: RunningWorkspace, requests: list[SignedRequest]) -> None:
    show(ws, answer(state={"initial_option": STATES[0]}))
    page(ws, ("press", "Next"), ("choose", "state", "d"), ("refresh",), ("press", "Next"))
    chosen = [sent(each)["state"]["values"]["filters"]["state"]["selected_option"]["value"] for each in requests]
    assert chosen == ["g", "d", "d"]


def test_a_choice_that_is_not_confirmed_is_undone(ws: RunningWorkspace, requests: list[SignedRequest]) -> None:
    show(ws, answer(state={"confirm": CONFIRM, "initial_option": STATES[0]}, pick={"confirm": CONFIRM}))
    no, refresh = ("confirm", "deny"), ("refresh",)
    for_each = [(("choose", *one), ("look",), no, refresh) for one in (("state", "d"), ("pick", "c2"))]
    shown = page(ws, *for_each[0], ("look",), *for_each[1])
    assert [each["selects"] for each in (*shown["looks"], shown)] == [
        ["", "d", ""],
        ["", "g", ""],
        ["", "g", "c2"],
        ["", "g", ""],
    ]
    assert (shown["looks"][0]["asked"], requests) == (True, [])
    page(ws, ("choose", "state", "d"), ("confirm", "confirm"))
    assert len(requests) == 1


def test_an_overflow_menu_sends_and_opens_and_shows_nothing_as_chosen(
    ws: RunningWorkspace, requests: list[SignedRequest]
) -> None:
    show(ws, answer())
    shown = page(ws, ("choose", "more", "docs"))
    assert (shown["opened"], shown["selects"][0]) == (["https://example.com/docs"], "")
    [action] = sent(requests[0])["actions"]
    assert (action["type"], action["selected_option"]["value"]) == ("overflow", "docs")
    assert "row" not in sent(requests[0])["state"]["values"]


def test_a_private_answer_replaces_itself_with_what_is_chosen(
    ws: RunningWorkspace, requests: list[SignedRequest]
) -> None:
    def replace(request: SignedRequest) -> AppAnswer:
        requests.append(request)
        again = answer(state={"initial_option": sent(request)["actions"][0]["selected_option"]})
        body = json.dumps({"replace_original": True, "text": "x", "blocks": again}).encode()
        urlopen(Request(sent(request)["response_url"], data=body)).close()
        return AppAnswer(200)

    ws.connect(replace)
    show(ws, answer(state={"initial_option": STATES[0]}))
    [before] = ws.ephemerals(ADA)
    shown = page(ws, ("choose", "state", "d"), ("refresh",))
    [after] = ws.ephemerals(ADA)
    assert (after.ts, after.private_to) == (before.ts, ADA.id)
    assert shown["selects"] == ["", "d", ""]
    assert "message" not in sent(requests[0]), "Slack does not send what is private along"


def test_an_unknown_value_is_nothing_to_press(ws: RunningWorkspace) -> None:
    show(ws, answer())
    [message] = ws.ephemerals(ADA)
    body = json.dumps({"user": ADA.id, "ts": message.ts, "action_id": "pick", "value": "c3"}).encode()
    request = Request(f"{ws.base_url}/_local/press", data=body, headers={"Content-Type": "application/json"})
    with pytest.raises(OSError, match="409"):
        urlopen(request)
