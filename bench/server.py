"""Serves a World on a loopback port, as slow as stated, and notes each call and what the caller had used of the CPU.

The caller is another process, so that what happens here costs it nothing but time.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from bench.latency import Latency
from bench.wire import Call, Refused, identity, read_call, xml_answer, xml_refusal
from bench.world import World

Reply = tuple[int, str, bytes]


@dataclass(frozen=True)
class Noted:
    """A call, whether it came over a new connection, and the caller's CPU seconds when it came."""

    call: Call
    connected: bool
    cpu: float


@dataclass
class Server:
    """`world` is what answers; `caller` is the process whose CPU is noted."""

    latency: Latency
    url: str = ""
    roots: Path | None = None
    """The bundle that callers need to trust it, when it speaks TLS."""
    world: World = field(default_factory=World)
    caller: int = 0
    noted: list[Noted] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    """What the measured code asked and nobody here could answer: a fault of this benchmark."""

    def take(self, path: str, headers: dict[str, str], body: bytes, *, connected: bool) -> Reply:
        """Answer one request after the stated time, which what it takes here to find the answer is part of."""
        cpu, began = cpu_of(self.caller), time.monotonic()
        try:
            call = read_call(path, headers, body)
            reply = self._reply(call, headers)
        except Exception as error:
            self.unread.append(f"{path}: {error!r}")
            return 500, "text/plain", b"not understood"
        self.noted.append(Noted(call, connected, cpu))
        stated = self.latency.of(call.service) + (self.latency.connect if connected else 0)
        time.sleep(max(stated - (time.monotonic() - began), 0))
        return reply

    def _reply(self, call: Call, headers: dict[str, str]) -> Reply:
        match call.service:
            case "dynamodb":
                status, answer = self.world.read_or_write(call.operation, call.asked)
                return status, "application/x-amz-json-1.0", json.dumps(answer).encode()
            case "ssm":
                return 200, "application/x-amz-json-1.1", json.dumps(self.world.secret(call.asked["Name"])).encode()
            case "lambda":
                self.world.invoked.append(json.loads(call.asked["Payload"]))
                return 202, "application/json", b""
            case "slack":
                return 200, "application/json", json.dumps(self.world.slack.answer(call.operation, call.asked)).encode()
            case "sts":
                return 200, "application/json", identity(headers["x-amz-security-token"])
        try:
            return 200, "text/xml", xml_answer(call.operation, self.world.cloud.answer(call.operation, call.asked))
        except Refused as refused:
            return refused.status, "text/xml", xml_refusal(refused)


def cpu_of(process: int) -> float:
    """Return the CPU seconds (user and system) that a running process has used (clock_getcpuclockid(3)); 0 for none."""
    try:
        return time.clock_gettime((~process << 3) | 2) if process else 0.0
    except OSError:
        return 0.0


@contextmanager
def serving(latency: Latency, tls: tuple[ssl.SSLContext, Path] | None = None) -> Iterator[Server]:
    """Run a server on a free port of this machine, over TLS where `bench.tls.trusted` has been asked for it."""
    served = Server(latency, roots=tls[1] if tls else None)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        connected = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, kind, answer = served.take(self.path, headers, body, connected=self.connected)
            self.connected = False
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Say nothing of a caller that did not wait."""

    with Quiet(("127.0.0.1", 0), Handler) as server:
        if tls:
            server.socket = tls[0].wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        served.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()
