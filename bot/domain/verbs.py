"""What each verb is called: on its button, in a message, in a history, and where somebody may not press it."""

from __future__ import annotations

from typing import Literal, NamedTuple, assert_never

from bot.domain.vocabulary import Verb


class Words(NamedTuple):
    """What only approvers may; what somebody did, after their name and before "by"; how the button stands out."""

    may: str
    done: str
    pressed: str
    style: Literal["primary", "danger"] | None = None


def words(verb: Verb) -> Words:
    """Return how to speak of it."""
    match verb:
        case Verb.APPROVE:
            return Words("approve requests", "approved", "Approved", "primary")
        case Verb.DENY:
            return Words("deny requests", "denied", "Denied", "danger")
        case Verb.RETRY:
            return Words("retry what failed", "retried", "Retried")
        case Verb.REOPEN:
            return Words("reopen requests", "reopened", "Reopened")
        case Verb.REVOKE:
            return Words("revoke access", "revoked", "Revoked")
        case Verb.REPAIR:
            return Words("repair groups", "pressed Repair", "Repair pressed")
    assert_never(verb)
