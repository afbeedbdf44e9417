"""Reads a client's history for approvers, a page at a time, newest first.

Nothing can push decisions out of a page: refusals are counted, one line for each person, and events of the client's own
stack have lines of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.decisions.decide import NO_CLIENT, Approval
from bot.decisions.find_client import client_named, id_meant
from bot.domain.answers import Actor, History
from bot.domain.errors import ActionRefused
from bot.domain.ids import CLIENT, is_id
from bot.domain.model import Client
from bot.ports.store import Store

LINES = 15
"""Most lines of decisions on a page; as many lines about the client's own stack may stand between them."""
PEOPLE = 10
"""Most people who were refused that are named."""
ACTION = "history"


@dataclass(eq=False, repr=False)
class Histories:
    """For approvers only: anybody else is refused, and the refusal is counted."""

    store: Store
    approval: Approval

    def newest(self, named: str, actor: Actor) -> History:
        """Return the newest page about the client that is named. Raises NotAllowed, BadCommand."""
        self.approval.require(actor, ACTION, id_meant(self.store, named) or NO_CLIENT, detail=named)
        return self._newest(client_named(self.store, named))

    def page(self, client_id: str, cursor: str, actor: Actor) -> History:
        """Return the page that the cursor leads to, the newest for an empty one. Raises NotAllowed, ActionRefused."""
        client = self.store.client(client_id) if is_id(CLIENT, client_id) else None
        self.approval.require(actor, ACTION, client.id if client else NO_CLIENT, detail=client_id)
        if client is None:
            raise ActionRefused("This client is unknown here. It may belong to another stage of Switchyard.")
        if not cursor:
            return self._newest(client)
        return History(client, self.store.audits(client.id, LINES, cursor), newest=False)

    def _newest(self, client: Client) -> History:
        refused = self.store.refused_people(client.id, PEOPLE + 1)
        return History(
            client,
            self.store.audits(client.id, LINES),
            invitation=self.store.invitation(client.token_hash),
            refused=tuple(refused[:PEOPLE]),
            more_refused=len(refused) > PEOPLE,
        )
