"""One press that decides on several at once: "Approve all" or "Deny all" under a shared message, Revoke for a company.

The press is stored first, with exactly what it covers. The provision Lambda then applies it to one request after the
other, each in a transaction that also says how far it is: killed in between, it goes on where it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from bot.domain.answers import Actor
from bot.domain.approvers import grants_administrator
from bot.domain.record import Record
from bot.domain.request import LEASE, Request, SharedIn, Warnings
from bot.domain.vocabulary import Kind, State, Verb


class BulkName(NamedTuple):
    """What identifies a press: the shared message, and the press's number under it."""

    owner: str
    place: str
    number: int


Drawn = tuple[int | None, ...]
"""Of each request of a shared message, in their order: how many presses had counted when its buttons were drawn; None
where the buttons for all left it out."""
MOST_PRESSES = 36
"""So many presses on one request, and people review it by itself."""


class Covered(Record):
    """One request that was open when the button was pressed, and how many presses had counted on it by then.

    Of a Revoke, one client, and the state of its access that was shown.
    """

    request_id: str
    """The request, or of a Revoke the client."""
    presses: int
    state: str = ""


class LeftOut(Record):
    """One request that the press did not decide after all, and why, in a sentence."""

    request_id: str
    why: str


class Bulk(Record):
    """One press on several requests, as it was made, and how far it is applied."""

    home: SharedIn
    """The shared message whose button was pressed."""
    number: int
    verb: Verb
    actor: Actor
    at: datetime
    shown: int
    """How many requests the message showed when the button was drawn. Those after them came later."""
    covers: tuple[Covered, ...]
    worked_on_at: datetime
    """When it was made, or last applied to a request."""
    reason: str = ""
    """The reason of a denial."""
    tells_client: bool = False
    """Whether the clients may read it."""
    taken: int = 0
    """To how many of what it covers it has been applied, in their order."""
    left_out: tuple[LeftOut, ...] = ()
    refused: str = ""
    """Why the rest does not count: the person is no longer an approver."""
    version: int = 0

    @property
    def name(self) -> BulkName:
        """Return what identifies it."""
        return BulkName(self.home.owner, self.home.place, self.number)

    @property
    def done(self) -> bool:
        """Return whether nothing is left to be applied."""
        return bool(self.refused) or self.taken >= len(self.covers)

    @property
    def due_at(self) -> datetime | None:
        """Return when the sweep should hand it over again; None when it is done."""
        return None if self.done else self.worked_on_at + LEASE

    def is_same_press(self, other: Bulk) -> bool:
        """Return whether the same person has pressed the same button for the same requests."""
        return (self.verb, self.actor.user_id, self.covers) == (other.verb, other.actor.user_id, other.covers)

    def went_on(self, now: datetime, why_not: str = "") -> Bulk:
        """Return it after its next request, which was left out if there is a reason."""
        covered = self.covers[self.taken]
        left_out = (*self.left_out, LeftOut(covered.request_id, why_not)) if why_not else self.left_out
        return replace(self, taken=self.taken + 1, left_out=left_out, worked_on_at=now)


class Pressed(Record):
    """A press as it was stored, and how many accounts it does not decide, for whoever has pressed."""

    bulk: Bulk
    needing_others: int = 0
    """How many of those it covers need another approver after it."""
    alone: int = 0
    """How many open ones are left out, because people review them by themselves."""
    changed: int = 0
    """How many open ones are left out, because they are no longer as they were when the button was drawn."""
    late: int = 0
    """How many open ones came after the button was drawn."""


def batchable(request: Request) -> bool:
    """Return whether "Approve all" and "Deny all" include this request; people review any other one by itself.

    It must ask for what the client was invited for and nothing more, without anything to look at twice.
    """
    invited = request.invited
    return (
        request.state is State.PENDING
        and request.kind is Kind.ONBOARD
        and invited.level is request.stack.access_level
        and not grants_administrator(request)
        and not invited.claimed_company
        and not request.lapsed
        and request.presses < MOST_PRESSES
        and request.warnings == Warnings()
    )


def newest_of_each(requests: Sequence[Request]) -> list[Request]:
    """Return the newest request of each client, in their order."""
    newest = {one.client_id: one.id for one in requests}
    return [one for one in requests if newest[one.client_id] == one.id]


def as_drawn(request_ids: Sequence[str], among_all: Iterable[Request]) -> Drawn:
    """Return what the buttons for all are drawn for: of all requests of the message, those that they include."""
    presses = {one.id: one.presses for one in among_all}
    return tuple(presses.get(request_id) for request_id in request_ids)


def covered(requests: Iterable[Request]) -> tuple[Covered, ...]:
    """Return what a press on these requests covers."""
    return tuple(Covered(one.id, one.presses) for one in requests if batchable(one))
