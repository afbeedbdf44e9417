"""Checks Slack's `v0` signature over the raw bytes, before anything parses them.

Source: docs.slack.dev, "Verifying requests from Slack". Anybody can send anything to `POST /slack/events`, so every
value here may have any type and any form. slack_sdk's own verifier raises for some of them, so it is not used.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any

from bot.domain.errors import RequestRefused
from bot.domain.record import Record

FRESH_SECONDS = 5 * 60
"""How far the timestamp of a request may be from our clock."""
_TIMESTAMP, _SIGNATURE = "x-slack-request-timestamp", "x-slack-signature"
_TIMESTAMP_FORM, _SIGNATURE_FORM = re.compile(r"[0-9]{1,12}"), re.compile(r"v0=[0-9a-f]{64}")
_UNSIGNED, _MALFORMED = 401, 400


class Claimed(Record):
    """A request in the form of a signed one. It proves nothing before `check` has returned."""

    body: bytes
    timestamp: str
    signature: str

    @property
    def mark(self) -> str:
        """Return a hash that identifies the request when it is sent again."""
        return hashlib.sha256(self.signature.encode()).hexdigest()


def claimed(event: Mapping[str, Any], now: float) -> Claimed:
    """Take body and signature out of an HTTP API event (payload format 2.0), without any secret.

    Raise RequestRefused: 401 for a signature that is missing, doubled, of another form or too old; 400 for a body that
    can't be decoded.
    """
    timestamp = _header(event, _TIMESTAMP, _TIMESTAMP_FORM)
    signature = _header(event, _SIGNATURE, _SIGNATURE_FORM)
    if abs(now - int(timestamp)) > FRESH_SECONDS:
        raise RequestRefused(_UNSIGNED, "its timestamp is too far from our clock")
    return Claimed(_body(event), timestamp, signature)


def check(request: Claimed, secret: str) -> None:
    """Raise RequestRefused (401) unless Slack signed exactly these bytes at that time with our app's secret."""
    signed = b"v0:" + request.timestamp.encode() + b":" + request.body
    expected = "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.signature):
        raise RequestRefused(_UNSIGNED, "it is not signed with our app's secret")


def _header(event: Mapping[str, Any], name: str, form: re.Pattern[str]) -> str:
    """Return the header's value. It must be there once, in any case, and have exactly this form."""
    headers = event.get("headers")
    pairs = headers.items() if isinstance(headers, Mapping) else ()
    found = [value for key, value in pairs if isinstance(key, str) and key.casefold() == name]
    if len(found) != 1 or not isinstance(found[0], str) or not form.fullmatch(found[0]):
        raise RequestRefused(_UNSIGNED, f"it has no {name} in Slack's form")
    return found[0]


def _body(event: Mapping[str, Any]) -> bytes:
    body = event.get("body")
    if body is None:
        return b""
    try:
        if isinstance(body, str):
            return base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
    except ValueError:
        pass
    raise RequestRefused(_MALFORMED, "its body can't be decoded")
