"""Private answers: they go to Slack alone, and one that cannot be given changes nothing, for the press has counted."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bot.slack.client import web_client
from bot.slack.inbound.replies import answer_at_response_url, tell
from bot.slack.render import answers
from local.slack.running import running_workspace


@dataclass
class Somewhere:
    """A server that keeps what it is asked, and answers with a status and perhaps a place to go on to."""

    url: str = ""
    status: int = 200
    leads_to: str = ""
    asked: list[str] = field(default_factory=list)


@contextmanager
def somewhere() -> Iterator[Somewhere]:
    found = Somewhere()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.asked.append(f"{self.command} {self.path}")
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(found.status)
            if found.leads_to:
                self.send_header("Location", found.leads_to)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            self.do_POST()

        def do_CONNECT(self) -> None:
            found.asked.append(f"{self.command} {self.path}")
            self.send_error(502)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


def answered_at(url: str, api_url: str) -> None:
    """A page of a list was turned."""
    answer_at_response_url(
        web_client(lambda: "xoxb-none", api_url), {"response_url": url}, answers.try_again(), replace=True
    )


@pytest.mark.parametrize(
    "url", ["", "http://127.0.0.1:9/actions/x", "http://127.0.0.1:9 /", "{slack}/actions/T0/1/used-up"]
)
def test_an_answer_that_nobody_takes_is_logged_and_never_raised(caplog: pytest.LogCaptureFixture, url: str) -> None:
    with running_workspace() as slack:
        body = {"response_url": url.format(slack=slack.base_url), "user": {"id": "U0OLLI" if url else ""}}
        tell(web_client(lambda: slack.bot_token, slack.api_url, timeout_seconds=30), body, answers.try_again())
    assert "response URL" in caplog.text


def test_the_origin_of_slack_api_url_is_answered_at() -> None:
    with somewhere() as slack:
        answered_at(f"{slack.url}/actions/T0/1/x", f"{slack.url}/api/")
        assert slack.asked == ["POST /actions/T0/1/x"]


@pytest.mark.safety(
    "An answer goes to Slack's hosts alone, or to the server of `SLACK_API_URL`", "bot/slack/inbound/replies.py"
)
def test_no_other_server_is_spoken_to(caplog: pytest.LogCaptureFixture) -> None:
    with somewhere() as evil, somewhere() as slack:
        answered_at(f"{evil.url}/actions/T0/1/x", f"{slack.url}/api/")
        answered_at(f"{evil.url}/actions/T0/1/x", "https://slack.com/api/")
        assert (evil.asked, slack.asked) == ([], [])
    assert "none of Slack's" in caplog.text


@pytest.mark.safety("A redirect is not followed", "bot/slack/inbound/replies.py")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(caplog: pytest.LogCaptureFixture, status: int) -> None:
    with somewhere() as evil, somewhere() as slack:
        slack.status, slack.leads_to = status, f"{evil.url}/taken"
        answered_at(f"{slack.url}/actions/T0/1/x", f"{slack.url}/api/")
        assert (slack.asked, evil.asked) == (["POST /actions/T0/1/x"], [])
    assert f"the response URL answered {status}" in caplog.text


LOOK_ALIKES = [
    "http://hooks.slack.com/actions/T0/1/x",
    "https://hooks.slack.com:8443/actions/T0/1/x",
    "https://hooks.slack.com.evil.example/x",
    "https://hooks.slack.com@evil.example/x",
    "https://hooks.slack.com:x@evil.example/x",
    "https://ada@hooks.slack.com/x",
    "https://hooks.slack.com\\@evil.example/x",
    "https://hooks.slack.com\t.evil.example/x",
    "https://hooks.slack.com",
    "https://hooks.slack.com?x",
    "https://hooks.slack.com#@evil.example/",
    "https://evil.example/https://hooks.slack.com/",
    "https://files.slack.com/x",
    "https://xhooks.slack.com/x",
    " https://hooks.slack.com/x",
    "https://hooks.slack.com/x\r\nHost: evil.example",
    "https://hooks.slack.com/\N{FULLWIDTH COMMERCIAL AT}evil.example",
    "//hooks.slack.com/x",
    "file:///etc/passwd",
]


@pytest.mark.safety(
    "An answer goes to Slack's hosts alone, or to the server of `SLACK_API_URL`", "bot/slack/inbound/replies.py"
)
@pytest.mark.parametrize("url", LOOK_ALIKES)
def test_what_only_looks_like_slack_is_not_spoken_to(caplog: pytest.LogCaptureFixture, url: str) -> None:
    answered_at(url, "https://slack.com/api/")
    assert [record.getMessage() for record in caplog.records] == [
        "the response URL is none of Slack's, so nothing was sent there"
    ]


@pytest.mark.parametrize("host", ["hooks.slack.com", "hooks.slack-gov.com"])
def test_slacks_own_hosts_are_spoken_to(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    for name in ("no_proxy", "NO_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with somewhere() as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)  # it is asked to connect, and nothing leaves this machine
        answered_at(f"https://{host}/actions/T0/1/x", "https://slack.com/api/")
        assert proxy.asked == [f"CONNECT {host}:443"]
