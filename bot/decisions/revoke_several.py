"""Revokes the access of several clients of one company: stores the press, then applies it to one after the other.

Each client is revoked by the same rules as by a press of its own, with that person as the actor. A revocation and how
far the press is are stored together, so that a Lambda that is killed in between loses nothing and repeats nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.decisions.decide import BUSY, NO_CLIENT
from bot.decisions.find_client import namesakes_of
from bot.decisions.revoke import STALE, Revoking, require_access, state_of
from bot.domain.answers import Actor, Revocation, SeveralRevoked, SeveralToRevoke
from bot.domain.bulk import Bulk, BulkName, Covered
from bot.domain.errors import ActionRefused, NotAllowed, StalePress
from bot.domain.ids import CLIENT, is_id
from bot.domain.model import Client
from bot.domain.request import Request, SharedIn
from bot.domain.vocabulary import Verb
from bot.ports.store import Change, saved

MOST = 100
"""Most accounts of one question: a menu of Slack's takes so many options."""
_READ = 300
"""Most clients of a name that are looked at."""
_PLACE = "revoke"
_NONE_CHOSEN = "No account is chosen, so nothing was changed. Choose the accounts whose access is to end."


@dataclass(eq=False, repr=False)
class RevokingSeveral:
    """For approvers only."""

    one: Revoking

    def ask(self, named: str, actor: Actor) -> Revocation | SeveralToRevoke:
        """Return what revoking would take away: of one client, or of each of that name that has access.

        Nothing is changed. Raises ActionRefused.
        """
        text = " ".join(named.split())
        namesakes = [] if is_id(CLIENT, text) else namesakes_of(self.one.store, text, _READ)
        if len(namesakes) <= 1:
            return self.one.ask(named, actor)
        self.one.approval.require(actor, Verb.REVOKE, namesakes[0].id, detail=named)
        with_access = [one for one in namesakes if one.may_have_group]
        current = self._current(with_access[:MOST])
        found = [one for one in with_access[:MOST] if not _why_not(one, current.get(one.id))]
        if not found:
            raise ActionRefused(
                f"None of the {len(namesakes)} clients called {namesakes[0].company} has access that could be revoked: "
                "nobody has any, or it is being taken away already."
            )
        if len(found) == 1:
            return self.one.ask(found[0].id, actor)
        asked = tuple(self.one.revocation(one, current.get(one.id)) for one in found)
        return SeveralToRevoke(asked, more=len(with_access) > MOST)

    def press(self, chosen: Sequence[tuple[str, str]], actor: Actor) -> tuple[BulkName, SeveralRevoked]:
        """Store the press on these clients, each with the state of its access that was shown.

        What has changed since is left out. The same press that is still being applied is stored only once. Raises
        ActionRefused; StalePress when nothing is left.
        """
        asked = {one: state for one, state in chosen[:MOST] if is_id(CLIENT, one)}
        known = {one.id: one for one in self.one.store.clients_by_id([*asked])}
        self.one.approval.require(actor, Verb.REVOKE, next(iter(known), NO_CLIENT), detail=f"{len(asked)} accounts")
        current = self._current([*known.values()])
        refused = {one.id: _why_not(one, current.get(one.id), asked[one.id]) for one in known.values()}
        covers = tuple(Covered(one, 0, state) for one, state in asked.items() if one in known and not refused[one])
        if not covers:
            raise StalePress(next(iter(refused.values()), _NONE_CHOSEN))
        bulk = self._stored(covers, actor)
        left_out = tuple(why for why in refused.values() if why)
        return bulk.name, SeveralRevoked(tuple(known[one.request_id] for one in covers), left_out)

    def _stored(self, covers: tuple[Covered, ...], actor: Actor) -> Bulk:
        home, found = SharedIn(covers[0].request_id, _PLACE), list[Bulk]()

        def plan() -> Change | None:
            now, earlier = self.one.clock.now(), self.one.store.bulks(home)
            bulk = Bulk(home, len(earlier) + 1, Verb.REVOKE, actor, now, len(covers), covers, now)
            found[:] = [one for one in earlier if not one.done and one.is_same_press(bulk)]
            if found:
                return None
            found.append(bulk)
            return Change(bulks=(bulk,))

        saved(self.one.store, plan, BUSY.format("company"))
        return found[0]

    def apply(self, name: BulkName, until: datetime) -> Iterator[Request]:
        """Apply a press to the clients that it covers, one after the other, until then. Yield each removal.

        Raises ApproversUnknown or PersonUnknown when Slack does not answer, and TryAgain; nothing is lost by either.
        """
        if not self._counts(name):
            return
        while self.one.clock.now() < until:
            change = saved(self.one.store, lambda: self._next(name), BUSY.format("company"))
            if change is None:
                return
            yield from change.requests[-1:]

    def _counts(self, name: BulkName) -> bool:
        """Return whether the press still counts. One of somebody who is no approver any more ends here."""
        bulk = self.one.store.bulk(name)
        if bulk is None or bulk.done:
            return False
        try:
            self.one.approval.require(bulk.actor, Verb.REVOKE, bulk.covers[bulk.taken].request_id)
        except NotAllowed as error:
            why = str(error)
        else:
            return True

        def plan() -> Change | None:
            bulk = self.one.store.bulk(name)
            return None if bulk is None or bulk.done else Change(bulks=(replace(bulk, refused=why),))

        saved(self.one.store, plan, BUSY.format("company"))
        return False

    def _next(self, name: BulkName) -> Change | None:
        """Plan the next client's removal. None when the press is applied to all that it covers."""
        bulk = self.one.store.bulk(name)
        if bulk is None or bulk.done:
            return None
        asked, now = bulk.covers[bulk.taken], self.one.clock.now()
        try:
            change = self.one.planned(asked.request_id, asked.state, bulk.actor)
        except ActionRefused as refused:
            return Change(bulks=(bulk.went_on(now, str(refused)),))
        return replace(change, bulks=(bulk.went_on(now),))

    def _current(self, clients: Sequence[Client]) -> dict[str, Request]:
        """Return the current requests of these clients, by the client's id."""
        found = self.one.store.requests([one.current_request for one in clients if one.current_request])
        return {one.client_id: one for one in found.values()}


def _why_not(client: Client, current: Request | None, state: str | None = None) -> str:
    """Return why this client's access can't be revoked, or not by a question that showed this state; empty else."""
    try:
        require_access(client, current)
    except ActionRefused as refused:
        return str(refused)
    return STALE.format(client.company) if state not in (None, state_of(client, current)) else ""
