"""Slack's bad days: whatever goes wrong becomes SlackUnavailable, soon, and tells nobody the token."""

import socket
import traceback
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.domain.errors import SlackUnavailable
from bot.domain.request import Request
from bot.domain.vocabulary import State
from bot.slack import client
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


@pytest.mark.parametrize("error", ["channel_not_found", "invalid_blocks", "not_in_channel", "fatal_error"])
def test_what_slack_refuses_is_unavailable_with_slacks_code(
    slack: RunningWorkspace, notifier: SlackNotifier, error: str
) -> None:
    slack.faults.refuse("chat.postMessage", error)
    with pytest.raises(SlackUnavailable, match=f"chat.postMessage: {error}") as refused:
        notifier.post(request(), TIMELINE)
    assert refused.value.retry_after is None


def test_a_refused_update_is_not_taken_for_a_deleted_message(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    one = posted(notifier, request())
    slack.faults.refuse("chat.update", "fatal_error")
    with pytest.raises(SlackUnavailable):
        notifier.update(one, TIMELINE)
    assert len(slack.messages) == 1


def test_a_rate_limit_hands_on_slacks_retry_after(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    slack.faults.rate_limit("chat.postMessage", retry_after=17)
    with pytest.raises(SlackUnavailable) as limited:
        notifier.post(request(), TIMELINE)
    assert limited.value.retry_after == 17
    assert [call.method for call in slack.calls] == ["chat.postMessage"], "nothing is retried here"


@pytest.mark.parametrize(
    ("said", "waited"), [("0", 1), ("7", 7), ("", 30), ("-5", 30), ("1.5", 30), ("9" * 9, 3600), ("9" * 5000, 30)]
)
def test_whatever_slack_says_of_how_long_it_is_a_time_to_wait(said: str, waited: int) -> None:
    assert client._retry_after({"Retry-After": said}) == waited


def test_a_server_error_without_json_is_unavailable(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    slack.faults.fail("chat.postMessage")
    with pytest.raises(SlackUnavailable):
        notifier.post(request(), TIMELINE)


def test_a_lost_answer_is_unavailable_and_the_message_is_found(
    slack: RunningWorkspace, notifier: SlackNotifier
) -> None:
    slack.faults.lose_answer("chat.postMessage")
    with pytest.raises(SlackUnavailable, match="did not answer"):
        notifier.post(request(), TIMELINE)
    assert notifier.find(request()) == (slack.messages[0].ts, None)


def test_silence_is_unavailable_after_a_short_while() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/api/"
        with pytest.raises(SlackUnavailable, match="did not answer"):
            SlackNotifier(web_client("xoxb-secret", url, timeout_seconds=1), SETTINGS).post(request(), TIMELINE)


@pytest.mark.parametrize("misfortune", ["refuse", "fail", "lose_answer", "rate_limit"])
def test_no_error_ever_shows_the_token(
    slack: RunningWorkspace, notifier: SlackNotifier, caplog: pytest.LogCaptureFixture, misfortune: str
) -> None:
    plan = getattr(slack.faults, misfortune)
    plan("chat.postMessage", *(["invalid_auth"] if misfortune == "refuse" else []))
    with pytest.raises(SlackUnavailable) as caught:
        notifier.post(request(), TIMELINE)
    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert slack.bot_token not in told
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_card_is_not_posted_twice_because_its_thread_is_gone(
    slack: RunningWorkspace, notifier: SlackNotifier
) -> None:
    one = posted(notifier, request(state=State.DONE))
    slack.faults.refuse("conversations.replies", "thread_not_found")
    assert notifier.find(one) == (one.message_ts, None)


def test_not_being_able_to_look_is_not_the_same_as_finding_nothing(
    slack: RunningWorkspace, notifier: SlackNotifier
) -> None:
    one = posted(notifier, request(state=State.DONE))
    notifier.post_card(one, CLIENT)
    for method in ("conversations.replies", "conversations.history", "auth.test"):
        slack.faults.rate_limit(method)
        with pytest.raises(SlackUnavailable):
            notifier.find(replace(one, message_ts=None))
