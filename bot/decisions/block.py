"""Blocks an AWS account, so that its events are refused and no longer shown, and unblocks it. For approvers only.

One transaction changes the account and all clients in it, each over the version that was read. So a client that comes
in, a request that is approved or an event that is stored at the same moment is either seen here or refused by the
table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.decisions.decide import BUSY, NO_CLIENT, Approval
from bot.decisions.find_client import account_named
from bot.domain import blocking
from bot.domain.answers import Actor, Blocked
from bot.domain.errors import ActionRefused, BadCommand, StalePress
from bot.domain.message import raised
from bot.domain.model import Account, Audit, Client
from bot.domain.request import Request, touched
from bot.domain.transitions import BLOCKED, superseded
from bot.domain.vocabulary import Standing, State
from bot.ports import Clock
from bot.ports.store import Change, Store, saved

BLOCK, UNBLOCK = "block", "unblock"


@dataclass(eq=False, repr=False)
class Blocking:
    """Blocks and unblocks by command, or by a press under a request's message."""

    store: Store
    approval: Approval
    clock: Clock

    def block(self, named: str, actor: Actor) -> Blocked:
        """Block the account that is named by its number or by one of its clients. Raises ActionRefused."""
        return self._saved(named, actor, BLOCK, self.planned)

    def press(self, request_id: str, actor: Actor, drawn_after: int | None) -> Blocked:
        """Block the account of a request that was denied, or that removed its client. Raises ActionRefused.

        `drawn_after` is how many presses had counted when the button was drawn; StalePress when there were more since.
        """
        request = self.approval.request(request_id)
        self.approval.require(actor, BLOCK, request.client_id, request_id)

        def plan() -> Change:
            change = self.planned(self.store.account(request.stack.account_id), actor)
            self._require_fresh(request.id, change, actor, drawn_after)
            return change

        return told(saved(self.store, plan, BUSY.format("account")))

    def unblock(self, named: str, actor: Actor) -> Blocked:
        """Unblock the account that is named by its number or by one of its clients. Raises ActionRefused."""
        return self._saved(named, actor, UNBLOCK, self._unblocked)

    def planned(self, account: Account, actor: Actor) -> Change:
        """Return the change that blocks the account. Raises ActionRefused where anybody has access to it, or may."""
        clients, now = self._clients(account), self.clock.now()
        if not clients:  # a record that names nobody can't say that nobody has access
            raise ActionRefused(f"No client is known in the account {account.id}, so there is nothing to block.")
        why_not = blocking.why_not(account, clients)
        if why_not:
            raise ActionRefused(why_not)
        pending = [one for _, one in clients if one is not None and one.state is State.PENDING]
        audits = [Audit(now, actor.user_id, BLOCK, client.id, detail=f"account {account.id}") for client, _ in clients]
        return Change(
            account=replace(account, blocked_by=actor.user_id, blocked_at=now),
            others=tuple(replace(client, standing=Standing.BLOCKED) for client, _ in clients),
            requests=tuple(touched(superseded(one, BLOCKED), now) for one in pending),
            audits=(*(Audit(now, actor.user_id, "superseded", one.client_id, one.id) for one in pending), *audits),
            raises=tuple(raised(superseded(one, BLOCKED) if one in pending else one, now) for _, one in clients if one),
        )

    def _unblocked(self, account: Account, actor: Actor) -> Change:
        if not account.blocked:
            raise ActionRefused(f"The account {account.id} is not blocked.")
        clients, now, detail = self._clients(account), self.clock.now(), f"account {account.id}"
        return Change(
            account=replace(account, blocked_by="", blocked_at=None),
            others=tuple(blocking.unblocked(client, current) for client, current in clients),
            audits=tuple(Audit(now, actor.user_id, UNBLOCK, client.id, detail=detail) for client, _ in clients),
            raises=tuple(raised(current, now) for _, current in clients if current is not None),
        )

    def _require_fresh(self, request_id: str, change: Change, actor: Actor, drawn_after: int | None) -> None:
        """Raise StalePress unless the request is its client's newest, and as it was when its button was drawn.

        The request is read after its client was, so whoever presses on it later changes what the save depends on.
        """
        request = self.approval.request(request_id)
        newest = any(client.current_request == request_id for client in change.others)
        if newest and blocking.ends_it(request) and drawn_after in (None, request.presses):
            return
        self.approval.refuse(actor, BLOCK, request.client_id, request_id, "stale")
        raise StalePress("The request has changed since, so nothing was changed. Please look at it again.")

    def _clients(self, account: Account) -> list[tuple[Client, Request | None]]:
        """Return every client that ever was in the account, each with its newest request."""
        found = [client for one in account.client_ids if (client := self.store.client(one))]
        return [(one, self.store.request(one.current_request) if one.current_request else None) for one in found]

    def _saved(self, named: str, actor: Actor, action: str, plan: Callable[[Account, Actor], Change]) -> Blocked:
        """Require an approver, and save what is planned. A refusal is counted under a client in that account."""
        try:
            client_id = account_named(self.store, named).client_ids[-1]
        except (BadCommand, IndexError):
            client_id = NO_CLIENT
        self.approval.require(actor, action, client_id, detail=named)
        return told(saved(self.store, lambda: plan(account_named(self.store, named), actor), BUSY.format("account")))


def told(change: Change) -> Blocked:
    """Return the account that a stored change has blocked or unblocked."""
    if change.account is None:
        raise ValueError("this change blocks nothing")
    return Blocked(change.account, change.others, change.to_show)
