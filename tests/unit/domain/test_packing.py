"""Packing, rule by rule: which step a change makes on which page, what waits, and what is done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.packing import Packing, compaction
from bot.domain.page import ROOM, SPARE, Entry, Page, PageChange, Team

NOW = datetime(2026, 11, 26, tzinfo=UTC)
ROLE, OTHER = "arn:aws:iam::222222222222:role/one", "arn:aws:iam::222222222222:role/another"
LARGE = "x" * 2_500
"""Two of these have room on a page."""


def page(number: int, *entries: tuple[str, str], under_way: bool = False, owed: tuple[str, str] | None = None) -> Page:
    return Page(
        "operators",
        number,
        tuple(Entry(*one) for one in entries),
        revision=1,
        stack_id="stack",
        sent_at=NOW if under_way else None,
        owed=(Entry(*owed),) if owed else (),
    )


def wanted(client_id: str, role_arn: str | None, number: int | None = 0, leaves: int = 0) -> PageChange:
    return PageChange("operators", client_id, NOW, role_arn, number, leaves)


def pack(pages: Iterable[Page], *changes: PageChange, groups: int = 1) -> Packing:
    read = {one.number: one for one in pages}
    packing = Packing(Team("operators", tuple(one.length for one in read.values()), groups), read, NOW)
    for change in changes:
        packing.pack(change)
    return packing


def steps(packing: Packing) -> list[tuple[int, str, str | None, bool]]:
    """Return the steps by page, client, what the page lists for it since, and whether there is more to do."""
    return [(number, one.client_id, one.lists, one.more) for number, all_ in packing.packed.items() for one in all_]


def test_a_new_client_comes_onto_the_first_page_with_room_and_no_other_page_is_read() -> None:
    pages = page(1, ("a", LARGE), ("b", LARGE)), page(2, ("d", ROLE))
    packing = Packing(Team("operators", tuple(one.length for one in pages), 1), {}, NOW)
    packing.pack(wanted("c", LARGE, None))
    assert packing.missing == {2}
    assert steps(pack(pages, wanted("c", LARGE, None))) == [(2, "c", LARGE, False)]


@pytest.mark.safety("A removal is done only once every page of the team was searched", "bot/domain/packing.py")
@pytest.mark.parametrize("number", [0, 1, 2, 7])
def test_a_removal_searches_every_page_whatever_is_known_of_its_place(number: int) -> None:
    pages = page(1), page(2), page(3, ("c", ROLE))
    partly = Packing(Team("operators", (0, 0, 37), 1), {1: pages[0], 2: pages[1]}, NOW)
    partly.pack(wanted("c", None, number))
    assert (partly.missing, partly.done) == ({3}, [])
    assert steps(pack(pages, wanted("c", None, number))) == [(3, "c", None, False)]
    gone = pack(pages[:2], wanted("c", None, number))
    assert (steps(gone), len(gone.done)) == ([], 1)


def test_a_client_on_two_pages_is_taken_off_both_one_after_the_other() -> None:
    both = pack([page(1, ("c", ROLE)), page(2, ("c", OTHER))], wanted("c", None))
    assert steps(both) == [(1, "c", None, True)]
    assert steps(pack([page(1, ("c", ROLE)), page(2, ("c", ROLE))], wanted("c", OTHER))) == [(1, "c", OTHER, True)]
    last = pack([page(1), page(2, ("c", OTHER))], wanted("c", None))
    assert steps(last) == [(2, "c", None, False)]


@pytest.mark.safety("What CloudFormation failed to take off a page is removed anew", "bot/domain/packing.py")
def test_a_removal_is_not_done_while_a_page_owes_it() -> None:
    owing = page(2, ("d", ROLE), owed=("c", ROLE))
    assert steps(pack([page(1), owing], wanted("c", None))) == [(2, "c", None, False)]
    others = pack([page(1), owing], wanted("d", ROLE))
    assert len(others.done) == 1


@pytest.mark.safety("A page that failed is written again before its client's change is done", "bot/domain/packing.py")
def test_a_role_is_not_done_while_its_page_owes_another_of_that_client() -> None:
    assert steps(pack([page(1, ("c", ROLE), owed=("c", OTHER))], wanted("c", ROLE))) == [(1, "c", ROLE, False)]


def test_what_is_so_already_needs_nothing_but_a_repair() -> None:
    pages = [page(1), page(2, ("c", ROLE))]
    assert [one.number for one in pack(pages, wanted("c", ROLE, 1)).done] == [2]
    assert steps(pack(pages, replace(wanted("c", ROLE), anew=True))) == [(2, "c", ROLE, False)]


def test_a_repair_of_a_client_on_two_pages_still_writes_the_page_that_stays() -> None:
    repair = replace(wanted("c", ROLE), anew=True)
    [step] = pack([page(1, ("c", ROLE)), page(2, ("c", ROLE))], repair).packed[2]
    assert (step.lists, step.next_step()) == (None, repair)


def test_a_rename_is_in_place_where_it_has_room_else_added_first_and_taken_off_afterwards() -> None:
    full = page(1, ("a", LARGE), ("b", LARGE), ("c", ROLE))
    assert steps(pack([full, page(2)], wanted("c", OTHER))) == [(1, "c", OTHER, False)]
    added = pack([full, page(2)], wanted("c", LARGE))
    assert steps(added) == [(2, "c", LARGE, True)]
    [step] = added.packed[2]
    follow = step.next_step()
    assert follow == wanted("c", LARGE)
    assert steps(pack([full, page(2, ("c", LARGE))], follow)) == [(1, "c", None, False)]


def test_a_role_of_two_clients_stays_until_the_last_of_them_goes() -> None:
    packing = pack([page(1, ("a", ROLE), ("b", ROLE))], wanted("a", None))
    assert packing.pages[1].entries == (Entry("b", ROLE),)


def test_what_is_asked_of_a_page_under_way_waits_for_its_end() -> None:
    packing = pack([page(1, ("c", ROLE), under_way=True), page(2)], wanted("c", None), wanted("d", ROLE, None))
    assert (steps(packing), [one.client_id for one in packing.left], packing.awaited) == ([], ["c", "d"], {1})


def test_what_waits_keeps_its_room() -> None:
    pages = [page(1, ("a", LARGE), under_way=True), page(2, under_way=True), page(3)]
    changes = [wanted(f"c{number}", LARGE, None) for number in range(4)]
    packing = pack(pages, *changes)
    assert [one.client_id for one in packing.left] == ["c0", "c1", "c2"]
    assert steps(packing) == [(3, "c3", LARGE, False)]


def test_what_comes_onto_a_page_takes_room_from_what_comes_after() -> None:
    packing = pack([page(1, ("a", LARGE)), page(2)], wanted("c", LARGE, None), wanted("d", LARGE, None))
    assert steps(packing) == [(1, "c", LARGE, False), (2, "d", LARGE, False)]


def test_pages_wait_for_their_group() -> None:
    eleven = Packing(Team("operators", (ROOM,) * 11, 1), {}, NOW)
    eleven.pack(wanted("c", ROLE, None))
    assert (eleven.missing, eleven.awaited) == ({11}, {11})
    packing = pack([page(1, ("a", LARGE), ("b", LARGE), under_way=True)], wanted("c", LARGE, None), groups=0)
    assert (len(packing.left), packing.awaited) == (1, {1})


@pytest.mark.safety("Of one client, what was asked first comes first", "bot/domain/packing.py")
def test_no_change_overtakes_an_earlier_one_of_its_client() -> None:
    waits = pack([page(1, under_way=True)], wanted("c", ROLE, None), wanted("c", None))
    assert (waits.done, len(waits.left)) == ([], 2)
    packed = pack([page(1)], wanted("c", ROLE, None), wanted("c", None))
    assert (steps(packed), len(packed.left), packed.awaited) == ([(1, "c", ROLE, False)], 1, {1})


def test_a_client_under_way_is_not_done_because_its_page_lists_it_already() -> None:
    [under_way] = pack([page(1)], wanted("c", ROLE, None)).pages.values()
    again = pack([under_way.sent(NOW)], wanted("c", ROLE))
    assert (again.done, len(again.left), again.awaited) == ([], 1, {1})


def test_compaction_takes_one_client_off_the_emptiest_page() -> None:
    team = Team("operators", (ROOM, 60, 60, 60), 1)
    change = compaction(team, page(4, ("c", ROLE), ("d", ROLE)), NOW)
    assert change == replace(wanted("c", ROLE, leaves=4), key="operators.compaction")
    assert compaction(team, page(3, ("e", ROLE)), NOW) is None


@pytest.mark.parametrize("filled", [(ROOM, ROOM, 60, 60), (*[ROOM - SPARE] * 122, 0, 60)])
def test_nothing_is_compacted_that_would_need_as_many_pages(filled: tuple[int, ...]) -> None:
    assert compaction(Team("operators", filled, 20), page(len(filled), ("c", ROLE)), NOW) is None


def test_compaction_adds_first_and_takes_off_afterwards() -> None:
    change = wanted("c", ROLE, leaves=3)
    pages = [page(1, ("a", LARGE)), page(2), page(3, ("c", ROLE))]
    added = pack(pages, change)
    assert steps(added) == [(1, "c", ROLE, True)]
    assert added.packed[1][0].next_step() == change
    assert steps(pack([page(1, ("c", ROLE)), page(2), page(3, ("c", ROLE))], change)) == [(3, "c", None, False)]


@pytest.mark.safety("Compaction never lists what the page that it clears no longer does", "bot/domain/packing.py")
@pytest.mark.parametrize(
    "pages",
    [
        pytest.param([page(1, ("a", ROLE)), page(2)], id="removed"),
        pytest.param([page(1, ("a", ROLE)), page(2, ("c", OTHER))], id="renamed"),
        pytest.param([page(1, ("a", ROLE)), page(2, owed=("c", ROLE))], id="owed"),
        pytest.param([page(1, ("a", ROLE), under_way=True), page(2, ("c", ROLE))], id="no page to go to now"),
        pytest.param([page(1), page(2, ("c", ROLE))], id="only an empty page to go to"),
        pytest.param([page(1, ("a", LARGE), ("b", LARGE), ("d", "x" * 950)), page(2, ("c", ROLE))], id="no room"),
    ],
)
def test_compaction_is_dropped_where_it_no_longer_fits(pages: list[Page]) -> None:
    packing = pack(pages, wanted("c", ROLE, leaves=2))
    assert (steps(packing), packing.left, len(packing.done)) == ([], [], 1)


def test_compaction_gives_way_to_whatever_else_is_asked_of_its_client() -> None:
    pages = [page(1, ("a", ROLE)), page(2, ("c", ROLE))]
    packing = pack(pages, wanted("c", None), wanted("c", ROLE, leaves=2))
    assert (steps(packing), len(packing.done)) == ([(2, "c", None, False)], 1)
