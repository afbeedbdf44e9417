"""Finds what a client can be told about a request. Telling it is left to people."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.decisions.decide import Approval
from bot.domain import policy
from bot.domain.answers import Actor
from bot.domain.errors import StalePress
from bot.domain.request import Request
from bot.domain.telling import Outcome, outcome
from bot.domain.vocabulary import Kind
from bot.ports.store import Store

ACTION = "text for client"


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
            raise StalePress(
                "This has changed since, so there is nothing to tell the client. Look at the message again."
            )
        if request.kind is Kind.REPORT:
            events = policy.operation(self.store.events(request.client_id), request)
            request = replace(request, reason=policy.failure_reason(events))
        return request, told
