"""Private answers that cannot be given: the press has counted all the same."""

import pytest

from bot.slack import answers
from bot.slack.client import web_client
from bot.slack.replies import tell
from local.slack.running import running_workspace


@pytest.mark.parametrize(
    "url", ["", "http://127.0.0.1:9/actions/x", "http://127.0.0.1:9 /", "{slack}/actions/T0/1/used-up"]
)
def test_an_answer_that_nobody_takes_is_logged_and_never_raised(caplog: pytest.LogCaptureFixture, url: str) -> None:
    with running_workspace() as slack:
        body = {"response_url": url.format(slack=slack.base_url), "user": {"id": "U0OLLI"}}
        tell(web_client(slack.bot_token, slack.api_url, timeout_seconds=30), body, answers.try_again())
    assert "response URL" in caplog.text
