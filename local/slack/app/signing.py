"""Signed requests as Slack sends them to an app (docs.slack.dev, "Verifying requests from Slack")."""

import hashlib
import hmac
from dataclasses import dataclass, replace
from urllib.parse import urlencode


@dataclass(frozen=True)
class SignedRequest:
    """A `POST` with a form body; `headers` carry the signature over exactly these `body` bytes."""

    body: bytes
    headers: dict[str, str]

    def with_body(self, body: bytes) -> "SignedRequest":
        """The same signature over another body: what a forger would send."""
        return replace(self, body=body)


def sign(form: dict[str, str], secret: str, now: float) -> SignedRequest:
    """The signed request for a form, at `now` seconds since the epoch."""
    body = urlencode(form).encode()
    timestamp = str(int(now))
    return SignedRequest(
        body,
        {
            "Content-Type": "application/x-www-form-urlencoded",
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
