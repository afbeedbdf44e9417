"""Takes access away although the client's stack still stands: an approver's own decision, carried out like any removal.

While it is under way, or has failed and waits for Retry, nothing that the client's stack does supersedes it. Afterwards
the client needs a new invitation, as after any removal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot import policy
from bot.approval import NO_CLIENT, Approval
from bot.errors import ActionRefused, Conflict, TryAgain
from bot.model import Audit, Client
from bot.naming import client_named, id_meant
from bot.plan import new_id, touched, withdrawn
from bot.ports import ATTEMPTS, Actor, Change, Clock, Store
from bot.request import LEASE, Decision, Request
from bot.superseding import REVOKED, superseded
from bot.transitions import Step, target
from bot.vocabulary import UNDER_WAY, Kind, State, Verb


@dataclass(frozen=True)
class Revoking:
    """For approvers alone."""

    store: Store
    approval: Approval
    clock: Clock

    def revoke(self, named: str, actor: Actor) -> tuple[Request, ...]:
        """The approved removal, and before it the request it supersedes. Raises ActionRefused."""
        self.approval.require(actor, Verb.REVOKE, id_meant(self.store, named) or NO_CLIENT, detail=named)
        for _ in range(ATTEMPTS):
            client = client_named(self.store, named)
            current = self.store.request(client.current_request) if client.current_request else None
            if not client.may_have_group:
                raise ActionRefused(f"{client.company} has no group, so there is no access to take away.")
            if current is not None and current.kind is Kind.OFFBOARD and current.state in UNDER_WAY:
                raise ActionRefused(f"The access of {client.company} is being taken away already.")
            superseded = self._superseded(current)
            for one in superseded:
                client = withdrawn(client, one)
            removal = self._removal(client, actor)
            changed = replace(
                client, current_request=removal.id, latest=removal.id, standing=policy.standing(client, removal)
            )
            audits = [Audit(removal.created_at, actor.user_id, "superseded", client.id, one.id) for one in superseded]
            audits.append(Audit(removal.created_at, actor.user_id, Verb.REVOKE, client.id, removal.id))
            try:
                self.store.save(Change(client=changed, requests=(*superseded, removal), audits=tuple(audits)))
            except Conflict:
                continue
            return (*superseded, removal)
        raise TryAgain("Too much is happening to this client at once. Type it again.")

    def _superseded(self, current: Request | None) -> tuple[Request, ...]:
        if current is None or target(current.state, Step.SUPERSEDE) is None:
            return ()
        return (touched(superseded(current, REVOKED), self.clock.now()),)

    def _removal(self, client: Client, actor: Actor) -> Request:
        now = self.clock.now()
        granted = client.grant
        return Request(
            id=new_id("r", 16),
            client_id=client.id,
            kind=Kind.OFFBOARD,
            state=State.APPROVED,
            company=client.company,
            account_id=client.account_id,
            role_name=granted.role_name if granted else client.role_name,
            access_level=granted.access_level if granted else client.access_level,
            terms=granted.terms if granted else client.terms,
            parent_stack_id=client.parent_stack_id,
            child_stack_id=client.child_stack_id,
            stack_status="",
            event_at=now,
            created_at=now,
            updated_at=now,
            asked_at=now,
            previous=granted,
            revoked=True,
            decision=Decision(Verb.REVOKE, actor.user_id, now),
            attempt=1,
            follows=client.latest,
            lease_until=now + LEASE,
        )
