"""The local Slack's Web API, as slack_sdk's WebClient meets it over HTTP."""

import json
from collections.abc import Iterator
from http.client import RemoteDisconnected
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from local.slack import ADA, OLLI, RunningWorkspace, running_workspace
from local.slack.facts import RANDOM, SCOPES

BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "Approve"}, "action_id": "approve", "value": "r1"}
ACTIONS = {"type": "actions", "block_id": "decide", "elements": [BUTTON]}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


@pytest.fixture
def ws() -> Iterator[RunningWorkspace]:
    with running_workspace() as workspace:
        yield workspace


@pytest.fixture
def slack(ws: RunningWorkspace) -> WebClient:
    return WebClient(ws.bot_token, base_url=ws.api_url, retry_handlers=[])


def error_of(call: Any, **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        call(**arguments)
    return str(refused.value.response["error"])


def post(slack: WebClient, text: str, **arguments: Any) -> str:
    return str(slack.chat_postMessage(channel="C0ONBOARDING", text=text, **arguments)["ts"])


def test_the_token_says_who_the_app_is(slack: WebClient) -> None:
    who = slack.auth_test()
    assert (who["team_id"], who["user_id"]) == ("T0SWITCHYARD", "U0SWITCHYARD")


def test_a_wrong_token_and_none_at_all_are_refused(ws: RunningWorkspace) -> None:
    assert error_of(WebClient("xoxb-other", base_url=ws.api_url).auth_test) == "invalid_auth"
    assert error_of(WebClient(base_url=ws.api_url).auth_test) == "not_authed"


def test_a_form_with_the_token_in_it_is_as_good_as_json(ws: RunningWorkspace) -> None:
    blocks = json.dumps([section("from a form")]).replace(" ", "+").replace('"', "%22")
    form = f"token={ws.bot_token}&channel=C0ONBOARDING&blocks={blocks}".encode()
    with urlopen(Request(f"{ws.api_url}chat.postMessage", data=form)) as answer:
        assert json.load(answer)["ok"]
    assert ws.messages[0].words == "from a form"


def test_unreadable_json_is_refused(ws: RunningWorkspace) -> None:
    request = Request(f"{ws.api_url}auth.test", data=b"{", headers={"Content-Type": "application/json"})
    with urlopen(request) as answer:
        assert json.load(answer) == {"ok": False, "error": "invalid_json"}


def test_users_info_needs_a_scope_the_app_does_not_have(slack: WebClient) -> None:
    with pytest.raises(SlackApiError) as refused:
        slack.users_info(user=ADA.id)
    answer = refused.value.response
    assert (answer["error"], answer["needed"], answer["provided"]) == ("missing_scope", "users:read", ",".join(SCOPES))


@pytest.mark.parametrize(
    ("method", "arguments"),
    [("users.list", {}), ("conversations.info", {"channel": "C0ONBOARDING"}), ("users.info", {"user": "U0ADA"})],
)
def test_a_granted_scope_opens_the_method(method: str, arguments: dict[str, str]) -> None:
    with running_workspace(scopes=(*SCOPES, "users:read", "channels:read")) as ws:
        assert ws.client().api_call(method, params=arguments)["ok"]


@pytest.mark.parametrize("method", ["chat_postMessage", "chat_postEphemeral"])
def test_writing_needs_chat_write(method: str) -> None:
    with running_workspace(scopes=("commands",)) as ws:
        call = getattr(ws.client(), method)
        assert error_of(call, channel=ws.channel, text="hi", user=ADA.id) == "missing_scope"
        assert not ws.messages


def test_an_unknown_method_is_named(slack: WebClient) -> None:
    assert error_of(slack.api_call, api_method="chat.shout") == "unknown_method"


def test_a_posted_message_is_in_the_history_with_its_metadata_when_asked(slack: WebClient) -> None:
    metadata = {"event_type": "request", "event_payload": {"id": "r1"}}
    ts = post(slack, "hello", metadata=metadata, blocks=[section("hello")])
    plain = slack.conversations_history(channel="C0ONBOARDING")["messages"][0]
    full = slack.conversations_history(channel="C0ONBOARDING", include_all_metadata=True)["messages"][0]
    assert (plain["ts"], "metadata" in plain) == (ts, False)
    assert full["metadata"] == metadata
    assert full["blocks"][0]["block_id"]


def test_timestamps_are_unique_and_increase_even_within_one_second() -> None:
    with running_workspace(clock=lambda: 1763877954.9) as ws:
        stamps = [ws.say(ADA, "x").ts for _ in range(3)]
    assert stamps == ["1763877954.000100", "1763877954.000200", "1763877954.000300"]


def test_timestamps_increase_when_the_clock_steps_back() -> None:
    times = iter([100.0, 50.0])
    with running_workspace(clock=lambda: next(times)) as ws:
        assert ws.say(ADA, "x").ts < ws.say(ADA, "y").ts


def test_history_comes_newest_first_in_pages(slack: WebClient) -> None:
    for number in range(5):
        post(slack, str(number))
    pages = [page["messages"] for page in slack.conversations_history(channel="C0ONBOARDING", limit=2)]
    assert [[message["text"] for message in page] for page in pages] == [["4", "3"], ["2", "1"], ["0"]]


def test_history_is_bounded_by_oldest_and_latest(slack: WebClient) -> None:
    stamps = [post(slack, str(number)) for number in range(4)]

    def texts(**bounds: Any) -> list[str]:
        found = slack.conversations_history(channel="C0ONBOARDING", **bounds)["messages"]
        return [message["text"] for message in found]

    assert texts(oldest=stamps[1]) == ["3", "2"]
    assert texts(oldest=stamps[1], latest=stamps[3], inclusive=True) == ["3", "2", "1"]
    assert error_of(slack.conversations_history, channel="C0ONBOARDING", oldest="yesterday") == "invalid_ts_oldest"
    assert error_of(slack.conversations_history, channel="C0ONBOARDING", latest="NaN") == "invalid_ts_latest"
    assert error_of(slack.conversations_history, channel="C0ONBOARDING", cursor="nonsense!") == "invalid_cursor"
    assert error_of(slack.conversations_history, channel="C0ONBOARDING", limit=-1) == "invalid_limit"


def test_replies_stay_in_the_thread_unless_broadcast(slack: WebClient, ws: RunningWorkspace) -> None:
    parent = post(slack, "parent")
    post(slack, "quiet", thread_ts=parent)
    post(slack, "loud", thread_ts=parent, reply_broadcast=True)
    history = slack.conversations_history(channel="C0ONBOARDING")["messages"]
    thread = slack.conversations_replies(channel="C0ONBOARDING", ts=parent)["messages"]
    assert [(each["text"], each.get("subtype")) for each in history] == [("loud", "thread_broadcast"), ("parent", None)]
    assert [each["text"] for each in thread] == ["parent", "quiet", "loud"]
    assert (thread[0]["reply_count"], thread[0]["latest_reply"]) == (2, thread[2]["ts"])
    assert [each.text for each in ws.thread(parent)] == ["quiet", "loud"]


def test_a_reply_needs_a_parent_that_exists_and_is_no_reply(slack: WebClient) -> None:
    parent = post(slack, "parent")
    reply = post(slack, "reply", thread_ts=parent)
    for thread_ts in ("1.000100", reply):
        answer = error_of(slack.chat_postMessage, channel="C0ONBOARDING", text="x", thread_ts=thread_ts)
        assert answer == "cannot_reply_to_message"
    assert error_of(slack.conversations_replies, channel="C0ONBOARDING", ts="1.000100") == "thread_not_found"


def test_an_update_replaces_text_and_blocks_and_keeps_metadata(slack: WebClient, ws: RunningWorkspace) -> None:
    metadata = {"event_type": "request", "event_payload": {}}
    ts = post(slack, "old", blocks=[section("old"), ACTIONS], metadata=metadata)
    slack.chat_update(channel="C0ONBOARDING", ts=ts, text="new", blocks=[section("new")])
    message = ws.message(ts)
    assert (message.text, message.words, message.buttons, message.metadata) == ("new", "new", (), metadata)
    slack.chat_update(channel="C0ONBOARDING", ts=ts, metadata={}, text="newer")
    assert ws.message(ts).metadata is None


def test_text_alone_removes_the_blocks_and_blocks_alone_keep_the_text(slack: WebClient, ws: RunningWorkspace) -> None:
    ts = post(slack, "old", blocks=[section("old")])
    slack.api_call("chat.update", json={"channel": "C0ONBOARDING", "ts": ts, "blocks": [section("blocks")]})
    assert (ws.message(ts).text, ws.message(ts).words) == ("old", "blocks")
    slack.chat_update(channel="C0ONBOARDING", ts=ts, text="only text")
    assert ws.message(ts).blocks == ()


def test_only_the_apps_own_messages_can_be_updated(slack: WebClient, ws: RunningWorkspace) -> None:
    own, adas = post(slack, "mine"), ws.say(ADA, "hers").ts
    assert error_of(slack.chat_update, channel="C0ONBOARDING", ts=adas, text="x") == "cant_update_message"
    assert error_of(slack.chat_update, channel="C0ONBOARDING", ts="1.000100", text="x") == "message_not_found"
    assert error_of(slack.chat_update, channel="C0NOWHERE", ts=own, text="x") == "channel_not_found"


@pytest.mark.parametrize(("length", "error"), [(4000, None), (4001, "msg_too_long")])
def test_an_update_takes_4000_characters_of_text(slack: WebClient, length: int, error: str | None) -> None:
    ts = post(slack, "x")
    arguments: dict[str, Any] = {"channel": "C0ONBOARDING", "text": "x" * length}
    if error:
        assert error_of(slack.chat_update, ts=ts, **arguments) == error
    else:
        assert slack.chat_update(ts=ts, **arguments)["ok"]


def test_a_longer_post_is_cut_at_40000_characters(slack: WebClient, ws: RunningWorkspace) -> None:
    post(slack, "x" * 40_001)
    assert len(ws.messages[0].text) == 40_000


def test_a_private_answer_is_shown_to_one_person_only(slack: WebClient, ws: RunningWorkspace) -> None:
    slack.chat_postEphemeral(channel="C0ONBOARDING", user=OLLI.id, text="psst")
    assert [each.text for each in ws.ephemerals(OLLI)] == ["psst"]
    assert not ws.ephemerals(ADA)
    assert not ws.messages
    assert not slack.conversations_history(channel="C0ONBOARDING")["messages"]


def test_posts_that_slack_refuses(slack: WebClient, ws: RunningWorkspace) -> None:
    send = slack.chat_postMessage
    assert error_of(send, channel="C0NOWHERE", text="x") == "channel_not_found"
    assert error_of(send, channel=RANDOM.id, text="x") == "not_in_channel"
    assert error_of(slack.api_call, api_method="chat.postMessage", json={"channel": ws.channel}) == "no_text"
    assert error_of(send, channel=ws.channel, text="x", blocks="{nonsense") == "invalid_blocks_format"
    assert error_of(send, channel=ws.channel, text="x", metadata={"event_type": "t"}) == "invalid_metadata_schema"
    assert error_of(slack.chat_postEphemeral, channel=ws.channel, user="U0NOBODY", text="x") == "user_not_in_channel"
    assert not ws.messages


def test_invalid_blocks_are_refused_with_the_place_of_the_mistake(slack: WebClient) -> None:
    with pytest.raises(SlackApiError) as refused:
        slack.chat_postMessage(channel="C0ONBOARDING", text="x", blocks=[section("x" * 3001)])
    answer = refused.value.response
    assert answer["error"] == "invalid_blocks"
    problem = "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {problem}"]


def test_blocks_that_are_too_long_together_are_refused(slack: WebClient) -> None:
    blocks = [section("x" * 2640) for _ in range(5)]
    assert post(slack, "x", blocks=blocks)
    blocks[0] = section("x" * 2641)
    assert error_of(slack.chat_postMessage, channel="C0ONBOARDING", text="x", blocks=blocks) == "msg_blocks_too_long"


def test_user_groups_say_who_is_in_them(slack: WebClient, ws: RunningWorkspace) -> None:
    assert slack.usergroups_users_list(usergroup="S0APPROVERS")["users"] == [ADA.id]
    ws.set_approvers([OLLI])
    assert slack.usergroups_users_list(usergroup="S0APPROVERS")["users"] == [OLLI.id]
    assert slack.usergroups_list(include_users=True)["usergroups"][0]["users"] == [OLLI.id]
    assert error_of(slack.usergroups_users_list, usergroup="S0NOBODY") == "no_such_subteam"


def test_a_rate_limited_call_says_when_to_come_back_and_does_nothing(slack: WebClient, ws: RunningWorkspace) -> None:
    ws.faults.rate_limit("chat.postMessage", times=2, retry_after=7)
    for _ in range(2):
        with pytest.raises(SlackApiError) as refused:
            post(slack, "x")
        assert refused.value.response.status_code == 429
        assert refused.value.response.headers["Retry-After"] == "7"
    assert not ws.messages
    post(slack, "x")
    assert len(ws.messages) == 1


def test_a_server_error_does_nothing(slack: WebClient, ws: RunningWorkspace) -> None:
    ws.faults.fail("chat.postMessage")
    request = Request(f"{ws.api_url}chat.postMessage", data=b"{}")
    with pytest.raises(HTTPError) as failed:
        urlopen(request)
    with failed.value:
        assert failed.value.code == 500
    assert not ws.messages


def test_a_lost_answer_leaves_the_message_posted(slack: WebClient, ws: RunningWorkspace) -> None:
    ws.faults.lose_answer("chat.postMessage")
    with pytest.raises(RemoteDisconnected):
        post(slack, "posted, but who knows")
    assert [each.text for each in ws.messages] == ["posted, but who knows"]
    assert slack.auth_test()["ok"]


def test_any_error_can_be_planned_by_name(slack: WebClient, ws: RunningWorkspace) -> None:
    ws.faults.refuse("chat.update", "fatal_error")
    assert error_of(slack.chat_update, channel=ws.channel, ts="1.000100", text="x") == "fatal_error"


def test_every_call_is_on_record_without_its_token(slack: WebClient, ws: RunningWorkspace) -> None:
    post(slack, "x")
    error_of(slack.users_info, user=ADA.id)
    assert [(call.method, call.error) for call in ws.calls] == [
        ("chat.postMessage", None),
        ("users.info", "missing_scope"),
    ]
    assert "token" not in ws.calls[0].arguments
