"""What each of Slack's answers, and no answer, means for what is tried next."""

from __future__ import annotations

import socket
from http.client import IncompleteRead
from typing import Any
from urllib.error import URLError

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web import SlackResponse

from bot.domain.errors import SlackUnavailable
from bot.slack.client import SlackRefused, ask, web_client


def answered(data: Any, status: int = 200, **headers: str) -> SlackRefused:
    """What becomes of this answer."""
    response = SlackResponse(
        client=WebClient(),
        http_verb="POST",
        api_url="https://slack.example/api/chat.postMessage",
        req_args={},
        data=data,
        headers=headers,
        status_code=status,
    )

    def chat_postMessage() -> SlackResponse:  # noqa: N802
        raise SlackApiError("no", response)  # type: ignore[no-untyped-call]

    with pytest.raises(SlackRefused) as refused:
        ask(chat_postMessage)
    return refused.value


def refused_with(code: str, status: int = 200) -> SlackRefused:
    return answered({"ok": False, "error": code}, status, **{"Retry-After": "7"})


@pytest.mark.safety("A rate limit of Slack is known by its name or its status", "bot/slack/client.py")
@pytest.mark.parametrize(
    ("code", "status"), [("ratelimited", 200), ("rate_limited", 200), ("ratelimited", 429), ("something_else", 429)]
)
def test_a_limit_is_known_by_its_name_or_its_status(code: str, status: int) -> None:
    assert refused_with(code, status).retry_after == 7


@pytest.mark.safety("Only a rate limit of Slack makes the bot wait", "bot/slack/client.py")
def test_only_a_limit_asks_to_wait() -> None:
    assert refused_with("channel_not_found").retry_after is None


@pytest.mark.safety(
    "After an internal error of Slack, the call may have taken effect all the same", "bot/slack/client.py"
)
@pytest.mark.parametrize("code", ["fatal_error", "internal_error", "service_unavailable", "request_timeout"])
def test_trouble_of_slacks_own_may_have_posted_all_the_same(code: str) -> None:
    assert refused_with(code).down


@pytest.mark.safety(
    "After an answer of Slack without an error's name, the call may have taken effect", "bot/slack/client.py"
)
@pytest.mark.parametrize("data", [{"ok": False}, {"error": ""}, {"error": "<html>"}, "<html>Bad gateway</html>"])
def test_an_answer_without_an_errors_name_is_such_trouble_too(data: Any) -> None:
    assert answered(data).down


@pytest.mark.safety(
    "After an internal error of Slack, the call may have taken effect all the same", "bot/slack/client.py"
)
@pytest.mark.parametrize("status", [500, 502, 503])
def test_so_is_any_server_error(status: int) -> None:
    assert refused_with("channel_not_found", status).down


@pytest.mark.parametrize("code", ["channel_not_found", "invalid_blocks", "ratelimited"])
def test_a_clear_no_is_no_outage(code: str) -> None:
    assert not refused_with(code).down


@pytest.mark.safety("The name of an error of Slack has a maximum length", "bot/slack/client.py")
def test_a_long_name_of_an_error_is_cut() -> None:
    assert len(str(refused_with("x" * 9000))) < 300


@pytest.mark.safety("No answer at all means that Slack is unavailable, however the SDK says it", "bot/slack/client.py")
@pytest.mark.parametrize(
    "error",
    [
        IncompleteRead(b""),
        SlackRequestError("no such host"),
        ConnectionResetError(),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    ],
)
def test_no_answer_is_unavailable_however_the_sdk_says_it(error: Exception) -> None:
    def chat_postMessage() -> SlackResponse:  # noqa: N802
        raise error

    with pytest.raises(SlackUnavailable, match=r"Slack did not answer chat\.postMessage") as unavailable:
        ask(chat_postMessage)
    assert unavailable.value.down


def test_without_a_connection_nothing_can_have_been_posted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}/api/"
    with pytest.raises(SlackUnavailable, match="did not answer") as unavailable:
        ask(web_client(lambda: "xoxb-1", url, 30).chat_postMessage, channel="C1", text="hello")
    assert unavailable.value.down
    assert unavailable.value.undone


def test_nor_where_slacks_name_is_not_found() -> None:
    def chat_postMessage() -> SlackResponse:  # noqa: N802
        raise URLError(socket.gaierror())

    with pytest.raises(SlackUnavailable) as unavailable:
        ask(chat_postMessage)
    assert unavailable.value.undone


@pytest.mark.safety(
    "Only what was certainly not sent is posted again before its lease has ended", "bot/slack/client.py"
)
@pytest.mark.safety(
    "Only what was certainly not sent is posted again before its lease has ended", "bot/domain/errors.py"
)
@pytest.mark.parametrize(
    "error", [ConnectionResetError(), TimeoutError(), URLError(TimeoutError()), IncompleteRead(b"")]
)
def test_with_one_it_may_have_been(error: Exception) -> None:
    def chat_postMessage() -> SlackResponse:  # noqa: N802
        raise error

    with pytest.raises(SlackUnavailable) as unavailable:
        ask(chat_postMessage)
    assert not unavailable.value.undone


@pytest.mark.safety("A call of Slack has a time limit", "bot/slack/client.py")
def test_two_calls_fit_into_the_three_seconds_that_slack_gives_a_press() -> None:
    """The second only has to be under way by then: its answer changes what is shown, not what is stored."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = web_client(lambda: "xoxb-1", f"http://127.0.0.1:{silent.getsockname()[1]}/api/")
        with pytest.raises(SlackUnavailable, match="did not answer"):
            ask(client.auth_test)
        assert client.timeout <= 2
