"""Direct messages, files, new messages and links to messages, as the page shows them."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from local.slack import ADA, OLLI, AppAnswer, RunningWorkspace, SignedRequest, running_workspace
from tests.local.test_slack_page.test_drawing import page, post
from tests.local.test_slack_page.test_endpoints import STATIC, act, ask, state


@pytest.fixture
def requests() -> list[SignedRequest]:
    return []


@pytest.fixture
def ws(requests: list[SignedRequest]) -> Iterator[RunningWorkspace]:
    def app(request: SignedRequest) -> AppAnswer:
        requests.append(request)
        return AppAnswer(200, b"taken")

    with running_workspace(app) as workspace:
        yield workspace


LOOK = ("look",)


def send_kit(ws: RunningWorkspace) -> str:
    """Send Ada a file in a direct message; return the message's ts."""
    channel = ws.client().conversations_open(users=ADA.id)["channel"]["id"]
    ws.client().files_upload_v2(channel=channel, filename="config", title="Profiles", content="x" * 2500)
    return ws.direct_messages(ADA)[0].ts


def say(text: str) -> tuple[str, str, dict[str, str]]:
    """Let Olli say something while the page is open."""
    return ("ask", "/_local/say", {"user": OLLI.id, "text": text})


def test_a_direct_message_is_listed_for_its_person_alone(ws: RunningWorkspace) -> None:
    assert page(ws)["directs"] == ""
    send_kit(ws)
    at_first, gone, others = page(ws, LOOK, ("go", "Switchyard"), LOOK, ("be", OLLI.id), LOOK)["looks"]
    assert "Switchyard" in at_first["directs"]
    assert (gone["header"], gone["title"]) == ("Switchyard", "Switchyard · Switchyard demo")
    assert (others["directs"], others["header"]) == ("", "#onboarding")


def test_a_file_is_saved_by_who_looks_at_it(ws: RunningWorkspace) -> None:
    send_kit(ws)
    shown = page(ws, ("go", "Switchyard"))["channel"]
    found = re.search(r"<a \.file (\S+)>", shown)
    assert found and found[1].endswith("/config?user=U0ADA")
    assert "<strong>Profiles</><small>config · 2.5 kB</>" in shown
    assert ask(ws, found[1])[1] == b"x" * 2500
    assert ask(ws, found[1].replace("U0ADA", "U0OLLI"))[0] == 404


def test_a_command_in_a_direct_message_is_answered_there(ws: RunningWorkspace, requests: list[SignedRequest]) -> None:
    send_kit(ws)
    page(ws, ("go", "Switchyard"), ("type", "/clients"), ("type", "hello"))
    [typed] = [each.body for each in requests if b"command=" in each.body]  # opening it is told as an event, too
    assert b"channel_id=D0APPU0ADA&channel_name=directmessage" in typed
    assert [(each.author, each.text) for each in ws.direct_messages(ADA)[1:]] == [(ADA.id, "hello")]
    assert [each.channel for each in ws.ephemerals(ADA)] == ["D0APPU0ADA"]
    assert "taken" not in page(ws)["channel"]
    for path in ("/_local/say", "/_local/command"):
        assert act(ws, path, user=OLLI.id, text="/clients", channel="D0APPU0ADA")[0] == 404


def test_somebody_elses_direct_message_can_not_be_acted_on(ws: RunningWorkspace) -> None:
    ts = send_kit(ws)
    assert act(ws, "/_local/delete", user=OLLI.id, ts=ts)[0] == 404
    assert act(ws, "/_local/delete", user=ADA.id, ts=ts)[0] == 200


def test_what_arrives_below_is_announced_until_it_is_seen(ws: RunningWorkspace) -> None:
    post(ws)
    arrive = (("scrollUp",), ("refresh",), LOOK, say("one"), ("refresh",), say("two"), ("refresh",), LOOK)
    before, above, seen, mine = page(ws, *arrive, ("newer",), ("scrollDown",), LOOK, ("be", OLLI.id), LOOK)["looks"]
    assert before["newer"] == "", "what was there is read"
    assert (above["newer"], above["title"]) == ("2 new messages ↓", "(2) #onboarding · Switchyard demo")
    assert "<span .count>2</>" in above["channels"]
    assert (seen["newer"], seen["title"]) == ("", "#onboarding · Switchyard demo")
    assert mine["newer"] == "", "Olli wrote it"


def test_what_arrives_at_the_end_is_seen_at_once_and_ones_own_words_always(ws: RunningWorkspace) -> None:
    steps = (say("one"), ("refresh",), LOOK, ("be", OLLI.id), ("scrollUp",), say("two"), ("refresh",), LOOK)
    assert [each["newer"] for each in page(ws, *steps)["looks"]] == ["", ""]


def test_what_arrives_elsewhere_is_counted_in_the_sidebar_and_at_the_menu(ws: RunningWorkspace) -> None:
    send_kit(ws)
    back = page(ws, ("go", "Switchyard"), say("one"), ("refresh",), LOOK, ("go", "onboarding"))
    [away] = back["looks"]
    assert "<span .count>1</>" in away["channels"]
    assert (away["menuCount"], back["menuCount"], back["newer"]) == ("1", "", "")


def test_the_sidebar_folds_when_something_was_chosen(ws: RunningWorkspace) -> None:
    send_kit(ws)
    choices = [step for choice in (("menu",), ("go", "Switchyard"), ("be", OLLI.id)) for step in (choice, LOOK)]
    steps = [step for place in range(0, 6, 2) for step in (("menu",), LOOK, *choices[place : place + 2])]
    assert [each["menu"] for each in page(ws, *steps)["looks"]] == ["open", ""] * 3
    phone = (STATIC / "layout.css").read_text().partition("@media (max-width: 700px)")[2]
    assert "grid-template-columns: minmax(0, 1fr)" in phone, "the sidebar takes no column"


def link(ws: RunningWorkspace, ts: str, channel: str | None = None) -> str:
    return str(ws.client().chat_getPermalink(channel=channel or ws.channel, message_ts=ts)["permalink"])


def test_a_link_to_a_message_opens_the_page_there(ws: RunningWorkspace) -> None:
    first, parent = post(ws), post(ws)
    reply = post(ws, thread_ts=parent, text="card")
    path = link(ws, first).removeprefix(ws.base_url)
    assert b"main.js" in ask(ws, path)[1]
    assert page(ws, path=path)["scrolledTo"] == [first]
    shown = page(ws, path=link(ws, reply).removeprefix(ws.base_url))
    assert (shown["scrolledTo"], shown["threadHidden"]) == ([reply], False)


def test_a_link_in_a_message_is_followed_within_the_page(ws: RunningWorkspace) -> None:
    first, kit = post(ws), send_kit(ws)
    button = {"type": "button", "text": {"type": "plain_text", "text": "Kit"}, "action_id": "a"}
    texts: list[dict[str, Any]] = [
        {"type": "section", "text": {"type": "mrkdwn", "text": f"<{link(ws, first)}|the request>"}},
        {"type": "actions", "elements": [{**button, "url": link(ws, kit, "D0APPU0ADA")}]},
    ]
    post(ws, blocks=texts)
    steps = (("follow", "the request"), LOOK, ("press", "Kit"), LOOK, ("be", OLLI.id), ("press", "Kit"))
    shown = page(ws, *steps)
    followed, pressed = shown["looks"]
    assert followed["scrolledTo"] == [first]
    assert (pressed["scrolledTo"], pressed["opened"], pressed["header"]) == ([first, kit], [], "Switchyard")
    assert (shown["scrolledTo"], shown["header"]) == ([first, kit], "#onboarding")
    assert shown["note"] == "That message is gone, or not yours to see."


def test_a_long_section_is_folded_unless_it_says_expand(ws: RunningWorkspace) -> None:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 701}}
    post(ws, blocks=[section])
    post(ws, blocks=[{**section, "expand": True}])
    shown = page(ws, LOOK, ("press", "Show more"))
    assert [each["channel"].count("<div .folded>") for each in (*shown["looks"], shown)] == [1, 0]


def test_the_state_keeps_direct_messages_apart(ws: RunningWorkspace) -> None:
    ts = send_kit(ws)
    shown = state(ws)
    assert shown["messages"] == []
    assert [each["ts"] for each in shown["direct"]["U0ADA"]["messages"]] == [ts]


def test_a_link_that_only_looks_like_ours_leads_elsewhere(ws: RunningWorkspace) -> None:
    address = link(ws, post(ws)).replace(ws.base_url, "https://elsewhere.example")
    button = {"type": "button", "text": {"type": "plain_text", "text": "Go"}, "action_id": "a", "url": address}
    post(ws, blocks=[{"type": "actions", "elements": [button]}])
    shown = page(ws, ("press", "Go"))
    assert (shown["opened"], shown["scrolledTo"]) == ([address], [])
