"""Checks how an account may use an invitation.

The first use binds an invitation to an account and a client. An invitation for several accounts gives each account a
seat, which is then bound in the same way; so a client always depends on exactly one invitation, its own.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.errors import NotInvited
from bot.domain.ids import token_hash
from bot.domain.invitation import Invitation
from bot.domain.model import Client
from bot.domain.record import Record
from bot.ports.store import Store


class Use(Record):
    """An invitation that admits an account. If it is a new seat, `giver` is its invitation with that seat taken."""

    invitation: Invitation
    giver: Invitation | None = None

    def require_for(self, client: Client) -> None:
        """Raise NotInvited if a newer invitation of this client has replaced it, or another client uses it."""
        invitation = self.invitation
        if invitation.client_id == client.id and invitation.token_hash != client.token_hash:
            raise NotInvited("A newer invitation has replaced this one. Use the newer link.", invitation)
        if invitation.client_id not in (None, client.id):
            raise NotInvited("This invitation belongs to another client stack. Ask for a new one.", invitation)

    def bound(self, client: Client) -> Client:
        """Return the client as one that depends on this invitation. Another one than before says what it is called."""
        if client.token_hash == self.invitation.token_hash:
            return client
        return replace(client, company=self.invitation.company, token_hash=self.invitation.token_hash)

    def saved(self, client: Client) -> tuple[Invitation, ...]:
        """Return the invitations to store once the client is known: using one binds it again."""
        bound = replace(self.invitation, account_id=client.stack.account_id, client_id=client.id)
        return (bound,) if self.giver is None else (bound, self.giver)


def redeem(store: Store, token: str, account_id: str, now: datetime) -> Use:
    """Return how this account may use the token. Raises NotInvited, with the sentence for the client."""
    found = store.invitation(token_hash(token)) if token else None
    if found is None:
        raise NotInvited("There is no such invitation. Ask for a new link and create the stack from it.")
    seat_hash = f"{found.token_hash}.{account_id}"  # no SHA-256 looks like it, so no token leads to a seat directly
    seat = store.invitation(seat_hash) if found.accounts > 1 else None
    own = seat or found
    if found.cancelled_at is not None:
        raise NotInvited("This invitation has been cancelled. Ask for a new one.", found)
    if own.spent_at is not None:
        raise NotInvited("This invitation has been used. Ask for a new one.", found)
    if own.account_id is not None and own.account_id != account_id:
        raise NotInvited("This invitation belongs to another AWS account. Ask for one of your own.", found)
    if own.expires_at <= now:
        raise NotInvited("This invitation has expired. Ask for a new one.", found)
    if seat is not None or found.accounts == 1:
        return Use(own)
    if found.seats_taken >= found.accounts:
        raise NotInvited(f"All {found.accounts} accounts of this invitation are taken. Ask for a new one.", found)
    new = replace(found, token_hash=seat_hash, seat_of=found.token_hash, accounts=1)
    return Use(replace(new, seats_taken=0, version=0), replace(found, seats_taken=found.seats_taken + 1))
