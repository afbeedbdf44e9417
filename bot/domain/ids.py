"""Random ids, their form, and the hash under which a secret one is stored."""

from __future__ import annotations

import hashlib
import re
import secrets

CLIENT, REQUEST = "c", "r"
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_LENGTHS = {CLIENT: 10, REQUEST: 16}


def new_id(kind: str) -> str:
    """Return a random id for a CLIENT or a REQUEST, which AWS allows in every name."""
    return kind + "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTHS[kind]))


def is_id(kind: str, text: str) -> bool:
    """Return whether the text has the form of an id of this kind. Anything else is not looked up."""
    return bool(re.fullmatch(f"{kind}[{_ALPHABET}]{{{_LENGTHS[kind]}}}", text))


def token_hash(token: str) -> str:
    """Return the hash under which an invitation token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_token_hash(text: str) -> bool:
    """Return whether the text has the form of such a hash; that of a seat has not."""
    return bool(re.fullmatch(r"[0-9a-f]{64}", text))
