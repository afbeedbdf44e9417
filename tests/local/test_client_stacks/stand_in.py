"""Plays Switchyard's `POST /events` for a client's stacks: up, down, slow, hanging, failing, refusing, up again."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bot.aws.sts import StsVerifier
from bot.domain.errors import SwitchyardError
from bot.ingest.payload import parse_notification
from bot.ports import Proof

REFUSAL = "This invitation has expired. Ask for a new one."
NEWS = ("knock", "notification", "completed", "last_word")
_PROOF = ("Region", "Date", "Access-Key-Id", "Session-Token", "Signature")
_SLOW_SECONDS = 0.5


class State(StrEnum):
    UP = "up"
    DOWN = "down"
    SLOW = "slow"
    HANGING = "hanging"
    FAILING = "answering 500"
    REFUSING_THE_LAST_WORD = "answering 403 to the last word"
    REFUSING = "answering 403"


@dataclass(frozen=True)
class Told:
    """One request that arrived, and the status it got; None when it got no answer."""

    kind: str
    event: dict[str, Any]
    status: int | None

    @property
    def taken(self) -> bool:
        return self.status == 202

    @property
    def completed(self) -> str:
        """`CREATE_COMPLETE` and the like, of the stack with the role; empty for everything else."""
        if self.kind == "completed":
            return f"{self.event['completed']['operation']}_COMPLETE"
        fields = parse_notification(self.event.get("notification", ""))
        of_stack = bool(fields) and fields["PhysicalResourceId"] == fields["StackId"]
        return fields["ResourceStatus"] if of_stack and fields["ResourceStatus"].endswith("_COMPLETE") else ""


class StandIn:
    """Its port is taken from the start; while it is down, nobody listens there, so connections are refused."""

    def __init__(self, state: State, verifier: StsVerifier) -> None:
        self.state = state
        self.told: list[Told] = []
        self._verifier = verifier
        self._changed = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self), bind_and_activate=False)
        self._server.server_bind()
        self._thread: threading.Thread | None = None
        self.url = f"http://127.0.0.1:{self._server.server_port}/events"
        if state is not State.DOWN:
            self._listen()

    def recover(self) -> None:
        """Be up from now on."""
        was_down, self.state = self.state is State.DOWN, State.UP
        self._changed.set()
        if was_down:
            self._listen()

    def turn(self, state: State) -> None:
        """Behave otherwise from now on."""
        self.state = state

    def close(self) -> None:
        self._changed.set()
        if self._thread:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def told_by(self, stack_id: str) -> list[Told]:
        """What arrived from a stack, taken or not."""
        return [told for told in list(self.told) if told.event["parent_stack_id"] == stack_id]

    def answer(self, headers: Any, body: bytes) -> tuple[int, dict[str, str]] | None:
        """Status and JSON for a request; None for no answer at all."""
        event = json.loads(body)
        [kind] = [name for name in NEWS if name in event]
        if self.state is State.HANGING:
            self.told.append(Told(kind, event, None))
            self._changed.wait()
            return None
        if self.state is State.SLOW:
            self._changed.wait(_SLOW_SECONDS)
        answer = self._verdict(kind, headers, body)
        self.told.append(Told(kind, event, answer[0]))
        return answer

    def _verdict(self, kind: str, headers: Any, body: bytes) -> tuple[int, dict[str, str]]:
        if self.state is State.FAILING:
            return 500, {"error": "Something is broken."}
        if self.state is State.REFUSING or (self.state is State.REFUSING_THE_LAST_WORD and kind == "last_word"):
            return 403, {"error": REFUSAL}
        try:
            proof = Proof(*[headers[f"X-Switchyard-{name}"] for name in _PROOF])
            proved = self._verifier.verify(proof, hashlib.sha256(body).hexdigest())
        except SwitchyardError as refused:
            return 401, {"error": str(refused)}
        event = json.loads(body)
        claimed = (event["account_id"], event["role_name"])
        return (202, {"status": "taken"}) if (proved.account_id, proved.role_name) == claimed else (401, {})

    def _listen(self) -> None:
        self._server.server_activate()
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()


@contextmanager
def switchyard(state: State, verifier: StsVerifier) -> Iterator[StandIn]:
    """A stand-in in this state."""
    stand_in = StandIn(state, verifier)
    try:
        yield stand_in
    finally:
        stand_in.close()


def _handler_for(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = stand_in.answer(self.headers, self.rfile.read(int(self.headers["content-length"])))
            if answer is None:
                return
            body = json.dumps(answer[1]).encode()
            self.send_response(answer[0])
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler
