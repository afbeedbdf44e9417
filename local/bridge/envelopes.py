"""Turns an envelope of Socket Mode into the HTTP request that Slack would have sent, and an answer into a payload.

Sources: docs.slack.dev, "Using Socket Mode", "Implementing slash commands", "HTTP Request URLs".
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from slack_sdk.socket_mode.request import SocketModeRequest

from local.slack.app.link import AppAnswer
from local.slack.app.signing import SignedRequest, sign, sign_json

_REMEMBERED = 200


class UnknownEnvelope(Exception):
    """Slack sent what the app is not made for."""


class Signer:
    """Signs what comes in envelopes. What Slack sends once more gets the request of the first time, signature included.

    Switchyard tells a command that comes twice from a second command by its signature.
    """

    def __init__(self, secret: str, now: Callable[[], float]) -> None:
        self._secret = secret
        self._now = now
        self._signed: OrderedDict[str, SignedRequest] = OrderedDict()
        self._lock = threading.Lock()

    def request(self, envelope: SocketModeRequest) -> SignedRequest:
        """Return the request for an envelope. Raises UnknownEnvelope."""
        if envelope.type == "events_api":
            return self._event(envelope)
        if envelope.type not in {"slash_commands", "interactive"}:
            raise UnknownEnvelope(envelope.type)
        known_by = json.dumps(envelope.payload)
        with self._lock:
            if known_by not in self._signed:
                form = _form(envelope.payload) if envelope.type == "slash_commands" else {"payload": known_by}
                self._signed[known_by] = sign(form, self._secret, self._now())
                while len(self._signed) > _REMEMBERED:
                    self._signed.popitem(last=False)
            return self._signed[known_by]

    def _event(self, envelope: SocketModeRequest) -> SignedRequest:
        request = sign_json(json.dumps(envelope.payload).encode(), self._secret, self._now())
        if envelope.retry_attempt:
            request.headers["X-Slack-Retry-Num"] = str(envelope.retry_attempt)
            request.headers["X-Slack-Retry-Reason"] = envelope.retry_reason or ""
        return request


def payload_of(answer: AppAnswer) -> Any:
    """Return what an acknowledgement carries for an answer; None where it has no body. ValueError for broken JSON."""
    text = answer.body.decode()
    if not text.strip():
        return None
    return json.loads(text) if answer.content_type == "application/json" else {"text": text}


def name_of(envelope: SocketModeRequest) -> str:
    """Return what somebody has done, for the developer; nothing of what was typed."""
    if envelope.type == "slash_commands":
        return f"the command {envelope.payload.get('command')}"
    if envelope.type == "events_api":
        return f"the event {(envelope.payload.get('event') or {}).get('type')}"
    return f"the interaction {envelope.payload.get('type')}"


def _form(payload: dict[str, Any]) -> dict[str, str]:
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in payload.items()}
