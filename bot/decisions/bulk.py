"""Decides on several requests of one shared message by one press: stores the press, then applies it to each of them.

Every request is decided by the same rules as by a press of its own, with that person as the actor. What is decided and
how far the press is are stored together, so nothing is decided twice, however often a Lambda is killed in between.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.decisions.decide import BUSY, REASON_LENGTH, UNKNOWN, Approval, Press
from bot.decisions.people import People
from bot.decisions.quorum import ALREADY
from bot.domain import transitions
from bot.domain.answers import Actor
from bot.domain.bulk import Bulk, BulkName, Drawn, Pressed, batchable, covered, newest_of_each
from bot.domain.errors import (
    ActionRefused,
    ApproversUnknown,
    BadCommand,
    NotAllowed,
    PersonUnknown,
    StalePress,
    TwoPeopleNeeded,
    UnknownRequest,
)
from bot.domain.ids import is_token_hash
from bot.domain.message import Message, Raise, held_card
from bot.domain.request import Request, SharedIn
from bot.domain.vocabulary import State, Verb
from bot.ports import Clock
from bot.ports.store import Change, Store, saved

COUNTS_FOR = timedelta(hours=1)
"""How long a press may take to be applied. What it has not decided by then stays open."""
REVIEW = "review"
_CHANGED = "it has changed since"
_TOO_LATE = "It could not be carried out within an hour, so the rest stays open. Press again."
_NOTHING_OPEN = (
    "Nothing that this button was drawn for is open any more, or it has changed since, so nothing was changed. Please "
    "look at the message again."
)


@dataclass(eq=False, repr=False)
class Bulks:
    """Presses on several requests."""

    store: Store
    approval: Approval
    clock: Clock

    def press(
        self, home: SharedIn, drawn: Drawn, verb: Verb, actor: Actor, reason: str = "", *, tells_client: bool = False
    ) -> Pressed:
        """Store the press, and return it; the same press that is still being applied is stored only once.

        It covers the requests that its button was drawn for, as far as they are as they were then, and need no look of
        their own. Raises ActionRefused.
        """
        if verb not in (Verb.APPROVE, Verb.DENY):
            raise BadCommand("Only *Approve* and *Deny* decide on several requests.")
        self._require(self._requests(self._message(home)), verb, actor)
        found: list[Bulk] = []

        def plan() -> Change | None:
            bulk, earlier = self._pressed(home, drawn, verb, actor), self.store.bulks(home)
            found[:] = [one for one in earlier if not one.done and one.is_same_press(bulk)]
            if found:
                return None
            reason_kept = reason[:REASON_LENGTH] if verb is Verb.DENY else ""
            found.append(replace(bulk, number=len(earlier) + 1, reason=reason_kept, tells_client=tells_client))
            raises = Raise(home.owner, home.place, bulk.at, lazily=True), held_card(home, bulk.at)
            return Change(bulks=(found[0],), raises=raises)

        saved(self.store, plan, BUSY.format("message"))
        return self._counted(found[0])

    def _pressed(self, home: SharedIn, drawn: Drawn, verb: Verb, actor: Actor) -> Bulk:
        """Return what this press covers now. Raises StalePress for nothing, TwoPeopleNeeded for a second approval."""
        now, message = self.clock.now(), self._message(home)
        presses = dict(zip(message.request_ids, drawn, strict=False))
        found = self.store.requests(presses).values()
        requests = [one for one in found if batchable(one) and one.presses == presses[one.id]]
        covers = covered(one for one in requests if verb is Verb.DENY or not _approved_by(one, actor))
        if requests and not covers:
            raise TwoPeopleNeeded(ALREADY)
        if not covers:
            raise StalePress(_NOTHING_OPEN)
        return Bulk(home, 0, verb, actor, now, len(drawn), covers, now)

    def _counted(self, bulk: Bulk) -> Pressed:
        """Return the press with the numbers of open requests that it does not decide."""
        requests = self._requests(self._message(bulk.home))
        first, late = requests[: bulk.shown], requests[bulk.shown :]
        covers = {one.request_id for one in bulk.covers}
        return Pressed(
            bulk,
            needing_others=sum(self._needs_others(one, bulk.verb) for one in first if one.id in covers),
            alone=sum(one.state is State.PENDING and not batchable(one) for one in first),
            changed=sum(batchable(one) and one.id not in covers and not _approved_by(one, bulk.actor) for one in first),
            late=sum(one.state is State.PENDING for one in late),
        )

    def _needs_others(self, request: Request, verb: Verb) -> bool:
        """Return whether one more approval leaves it open."""
        needed = self.approval.approvers.approvals_for(request)
        return verb is Verb.APPROVE and len(request.approvals) + 1 < needed

    def apply(self, name: BulkName, until: datetime) -> Iterator[Request]:
        """Apply a press to what it covers, one request after the other, until then. Yield each as it was decided.

        Raises ApproversUnknown or PersonUnknown when Slack does not answer, and TryAgain; nothing is lost by either.
        """
        people = self._people(name)
        while people is not None and self.clock.now() < until:
            change = saved(self.store, lambda: self._next(name, people), BUSY.format("message"))
            if change is None:
                return
            yield from change.requests

    def _people(self, name: BulkName) -> People | None:
        """Return who counts, for a press that still does; None for any other, which ends by that."""
        bulk = self.store.bulk(name)
        if bulk is None or bulk.done:
            return None
        if self.clock.now() >= bulk.at + COUNTS_FOR:
            self._end(name, _TOO_LATE)
            return None
        rest = self.store.requests(one.request_id for one in bulk.covers[bulk.taken :])
        try:
            return self._require([*rest.values()], bulk.verb, bulk.actor)
        except NotAllowed as error:
            self._end(name, str(error))
            return None

    def _next(self, name: BulkName, people: People) -> Change | None:
        """Plan the decision on the next request, after those that the press leaves out. None when it is done."""
        bulk = self.store.bulk(name)
        if bulk is None or bulk.done:
            return None
        now = self.clock.now()
        for asked in bulk.covers[bulk.taken :]:
            press = Press(bulk.verb, bulk.actor, people, asked.presses, bulk.reason, None, bulk.tells_client)
            change, why_not = self._decided(asked.request_id, press)
            bulk = bulk.went_on(now, why_not)
            if change is not None:
                return replace(change, bulks=(bulk,))
        return Change(bulks=(bulk,), raises=(_news(bulk, now),))

    def _decided(self, request_id: str, press: Press) -> tuple[Change | None, str]:
        """Return what the press changes about one request, or why it does not count there."""
        request = self.store.request(request_id)
        if request is None or not batchable(request) or request.presses != press.drawn_after:
            return None, _CHANGED
        try:
            return self.approval.planned(request_id, press), ""
        except (ApproversUnknown, PersonUnknown):
            raise
        except ActionRefused as refused:
            return None, str(refused)

    def _end(self, name: BulkName, why: str) -> None:
        """Store that the rest of it does not count."""

        def plan() -> Change | None:
            bulk = self.store.bulk(name)
            if bulk is None or bulk.done:
                return None
            return Change(bulks=(replace(bulk, refused=why),), raises=(_news(bulk, self.clock.now()),))

        saved(self.store, plan, BUSY.format("message"))

    def next_open(self, home: SharedIn, after: str, actor: Actor) -> tuple[Message, Request, int, int] | None:
        """Return the message with its next open request after that one, its number, and of how many.

        After the last comes the first. When nothing is open that this person could decide, what can be retried or
        reopened follows, once each; then None. Raises ActionRefused.
        """
        message = self._message(home)
        requests = self._requests(message)
        self._require(requests, REVIEW, actor)
        lines = newest_of_each(requests)
        at = next((place for place, one in enumerate(lines, 1) if one.id == after), 0)
        numbered = [*enumerate(lines, 1)]
        for number, request in (*numbered[at:], *numbered[:at]):
            if request.state is State.PENDING and not _approved_by(request, actor):
                return message, request, number, len(lines)
        for number, request in numbered[at:]:
            if request.state is not State.PENDING and transitions.buttons(request.state):
                return message, request, number, len(lines)
        return None

    def _require(self, requests: Sequence[Request], action: str, actor: Actor) -> People:
        """Require an approver; a refusal is counted under the first of these requests' clients."""
        if not requests:
            raise UnknownRequest(UNKNOWN.format("request"))
        first = requests[0]
        return self.approval.require(actor, action, first.client_id, first.id, f"with {len(requests) - 1} others")

    def _message(self, home: SharedIn) -> Message:
        """Return the shared message. Raises UnknownRequest."""
        message = self.store.message(home.owner, home.place) if is_token_hash(home.owner) else None
        if message is None or message.shows.replies:
            raise UnknownRequest(UNKNOWN.format("message"))
        return message

    def _requests(self, message: Message) -> list[Request]:
        return [*self.store.requests(message.request_ids).values()]


def _approved_by(request: Request, actor: Actor) -> bool:
    return actor.user_id in [one.actor for one in request.approvals]


def _news(bulk: Bulk, now: datetime) -> Raise:
    return Raise(bulk.home.owner, bulk.home.place, now)
