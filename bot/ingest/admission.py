"""Lets an event in: which client it belongs to, and whether an invitation or that client admits it.

Only plans: `plan` reads the store and answers one `Change`, which the workflow saves and, if somebody was faster, has
planned again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.domain import policy
from bot.domain.approvers import Waiting
from bot.domain.errors import NotInvited
from bot.domain.ids import new_id
from bot.domain.model import Account, Audit, Client, Event, GoneStack
from bot.ingest import blocked
from bot.ingest.deletion import refutes
from bot.ingest.draft import Draft
from bot.ingest.payload import Incoming
from bot.ingest.plan import apply
from bot.ingest.redemption import Use, redeem
from bot.ports import Clock
from bot.ports.store import Change, Claim, Located, Store


@dataclass(frozen=True)
class Intake:
    """Plans what events change."""

    store: Store
    clock: Clock
    waiting: Waiting

    def admit(self, incoming: Incoming) -> None:
        """Whether an event of this stack would be let in now; changes nothing. Raises NotInvited."""
        located = self._locate(incoming.event)
        self._admit(incoming, located, self._gone(located, incoming.event))

    def hear(self, incoming: Incoming) -> None:
        """Let in an event that changes nothing, such as a resource's progress. Raises NotInvited.

        Every stack that is known may tell of its resources, also after its client has left.
        """
        located = self._locate(incoming.event)
        if not located.by_stack:
            self._admit(incoming, located, None)

    def plan(self, incoming: Incoming) -> Change:
        """The change one event makes. Raises NotInvited when it is let in by nothing."""
        event = incoming.event
        located = self._locate(event)
        known_gone = self._gone(located, event)
        now = self.clock.now()
        if located.client is not None and located.client.blocked:
            return blocked.last_word(located.client, event, known_gone, now, by_stack=located.by_stack)
        client, use, account = self._admit(incoming, located, known_gone)
        invitation = use.invitation if use else None
        planned = Draft(client, event, now, self.store, self.waiting, invitation=invitation, known_gone=known_gone)
        apply(planned)
        renamed = client.version > 0 and planned.client.stack.role_name != client.stack.role_name
        return Change(
            client=planned.client,
            account=account,
            requests=tuple(planned.requests),
            invitations=use.saved(client) if use else (),
            event=event,
            event_client_id=client.id,
            claim=None if located.by_stack and not renamed else _claim(client, event, located),
            gone=planned.gone,
            audits=(*_rebound(client, located, event, use), *planned.audits),
            messages=tuple(planned.messages),
            raises=planned.raises,
        )

    def _locate(self, event: Event) -> Located:
        """Whose event it is. A role that its client has given up leads to nobody: another stack may have it now.

        Raises NotInvited for what comes from a blocked account, but for a last word of a client in it.
        """
        located = self.store.locate(event.stack.parent_stack_id, event.stack.account_id, event.stack.role_name)
        given_up = located.client is not None and located.client.stack.role_name != event.stack.role_name
        if given_up and not located.by_stack:
            located = replace(located, client=None)
        client = located.client
        if (located.account.blocked or (client and client.blocked)) and not (client and event.by_the_gate):
            raise blocked.refused()
        return located

    def _gone(self, located: Located, event: Event) -> GoneStack | None:
        """What is known of the deletion of the event's stack.

        Read after its client, since both are stored together: what changes in between makes the save a conflict. Not
        read at all for most events, because the client says whether its newest stack is gone.
        """
        client = located.client
        if client is None or not located.by_stack:
            return None
        stack_id = event.stack.parent_stack_id
        asked = event.deletes or client.stack_gone or stack_id != client.stack.parent_stack_id
        return self.store.gone(stack_id) if asked else None

    def _admit(
        self, incoming: Incoming, located: Located, known_gone: GoneStack | None
    ) -> tuple[Client, Use | None, Account | None]:
        """The client the event belongs to, the invitation it uses if it had to be asked for one, a new one's account.

        Whoever blocks that account at the same moment changes account and clients too, so only one of both is stored.
        A client is read later than the account, and may be blocked where the account was not yet.
        """
        client, use = self._belonging(incoming, located, known_gone)
        if client.blocked:
            raise blocked.refused()
        return client, use, None if client.version else blocked.joined(located.account, client)

    def _belonging(
        self, incoming: Incoming, located: Located, known_gone: GoneStack | None
    ) -> tuple[Client, Use | None]:
        """The client, and the invitation. Raises NotInvited."""
        event, client = incoming.event, located.client
        deleted = known_gone if known_gone is not None and not known_gone.refuted else None
        if client is not None and self._known(client, event, deleted, by_stack=located.by_stack):
            return (client, None) if located.by_stack else self._made_anew(client, incoming)
        try:
            return self._invited(incoming, located)
        except NotInvited:
            if client is None or deleted is None or self._revoked(client) or not refutes(event, deleted):
                raise
            if event.stack.parent_stack_id != client.stack.parent_stack_id:
                raise  # another stack came after it: that this one still stands says nothing of why the client left
            return client, None  # it never left, so it needs no invitation to be asked about again

    def _invited(self, incoming: Incoming, located: Located) -> tuple[Client, Use | None]:
        """The same where an invitation is needed. Raises NotInvited."""
        event, client = incoming.event, located.client
        use = self._redeem(incoming.token, event.stack.account_id)
        invitation = use.invitation
        if invitation.client_id is not None and not located.by_stack:
            client = self.store.client(invitation.client_id) or client
        if client is not None and invitation.client_id == client.id and client.token_hash != invitation.token_hash:
            raise NotInvited("A newer invitation has replaced this one. Use the newer link.", invitation)
        if client is None:
            return self._fresh(event, use), use
        if invitation.client_id not in (None, client.id):
            raise NotInvited("This invitation belongs to another client stack. Ask for a new one.", invitation)
        client = replace(
            client,
            company=invitation.company,
            token_hash=invitation.token_hash,
            offboarded=False,
            decided_by_event_at=None if client.offboarded else client.decided_by_event_at,
        )
        return client, use

    def _made_anew(self, client: Client, incoming: Incoming) -> tuple[Client, Use | None]:
        """A known client with a new stack needs no invitation; one that it brings all the same is used up for it.

        Not one that a newer one has replaced, nor one for another company: that would rename what was approved.
        """
        try:
            use = self._redeem(incoming.token, client.stack.account_id)
        except NotInvited:
            return client, None
        invitation = use.invitation
        replaced = invitation.client_id == client.id and invitation.token_hash != client.token_hash
        of_another = policy.company_key(invitation.company) != policy.company_key(client.company)
        if invitation.client_id not in (None, client.id) or replaced or of_another:
            return client, None
        return replace(client, company=invitation.company, token_hash=invitation.token_hash), use

    def _known(self, client: Client, event: Event, deleted: GoneStack | None, *, by_stack: bool) -> bool:
        """Whether the event needs no invitation: of the stack we know, or of a role whose group is to stay.

        While a group is being removed, or that has failed, a stack made anew needs an invitation as it would
        afterwards. That a stack is gone is always heard, and so is late news of it, which changes nothing.
        """
        late = deleted is not None and not refutes(event, deleted)
        if by_stack and (event.deletes or late):
            return True
        if client.offboarded:
            return False
        if by_stack and event.stack.parent_stack_id == client.stack.parent_stack_id:
            return True
        return (by_stack or client.may_have_group) and not self._leaving(client)

    def _leaving(self, client: Client) -> bool:
        concerned = [self.store.request(one) for one in (client.provisioning, client.current_request) if one]
        return any(one.outstanding for one in concerned if one)

    def _revoked(self, client: Client) -> bool:
        """Whether an approver has ended its access, which nothing but an invitation brings back."""
        current = self.store.request(client.current_request) if client.current_request else None
        return current is not None and current.revoked

    def _fresh(self, event: Event, use: Use) -> Client:
        return Client(
            id=new_id("c", 10),
            company=use.invitation.company,
            stack=event.stack,
            token_hash=use.invitation.token_hash,
            created_at=self.clock.now(),
        )

    def _redeem(self, token: str, account_id: str) -> Use:
        return redeem(self.store, token, account_id, self.clock.now())


def _rebound(client: Client, located: Located, event: Event, use: Use | None) -> tuple[Audit, ...]:
    """That a client we know hangs on another invitation from now on, and who made that."""
    if use is None or located.client is None or located.client.token_hash == client.token_hash:
        return ()
    account = f"account {event.stack.account_id}"
    made = use.invitation
    return (
        Audit(made.created_at, made.invited_by, "invited again", client.id, detail=made.access_level),
        Audit(use.at, account, "uses another invitation", client.id, detail=f"{client.company}, {event.status}"),
    )


def _claim(client: Client, event: Event, located: Located) -> Claim:
    stack = event.stack
    return Claim(client.id, stack.parent_stack_id, stack.account_id, stack.role_name, located.role_owner)
