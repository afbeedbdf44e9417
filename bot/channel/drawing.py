"""Reads what a message shows, and whether it is still to be shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from bot.domain import policy
from bot.domain.bulk import newest_of_each
from bot.domain.message import Message, Shows, reminder_place
from bot.domain.model import Client
from bot.domain.request import Request, SharedIn
from bot.domain.vocabulary import UNDER_WAY, Kind, State
from bot.ports import Access, Batched, Picture
from bot.ports.store import Store


@dataclass(eq=False, repr=False)
class Drawing:
    """Reads everything that a message shows."""

    store: Store
    access: Access

    def picture(self, message: Message) -> Picture | None:
        """Return what it shows now; None when its request is not stored. A report shows the latest known reason."""
        if message.shared:
            return self._shared(message)
        request = self.store.request(message.request_id)
        return self.single(message, request) if request is not None else None

    def _shared(self, message: Message) -> Picture | None:
        """Return the newest request of each account, and who has pressed on all of them.

        With only one account, everything that its own message would show is there too.
        """
        lines = newest_of_each(self._together(message))
        if not lines:
            return None
        clients = {one.id: one for one in self.store.clients_by_id([one.client_id for one in lines])}
        batch = tuple(self._line(one, clients.get(one.client_id)) for one in lines)
        if len(batch) == 1:
            return replace(self.single(message, lines[0]), batch=batch)
        first = batch[0]
        bulks = self.store.bulks(SharedIn(message.owner, message.parent_place))
        return Picture(message, first.request, first.entrance, first.client, batch=batch, bulks=tuple(bulks))

    def _line(self, request: Request, client: Client | None) -> Batched:
        return Batched(request, client, self.access.entrance(request.client_id, policy.places_shown(request, client)))

    def _together(self, message: Message) -> list[Request]:
        """Return the requests of a shared message, also for its card and reminders, in their order."""
        own = self.store.message(message.owner, message.parent_place) if message.shows.replies else message
        return [*self.store.requests(own.request_ids).values()] if own is not None else []

    def at_rest(self, card: Message) -> bool:
        """Return whether nothing is under way of what was approved in the message of this card.

        That is the moment for a shared message's card: one for all of its accounts.
        """
        if any(not one.done for one in self.store.bulks(SharedIn(card.owner, card.parent_place))):
            return False
        return all(one.state not in UNDER_WAY for one in self._together(card))

    def single(self, message: Message, request: Request) -> Picture:
        """Return what a message about this request alone shows now."""
        client = self.store.client(request.client_id) if policy.shown_with_client(request) else None
        entrance = self.access.entrance(request.client_id, policy.places_shown(request, client))
        if message.shows is Shows.REMINDER:
            return Picture(message, request, entrance)
        by_stack = not message.shows.is_card and request.kind is not Kind.REPAIR and request.regrouping is None
        if not by_stack:
            return Picture(message, request, entrance, client)
        timeline = policy.operation(self.store.events(request.client_id), request)
        if request.kind is Kind.REPORT:
            request = replace(request, reason=policy.failure_reason(timeline))
        account = self.store.account(request.stack.account_id) if client is not None and client.blocked else None
        return Picture(message, request, entrance, client, tuple(timeline), account)

    @staticmethod
    def retracted(picture: Picture) -> bool:
        """Return whether it is no longer to be posted: superseded before its posting, or out of date.

        A shared message's is that only once it would be so for every account.
        """
        accounts = [(one.request, one.client) for one in picture.batch] or [(picture.request, picture.client)]
        match picture.message.shows:
            case Shows.REQUEST:
                return all(request.state is State.SUPERSEDED for request, _ in accounts)
            case Shows.CARD | Shows.AGAIN:
                return not any(_stands(*account) for account in accounts)
            case Shows.REMINDER:
                waiting = [reminder_place(request) for request, _ in accounts if request.waits]
                return picture.message.place != max(waiting, default="")
        assert_never(picture.message.shows)


def _stands(request: Request, client: Client | None) -> bool:
    """Return whether a card still says how to switch by what this request has given."""
    return request.state is State.DONE and client is not None and policy.outdated(request, client) is None
