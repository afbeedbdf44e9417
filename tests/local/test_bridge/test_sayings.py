"""What the developer reads of the bridge holds no token, nothing that was typed, and no line over and over."""

import logging

import pytest

from local.bridge.sayings import Saying, why_refused

TOKEN = "xapp-1-A1-secret"


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def saying(told: list[str]) -> Saying:
    return Saying(told.append, TOKEN)


def logged(saying: Saying, message: str) -> None:
    logger = logging.Logger("slack")
    logger.addHandler(saying)
    logger.error(message)


@pytest.mark.parametrize(
    "secret", [TOKEN, "xoxb-12-34-secret", "xoxe.xoxp-1-secret", "wss://wss.slack.com/link/?ticket=secret&app_id=A1"]
)
def test_no_token_is_said_whoever_says_it(saying: Saying, told: list[str], secret: str) -> None:
    logged(saying, f"Failed (error: {secret})")
    saying.say(f"Failed: {secret}")
    assert len(told) == 2
    assert "secret" not in "".join(told)


def test_what_slacks_client_quotes_is_left_out(saying: Saying, told: list[str]) -> None:
    logged(
        saying, 'Received an unsupported data frame (session id: 1-2, opcode: x, payload: {"text":\n "what I typed"})'
    )
    assert told == ["  … Slack's client: Received an unsupported data frame (opcode: x"]


def test_slacks_client_may_try_again_and_again_and_says_it_once(saying: Saying, told: list[str]) -> None:
    for number in range(3):
        logged(saying, f"Failed to connect (session id: {number}, error: refused)")
    assert told == ["  … Slack's client: Failed to connect (error: refused)"]


def test_what_happens_twice_is_said_twice(saying: Saying, told: list[str]) -> None:
    for _ in range(2):
        saying.say("To the command /clients the app answered with status code 500.")
    assert len(told) == 2


def test_an_unknown_word_of_slacks_is_said_as_it_is() -> None:
    assert "(forbidden_team)" in why_refused("forbidden_team")
