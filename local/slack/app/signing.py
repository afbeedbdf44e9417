"""Signed requests as Slack sends them to an app (docs.slack.dev, "Verifying requests from Slack")."""

import hashlib
import hmac
from dataclasses import dataclass, replace
from urllib.parse import urlencode


@dataclass(frozen=True)
class SignedRequest:
    """A `POST` with a form or a JSON body; `headers` carry the signature over exactly these `body` bytes."""

    body: bytes
    headers: dict[str, str]

    def with_body(self, body: bytes) -> "SignedRequest":
        """The same signature over another body: what a forger would send."""
        return replace(self, body=body)


def sign(form: dict[str, str], secret: str, now: float) -> SignedRequest:
    """The signed request for a form, at `now` seconds since the epoch."""
    return _signed(urlencode(form).encode(), "application/x-www-form-urlencoded", secret, now)


def sign_json(body: bytes, secret: str, now: float) -> SignedRequest:
    """The signed request for a body of JSON, at `now` seconds since the epoch."""
    return _signed(body, "application/json", secret, now)


def _signed(body: bytes, content_type: str, secret: str, now: float) -> SignedRequest:
    timestamp = str(int(now))
    return SignedRequest(
        body,
        {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "Accept": "application/json,*/*",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(body, secret, timestamp),
        },
    )


def signature(body: bytes, secret: str, timestamp: str) -> str:
    """Slack's `v0` signature."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
