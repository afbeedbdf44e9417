"""The way to an app in Socket Mode: what people do goes out as envelopes, and acknowledgements come back as answers.

Sources: docs.slack.dev, "Using Socket Mode"; the shape of retries is that of Slack's own SDKs. That Slack closes a
connection on which an app sends more than 20 KiB at once is known from github.com/revelrylabs/slax/pull/614.
"""

import asyncio
import json
import queue
import uuid
from urllib.parse import parse_qsl

from starlette.websockets import WebSocket, WebSocketDisconnect

from local.slack.app.link import LATE_SECONDS, AppAnswer
from local.slack.app.signing import SignedRequest
from local.slack.workspace.message import Json
from local.slack.workspace.sockets import Sockets

LARGEST_FRAME = 20_480
"""Bytes of one message from the app."""
_TOO_LARGE = 1009
_JSON = {"Content-Type": "application/json"}


class SocketMode:
    """An app behind its connections, called as any other app; and the route by which it connects."""

    def __init__(self, sockets: Sockets) -> None:
        self._sockets = sockets
        self._waiting: dict[str, queue.SimpleQueue[Json]] = {}

    def __call__(self, request: SignedRequest) -> AppAnswer:
        """Send the request as an envelope and return the acknowledgement as an answer; OSError without one."""
        connection = self._sockets.next()
        if connection is None:
            raise ConnectionError("Socket Mode is on, and the app has no connection open")
        envelope = _envelope(request)
        acknowledged: queue.SimpleQueue[Json] = queue.SimpleQueue()
        self._waiting[envelope["envelope_id"]] = acknowledged
        try:
            connection.send(envelope)
            acknowledgement = acknowledged.get(timeout=LATE_SECONDS)
        except queue.Empty:
            raise TimeoutError("the envelope was never acknowledged") from None
        finally:
            del self._waiting[envelope["envelope_id"]]
        if not envelope["accepts_response_payload"] or acknowledgement.get("payload") is None:
            return AppAnswer(200)
        return AppAnswer(200, json.dumps(acknowledgement["payload"]).encode(), _JSON)

    async def link(self, websocket: WebSocket) -> None:
        """Serve one connection: hello, envelopes out, acknowledgements in."""
        if not self._sockets.redeem(websocket.query_params.get("ticket", "")):
            await websocket.close()
            return
        await websocket.accept()
        connection = _Queued(asyncio.get_running_loop())
        self._sockets.join(connection)
        sending = asyncio.create_task(connection.send_all(websocket))
        try:
            while True:
                await self._take(websocket, await websocket.receive_text())
        except (WebSocketDisconnect, RuntimeError):  # starlette raises the latter where the other task has closed it
            pass
        finally:
            self._sockets.leave(connection)
            connection.close()
            await sending

    async def _take(self, websocket: WebSocket, text: str) -> None:
        """Take one acknowledgement, by whichever connection it comes. What is none is ignored."""
        if len(text.encode()) > LARGEST_FRAME:
            await websocket.close(_TOO_LARGE, f"Max frame length of {LARGEST_FRAME} has been exceeded.")
            raise WebSocketDisconnect(_TOO_LARGE)
        try:
            said = json.loads(text)
        except ValueError:
            return
        waiting = self._waiting.get(str(said.get("envelope_id"))) if isinstance(said, dict) else None
        if waiting is not None:
            waiting.put(said)


class _Queued:
    """A connection as other threads use it: what they send waits for the server's loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._messages: asyncio.Queue[Json | None] = asyncio.Queue()

    def send(self, message: Json) -> None:
        self._loop.call_soon_threadsafe(self._messages.put_nowait, message)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._messages.put_nowait, None)

    async def send_all(self, websocket: WebSocket) -> None:
        """Send until closed; quietly stop where the other side has gone."""
        try:
            while (message := await self._messages.get()) is not None:
                await websocket.send_text(json.dumps(message))
            await websocket.close()
        except (WebSocketDisconnect, RuntimeError):
            return


def _envelope(request: SignedRequest) -> Json:
    """Return the envelope of what would be sent to a request URL."""
    if request.headers["Content-Type"] == "application/json":
        kind, payload, taken = "events_api", json.loads(request.body), False
    else:
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        taken = True
        kind, payload = ("interactive", json.loads(form["payload"])) if "payload" in form else ("slash_commands", form)
    envelope = {"envelope_id": str(uuid.uuid4()), "type": kind, "payload": payload, "accepts_response_payload": taken}
    if kind == "events_api":
        envelope["retry_attempt"] = int(request.headers.get("X-Slack-Retry-Num", 0))
        envelope["retry_reason"] = request.headers.get("X-Slack-Retry-Reason", "")
    return envelope
