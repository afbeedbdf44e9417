"""Tells one person what their Home shows: what waits for them, if they are an approver, and clients."""

from __future__ import annotations

from bot.decisions.decide import Approval
from bot.decisions.search import find
from bot.domain.answers import Actor, AtHome
from bot.domain.errors import ApproversUnknown
from bot.domain.search import Search
from bot.domain.vocabulary import Standing
from bot.ports.store import Store

WAITING_SHOWN = 10
WAITS = (
    Standing.WAITING,
    Standing.UPDATE_WAITING,
    Standing.LEAVING,
    Standing.FAILED,
    Standing.REMOVAL_FAILED,
    Standing.DRIFTED,
)
"""How clients stand that wait for an approver; each is one call of the table."""


def at_home(store: Store, approval: Approval, search: Search, actor: Actor) -> AtHome:
    """Return what this person's Home shows. Raises WrongWorkspace, PersonUnknown."""
    people = approval.belonging(actor)
    people.require(actor)
    found = find(store, search)
    try:
        approves: bool | None = people.approve(actor.user_id)
    except ApproversUnknown:
        approves = None
    if not approves:
        return AtHome(found, approves)
    waiting = [one for standing in WAITS for one in store.clients(WAITING_SHOWN + 1, standing=standing).clients]
    newest_first = sorted(waiting, key=lambda one: (one.created_at, one.id), reverse=True)
    return AtHome(found, approves, tuple(newest_first[:WAITING_SHOWN]), more=len(waiting) > WAITING_SHOWN)
