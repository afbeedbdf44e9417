"""Reads body and proof of `POST /events` from API Gateway's HTTP API event (payload format 2.0)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from bot.domain.errors import Malformed, TooLarge
from bot.ports import Proof

LIMIT = 64 * 1024
_PREFIX = "x-switchyard-"
PROOF_HEADERS = [_PREFIX + field.name.replace("_", "-") for field in fields(Proof)]
_NO_PROOF = Proof("", "", "", "", "")


def body_of(event: Mapping[str, Any]) -> bytes:
    """Return the bytes that were sent. Raises Malformed, TooLarge."""
    text = event.get("body") or ""
    try:
        body = base64.b64decode(text, validate=True) if event.get("isBase64Encoded") else text.encode()
    except ValueError:
        raise Malformed("The body can't be decoded.") from None
    if len(body) > LIMIT:
        raise TooLarge(f"The body has {len(body)} bytes; at most {LIMIT} are taken.")
    return body


def proof_of(event: Mapping[str, Any]) -> Proof:
    """Return the scalars of the proof: exactly its five headers, each once, in any case; else an empty proof."""
    headers = event.get("headers") or {}
    ours = [(name.lower(), value) for name, value in headers.items() if name.casefold().startswith(_PREFIX)]
    if sorted(name for name, _ in ours) != sorted(PROOF_HEADERS):
        return _NO_PROOF
    return Proof(*map(dict(ours).__getitem__, PROOF_HEADERS))
