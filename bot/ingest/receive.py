"""Receives one event: checks the proof of the account, plans what the event changes, stores that."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain import policy
from bot.domain.errors import Conflict, EventRefused, Malformed, NotInvited, ProofRefused, TryAgain
from bot.domain.invitation import RefusedAttempts
from bot.domain.model import Event
from bot.ingest.admission import Intake
from bot.ingest.payload import Incoming, parse
from bot.ports import Clock, Identity, Proof, Verifier
from bot.ports.store import ATTEMPTS, Store, saved

log = logging.getLogger(__name__)


@dataclass(eq=False, repr=False)
class Receiving:
    """The checks between `POST /events` and the table."""

    store: Store
    verifier: Verifier
    clock: Clock
    intake: Intake
    partition: str
    provider_account_id: str

    def receive(self, body: bytes, proof: Proof) -> Sequence[str]:
        """Store the event. Return the ids of the clients whose messages changed. Raises EventRefused, or TryAgain."""
        incoming = parse(body, self.partition)
        try:
            return self._take(incoming, body, proof)
        except (EventRefused, TryAgain) as error:
            error.event = incoming.event
            raise

    def _take(self, incoming: Incoming, body: bytes, proof: Proof) -> Sequence[str]:
        event = incoming.event
        if not policy.plausible(event.timestamp, self.clock.now()):
            raise Malformed("The event's time can't be right. Is the clock of whoever sent it?")
        identity = self.verifier.verify(proof, hashlib.sha256(body).hexdigest())
        _require_same(identity, proof.region, event)
        if event.stack.account_id == self.provider_account_id:
            raise NotInvited("This is the provider's own account. Create the stack in the account to be worked in.")
        try:
            return self._let_in(incoming)
        except NotInvited as refused:
            if not incoming.asks_admission and self._is_stored(event):
                return ()
            self._count(refused, event)
            raise

    def _let_in(self, incoming: Incoming) -> Sequence[str]:
        if incoming.asks_admission or not policy.counts(incoming.event):
            self.intake.admit(incoming)
            return ()
        busy = "Too much is happening to this client at once. Send the event again."
        try:
            return saved(self.store, lambda: self.intake.plan(incoming), busy, 2 * ATTEMPTS).to_show
        except Conflict:  # the event is stored already
            return ()

    def _is_stored(self, event: Event) -> bool:
        """Return whether the event is stored already, for a client that has left since."""
        located = self.store.locate(event.stack.parent_stack_id, event.stack.account_id, event.stack.role_name)
        if located.client is None or not located.by_stack:
            return False
        return any(one.key == event.key for one in self.store.events(located.client.id))

    def _count(self, refused: NotInvited, event: Event) -> None:
        """Count the attempt for the approvers. Only the account is proven, so nothing else is stored."""
        account_id, tried = event.stack.account_id, refused.invitation
        token, company = (tried.token_hash, tried.company) if tried else ("", "")
        attempt = RefusedAttempts(account_id, token, str(refused), self.clock.now(), company=company)
        try:
            self.store.count_refused(attempt)
        except TryAgain as error:
            log.warning("a refused attempt was not counted: %s", error, extra={"account_id": account_id})


def _require_same(identity: Identity, region: str, event: Event) -> None:
    """Require that the proof is of the account, the role and the region that the event claims."""
    if (identity.account_id, identity.role_name) != (event.stack.account_id, event.stack.role_name):
        raise ProofRefused("The proof is of another account or role than the event claims.")
    if region != event.stack.parent_stack_id.split(":")[3]:
        raise ProofRefused("The proof is of another region than the event's stack.")
