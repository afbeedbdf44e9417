"""Notices access that was changed or deleted by hand: each minute it compares one client with what was approved.

A difference is posted once, as a request in DRIFTED whose one button, Repair, restores what was approved. It is posted
again when something else differs, and after a repair. Clients with an open request or work in progress are skipped, and
so are clients that have left. What can't be read counts as no difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain import policy
from bot.domain.message import message_about, raised
from bot.domain.model import Audit, Client, Difference
from bot.domain.request import Attempt, Request, new_request
from bot.domain.transitions import superseding
from bot.domain.vocabulary import Kind, Phase, State
from bot.ports import Access, Clock, PageStacks
from bot.ports.store import Change, Store
from bot.provisioning.page_looks import page_differences

CLIENTS_READ = 10
"""Most clients that are read in one minute to find one to compare."""
SETTLED_FOR = timedelta(minutes=2)
"""How long a client must have been unchanged: after a change, IAM answers with the old state for a while."""
_CHANGED = "The access was changed by hand again. A newer message has replaced this one and says how."
_MENDED = "The access is again as it was approved. Somebody has restored it by hand."
_DETAIL = 500


@dataclass(eq=False, repr=False)
class Drift:
    """Compares one client a minute, in turn."""

    store: Store
    access: Access
    pages: PageStacks
    clock: Clock

    def look(self) -> str | None:
        """Compare the access of the client whose turn it is. Return the client's id if there is something to show.

        The turn is stored before AWS is asked, so that trouble with one client does not hold up the others. Raises
        Conflict when the client has changed meanwhile, TryAgain and ProvisioningFailed when AWS does not answer.
        """
        client = self._next_in_turn()
        if client is None or client.grant is None:
            return None
        current = self.store.request(client.current_request) if client.current_request else None
        if not self._at_rest(client, current):
            return None
        found = (*self._of_group(client), *page_differences(self.store, self.pages, client))
        posted = current.differences if current is not None and current.state is State.DRIFTED else ()
        if found == posted:
            return None
        self._record(client, current, found)
        return client.id

    def _of_group(self, client: Client) -> Sequence[Difference]:
        if client.given is None or not client.given.by_group:
            return ()
        stack = client.given.stack
        return self.access.differences(client.id, client.stack.account_id, stack.grant)

    def _next_in_turn(self) -> Client | None:
        """Return the next client that has a grant, newest first, then from the start again; None when none is found."""
        turn = self.store.turn()
        cursor: str | None = turn.cursor
        for _ in range(CLIENTS_READ):
            page = self.store.clients(1, cursor or None)
            cursor = page.cursor
            granted = [one for one in page.clients if one.grant is not None]
            if granted or cursor is None:
                break
        self.store.save(Change(turn=replace(turn, cursor=cursor or "")))
        return self.store.client(granted[0].id) if granted else None

    def _at_rest(self, client: Client, current: Request | None) -> bool:
        """Return whether the client has no open request and no work in progress, and has not left."""
        if client.provisioning is not None:
            return False
        if current is None:
            return True
        stays = not current.kind.takes_away and current.state.phase is Phase.AT_REST
        return stays and current.updated_at + SETTLED_FOR <= self.clock.now()

    def _record(self, client: Client, current: Request | None, found: Sequence[Difference]) -> None:
        """Store a request with these differences in place of the earlier one; without differences only close that."""
        now = self.clock.now()
        before = superseding(current, _CHANGED if found else _MENDED, now)
        audits = [Audit(now, "switchyard", "superseded", client.id, one.id, one.reason) for one in before]
        drifted = (_drifted(client, found, now),) if found else ()
        for one in drifted:
            client = replace(client, current_request=one.id)
            detail = " ".join(difference.told for difference in found)[:_DETAIL]
            audits.append(Audit(now, "switchyard", "found changed by hand", client.id, one.id, detail))
        client = replace(client, standing=policy.standing(client, (*before, *drifted)[-1]))
        change = Change(
            client=client,
            requests=(*before, *drifted),
            audits=tuple(audits),
            messages=tuple(message_about(one, now) for one in drifted),
            raises=tuple(raised(one, now) for one in before),
        )
        self.store.save(change)


def _drifted(client: Client, found: Sequence[Difference], now: datetime) -> Request:
    """Return the repair of a client that has a grant: it asks for exactly that grant."""
    if client.given is None:
        raise ValueError("a client without a grant has nothing to restore")
    repair = new_request(client, Kind.REPAIR, State.DRIFTED, client.given.stack, now)
    attempt = Attempt(without_group=not client.given.by_group)
    return replace(repair, differences=tuple(found), attempt=attempt)
