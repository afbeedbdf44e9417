"""Finds the message in which the requests of an invitation for several accounts are asked together."""

from __future__ import annotations

from bot.domain.invitation import Invitation
from bot.domain.message import MOST_SHARED, Shows, shared_place
from bot.domain.request import SharedIn
from bot.ports.store import Store

READ = 25
"""How many of the invitation's newest messages are read: more than one message has replies."""


def home_for(store: Store, seat: Invitation) -> tuple[SharedIn, bool]:
    """Return where a new request of this seat is shown, and whether that message is still to be made.

    It joins the newest one, unless somebody has decided on that already, or it is full: whoever has decided is not
    asked again by the same message. Two that make the next one at once choose the same place, so that one has to join.
    """
    found = store.messages(seat.seat_of, READ)
    if not found:
        return SharedIn(seat.seat_of, shared_place(seat.created_at, 1)), True
    place, of_place = found[0].parent_place, {one.place: one for one in found}
    own, card = of_place.get(place), of_place.get(f"{place}#{Shows.CARD}")
    if own is not None and card is not None and card.wanted == 0 and len(own.request_ids) < MOST_SHARED:
        return SharedIn(seat.seat_of, place), False
    return SharedIn(seat.seat_of, shared_place(seat.created_at, int(place.partition("#")[2]) + 1)), True
