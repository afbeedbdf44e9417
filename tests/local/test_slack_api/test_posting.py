"""Posting, updating and private answers, as slack_sdk's WebClient meets them over HTTP."""

from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from local.slack import ADA, OLLI, RunningWorkspace
from local.slack.workspace.facts import RANDOM
from tests.local.test_slack_api.calls import ACTIONS, error_of, post, section


def test_a_reply_needs_a_parent_that_can_be_replied_to(slack: WebClient, ws: RunningWorkspace) -> None:
    parent = post(slack, "parent")
    reply = post(slack, "reply", thread_ts=parent)
    slack.chat_postEphemeral(channel=ws.channel, user=OLLI.id, text="psst")
    refused = {reply: "cannot_reply_to_message", ws.ephemerals(OLLI)[0].ts: "cannot_reply_to_message"}
    for thread_ts, error in (refused | {"yesterday": "invalid_thread_ts", "1": "invalid_thread_ts"}).items():
        assert error_of(slack.chat_postMessage, channel=ws.channel, text="x", thread_ts=thread_ts) == error
    assert [each.text for each in ws.messages] == ["parent", "reply"]


@pytest.mark.parametrize("broadcast", [True, False])
def test_a_reply_to_a_message_that_is_not_there_becomes_a_message_of_the_channel(
    slack: WebClient, ws: RunningWorkspace, broadcast: bool
) -> None:
    # Given
    gone = post(slack, "to be deleted")
    ws.delete(gone)

    # When
    answers = [
        slack.chat_postMessage(channel=ws.channel, text="reply", thread_ts=ts, reply_broadcast=broadcast)
        for ts in (gone, "1.000100")
    ]

    # Then
    assert [each["message"].get("thread_ts") for each in answers] == [None, None]
    assert ["subtype" in each["message"] for each in answers] == [False, False]
    assert [each.text for each in ws.channel_messages] == ["reply", "reply"]
    for ts in (gone, "1.000100"):
        assert error_of(slack.conversations_replies, channel=ws.channel, ts=ts) == "thread_not_found"


def test_a_deleted_message_with_replies_leaves_a_tombstone_that_takes_replies(
    slack: WebClient, ws: RunningWorkspace
) -> None:
    # Given
    parent = post(slack, "parent", metadata={"event_type": "request", "event_payload": {}}, blocks=[ACTIONS])
    replies = [post(slack, "reply", thread_ts=parent)]

    # When
    ws.delete(parent)

    # Then
    [left] = slack.conversations_history(channel=ws.channel, include_all_metadata=True)["messages"]
    assert (left["ts"], left["subtype"], left["text"]) == (parent, "tombstone", "This message was deleted.")
    assert not {"blocks", "metadata", "bot_id"} & left.keys()
    assert error_of(slack.chat_update, channel=ws.channel, ts=parent, text="x") == "message_not_found"
    replies.append(post(slack, "reply", thread_ts=parent))
    assert [each.ts for each in ws.thread(parent)] == replies

    # When the replies go as well
    for reply in replies:
        ws.delete(reply)
    assert not ws.messages


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
