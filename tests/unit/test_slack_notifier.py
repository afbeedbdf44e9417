"""The notifier against the local Slack: what it posts, what it finds again, and how it takes Slack's bad days."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.domain.errors import SlackUnavailable
from bot.domain.request import Request
from bot.domain.vocabulary import Kind, State
from bot.settings import Settings
from bot.slack import notifier as module
from bot.slack.client import web_client
from bot.slack.notifier import SlackNotifier
from local.slack.running import RunningWorkspace, running_workspace
from tests.unit.slack_samples import CLIENT, NOW, SETTINGS, event, request

TIMELINE = (event("CREATE_IN_PROGRESS"), event("CREATE_COMPLETE", 41))


@pytest.fixture
def slack() -> Iterator[RunningWorkspace]:
    with running_workspace(clock=lambda: NOW.timestamp() + 5) as workspace:
        yield workspace


@pytest.fixture
def notifier(slack: RunningWorkspace) -> SlackNotifier:
    return SlackNotifier(web_client(slack.bot_token, slack.api_url, timeout_seconds=30), SETTINGS)


def posted(notifier: SlackNotifier, one: Request) -> Request:
    return replace(one, message_ts=notifier.post(one, TIMELINE))


def test_a_request_is_posted_to_the_channel(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    ts = notifier.post(request(), TIMELINE)
    message = slack.message(ts)
    assert message.channel == SETTINGS.channel_id
    assert "Onboard Acme?" in message.words
    assert message.metadata == {
        "event_type": "switchyard_request",
        "event_payload": {"request_id": "rabcdefghijklmnop"},
    }


def test_an_update_changes_the_same_message(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    one = posted(notifier, request())
    notifier.update(replace(one, state=State.DENIED), TIMELINE)
    assert len(slack.messages) == 1
    assert "Acme was denied" in slack.messages[0].words


def test_the_card_is_a_reply_that_the_channel_sees_too(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    one = posted(notifier, request(state=State.DONE))
    card_ts = notifier.post_card(one, CLIENT)
    assert [reply.ts for reply in slack.thread(str(one.message_ts))] == [card_ts]
    assert card_ts in [message.ts for message in slack.channel_messages]
    assert "Switch into Acme" in slack.message(card_ts).words


def test_a_card_that_is_overtaken_says_so_and_leads_nowhere(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    one = posted(notifier, request(state=State.DONE))
    card_ts = notifier.post_card(one, CLIENT)
    notifier.update(replace(one, overtaken_by=Kind.OFFBOARD, card_ts=card_ts), TIMELINE)
    assert "✅" not in slack.message(str(one.message_ts)).words
    assert "Acme was onboarded" in slack.message(str(one.message_ts)).words
    card = slack.message(card_ts)
    assert "no longer" in card.words and "taken away" in card.words
    assert card.buttons == ()
    assert len(slack.messages) == 2


def test_a_failure_is_told_to_the_approvers_in_the_thread(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    one = posted(notifier, request(state=State.FAILED, kind=Kind.OFFBOARD, remind_at=NOW))
    notifier.remind(one)
    [told] = slack.thread(str(one.message_ts))
    assert "Removing Acme failed" in told.words and "Retry" in told.words
    assert "U0ADA" in told.words


def test_a_reminder_is_a_new_message_so_that_it_notifies(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    one = posted(notifier, request())
    notifier.remind(one)
    assert "still waits" in slack.thread(str(one.message_ts))[0].words
    assert len(slack.channel_messages) == 1, "the thread alone is told"


def test_what_was_posted_before_a_crash_is_found(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    one = posted(notifier, request(state=State.DONE))
    other = posted(notifier, request(id="rother"))
    card_ts = notifier.post_card(one, CLIENT)
    notifier.post_card(other, CLIENT)
    assert notifier.find(replace(one, message_ts=None)) == (one.message_ts, card_ts)
    assert notifier.find(one) == (one.message_ts, card_ts)


def test_what_was_never_posted_is_not_found(notifier: SlackNotifier) -> None:
    one = posted(notifier, request())
    notifier.remind(one)
    assert notifier.find(request(id="rother")) == (None, None)
    assert notifier.find(request()) == (one.message_ts, None)


def test_a_message_older_than_the_request_is_not_taken_for_it(notifier: SlackNotifier) -> None:
    notifier.post(request(), TIMELINE)
    later = replace(request(), created_at=NOW + module.CLOCK_SKEW * 2)
    assert notifier.find(later) == (None, None)


def test_finding_pages_through_a_busy_channel(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    one = posted(notifier, request())
    for number in range(7):
        slack.say("U0OLLI", f"line {number}")
    assert replace(notifier, page=3).find(request()) == (one.message_ts, None)
    assert [call.method for call in slack.calls].count("conversations.history") == 3


def test_metadata_of_somebody_elses_message_does_not_count(slack: RunningWorkspace) -> None:
    class OtherBot(WebClient):
        def auth_test(self, **_: Any) -> Any:
            return {"user_id": "U0ANOTHERBOT"}

    other = SlackNotifier(OtherBot(slack.bot_token, base_url=slack.api_url), SETTINGS)
    other.post(request(), TIMELINE)
    assert other.find(request()) == (None, None)


def test_a_message_somebody_deleted_is_posted_anew_and_updated_from_then_on(
    slack: RunningWorkspace, notifier: SlackNotifier
) -> None:
    deleted = replace(request(), message_ts="1795413900.000001")
    notifier.update(deleted, TIMELINE)
    assert [message.words.splitlines()[0] for message in slack.messages] == ["Onboard Acme?"]
    notifier.update(replace(deleted, state=State.EXPIRED), TIMELINE)
    assert [message.words.splitlines()[0] for message in slack.messages] == ["Onboard Acme? Nobody decided"]


def test_a_message_that_may_not_be_edited_any_more_is_posted_anew(
    slack: RunningWorkspace, notifier: SlackNotifier
) -> None:
    one = posted(notifier, request())
    slack.faults.refuse("chat.update", "edit_window_closed")
    notifier.update(replace(one, state=State.EXPIRED), TIMELINE)
    assert [message.words.splitlines()[0] for message in slack.messages][1:] == ["Onboard Acme? Nobody decided"]


def test_the_members_of_a_user_group(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    slack.set_approvers(["U0ADA", "U0OLLI"])
    assert notifier.group_members("S0APPROVERS") == {"U0ADA", "U0OLLI"}


def test_an_unknown_user_group_lets_nobody_in_and_is_logged(
    notifier: SlackNotifier, caplog: pytest.LogCaptureFixture
) -> None:
    assert notifier.group_members("S0NOBODY") == frozenset()
    assert "S0NOBODY" in caplog.text


def test_not_knowing_the_members_is_no_empty_group(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    slack.faults.refuse("usergroups.users.list", "missing_scope")
    with pytest.raises(SlackUnavailable):
        notifier.group_members("S0APPROVERS")


@pytest.mark.parametrize("kind", [Kind.ONBOARD, Kind.UPDATE])
def test_slack_takes_the_card_of_every_partition(notifier: SlackNotifier, kind: Kind) -> None:
    for partition in ("aws", "aws-cn", "aws-us-gov"):
        settings: Settings = replace(SETTINGS, partition=partition)
        one = posted(notifier, request(kind, State.DONE))
        assert SlackNotifier(notifier.client, settings).post_card(one, CLIENT)
