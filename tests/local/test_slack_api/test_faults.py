"""Slack on a bad day, and the record of calls."""

from http.client import RemoteDisconnected
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from local.slack import RunningWorkspace
from tests.local.test_slack_api.calls import error_of, post


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


def test_each_reply_is_refused_with_another_of_slacks_errors(slack: WebClient, ws: RunningWorkspace) -> None:
    parent = post(slack, "parent")
    ws.faults.refuse_replies()
    reply = {"channel": ws.channel, "text": "x", "thread_ts": parent}
    told = [error_of(slack.chat_postMessage, **reply) for _ in range(5)]
    assert sorted(told) == [
        "cannot_reply_to_message",
        "invalid_thread_ts",
        "restricted_action_non_threadable_channel",
        "restricted_action_thread_locked",
        "thread_not_found",
    ]
    assert error_of(slack.chat_postEphemeral, user="U0OLLI", **reply) == told[0]
    post(slack, "in the channel")
    slack.chat_update(channel=ws.channel, ts=parent, text="changed")
    assert [each.text for each in ws.messages] == ["changed", "in the channel"]
    ws.faults.accept_replies()
    post(slack, "reply", thread_ts=parent)
    assert len(ws.thread(parent)) == 1


def test_one_refusal_of_replies_can_be_chosen(slack: WebClient, ws: RunningWorkspace) -> None:
    parent = post(slack, "parent")
    ws.faults.refuse_replies("restricted_action_thread_locked")
    told = {error_of(slack.chat_postMessage, channel=ws.channel, text="x", thread_ts=parent) for _ in range(3)}
    assert told == {"restricted_action_thread_locked"}
    ws.faults.clear()
    assert post(slack, "reply", thread_ts=parent)


def test_every_call_is_on_record_without_its_token(slack: WebClient, ws: RunningWorkspace) -> None:
    post(slack, "x")
    error_of(slack.users_info, user="U0NOBODY")
    assert [(call.method, call.error) for call in ws.calls] == [
        ("chat.postMessage", None),
        ("users.info", "user_not_found"),
    ]
    assert "token" not in ws.calls[0].arguments
