"""Invitations, and who was refused: with an invitation, with none, or something about a client."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.vocabulary import AccessLevel


@dataclass(frozen=True)
class Invitation:
    """A one-time token for a company. Only the token's SHA-256 (hex) is kept.

    One for several accounts is never bound itself: each account that uses it gets a seat, which is an invitation of its
    own, known by another hash than any token has.
    """

    token_hash: str
    company: str
    access_level: AccessLevel
    invited_by: str
    created_at: datetime
    expires_at: datetime
    account_id: str | None = None
    client_id: str | None = None
    """The client it became; with the account, what its first use binds."""
    spent_at: datetime | None = None
    accounts: int = 1
    seats_taken: int = 0
    """How many accounts have used it, where it is for several."""
    seat_of: str = ""
    """Of a seat: the token hash of the invitation it is a seat of."""
    cancelled_at: datetime | None = None
    version: int = 0

    @property
    def listed(self) -> bool:
        """Whether somebody could still use it, but for its expiry; the accounts of a full one may try again."""
        return not (self.seat_of or self.spent_at or self.cancelled_at)


@dataclass(frozen=True)
class RefusedAttempts:
    """How often a proven account was refused for one reason: with an invitation of ours, or with none."""

    account_id: str
    token_hash: str
    """Of the invitation it tried to use; empty when there is none such."""
    reason: str
    last_at: datetime
    count: int = 1
    company: str = ""
    """Of that invitation; empty when there is none such."""


@dataclass(frozen=True)
class RefusedPerson:
    """How often one person was refused something about one client, and what it was last.

    `client_id` is "invitation" for what is about no client that is known.
    """

    client_id: str
    actor: str
    action: str
    last_at: datetime
    request_id: str = ""
    detail: str = ""
    count: int = 1
