"""What the page draws and does: its own scripts under Node, against a running workspace."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from local.slack import ADA, AppAnswer, RunningWorkspace, SignedRequest, running_workspace

APPROVE = {
    "type": "button",
    "text": {"type": "plain_text", "text": "Approve"},
    "action_id": "approve",
    "value": "r1",
    "style": "primary",
    "confirm": {
        "title": {"type": "plain_text", "text": "Sure?"},
        "text": {"type": "mrkdwn", "text": "Really"},
        "confirm": {"type": "plain_text", "text": "Yes"},
        "deny": {"type": "plain_text", "text": "No"},
    },
}
OPEN = {**APPROVE, "text": {"type": "plain_text", "text": "Open"}, "action_id": "open", "url": "https://example.com/x"}
del OPEN["confirm"]
REQUEST: list[dict[str, Any]] = [
    {"type": "header", "text": {"type": "plain_text", "text": "Onboard Acme?"}},
    {"type": "section", "fields": [{"type": "mrkdwn", "text": "*Account*\n`222222222222`"}]},
    {"type": "context", "elements": [{"type": "mrkdwn", "text": ":hourglass: <!channel> <https://example.com|more>"}]},
    {"type": "divider"},
    {"type": "section", "text": {"type": "mrkdwn", "text": "```role_arn = x```"}},
    {"type": "actions", "elements": [APPROVE, OPEN]},
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


def page(ws: RunningWorkspace, *steps: tuple[Any, ...], path: str = "/") -> dict[str, Any]:
    script = Path(__file__).with_name("page_in_node.mjs")
    command = ["node", str(script), ws.base_url, json.dumps(steps), path]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    shown = json.loads(ended.stdout)
    assert isinstance(shown, dict)
    return shown


def post(ws: RunningWorkspace, **arguments: Any) -> str:
    return str(ws.client().chat_postMessage(channel=ws.channel, **{"text": "x", **arguments})["ts"])


def test_every_block_is_drawn(ws: RunningWorkspace) -> None:
    post(ws, blocks=REQUEST)
    shown = page(ws)["channel"]
    for part in (
        "<h3 .block header><div .line>Onboard Acme?</></>",
        "<div .field><div .line><strong>Account</></><div .line><code>222222222222</></></>",
        "<span .emoji>⌛</> <span .mention broadcast>@channel</> <a https://example.com>more</>",
        "<hr .block>",
        "<pre><code>role_arn = x</></><button .copy>Copy</>",
        "<button .act primary><div .line>Approve</></>",
        "<span .badge>APP</>",
    ):
        assert part in shown


def test_an_empty_channel_says_how_to_begin(ws: RunningWorkspace) -> None:
    assert "/clients invite Acme" in page(ws)["channel"]


def test_markup_in_a_message_stays_text(ws: RunningWorkspace) -> None:
    ws.say(ADA, "<img src=x> & <script>")
    assert "<div .line><img src=x> & <script></>" in page(ws)["channel"]


def test_private_answers_are_marked_and_shown_to_their_person_only(ws: RunningWorkspace) -> None:
    ws.client().chat_postEphemeral(channel=ws.channel, user=ADA.id, text="psst")
    assert "Only visible to you" in page(ws)["channel"]
    assert "psst" not in page(ws, ("be", "U0OLLI"))["channel"]


def test_a_thread_shows_its_count_and_opens(ws: RunningWorkspace) -> None:
    parent = post(ws, blocks=REQUEST)
    post(ws, text="card", thread_ts=parent, reply_broadcast=True)
    post(ws, text="quiet", thread_ts=parent)
    closed = page(ws)
    assert "2 replies" in closed["channel"]
    assert "replied to <button .link>a thread</>: Onboard Acme?" in closed["channel"]
    assert "quiet" not in closed["channel"]
    assert closed["threadHidden"]
    opened = page(ws, ("press", "2 replies"))
    assert not opened["threadHidden"]
    assert "Also sent to the channel" in opened["thread"]
    assert "quiet" in opened["thread"]


def test_a_press_is_sent_only_once_it_is_confirmed(ws: RunningWorkspace, requests: list[SignedRequest]) -> None:
    post(ws, blocks=REQUEST)
    assert page(ws, ("press", "Approve"))["asked"]
    page(ws, ("press", "Approve"), ("confirm", "deny"))
    assert not requests
    page(ws, ("press", "Approve"), ("confirm", "confirm"))
    assert len(requests) == 1


def test_what_is_ticked_in_a_menu_goes_along_with_a_press(ws: RunningWorkspace, requests: list[SignedRequest]) -> None:
    options = [{"text": {"type": "plain_text", "text": name}, "value": name} for name in ("operators", "data")]
    placeholder = {"type": "plain_text", "text": "Teams"}
    menu = {"type": "multi_static_select", "action_id": "teams", "placeholder": placeholder, "options": options}
    text = {"type": "mrkdwn", "text": "Who?"}
    chooser = {"type": "section", "text": text, "accessory": {**menu, "initial_options": options[:1]}}
    post(ws, blocks=[{**chooser, "block_id": "who"}, {"type": "actions", "elements": [OPEN]}])
    assert "<fieldset .act menu><legend>Teams</>" in page(ws)["channel"]
    for ticked, sent in (((), ["operators"]), (("data",), ["operators", "data"]), (("operators",), [])):
        page(ws, *(("tick", one) for one in ticked), ("refresh",), ("press", "Open"))
        payload = json.loads(dict(parse_qsl(requests[-1].body.decode()))["payload"])
        chosen = payload["state"]["values"]["who"]["teams"]["selected_options"]
        assert [option["value"] for option in chosen] == sent


def test_a_link_button_opens_its_address_and_tells_the_app(ws: RunningWorkspace, requests: list[SignedRequest]) -> None:
    post(ws, blocks=REQUEST)
    assert page(ws, ("press", "Open"))["opened"] == ["https://example.com/x"]
    assert len(requests) == 1


def test_a_failed_press_is_explained_at_the_message(ws: RunningWorkspace) -> None:
    ws.connect(lambda _request: AppAnswer(500))
    post(ws, blocks=REQUEST)
    shown = page(ws, ("press", "Open"))["channel"]
    assert "<p .press-failed>⚠ The app answered with status code 500. Its log says why.</>" in shown


def test_a_typed_command_reaches_the_app_and_a_typed_line_the_channel(
    ws: RunningWorkspace, requests: list[SignedRequest]
) -> None:
    page(ws, ("be", "U0OLLI"), ("type", "/clients help"), ("type", "hello"))
    assert b"user_id=U0OLLI" in requests[0].body
    assert [(each.author, each.text) for each in ws.messages] == [("U0OLLI", "hello")]


def test_a_message_is_deleted_only_after_a_question(ws: RunningWorkspace, requests: list[SignedRequest]) -> None:
    post(ws, text="to be deleted")
    assert "to be deleted" in page(ws, ("delete",), ("confirm", "deny"), ("refresh",))["channel"]
    assert "to be deleted" not in page(ws, ("delete",), ("confirm", "confirm"), ("refresh",))["channel"]
    assert (ws.messages, requests) == ((), [])


def test_a_deleted_message_with_replies_is_drawn_without_a_marker_and_cant_be_deleted_again(
    ws: RunningWorkspace,
) -> None:
    parent = post(ws, text="parent")
    post(ws, text="reply", thread_ts=parent)
    ws.delete(parent)
    shown = page(ws)["channel"]
    assert "This message was deleted." in shown
    assert ".marker" not in shown
    assert "🗑" not in shown
