"""Slack's bad days: whatever goes wrong becomes SlackUnavailable, soon, and tells nobody the token."""

import socket
import traceback

import pytest

from bot.domain.errors import MessageGone, SettingsInvalid, SlackUnavailable, TryAgain
from bot.domain.message import Shows
from bot.domain.request import Request
from bot.domain.vocabulary import State
from bot.slack import client
from bot.slack.client import web_client
from bot.slack.notifier import SlackNotifier
from local.slack.running import RunningWorkspace
from tests.unit.slack.samples import SETTINGS, event, pictured, request

TIMELINE = (event("CREATE_IN_PROGRESS"), event("CREATE_COMPLETE", 41))


def posted(notifier: SlackNotifier, one: Request) -> str:
    return notifier.post(pictured(one, TIMELINE), None)


@pytest.mark.parametrize("error", ["channel_not_found", "invalid_blocks", "not_in_channel", "fatal_error"])
def test_what_slack_refuses_is_unavailable_with_slacks_code(
    slack: RunningWorkspace, notifier: SlackNotifier, error: str
) -> None:
    slack.faults.refuse("chat.postMessage", error)
    with pytest.raises(SlackUnavailable, match=f"chat.postMessage: {error}") as refused:
        posted(notifier, request())
    assert refused.value.retry_after is None


def test_a_refused_update_is_not_taken_for_a_deleted_message(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    ts = posted(notifier, request())
    slack.faults.refuse("chat.update", "fatal_error")
    with pytest.raises(SlackUnavailable) as refused:
        notifier.edit(pictured(request(), TIMELINE, ts=ts))
    assert not isinstance(refused.value, MessageGone)
    assert len(slack.messages) == 1


def test_a_rate_limit_hands_on_slacks_retry_after(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    slack.faults.rate_limit("chat.postMessage", retry_after=17)
    with pytest.raises(SlackUnavailable) as limited:
        posted(notifier, request())
    assert limited.value.retry_after == 17
    assert [call.method for call in slack.calls] == ["chat.postMessage"], "nothing is retried here"


@pytest.mark.safety("Whatever Slack writes as the time to wait is taken as a time to wait", "bot/slack/client.py")
@pytest.mark.parametrize(
    ("said", "waited"), [("0", 1), ("7", 7), ("", 30), ("-5", 30), ("1.5", 30), ("9" * 9, 3600), ("9" * 5000, 30)]
)
def test_whatever_slack_says_of_how_long_it_is_a_time_to_wait(said: str, waited: int) -> None:
    assert client._retry_after({"Retry-After": said}) == waited


def test_a_server_error_without_json_is_unavailable(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    slack.faults.fail("chat.postMessage")
    with pytest.raises(SlackUnavailable):
        posted(notifier, request())


@pytest.mark.safety("The Slack client tries no call twice by itself", "bot/slack/client.py")
def test_a_lost_answer_is_unavailable_and_the_message_is_found(
    slack: RunningWorkspace, notifier: SlackNotifier
) -> None:
    slack.faults.lose_answer("chat.postMessage")
    with pytest.raises(SlackUnavailable, match="did not answer"):
        posted(notifier, request())
    assert notifier.find(pictured(request()), None) == slack.messages[0].ts


def test_silence_is_unavailable_after_a_short_while() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/api/"
        with pytest.raises(SlackUnavailable, match="did not answer"):
            posted(SlackNotifier(web_client(lambda: "xoxb-secret", url, timeout_seconds=1), SETTINGS), request())


@pytest.mark.safety("No call to Slack waits longer than its Lambda lives", "bot/slack/client.py")
def test_no_call_waits_longer_than_there_is_time_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/api/"
        client = web_client(lambda: "xoxb-secret", url, timeout_seconds=30, time_left=lambda: 0.1)
        with pytest.raises(SlackUnavailable, match="did not answer"):
            posted(SlackNotifier(client, SETTINGS), request())


@pytest.mark.safety("No error holds the bot token", "bot/slack/client.py")
@pytest.mark.parametrize("misfortune", ["refuse", "fail", "lose_answer", "rate_limit"])
def test_no_error_ever_shows_the_token(
    slack: RunningWorkspace, notifier: SlackNotifier, caplog: pytest.LogCaptureFixture, misfortune: str
) -> None:
    plan = getattr(slack.faults, misfortune)
    plan("chat.postMessage", *(["invalid_auth"] if misfortune == "refuse" else []))
    with pytest.raises(SlackUnavailable) as caught:
        posted(notifier, request())
    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert slack.bot_token not in told
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_card_is_not_posted_twice_because_its_thread_is_gone(
    slack: RunningWorkspace, notifier: SlackNotifier
) -> None:
    one = request(state=State.DONE)
    ts = posted(notifier, one)
    slack.faults.refuse("conversations.replies", "thread_not_found")
    assert notifier.find(pictured(one, shows=Shows.CARD), ts) is None


@pytest.mark.parametrize(
    ("shows", "method"),
    [(Shows.REQUEST, "conversations.history"), (Shows.CARD, "conversations.replies"), (Shows.REQUEST, "auth.test")],
)
def test_not_being_able_to_look_is_not_the_same_as_finding_nothing(
    slack: RunningWorkspace, notifier: SlackNotifier, shows: Shows, method: str
) -> None:
    ts = posted(notifier, request())
    slack.faults.rate_limit(method)
    with pytest.raises(SlackUnavailable):
        notifier.find(pictured(request(), shows=shows), None if shows is Shows.REQUEST else ts)


@pytest.mark.parametrize("trouble", [SettingsInvalid("There is no parameter x."), TryAgain("The store is silent.")])
def test_a_token_that_cannot_be_read_is_a_slack_that_cannot_be_called(
    slack: RunningWorkspace, trouble: Exception
) -> None:
    def unreadable() -> str:
        raise trouble

    notifier = SlackNotifier(web_client(unreadable, slack.api_url), SETTINGS)
    with pytest.raises(SlackUnavailable, match=str(trouble)) as caught:
        posted(notifier, request())
    assert slack.calls == ()
    assert caught.value.undone, "nothing was sent, so it may be posted again at once"
