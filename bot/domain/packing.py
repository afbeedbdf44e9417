"""Decides which step is made on which page. Pure: what is stored and what is asked in, what to store out.

A change is done only once every page of its team has been searched for its client. So a record that is wrong about
where a client stands can't hide a role, and a step that was lost is made the next time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.page import Entry, Page, PageChange, Team


@dataclass(eq=False, repr=False)
class Packing:
    """The team and those of its pages that were read, with a step of every change that can make one now.

    While pages are `missing`, it is only a plan: read them, and pack all changes anew. Whoever stores any of it stores
    the team as well, whose version tells of a page that was changed meanwhile.
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
    """The steps that are in a page's batch since, by page."""
    done: list[PageChange] = field(default_factory=list)
    """Changes that need nothing, since the pages are so already."""
    left: list[PageChange] = field(default_factory=list)
    """Changes that wait for the end of a page under way, or for an earlier change of their client."""
    awaited: set[int] = field(default_factory=set)
    """The pages under way that have to be looked at again because of those."""

    def __post_init__(self) -> None:
        self.pages = dict(self.read)
        self._planned = self.team
        self._waiting: set[str] = set()
        self._found: dict[str, set[int]] = defaultdict(set)
        for page in self.pages.values():
            for client_id in page.concerned:
                self._found[client_id].add(page.number)

    def pack(self, change: PageChange) -> None:
        """Make the change's next step, where it can be made. Of one client, what was asked first comes first."""
        pages = self._pages_of(change)
        if pages is None:
            return
        busy = [page for page in pages if any(step.client_id == change.client_id for step in page.batch)]
        waits = bool(busy) or change.client_id in self._waiting
        if change.leaves:
            self.done.append(change) if waits else self._compact(change, pages)
        elif waits:
            self._leave(change, *(page.number for page in busy[:1]))
        else:
            self._step(change, pages)

    def _pages_of(self, change: PageChange) -> list[Page] | None:
        """Return the pages that may list the client; None while some have to be read for that."""
        if change.number is not None:
            unread = set(range(1, len(self.team.filled) + 1)) - self.pages.keys()
            self.missing |= unread
            if unread:
                return None
        return [self.pages[number] for number in sorted(self._found[change.client_id])]

    def _step(self, change: PageChange, pages: list[Page]) -> None:
        listing = [page for page in pages if page.role_of(change.client_id) is not None]
        right = next((page for page in listing if page.role_of(change.client_id) == change.role_arn), None)
        others = [page for page in pages if page is not right]
        if others and (right is not None or change.role_arn is None):
            more = len(others) > 1 or change.anew
            self._put(others[0], replace(change, takes_off=True, more=more))
        elif right is not None and (change.anew or right.owes(change.client_id)):
            self._put(right, change)
        elif right is not None:
            self.done.append(replace(change, number=right.number))
        elif change.role_arn is None:
            self.done.append(change)
        elif not listing or not self._put(listing[0], replace(change, more=len(pages) > 1)):
            self._add(change, pages)

    def _compact(self, change: PageChange, pages: list[Page]) -> None:
        """Make the next step of a compaction. What no longer fits to the pages as they are is dropped."""
        listing = {page.number: page for page in pages if page.role_of(change.client_id) == change.role_arn}
        source = listing.pop(change.leaves, None)
        onto = self.pages.get(self._planned.page_for(_length(change), change.leaves) or 0)
        if source is not None and listing:
            self._put(source, replace(change, takes_off=True))
        elif source is None or onto is None or not onto.entries or source.under_way or onto.under_way:
            self.done.append(change)
        else:
            self._put(onto, replace(change, more=True))

    def _add(self, change: PageChange, pages: list[Page]) -> None:
        """List it on the first page with room. What is left keeps its room, so that it need not wait twice."""
        number = self._planned.page_for(_length(change))
        if number is None:
            self._leave(change, self._planned.group_being_made)
            return
        if number in self.pages:
            self._put(self.pages[number], replace(change, more=any(page.number != number for page in pages)))
        else:
            self.missing.add(number)
        if number not in self.packed:
            used = self._planned.filled[number - 1] if number <= len(self._planned.filled) else 0
            self._planned = self._planned.filling(number, used + _length(change))

    def _leave(self, change: PageChange, *until: int) -> None:
        self.left.append(change)
        self._waiting.add(change.client_id)
        self.awaited.update(until)
        self.missing.update(set(until) - self.pages.keys())

    def _put(self, page: Page, step: PageChange) -> bool:
        """Return False where the role has no room on that page."""
        if page.under_way:
            self._leave(step, page.number)
            return True
        changed = page.with_change(step, self.now)
        if changed is None:
            return False
        self.pages[page.number] = changed
        self._found[step.client_id].add(page.number)
        self._planned = self._planned.filling(page.number, changed.length)
        self.packed.setdefault(page.number, []).append(step)
        return True


def compaction(team: Team, page: Page, now: datetime) -> PageChange | None:
    """Return the change that takes one client off this page, where it is `team.to_clear` and others have room."""
    for entry in page.entries if page.number == team.to_clear else ():
        number = team.page_for(entry.length, page.number)
        if number is not None and number <= len(team.filled) and team.filled[number - 1]:
            key = f"{team.name}.compaction"
            return PageChange(team.name, entry.client_id, now, entry.role_arn, 0, page.number, key=key)
    return None


def _length(change: PageChange) -> int:
    return Entry(change.client_id, change.role_arn or "").length
