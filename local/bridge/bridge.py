"""Connects a workspace in Socket Mode to an app with a request URL: envelopes in, signed HTTP requests out.

The app then stands behind the same door, signature check included, as in production. What goes wrong is said to the
developer, without tokens; Slack gets no acknowledgement for it, so that the person learns it too.
"""

import json
import logging
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPException
from types import TracebackType
from typing import Any, Self

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.webhook import WebhookClient

from local.bridge.envelopes import Signer, UnknownEnvelope, name_of, payload_of
from local.bridge.sayings import Saying, why_refused
from local.slack.app.link import PATIENCE_SECONDS, App, AppAnswer

LARGEST_FRAME = 20_480
"""Bytes; Slack closes the connection on more, see local/slack/app/socket_mode.py. Over HTTP it takes more."""
_HELLO_SECONDS = 30.0


class NotConnected(Exception):
    """Slack could not be connected to; the sentence says why and what to do."""


class Bridge:
    """Use as a context manager: entering connects, leaving ends the connection. `tell` takes a line at a time."""

    def __init__(
        self,
        app_token: str,
        app: App,
        signing_secret: str,
        tell: Callable[[str], None],
        *,
        api_url: str = WebClient.BASE_URL,
        where: str = "The app's log says why.",
        now: Callable[[], float] = time.time,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """Bridge to `app`, which checks signatures with `signing_secret`; `where` says where its log is.

        Slack waits `patience_seconds` for an acknowledgement.
        """
        self._patience_seconds = patience_seconds
        self._app, self._signer, self._where = app, Signer(signing_secret, now), where
        self._saying = Saying(tell, app_token)
        self._greeted = threading.Event()
        logger = logging.Logger("socket-mode", logging.WARNING)
        logger.addHandler(self._saying)
        self._client = SocketModeClient(
            app_token,
            logger=logger,
            web_client=WebClient(base_url=api_url, logger=logger),
            receive_buffer_size=65536,
            on_message_listeners=[self._hear],
        )
        if api_url.startswith("http://"):  # a stand-in on this machine is behind no proxy
            self._client.proxy = self._client.web_client.proxy = None
        self._client.socket_mode_request_listeners.append(self._take)

    def __enter__(self) -> Self:
        """Connect. Raises NotConnected."""
        try:
            self._client.connect()
        except SlackApiError as refused:
            self.close()
            raise NotConnected(why_refused(str(refused.response["error"]))) from None
        except (SlackClientError, OSError) as unreachable:
            self.close()
            raise NotConnected(f"Slack could not be reached ({type(unreachable).__name__}).") from None
        if not self._greeted.wait(_HELLO_SECONDS):
            self.close()
            raise NotConnected(f"Slack opened no connection within {_HELLO_SECONDS:.0f} s.")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection. Slack's client would wait three seconds for something to read."""
        client = self._client
        client.auto_reconnect_enabled = client.default_auto_reconnect_enabled = False
        client.current_session_state.terminated = True
        reading = client.current_session.sock if client.current_session else None
        with suppress(OSError):
            if reading is not None:
                reading.shutdown(socket.SHUT_RDWR)
        client.close()

    def _hear(self, raw: str) -> None:
        """Note when a connection begins and why it ends; the client itself connects anew."""
        said = json.loads(raw) if raw.startswith("{") else {}
        if said.get("type") == "hello":
            if self._greeted.is_set():
                self._saying.say("Slack has renewed the connection.")
            self._greeted.set()
        if said.get("type") == "disconnect" and said.get("reason") not in {"warning", "refresh_requested"}:
            self._saying.say(why_refused(str(said.get("reason"))))

    def _take(self, _client: BaseSocketModeClient, envelope: SocketModeRequest) -> None:
        """Hand one envelope to the app, and acknowledge it once the app has taken it."""
        began, name = time.monotonic(), name_of(envelope)
        try:
            answer = self._app(self._signer.request(envelope))
        except UnknownEnvelope:
            self._saying.say(f"Slack sent {name}, which Switchyard has no use for.")
            return
        except (OSError, HTTPException) as unreachable:
            self._saying.say(f"For {name} the app could not be reached ({type(unreachable).__name__}). {self._where}")
            return
        if not 200 <= answer.status < 300:
            self._saying.say(f"To {name} the app answered with status code {answer.status}. {self._where}")
            return
        try:
            self._acknowledge(envelope, answer)
        except (SlackClientError, OSError, ValueError) as failed:
            self._saying.say(f"The answer to {name} did not reach Slack ({type(failed).__name__}).")
            return
        took = time.monotonic() - began
        if took > self._patience_seconds:
            self._saying.say(f"The answer to {name} took {took:.1f} s, and Slack waits {self._patience_seconds:g} s.")

    def _acknowledge(self, envelope: SocketModeRequest, answer: AppAnswer) -> None:
        """Acknowledge with what the app answered. What is too large for that goes another way where there is one."""
        payload: Any = payload_of(answer) if envelope.accepts_response_payload else None
        text = _frame(envelope, payload)
        if len(text.encode()) > LARGEST_FRAME:
            address = envelope.payload.get("response_url")
            if envelope.type != "slash_commands" or not isinstance(address, str):
                self._saying.say(
                    f"The answer to {name_of(envelope)} takes {len(text.encode()):,} bytes. Slack takes"
                    f" {LARGEST_FRAME:,} by Socket Mode; over HTTP, as in production, it takes more."
                )
                return
            sent = WebhookClient(address, proxy=self._client.proxy).send_dict(payload)
            if sent.status_code != 200:
                self._saying.say(f"Slack refused the answer to {name_of(envelope)} (status code {sent.status_code}).")
                return
            text = _frame(envelope, None)
        self._client.send_message(text)


def _frame(envelope: SocketModeRequest, payload: Any) -> str:
    acknowledgement = {"envelope_id": envelope.envelope_id} | ({} if payload is None else {"payload": payload})
    return json.dumps(acknowledgement, ensure_ascii=False)
