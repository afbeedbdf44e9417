"""Admits events: finds the client that an event belongs to, and whether that client or an invitation admits it.

It only plans. `plan` reads the store and returns one `Change`, which the workflow saves; after a conflict it is planned
again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.approvers import Waiting
from bot.domain.errors import NotInvited
from bot.domain.ids import CLIENT, new_id
from bot.domain.model import Audit, Client, Event, GoneStack
from bot.domain.page import Teams
from bot.domain.spelling import same_company
from bot.ingest.deletion import last_word, refutes
from bot.ingest.draft import Draft
from bot.ingest.payload import Incoming
from bot.ingest.plan import apply
from bot.ingest.redemption import Use, redeem
from bot.ports import Clock
from bot.ports.store import Change, Claim, Located, Store


@dataclass(eq=False, repr=False)
class Intake:
    """Plans what events change."""

    store: Store
    clock: Clock
    waiting: Waiting
    teams: Teams

    def admit(self, incoming: Incoming) -> None:
        """Admit an event that changes nothing: the gate's question, or a resource's progress. Raises NotInvited.

        Every known stack may report about its resources, also after its client has left.
        """
        located = self._locate(incoming.event)
        if incoming.asks_admission or not located.by_stack:
            self._admit(incoming, located, self._gone(located, incoming.event))

    def plan(self, incoming: Incoming) -> Change:
        """Return the change that one event makes. Raises NotInvited when nothing admits it."""
        event, stack, now = incoming.event, incoming.event.stack, self.clock.now()
        located = self._locate(event)
        known_gone = self._gone(located, event)
        if located.client is not None and located.client.blocked:
            return last_word(located.client, event, known_gone, now, by_stack=located.by_stack)
        client, use = self._admit(incoming, located, known_gone)
        draft = Draft(
            client, event, now, self.store, self.waiting, self.teams, use.invitation if use else None, known_gone
        )
        apply(draft)
        renamed = client.version > 0 and draft.client.stack.role_name != client.stack.role_name
        claim = Claim(client.id, stack.parent_stack_id, stack.account_id, stack.role_name, located.role_owner)
        joined = replace(located.account, client_ids=(*located.account.client_ids, client.id))
        return Change(
            client=draft.client,
            account=None if client.version else joined,
            requests=tuple(draft.requests),
            invitations=use.saved(client) if use else (),
            event=event,
            event_client_id=client.id,
            claim=claim if renamed or not located.by_stack else None,
            gone=draft.gone,
            audits=(*_rebound(client, located, event, use, now), *draft.audits),
            messages=tuple(draft.messages),
            raises=tuple(draft.raises),
        )

    def _locate(self, event: Event) -> Located:
        """Return whose event it is. A role that its client has given up leads to nobody: another stack may have it.

        Raises NotInvited for an event from a blocked account, except a last word about one of its clients.
        """
        located = self.store.locate(event.stack.parent_stack_id, event.stack.account_id, event.stack.role_name)
        given_up = located.client is not None and located.client.stack.role_name != event.stack.role_name
        if given_up and not located.by_stack:
            located = replace(located, client=None)
        client = located.client
        if (located.account.blocked or (client and client.blocked)) and not (client and event.by_the_gate):
            raise _blocked()
        return located

    def _gone(self, located: Located, event: Event) -> GoneStack | None:
        """Return what is known of the deletion of the event's stack.

        It is read after its client, since both are stored together: a change in between makes the save a conflict. Most
        events don't need the read, because the client says whether its newest stack is reported as deleted.
        """
        client = located.client
        if client is None or not located.by_stack:
            return None
        stack_id = event.stack.parent_stack_id
        asked = event.deletes or client.stack_gone or stack_id != client.stack.parent_stack_id
        return self.store.gone(stack_id) if asked else None

    def _admit(self, incoming: Incoming, located: Located, known_gone: GoneStack | None) -> tuple[Client, Use | None]:
        """Return the event's client, and the invitation that it uses if it needs one. Raises NotInvited."""
        event, client = incoming.event, located.client
        deleted = None if known_gone is None or known_gone.refuted else known_gone
        if client is not None and self._known(client, event, deleted, by_stack=located.by_stack):
            return (client, None) if located.by_stack else self._made_anew(client, incoming)
        try:
            return self._invited(incoming, located)
        except NotInvited:
            if client is None or deleted is None or self._revoked(client) or not refutes(event, deleted):
                raise
            if not client.has_newest_stack_of(event):
                raise  # another stack came after it: that this one still stands says nothing of why the client left
            return client, None  # it never left, so it needs no invitation to be asked about again

    def _invited(self, incoming: Incoming, located: Located) -> tuple[Client, Use | None]:
        """Return the same where an invitation is needed. Raises NotInvited.

        Its client is read after the account, and may already be blocked where the account was not.
        """
        stack, client, now = incoming.event.stack, located.client, self.clock.now()
        use = redeem(self.store, incoming.token, stack.account_id, now)
        if use.invitation.client_id is not None and not located.by_stack:
            client = self.store.client(use.invitation.client_id) or client
        if client is None:
            return Client(new_id(CLIENT), use.invitation.company, stack, use.invitation.token_hash, created_at=now), use
        if client.blocked:
            raise _blocked()
        use.require_for(client)
        client = use.bound(client)
        decided_by = None if client.offboarded else client.decided_by_event_at
        return replace(client, offboarded=False, decided_by_event_at=decided_by), use

    def _made_anew(self, client: Client, incoming: Incoming) -> tuple[Client, Use | None]:
        """Return a known client with a new stack, which needs no invitation. One that it brings is used up.

        Not one that a newer one has replaced, nor one for another company: that would rename what was approved.
        """
        try:
            use = redeem(self.store, incoming.token, client.stack.account_id, self.clock.now())
            use.require_for(client)
        except NotInvited:
            return client, None
        return (use.bound(client), use) if same_company(use.invitation.company, client.company) else (client, None)

    def _known(self, client: Client, event: Event, deleted: GoneStack | None, *, by_stack: bool) -> bool:
        """Return whether the event needs no invitation: from the stack we know, or for a role whose access is to stay.

        During a removal, or after one that failed, a new stack needs an invitation, as it would afterwards. That a
        known stack is deleted is always accepted, and so is late news of it, which changes nothing.
        """
        late = deleted is not None and not refutes(event, deleted)
        if by_stack and (event.deletes or late):
            return True
        if client.offboarded:
            return False
        if by_stack and client.has_newest_stack_of(event):
            return True
        return (by_stack or client.may_have_group) and not self._leaving(client)

    def _leaving(self, client: Client) -> bool:
        concerned = [self.store.request(one) for one in (client.provisioning, client.current_request) if one]
        return any(one.outstanding for one in concerned if one)

    def _revoked(self, client: Client) -> bool:
        """Return whether an approver has ended its access, which only an invitation can restore."""
        current = self.store.request(client.current_request) if client.current_request else None
        return current is not None and current.revoked


def _blocked() -> NotInvited:
    """Return the refusal for a blocked account. It says whom to ask, and neither who blocked it nor why."""
    return NotInvited("Nothing is accepted from this AWS account at present. Ask the provider who invited you.")


def _rebound(client: Client, located: Located, event: Event, use: Use | None, now: datetime) -> tuple[Audit, ...]:
    """Audit that a known client now depends on another invitation, and who made that."""
    if use is None or located.client is None or located.client.token_hash == client.token_hash:
        return ()
    account = f"account {event.stack.account_id}"
    made = use.invitation
    return (
        Audit(made.created_at, made.invited_by, "invited again", client.id, detail=made.access_level),
        Audit(now, account, "uses another invitation", client.id, detail=f"{client.company}, {event.status}"),
    )
