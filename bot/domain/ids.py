"""Random ids, and the hash under which a secret one is stored."""

from __future__ import annotations

import hashlib
import secrets

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


def new_id(prefix: str, length: int) -> str:
    """Return a random id that AWS allows in every name."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(length))


def token_hash(token: str) -> str:
    """Return the hash under which an invitation token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()
