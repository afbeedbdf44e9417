"""Looks at teams' pages as they are in AWS. Changes nothing."""

from __future__ import annotations

from itertools import takewhile

from bot.domain.model import Client, Difference
from bot.domain.page import PAGES_IN_A_GROUP, Page, PageName
from bot.ports import PageStacks
from bot.ports.store import Store


def page_differences(store: Store, stacks: PageStacks, client: Client) -> list[Difference]:
    """Return what differs on the pages that this client stands for: it is the first on them.

    So each page is compared once a round, and posted once. Empty pages belong to the page before them. Raises as
    `PageStacks.differences`.
    """
    found: list[Difference] = []
    for place in client.places:
        name = PageName(place.team, place.number)
        page = store.pages(name.team, [name.number]).get(name.number) if place.team and place.number else None
        if page is None or page.entries[:1] == () or page.entries[0].client_id != client.id:
            continue
        settled = [page] if not page.under_way and not page.unsent else []
        for one in (*settled, *empty_after(store, name)):
            found += stacks.differences(one)
    return found


def empty_after(store: Store, name: PageName) -> list[Page]:
    """Return the empty pages that directly follow this one and that nothing is done about."""
    following = store.pages(name.team, range(name.number + 1, name.number + PAGES_IN_A_GROUP))
    empty = takewhile(lambda page: not page.entries, (following[number] for number in sorted(following)))
    return [page for page in empty if not page.under_way and not page.unsent]
