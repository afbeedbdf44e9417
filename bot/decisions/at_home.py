"""Tells one person what their Home shows: what waits for them, if they are an approver, and clients."""

from __future__ import annotations

from collections.abc import Sequence

from bot.decisions.people import People
from bot.decisions.search import find
from bot.domain.answers import Actor, AtHome
from bot.domain.errors import ApproversUnknown
from bot.domain.invitation import MOST_ACCOUNTS
from bot.domain.message import home_of
from bot.domain.model import Client
from bot.domain.search import Search
from bot.domain.vocabulary import Standing
from bot.ports.store import Store

WAITING_SHOWN = 10
READ = MOST_ACCOUNTS + WAITING_SHOWN
"""How many clients are read that stand so: all of one invitation, and others beside them."""
WAITS = (
    Standing.WAITING,
    Standing.UPDATE_WAITING,
    Standing.LEAVING,
    Standing.FAILED,
    Standing.REMOVAL_FAILED,
    Standing.DRIFTED,
)
"""How clients stand that wait for an approver; each is one call of the table."""


def at_home(store: Store, people: People, search: Search, actor: Actor) -> AtHome:
    """Return what this person's Home shows. Raises WrongWorkspace, PersonUnknown."""
    people.require(actor)
    found = find(store, search)
    try:
        approves: bool | None = people.approve(actor.user_id)
    except ApproversUnknown:
        approves = None
    if not approves:
        return AtHome(found, approves)
    pages = [store.clients(READ, standing=standing) for standing in WAITS]
    waiting = [one for page in pages for one in page.clients]
    newest_first = sorted(waiting, key=lambda one: (one.created_at, one.id), reverse=True)
    rows = _rows(newest_first)
    shown = tuple(row[0] for row in rows[:WAITING_SHOWN])
    together = tuple((row[0].id, len(row)) for row in rows[:WAITING_SHOWN] if len(row) > 1)
    more = len(rows) > WAITING_SHOWN or any(page.cursor for page in pages)
    return AtHome(found, approves, shown, together, more=more, posted=_posted(store, shown))


def _rows(waiting: Sequence[Client]) -> list[list[Client]]:
    """Return them in rows: accounts of one invitation that wait in one message are one."""
    rows: dict[str, list[Client]] = {}
    for client in waiting:
        together = client.came_by if client.standing is Standing.WAITING else ""
        rows.setdefault(together or client.id, []).append(client)
    return list(rows.values())


def _posted(store: Store, waiting: Sequence[Client]) -> tuple[tuple[str, str], ...]:
    """Return where the messages of their requests are."""
    asked = [one.current_request for one in waiting if one.current_request]
    homes = {one.id: home_of(one) for one in (store.requests(asked).values() if asked else ())}
    messages = {home: store.message(home.owner, home.place) for home in dict.fromkeys(homes.values())}
    found = {request_id: messages[home] for request_id, home in homes.items()}
    return tuple((request_id, message.ts) for request_id, message in found.items() if message and message.ts)
