"""Finds what clients can be told about requests. Telling it is left to people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.decisions.decide import UNKNOWN, Approval
from bot.domain import policy
from bot.domain.answers import Actor
from bot.domain.bulk import newest_of_each
from bot.domain.errors import StalePress, UnknownRequest
from bot.domain.ids import is_token_hash
from bot.domain.request import Request, SharedIn
from bot.domain.telling import Outcome, outcome
from bot.domain.vocabulary import Kind
from bot.ports.store import Store

ACTION = "text for client"
_NOTHING = "This has changed since: there is nothing to tell the client. Look at the message again."


@dataclass(eq=False, repr=False)
class Telling:
    """For approvers only."""

    store: Store
    approval: Approval

    def about(self, request_id: str, actor: Actor) -> tuple[Request, Outcome]:
        """Return the request as it is now, and what to tell the client. Raises ActionRefused.

        StalePress where that is no longer so, such as a denial that was reopened.
        """
        request = self.approval.request(request_id)
        self.approval.require(actor, ACTION, request.client_id, request.id)
        told = outcome(request, self.store.client(request.client_id))
        if told is None:
            raise StalePress(_NOTHING)
        if request.kind is Kind.REPORT:
            events = policy.operation(self.store.events(request.client_id), request)
            request = replace(request, reason=policy.failure_reason(events))
        return request, told

    def about_all(self, home: SharedIn, actor: Actor) -> Sequence[tuple[Request, Outcome]]:
        """Return the requests of a shared message about which there is something to tell, each with that.

        Raises ActionRefused; StalePress where there is none.
        """
        message = self.store.message(home.owner, home.place) if is_token_hash(home.owner) else None
        requests = newest_of_each([*self.store.requests(message.request_ids).values()]) if message else []
        if not requests:
            raise UnknownRequest(UNKNOWN.format("message"))
        self.approval.require(actor, ACTION, requests[0].client_id, requests[0].id)
        clients = {one.id: one for one in self.store.clients_by_id([one.client_id for one in requests])}
        found = [(one, told) for one in requests if (told := outcome(one, clients.get(one.client_id)))]
        if not found:
            raise StalePress(_NOTHING)
        return found
