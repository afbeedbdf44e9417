"""Reads what a message shows, and whether it is still to be shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from bot.domain import policy
from bot.domain.message import Message, Shows, reminder_place
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
        entrance = self.access.entrance(request.client_id)
        if message.shows is Shows.REMINDER:
            return Picture(message, request, entrance)
        client = self.store.client(request.client_id) if request.state in _BY_CLIENT else None
        if (
            message.shows is Shows.CARD or request.kind is Kind.REPAIR or request.regrouping
        ):  # nothing that the client's stack did
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
