"""A stand-in for STS: a real HTTP server that checks SigV4 by signing what it received again, with botocore.

It answers as STS does, any of its actions included, unless a test gives it other words.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ACCESS_KEY_ID = "ASIA2222222222222222"
SECRET = "the secret key never leaves the forwarder"
SESSION_TOKEN = "FwoGZXIvYXdzEBYaD+the/session=token="
ARN = "arn:aws:sts::222222222222:assumed-role/switchyard-forwarder-switchyard-access/switchyard-forwarder"
SIGNED = ["accept", "content-type", "host", "x-amz-date", "x-amz-security-token"]
SIGNED += ["x-switchyard-audience", "x-switchyard-event-sha256"]


def sign(host: str, region: str, date: str, headers: dict[str, str], body: bytes) -> str:
    """The SigV4 signature of this POST, by botocore."""
    request = AWSRequest("POST", f"https://{host}/", data=body, headers=headers)
    request.context["timestamp"] = date
    auth = SigV4Auth(Credentials(ACCESS_KEY_ID, SECRET, SESSION_TOKEN), "sts", region)
    return str(auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request))


def identity(account: str = "222222222222", arn: str = ARN, user_id: str = "AROAEXAMPLE:session") -> bytes:
    """GetCallerIdentity's answer, as JSON."""
    result = {"Account": account, "Arn": arn, "UserId": user_id}
    response = {"GetCallerIdentityResult": result, "ResponseMetadata": {"RequestId": "1"}}
    return json.dumps({"GetCallerIdentityResponse": response}).encode()


@dataclass
class Answer:
    status: int = 200
    body: bytes = field(default_factory=identity)
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class StsServer:
    """`received` holds (path, headers, body) of every request; `says` replaces the answer to a good signature."""

    received: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    says: Answer | None = None
    writes: Callable[[Any], None] | None = None
    """Writes raw bytes to the connection instead of answering."""
    ended: Event = field(default_factory=Event)
    url: str = ""

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        self.received.append((path, headers, body))
        if self.says is not None:
            return self.says
        scope = headers.get("authorization", "").partition("Credential=")[2].partition(",")[0].split("/")
        signed = headers.get("authorization", "").partition("SignedHeaders=")[2].partition(",")[0].split(";")
        kept = {name: headers[name] for name in signed}
        signature = headers.get("authorization", "").partition("Signature=")[2]
        if scope[0] != ACCESS_KEY_ID or headers["x-amz-security-token"] != SESSION_TOKEN:
            return _error(403, "InvalidClientTokenId")
        if scope[1] != headers["x-amz-date"][:8]:
            return _error(403, "SignatureDoesNotMatch")
        if sign(headers["host"], scope[2], headers["x-amz-date"], kept, body) != signature:
            return _error(403, "SignatureDoesNotMatch")
        action = parse_qs(body.decode())["Action"][-1]
        if action != "GetCallerIdentity":
            return Answer(
                body=f"<{action}Response><Arn>{ARN}</Arn></{action}Response>".encode(), content_type="text/xml"
            )
        return Answer()


def _error(status: int, code: str) -> Answer:
    body = {"Error": {"Code": code, "Message": "no", "Type": "Sender"}, "RequestId": "1"}
    return Answer(status, json.dumps(body).encode())


@contextmanager
def serve(wrap: Callable[[Any], Any] | None = None) -> Iterator[StsServer]:
    """Run a stand-in on a free port of this machine; `wrap` puts TLS around its socket."""
    sts = StsServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = sts.answer(self.path, headers, body)
            if sts.writes is not None:
                sts.writes(self.wfile)
                return
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that hangs up is part of the tests."""

    with Server(("127.0.0.1", 0), Handler) as server:
        if wrap is not None:
            server.socket = wrap(server.socket)
        sts.url = f"{'https' if wrap else 'http'}://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield sts
        finally:
            sts.ended.set()
            server.shutdown()
            thread.join()
