"""The way to the app: over HTTP or in-process, slow, broken or absent."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

from slack_sdk.signature import SignatureVerifier

from local.slack import ADA, AppAnswer, RunningWorkspace, SignedRequest, running_workspace


@contextmanager
def http_app(status: int, body: bytes = b"") -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    taken: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            taken.append((dict(self.headers), self.rfile.read(length)))
            self.send_response(status)
            self.send_header("Location", self.path)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/slack/events", taken
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_over_http_the_app_gets_exactly_the_signed_bytes(ws: RunningWorkspace) -> None:
    with http_app(200, b"hello") as (url, taken):
        ws.connect(url)
        assert ws.run_command(ADA, "/clients help").ok
    headers, body = taken[0]
    assert SignatureVerifier(ws.signing_secret).is_valid_request(body, headers)
    assert parse_qs(body.decode())["text"] == ["help"]
    assert ws.ephemerals(ADA)[0].text == "hello"


def test_redirects_are_not_followed(ws: RunningWorkspace) -> None:
    with http_app(302) as (url, taken):
        ws.connect(url)
        assert ws.run_command(ADA, "/clients").error == "dispatch_failed"
    assert len(taken) == 1


def test_an_app_nobody_listens_for_is_unreachable(ws: RunningWorkspace) -> None:
    with http_app(200) as (url, _):
        pass
    ws.connect(url)
    outcome = ws.run_command(ADA, "/clients")
    assert outcome.error == "dispatch_failed"
    assert "could not be reached" in str(outcome.explanation)


def test_without_an_app_people_are_told(ws: RunningWorkspace) -> None:
    with running_workspace() as lonely:
        outcome = lonely.run_command(ADA, "/clients")
    assert outcome.error == "dispatch_failed"
    assert "No app is connected yet" in str(outcome.explanation)


def test_an_app_that_is_too_slow_times_out_and_its_answer_is_dropped() -> None:
    enough, finished = threading.Event(), threading.Event()

    def slow(_request: SignedRequest) -> AppAnswer:
        enough.wait(10)
        finished.set()
        return AppAnswer(200, b"too late")

    with running_workspace(slow, patience_seconds=0.05) as ws:
        outcome = ws.run_command(ADA, "/clients")
        enough.set()
        assert finished.wait(10)
        assert outcome.error == "operation_timeout"
        assert [each.text for each in ws.ephemerals(ADA)] == [
            f"/clients failed with the error “operation_timeout”\n{outcome.explanation}"
        ]


def test_an_app_that_crashes_fails_visibly() -> None:
    def crash(_request: SignedRequest) -> AppAnswer:
        raise RuntimeError("boom")

    with running_workspace(crash) as ws:
        assert ws.run_command(ADA, "/clients").error == "dispatch_failed"
