"""Asking a Slack that is none, or not itself: every outage and every odd answer lets a deployment go on."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bot.domain.approvers import Approvers
from deploy.slack_api import Slack, SlackRefused, SlackSilent
from deploy.slack_checks import Findings, check_slack
from local.slack import RunningWorkspace
from tests.templates.endpoints import Answer, Endpoint, endpoint_running
from tests.unit.deploy.test_deploy_slack import APPROVERS, METHODS
from tests.unit.deploy.world import slack
from tests.unit.slack.samples import SETTINGS

__all__ = ["slack"]


@pytest.fixture
def foreign() -> Iterator[Endpoint]:
    """Another Slack stand-in: it knows auth.test, and no more until it is told."""
    with endpoint_running() as endpoint:
        endpoint.answer("/api/auth.test", (200, '{"ok": true}'))
        for method in METHODS[1:]:
            endpoint.answer(f"/api/{method}", (200, '{"ok": false, "error": "unknown_method"}'))
        yield endpoint


def asked_of(endpoint: Endpoint, approvers: Approvers = APPROVERS, token: str = "xoxb-1") -> Findings:
    return check_slack(Slack(f"{endpoint.url}/api/", token), replace(SETTINGS, approvers=approvers))


def test_a_stand_in_that_knows_few_methods_will_do(foreign: Endpoint) -> None:
    findings = asked_of(foreign)

    assert (findings.refusals, findings.team_id) == ([], "")
    assert len(findings.warnings) == 4


@pytest.mark.parametrize("content", ['{"ok": true}', '{"ok": true, "channel": 1, "usergroups": 1, "user": 1}'])
def test_a_stand_in_that_says_yes_to_everything_will_do(foreign: Endpoint, content: str) -> None:
    for method in METHODS:
        foreign.answer(f"/api/{method}", (200, content))

    assert asked_of(foreign).refusals == []


@pytest.mark.parametrize(
    "answer",
    [
        503,
        404,
        302,
        (200, "<html>maintenance</html>"),
        (200, "[]"),
        (200, "{}"),
        (200, "[" * 100_000),
        (204, ""),
        "drop",
    ],
)
def test_what_is_no_answer_of_slack_is_an_outage(foreign: Endpoint, answer: Answer) -> None:
    foreign.answer("/api/auth.test", answer)

    findings = asked_of(foreign)

    assert (findings.refusals, len(findings.warnings)) == ([], 1)
    assert [request.path for request in foreign.received] == ["/api/auth.test"]


def test_nobody_listening_is_an_outage() -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        api_url = f"http://127.0.0.1:{taken.getsockname()[1]}/api/"

        findings = check_slack(Slack(api_url, "xoxb-1"), SETTINGS)

    assert (findings.refusals, len(findings.warnings)) == ([], 1)
    assert "can't be reached" in findings.warnings[0]


@pytest.mark.parametrize("api_url", ["http://127.0.0.1:notaport/api/", "http://[::1/api/", "http://x..y/api/"])
def test_an_address_that_leads_nowhere_is_an_outage(api_url: str) -> None:
    findings = check_slack(Slack(api_url, "xoxb-1"), SETTINGS)

    assert (findings.refusals, len(findings.warnings)) == ([], 1)


@pytest.mark.safety("A Slack that hangs is given up within seconds while deploying", "deploy/slack_api.py")
def test_a_slack_that_hangs_is_asked_once_and_given_up(foreign: Endpoint) -> None:
    foreign.answer("/api/auth.test", "hang")
    settings = replace(SETTINGS, approvers=APPROVERS)

    findings = check_slack(Slack(f"{foreign.url}/api/", "xoxb-1", call_seconds=0.2), settings)

    assert findings.refusals == []
    assert len(findings.warnings) == 1
    assert [request.path for request in foreign.received] == ["/api/auth.test"]


def test_an_answer_that_trickles_in_is_given_up_too() -> None:
    with trickling() as api_url, pytest.raises(SlackSilent, match="did not answer within"):
        Slack(api_url, "xoxb-1", call_seconds=0.3).ask("auth.test")


@contextmanager
def trickling() -> Iterator[str]:
    """A server that sends one letter of a header every now and then, faster than a socket's timeout notices."""
    over = threading.Event()

    class Trickle(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
            with suppress(OSError):
                for _ in range(200):
                    self.wfile.write(b"x")
                    if over.wait(0.02):
                        return

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Trickle)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api/"
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        serving.join()


def test_all_questions_together_have_a_limit_too(slack: RunningWorkspace) -> None:
    times = iter([0.0, 0.0, 5.0, 16.0])
    impatient = Slack(slack.api_url, slack.bot_token, clock=lambda: next(times))
    impatient.ask("auth.test")
    impatient.ask("auth.test")

    with pytest.raises(SlackSilent, match="more than 15 seconds"):
        impatient.ask("auth.test")
    assert len(slack.calls) == 2


@pytest.mark.safety("While deploying, the bot token follows no redirect", "deploy/slack_api.py")
def test_the_token_goes_to_the_configured_address_alone(foreign: Endpoint) -> None:
    foreign.answer("/api/auth.test", 302)

    asked_of(foreign, token="xoxb-secret")

    assert [request.path for request in foreign.received] == ["/api/auth.test"]
    assert foreign.received[0].headers["authorization"] == "Bearer xoxb-secret"
    assert b"xoxb-secret" not in foreign.received[0].body


@pytest.mark.safety("While deploying, an answer that quotes the bot token is not printed", "deploy/slack_api.py")
@pytest.mark.parametrize("said", ["xoxb-secret", "your_xoxb-secret", "\x1b[2J", "a" * 500])
def test_what_slack_says_is_not_printed_as_it_comes(foreign: Endpoint, said: str) -> None:
    body = Slack(f"{foreign.url}/api/", "xoxb-secret")
    foreign.answer("/api/auth.test", (200, json.dumps({"ok": False, "error": said})))

    with pytest.raises(SlackRefused) as refused:
        body.ask("auth.test")

    assert refused.value.error == "an unknown error"
    assert "xoxb-secret" not in repr(body)


def test_slackbot_is_a_bot_though_slack_says_it_is_none(foreign: Endpoint) -> None:
    foreign.answer("/api/users.info", (200, '{"ok": true, "user": {"id": "USLACKBOT", "is_bot": false}}'))

    assert "USLACKBOT is a bot" in asked_of(foreign, Approvers(users=("USLACKBOT",))).refusals[0]
