"""Records of invitations, and of who was refused: with an invitation, without one, or about a client."""

from __future__ import annotations

from datetime import datetime

from bot.domain.record import Record
from bot.domain.vocabulary import AccessLevel

MOST_ACCOUNTS = 100
"""Most accounts of one invitation."""
NAMESAKES_READ, NAMESAKES_SHOWN = 50, 5
"""How many clients of the same name a request is compared with, and how many an invitation names."""


class Invitation(Record):
    """A one-time token for a company. Only the token's SHA-256 (hex) is stored.

    An invitation for several accounts is never bound itself: each account that uses it gets a seat, which is an
    invitation of its own, under a hash that no token has.
    """

    token_hash: str
    company: str
    access_level: AccessLevel
    invited_by: str
    created_at: datetime
    expires_at: datetime
    account_id: str | None = None
    client_id: str | None = None
    """The client that used it. The first use binds client and account."""
    spent_at: datetime | None = None
    accounts: int = 1
    seats_taken: int = 0
    """How many accounts have used it, if it is for several."""
    seat_of: str = ""
    """For a seat: the token hash of its invitation."""
    cancelled_at: datetime | None = None
    teams: tuple[str, ...] = ()
    """The teams that are to be let in; empty for the usual one."""
    version: int = 0

    @property
    def listed(self) -> bool:
        """Return whether it is neither used nor cancelled; accounts of a full one may still try again."""
        return not (self.seat_of or self.spent_at or self.cancelled_at)

    @property
    def full(self) -> bool:
        """Return whether it is for several accounts, and all of them are taken."""
        return self.accounts > 1 and self.seats_taken >= self.accounts


class RefusedAttempts(Record):
    """How often a proven account was refused for one reason: with an invitation of ours, or with none."""

    account_id: str
    token_hash: str
    """Of the invitation that was tried; empty when there is none."""
    reason: str
    last_at: datetime
    count: int = 1
    company: str = ""
    """Of that invitation; empty when there is none."""


class RefusedPerson(Record):
    """How often one person was refused something about one client, and what was refused last.

    `client_id` is "invitation" where no known client is concerned.
    """

    client_id: str
    actor: str
    action: str
    last_at: datetime
    request_id: str = ""
    detail: str = ""
    count: int = 1
