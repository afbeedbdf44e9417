"""Reads a client's history for approvers, a page at a time, newest first.

Nothing can push decisions out of a page: refusals are counted, one line for each person, and events of the client's own
stack have lines of their own.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot.decisions.decide import Approval
from bot.decisions.find_client import named_by_approver, pressed_by_approver
from bot.domain.answers import Actor, History
from bot.domain.errors import TryAgain
from bot.domain.model import Client
from bot.ports.store import Store

LINES = 15
"""Most lines of decisions on a page; as many lines about the client's own stack may stand between them."""
MESSAGES = 25
"""How many of the newest messages are linked to."""
PEOPLE = 10
"""Most people who were refused that are named."""
ACTION = "history"
log = logging.getLogger(__name__)


@dataclass(eq=False, repr=False)
class Histories:
    """For approvers only: anybody else is refused, and the refusal is counted."""

    store: Store
    approval: Approval

    def newest(self, named: str, actor: Actor) -> History:
        """Return the newest page about the client that is named. Raises NotAllowed, BadCommand."""
        return self._newest(named_by_approver(self.approval, actor, ACTION, named))

    def page(self, client_id: str, cursor: str, actor: Actor) -> History:
        """Return the page that the cursor leads to, the newest for an empty one. Raises NotAllowed, ActionRefused."""
        client = pressed_by_approver(self.approval, actor, ACTION, client_id)
        if not cursor:
            return self._newest(client)
        page = self.store.audits(client.id, LINES, cursor)
        return History(client, page, newest=False, posted=self._posted(client))

    def _newest(self, client: Client) -> History:
        refused = self.store.refused_people(client.id, PEOPLE + 1)
        return History(
            client,
            self.store.audits(client.id, LINES),
            invitation=self.store.invitation(client.token_hash),
            refused=tuple(refused[:PEOPLE]),
            more_refused=len(refused) > PEOPLE,
            posted=self._posted(client),
        )

    def _posted(self, client: Client) -> tuple[tuple[str, str], ...]:
        """Return the client's requests with the addresses of their messages, also where accounts share a message.

        Return nothing where the table does not tell now: the history is worth reading without.
        """
        owners = filter(None, (client.id, client.came_by))
        try:
            found = [one for owner in owners for one in self.store.messages(owner, MESSAGES) if not one.shows.replies]
        except TryAgain as error:
            log.warning("the history of client %s is shown without links: %s", client.id, error)
            return ()
        return tuple((request_id, one.ts) for one in found if one.ts for request_id in one.request_ids)
