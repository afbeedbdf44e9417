"""History, threads, timestamps and user groups."""

from typing import Any

from slack_sdk import WebClient

from local.slack import ADA, OLLI, RunningWorkspace, running_workspace
from local.slack.workspace.facts import BEA
from tests.local.test_slack_api.calls import error_of, post, section


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


def test_user_groups_say_who_is_in_them(slack: WebClient, ws: RunningWorkspace) -> None:
    assert slack.usergroups_users_list(usergroup="S0APPROVERS")["users"] == [ADA.id, BEA.id]
    ws.set_approvers([OLLI])
    assert slack.usergroups_users_list(usergroup="S0APPROVERS")["users"] == [OLLI.id]
    assert slack.usergroups_list(include_users=True)["usergroups"][0]["users"] == [OLLI.id]
    assert error_of(slack.usergroups_users_list, usergroup="S0NOBODY") == "no_such_subteam"


def test_a_channel_says_whether_the_app_is_in_it_and_whether_it_is_archived(
    slack: WebClient, ws: RunningWorkspace
) -> None:
    here = slack.conversations_info(channel="C0ONBOARDING")["channel"]
    assert (here["is_member"], here["is_archived"], here["is_private"]) == (True, False, False)
    assert slack.conversations_info(channel="C0RANDOM")["channel"]["is_member"] is False
    ws.retire("C0ONBOARDING")
    assert slack.conversations_info(channel="C0ONBOARDING")["channel"]["is_archived"] is True
    assert error_of(slack.chat_postMessage, channel="C0ONBOARDING", text="x") == "is_archived"


def test_a_private_channel_does_not_exist_for_an_app_outside(slack: WebClient) -> None:
    assert error_of(slack.conversations_info, channel="C0BOARD") == "channel_not_found"
    assert error_of(slack.chat_postMessage, channel="C0BOARD", text="x") == "channel_not_found"


def test_a_disabled_user_group_is_listed_only_when_asked_for(slack: WebClient, ws: RunningWorkspace) -> None:
    assert slack.usergroups_list()["usergroups"][0]["date_delete"] == 0
    ws.retire("S0APPROVERS")
    assert slack.usergroups_list()["usergroups"] == []
    assert slack.usergroups_list(include_disabled=True)["usergroups"][0]["date_delete"] > 0


def test_users_say_whether_they_are_deactivated_or_bots() -> None:
    with running_workspace(scopes=("users:read",)) as ws:
        ws.retire(OLLI.id)
        told = [ws.client().users_info(user=user)["user"] for user in (ADA.id, OLLI.id, "U0SWITCHYARD")]
        assert [(user["deleted"], user["is_bot"]) for user in told] == [(False, False), (True, False), (False, True)]
        assert error_of(ws.client().users_info, user="U0NOBODY") == "user_not_found"


def test_a_permalink_opens_the_page_at_the_message(ws: RunningWorkspace, slack: WebClient) -> None:
    parent = post(slack, "parent")
    reply = post(slack, "reply", thread_ts=parent)
    digits, of_reply = parent.replace(".", ""), reply.replace(".", "")
    link = slack.chat_getPermalink(channel=ws.channel, message_ts=parent)["permalink"]
    assert link == f"{ws.base_url}/archives/{ws.channel}/p{digits}"
    link = slack.chat_getPermalink(channel=ws.channel, message_ts=reply)["permalink"]
    assert link == f"{ws.base_url}/archives/{ws.channel}/p{of_reply}?thread_ts={parent}&cid={ws.channel}"


def test_what_is_gone_private_or_elsewhere_has_no_permalink(ws: RunningWorkspace, slack: WebClient) -> None:
    parent = post(slack, "parent")
    private = slack.chat_postEphemeral(channel=ws.channel, user=ADA.id, text="psst")["message_ts"]
    for channel, ts, error in (
        (ws.channel, "1.000100", "message_not_found"),
        (ws.channel, private, "message_not_found"),
        ("C0RANDOM", parent, "message_not_found"),
        ("C0NOWHERE", parent, "channel_not_found"),
        (ws.channel, "", "invalid_arguments"),
    ):
        assert (
            error_of(slack.api_call, api_method="chat.getPermalink", params={"channel": channel, "message_ts": ts})
            == error
        )
