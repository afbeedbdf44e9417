"""Decides which page each change goes to. Pure: what is stored and what is asked in, what to store out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.page import Entry, Page, PageChange, Team


@dataclass(eq=False, repr=False)
class Packing:
    """The team and those of its pages that were read, with every change packed that can be packed now.

    While pages are `missing`, it is only a plan: read them, and pack all changes anew.
    """

    team: Team
    read: Mapping[int, Page]
    """By number; a page that is not stored yet as a new one."""
    now: datetime
    pages: dict[int, Page] = field(default_factory=dict)
    """The pages as they are wanted now."""
    missing: set[int] = field(default_factory=set)
    """The pages that must be read."""
    packed: dict[int, list[PageChange]] = field(default_factory=dict)
    """The changes that are in a page's batch since, as they were asked, by page."""
    done: list[PageChange] = field(default_factory=list)
    """Changes that need nothing, since the pages are so already."""
    left: list[PageChange] = field(default_factory=list)
    """Changes that wait for the end of a page under way."""
    awaited: set[int] = field(default_factory=set)
    """The pages under way that have to be looked at again because of those."""

    def __post_init__(self) -> None:
        self.pages = dict(self.read)

    def pack(self, change: PageChange) -> None:
        """Put the change where it belongs."""
        if change.number and change.number not in self.pages:
            self.missing.add(change.number)
            return
        if change.number == 0 or (change.number and self.pages[change.number].role_of(change.client_id) is None):
            unread = set(range(1, len(self.team.filled) + 1)) - self.pages.keys()
            if unread:
                self.missing |= unread
                return
        listing = [page for page in self._asked(change) if page.role_of(change.client_id) is not None]
        if listing:
            self._change(listing[0], change)
        elif change.role_arn is not None:
            self._add(change)
        else:
            owing = [page for page in self._asked(change) if page.owed or page.under_way]
            self._put(owing[0], change) if owing else self.done.append(change)

    def _asked(self, change: PageChange) -> list[Page]:
        """Return the pages that may list the client: the one that the change names, or all."""
        if change.number is None:
            return []
        named = self.pages.get(change.number)
        if named is not None and (named.role_of(change.client_id) is not None or named.owed):
            return [named]
        return [self.pages[number] for number in sorted(self.pages)]

    def _change(self, page: Page, change: PageChange) -> None:
        settled = not page.under_way and not page.unsent
        if settled and page.role_of(change.client_id) == change.role_arn and not change.leaves and not change.anew:
            self.done.append(replace(change, number=page.number))
        elif not self._put(page, change):
            self._add(replace(change, leaves=page.number))

    def _add(self, change: PageChange) -> None:
        """Put it on the first page with room, but not on the one that it leaves."""
        number = self.team.page_for(Entry(change.client_id, change.role_arn or "").length, change.leaves)
        if number is None:
            self._leave(change, self.team.group_being_made)
        elif number in self.pages:
            self._put(self.pages[number], change)
        else:
            self.missing.add(number)
            used = self.team.filled[number - 1] if number <= len(self.team.filled) else 0
            self.team = self.team.filling(number, used + Entry(change.client_id, change.role_arn or "").length)

    def _leave(self, change: PageChange, until: int) -> None:
        self.left.append(change)
        self.awaited.add(until)
        if until not in self.pages:
            self.missing.add(until)

    def _put(self, page: Page, change: PageChange) -> bool:
        """Return False where the role has no room on that page."""
        if page.under_way:
            self._leave(change, page.number)
            return True
        changed = page.with_change(change, self.now)
        if changed is None:
            return False
        self.pages[page.number] = changed
        self.team = self.team.filling(page.number, changed.length)
        self.packed.setdefault(page.number, []).append(change)
        return True
