"""Revokes access while the client's stack still exists: an approver's own decision, carried out like any removal.

Typing the command only asks. The press on the answer is checked again, like any press.

While the removal is under way, or has failed and waits for Retry, nothing that the client's stack does supersedes it.
After it, the client needs a new invitation, as after any removal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256

from bot.decisions.decide import BUSY, Approval
from bot.decisions.find_client import named_by_approver, pressed_by_approver
from bot.domain import policy
from bot.domain.answers import Actor, Revocation
from bot.domain.errors import ActionRefused, StalePress
from bot.domain.message import message_about, raised
from bot.domain.model import Audit, Client
from bot.domain.request import Decision, Request, Warnings, new_request
from bot.domain.transitions import REVOKED, superseding
from bot.domain.vocabulary import UNDER_WAY, Kind, State, Verb
from bot.ports import Access, Clock, sharing
from bot.ports.store import Change, Store, saved

STALE = (
    "The access of {} has changed since you were asked, so nothing was changed. Type the command again, to see what it "
    "is now."
)


@dataclass(eq=False, repr=False)
class Revoking:
    """For approvers only."""

    store: Store
    approval: Approval
    clock: Clock
    access: Access

    def ask(self, named: str, actor: Actor) -> Revocation:
        """Return what revoking would take away, without changing anything. Raises ActionRefused."""
        client = named_by_approver(self.approval, actor, Verb.REVOKE, named)
        asked = self.revocation(client, self.current(client))
        return replace(asked, shared_with=sharing.others_granting(self.store, client, client.gives.role_name))

    def revocation(self, client: Client, current: Request | None) -> Revocation:
        """Return what revoking would take away from a client with this current request.

        It leaves out the other clients that give access to the same role. Raises ActionRefused where there is nothing
        to take away.
        """
        require_access(client, current)
        superseded = next(iter(superseding(current, REVOKED, self.clock.now())), None)
        entrance = self.access.entrance(client.id, client.ways_in)
        return Revocation(client, client.gives, entrance, state_of(client, current), superseded)

    def revoke(self, client_id: str, state: str, actor: Actor) -> Request:
        """Return the approved removal, which supersedes what was asked before.

        `state` is that of the `Revocation` which the actor saw. Raises ActionRefused; StalePress when the access has
        changed since then.
        """
        client_id = pressed_by_approver(self.approval, actor, Verb.REVOKE, client_id).id
        return saved(self.store, lambda: self.planned(client_id, state, actor), BUSY.format("client")).requests[-1]

    def planned(self, client_id: str, state: str, actor: Actor) -> Change:
        """Plan the removal; it is the last of the requests. Raises what `revoke` raises."""
        client = self.approval.client(client_id)
        current = self.current(client)
        require_access(client, current)
        if state != state_of(client, current):
            self.approval.refuse(actor, Verb.REVOKE, client.id, "", "stale")
            raise StalePress(STALE.format(client.company))
        removal = self._removal(client, actor)
        now = removal.created_at
        superseded = superseding(current, REVOKED, now)
        client = replace(client, current_request=removal.id)
        client = replace(client, standing=policy.standing(client, removal))
        audits = [Audit(now, actor.user_id, "superseded", client.id, one.id) for one in superseded]
        audits.append(Audit(now, actor.user_id, Verb.REVOKE, client.id, removal.id))
        return Change(
            client=client,
            requests=(*superseded, removal),
            audits=tuple(audits),
            messages=(message_about(removal, now),),
            raises=tuple(raised(one, now) for one in superseded),
        )

    def current(self, client: Client) -> Request | None:
        """Return the client's current request."""
        return self.store.request(client.current_request) if client.current_request else None

    def _removal(self, client: Client, actor: Actor) -> Request:
        now = self.clock.now()
        gives = client.gives
        removal = new_request(client, Kind.OFFBOARD, State.APPROVED, client.stack.giving(gives), now)
        return replace(
            removal,
            revoked=True,
            warnings=Warnings(shared_with=sharing.others_granting(self.store, client, gives.role_name)),
            decision=Decision(Verb.REVOKE, actor.user_id, now, team_id=actor.team_id),
            attempt=removal.attempt.next(),
        )


def require_access(client: Client, current: Request | None) -> None:
    """Raise ActionRefused when there is no access to take away, or it is being taken away already."""
    company = client.company
    if not client.may_have_group:
        raise ActionRefused(f"Nobody has access to {company} through Switchyard, so there is nothing to revoke.")
    if current is not None and current.kind.takes_away and current.state in UNDER_WAY:
        raise ActionRefused(f"The access of {company} is being taken away already.")


def state_of(client: Client, current: Request | None) -> str:
    """Return a short text that changes with every grant and revocation.

    It leaves out what the client's stack claims: a client could otherwise prevent its revocation by changing its stack
    every second.
    """
    grant = client.grant
    revoked = current.id if current and current.revoked else ""
    facts = (*((grant.role_name, grant.access_level) if grant else ()), *client.granted_by[-1:], revoked)
    return sha256("\n".join((client.id, *facts)).encode()).hexdigest()[:16]
