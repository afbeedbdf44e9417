"""Posts a client's card in the channel once more, for everybody. For approvers only.

The message is stored like any other, so it is delivered once, and drawn anew when the access has changed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from bot.decisions.decide import BUSY, Approval
from bot.decisions.find_client import pressed_by_approver
from bot.domain.answers import Actor
from bot.domain.errors import ActionRefused
from bot.domain.message import Message, card_again, cards_again
from bot.domain.model import Audit
from bot.ports import Clock
from bot.ports.store import Change, Store, saved

POST_CARD = "card"
MOST_AGAIN = 5
"""Most further messages with one request's card: all of them are drawn anew in the transaction that ends its grant."""
APART = timedelta(minutes=1)


@dataclass(eq=False, repr=False)
class CardPosting:
    """Cards for everybody."""

    store: Store
    approval: Approval
    clock: Clock

    def post(self, client_id: str, actor: Actor) -> Message:
        """Store the message that is to be posted. Raises NotAllowed, and ActionRefused where there is no card."""
        client_id = pressed_by_approver(self.approval, actor, POST_CARD, client_id).id
        [message] = saved(self.store, lambda: self._planned(client_id, actor), BUSY.format("client")).messages
        return message

    def _planned(self, client_id: str, actor: Actor) -> Change:
        """Return the change. It stores the client too, so that it and the end of the grant can't both succeed."""
        client, now = self.approval.client(client_id), self.clock.now()
        request = self.store.request(client.granted_by[-1]) if client.granted_by else None
        if client.given is None or request is None:
            raise ActionRefused(f"Nobody has access to {client.company} through Switchyard, so there is no card.")
        number = request.lets_in.posted_again + 1
        if number > MOST_AGAIN:
            instead = f"Everybody gets it with `/clients card {client.id}`."
            raise ActionRefused(f"This card was posted {MOST_AGAIN} times more already. {instead}")
        for before in cards_again(request, now)[-1:]:
            posted = self.store.message(before.owner, before.place)
            if posted is not None and now - posted.created_at < APART:
                raise ActionRefused(f"The card of {client.company} was posted a moment ago.")
        return Change(
            client=client,
            requests=(replace(request, lets_in=replace(request.lets_in, posted_again=number)),),
            messages=(card_again(request, number, now),),
            audits=(Audit(now, actor.user_id, "posted the card", client.id, request.id),),
        )
