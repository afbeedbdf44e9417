"""Reads what a message shows, and whether it is still to be shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from bot.domain import policy
from bot.domain.message import Message, Shows, reminder_place
from bot.domain.model import OWN_GROUP, Client, Place
from bot.domain.request import Request
from bot.domain.vocabulary import Kind, State
from bot.ports import Access, Picture
from bot.ports.store import Store

_BY_CLIENT = (State.DONE, State.DENIED, State.EXPIRED)
"""The states in which it matters what has become of the client since."""


@dataclass(eq=False, repr=False)
class Drawing:
    """Reads everything that a message shows."""

    store: Store
    access: Access

    def picture(self, message: Message) -> Picture | None:
        """Return what it shows now; None when its request is not stored. A report shows the latest known reason."""
        request = self.store.request(message.request_id)
        if request is None:
            return None
        client = self.store.client(request.client_id) if request.state in _BY_CLIENT else None
        entrance = self.access.entrance(request.client_id, _places(request, client))
        if message.shows is Shows.REMINDER:
            return Picture(message, request, entrance)
        by_stack = message.shows is not Shows.CARD and request.kind is not Kind.REPAIR and request.regrouping is None
        if not by_stack:
            return Picture(message, request, entrance, client)
        timeline = policy.operation(self.store.events(request.client_id), request)
        if request.kind is Kind.REPORT:
            request = replace(request, reason=policy.failure_reason(timeline))
        account = self.store.account(request.stack.account_id) if client is not None and client.blocked else None
        return Picture(message, request, entrance, client, tuple(timeline), account)

    @staticmethod
    def retracted(picture: Picture) -> bool:
        """Return whether it is no longer to be posted: superseded before its posting, or out of date."""
        request = picture.request
        match picture.message.shows:
            case Shows.REQUEST:
                return request.state is State.SUPERSEDED
            case Shows.CARD:
                return picture.client is None or policy.outdated(request, picture.client) is not None
            case Shows.REMINDER:
                return not request.waits or picture.message.place != reminder_place(request)
        assert_never(picture.message.shows)


def _places(request: Request, client: Client | None) -> tuple[Place, ...]:
    """Return where people get in, as the message says: where the client has a grant by that; else as asked."""
    removed = request.kind.takes_away and request.state is State.DONE
    if client is not None and client.given is not None and not removed:
        return client.ways_in
    own_group = () if request.attempt.without_group else (OWN_GROUP,)
    return (*map(Place, request.teams), *own_group)
