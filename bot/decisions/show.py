"""Shows one client to whoever asks, with what only approvers may see if they are one; or its card once more."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.decisions.decide import Approval
from bot.decisions.find_client import client_named
from bot.decisions.histories import LINES
from bot.decisions.people import People
from bot.decisions.rename import state_of
from bot.decisions.search import find
from bot.domain import policy
from bot.domain.answers import Actor, ClientShown
from bot.domain.errors import ActionRefused, ApproversUnknown
from bot.domain.ids import CLIENT, is_id
from bot.domain.message import Shows, home_of, message_about
from bot.domain.model import Client
from bot.domain.search import TYPED_LENGTH, Found, Search
from bot.domain.words import distance
from bot.ports import Access, Clock, Picture
from bot.ports.store import Store


@dataclass(eq=False, repr=False)
class Showing:
    """For people of the workspace."""

    store: Store
    approval: Approval
    access: Access
    clock: Clock

    def show(self, named: str, actor: Actor) -> ClientShown | Found:
        """Return everything about the client that is named; the choice where several may be meant.

        Raises BadCommand where none is, WrongWorkspace, PersonUnknown.
        """
        people = self.approval.belonging(actor)
        people.require(actor)
        client = self._named(named)
        return client if isinstance(client, Found) else self._shown(client, approves=_approves(people, actor))

    def card(self, named: str, actor: Actor) -> Picture | Found:
        """Return the card of the client that is named, as its access is now; the choice where several may be meant.

        Raises BadCommand where none is, ActionRefused where nobody has access, WrongWorkspace, PersonUnknown.
        """
        self.approval.belonging(actor).require(actor)
        client = self._named(named)
        if isinstance(client, Found):
            return client
        request = self.store.request(client.granted_by[-1]) if client.granted_by else None
        if request is None or client.given is None:
            raise ActionRefused(f"Nobody has access to {client.company} through Switchyard, so there is no card.")
        today = replace(request, company=client.company, stack=client.given.stack)
        entrance = self.access.entrance(client.id, client.ways_in)
        return Picture(message_about(request, self.clock.now(), Shows.CARD), today, entrance, client)

    def _named(self, text: str) -> Client | Found:
        """Return the client with this id, the only one of this name, or the only one that matches; else the choice."""
        text = " ".join(text.split())
        by_id = self.store.client(text) if is_id(CLIENT, text) else None
        if by_id is not None:
            return by_id
        found = find(self.store, Search(text[:TYPED_LENGTH]))
        same = [one for one in found.clients if distance(one, text) == 0]
        if len(same) == 1:
            return same[0]
        if not found.total:
            return client_named(self.store, text)
        return found if found.more or found.clients[1:] else found.clients[0]

    def _shown(self, client: Client, *, approves: bool | None) -> ClientShown:
        request = self.store.request(client.current_request) if client.current_request else None
        home = home_of(request) if request else None
        beside = client if request is not None and policy.shown_with_client(request) else None
        asked = policy.places_shown(request, beside) if request is not None else client.ways_in
        shown = ClientShown(
            client,
            self.access.entrance(client.id, client.ways_in),
            self.access.entrance(client.id, asked),
            request,
            self.store.message(home.owner, home.place) if home else None,
            approves,
            account=self.store.account(client.stack.account_id) if client.blocked else None,
        )
        if not approves:
            return shown
        events = self.store.events(client.id) if request else ()
        return replace(
            shown,
            state=state_of(client),
            history=self.store.audits(client.id, LINES),
            timeline=tuple(policy.operation(events, request)) if request else (),
        )


def _approves(people: People, actor: Actor) -> bool | None:
    """Return whether this is an approver; None where Slack does not tell, so that nothing is shown that may not be."""
    try:
        return people.approve(actor.user_id)
    except ApproversUnknown:
        return None
