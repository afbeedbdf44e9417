"""A real HTTP server for the forwarder to talk to. It plays Switchyard and CloudFormation and remembers what came."""

import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

GZIP = b"\x1f\x8b"
Answer = int | tuple[int, str | bytes] | Literal["hang", "drop"]
"""A status, perhaps with the text of the body; bytes are said to be packed by gzip if they are."""


@dataclass(frozen=True)
class Received:
    method: str
    path: str
    headers: dict[str, str]
    """With lower-case names."""
    body: bytes


@dataclass
class Endpoint:
    """Answers each path with the statuses given for it, the last one again and again; 200 where nothing is given."""

    url: str
    received: list[Received] = field(default_factory=list)
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    closing: threading.Event = field(default_factory=threading.Event)

    def answer(self, path: str, *statuses: Answer) -> None:
        self.answers[path] = list(statuses)

    def sent_to(self, path: str) -> list[Received]:
        return [request for request in self.received if request.path == path]

    def next_answer(self, path: str) -> Answer:
        script = self.answers.get(path, [200])
        return script.pop(0) if len(script) > 1 else script[0]


def _handler_for(endpoint: Endpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            endpoint.received.append(Received(self.command, self.path, headers, body))
            status = endpoint.next_answer(self.path)
            if status == "hang":
                endpoint.closing.wait()
                return
            if status == "drop":
                return
            code, text = status if isinstance(status, tuple) else (status, '{"status": "said by the endpoint"}')
            content = text.encode() if isinstance(text, str) else text
            self.send_response(code)
            if code in range(300, 400):
                self.send_header("Location", "/elsewhere")
            if content.startswith(GZIP):
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with suppress(ConnectionError):
                self.wfile.write(content)

        do_POST = do_PUT = do_GET = serve  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def endpoint_running(certificate: tuple[str, str] | None = None) -> Iterator[Endpoint]:
    """Run on a free port of 127.0.0.1; with `certificate` (certificate file, key file) over TLS."""
    endpoint = Endpoint(url="")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(endpoint))
    scheme = "http"
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    endpoint.url = f"{scheme}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield endpoint
    finally:
        endpoint.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


def notification_lines(values: Iterable[tuple[str, str]]) -> str:
    """Write a notification as CloudFormation does."""
    return "".join(f"{key}='{value}'\n" for key, value in values)
