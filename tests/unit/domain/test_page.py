"""One page: how much it holds, what becomes of its batch, when it is sent, and how many pages a team needs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.page import MOST_UNSURE, ROOM, SPARE, TRIED_AGAIN_AFTER, Entry, Page, PageChange, PageName, Team
from bot.domain.request import LEASE
from tests.unit.domain.played_team import document

NOW = datetime(2026, 11, 26, tzinfo=UTC)
ROLE, OTHER = "arn:aws:iam::222222222222:role/one", "arn:aws:iam::333333333333:role/two"
PAGE = Page("operators", 1, stack_id="stack")
ROLES = st.builds(
    "arn:{}:iam::{:012}:role/{}".format,
    st.sampled_from(["aws", "aws-cn", "aws-us-gov"]),
    st.integers(0, 10**12 - 1),
    st.text("ab=+,.@_-9", min_size=1, max_size=43),
)


def change(client_id: str, role_arn: str | None) -> PageChange:
    return PageChange("operators", client_id, NOW, role_arn, number=0)


def listing(*roles: str) -> Page:
    entries = (Entry(f"c{number}", role) for number, role in enumerate(roles))
    return Page("operators", 1, tuple(entries), stack_id="stack")


def packed(page: Page, *steps: PageChange) -> Page:
    for step in steps:
        changed = page.with_change(step, NOW)
        assert changed is not None
        page = changed
    return page


@given(st.lists(ROLES, min_size=1, max_size=130))
def test_its_length_is_what_the_policy_takes(roles: list[str]) -> None:
    frame = len(document(["x"], 10**9)) - len('"x"')
    page = listing(*roles)
    assert len(document(roles, 10**9)) == frame + page.length - 1
    assert page.length == sum(entry.length for entry in page.entries)
    assert (page.length <= ROOM) == (len(document(roles, 10**9)) <= 6_144)


@pytest.mark.parametrize(("over", "fits"), [(0, True), (1, False)])
def test_it_holds_as_many_characters_as_a_policy_may_have(over: int, fits: bool) -> None:
    first = listing("x" * 3_000)
    last = "y" * (ROOM - first.length - 3 + over)
    assert (first.with_change(change("c1", last), NOW) is not None) is fits
    assert (len(document(["x" * 3_000, last], 10**9)) <= 6_144) is fits


def test_a_new_role_takes_the_place_of_the_clients_earlier_one() -> None:
    page = packed(listing(ROLE, ROLE, ROLE), change("c1", OTHER))
    assert [entry.role_arn for entry in page.entries] == [ROLE, OTHER, ROLE]
    page = packed(page, change("c0", None))
    assert [entry.client_id for entry in page.entries] == ["c1", "c2"]


def test_a_failed_update_takes_back_what_it_added_and_nothing_that_was_there_before() -> None:
    before = listing(ROLE, OTHER)
    steps = change("new", ROLE), change("c1", ROLE), change("c0", ROLE)
    after = packed(before, *steps).sent(NOW).failed(NOW)
    assert after.entries == before.entries
    assert {(entry.client_id, entry.role_arn) for entry in after.owed} == {("new", ROLE), ("c1", ROLE)}


def test_a_failed_removal_stays_wanted_is_tried_alone_once_and_then_owed() -> None:
    page = packed(listing(ROLE, OTHER), change("c0", None), change("new", ROLE)).sent(NOW)
    alone = page.failed(NOW)
    assert [step.client_id for step in alone.batch] == ["c0"]
    assert alone.unsent and alone.due_at == NOW + LEASE
    given_up = alone.sent(NOW).failed(NOW)
    assert given_up.batch == () and given_up.role_of("c0") is None and given_up.owes("c0")
    assert given_up.unsent and given_up.due_at == NOW + TRIED_AGAIN_AFTER
    assert packed(given_up, change("new", ROLE)).sent(NOW).failed(NOW).owes("c0")
    assert given_up.sent(NOW).succeeded("stack").owed == ()


def test_a_failed_removal_alone_is_not_tried_again_at_once() -> None:
    page = packed(listing(ROLE), change("c0", None)).sent(NOW).failed(NOW)
    assert page.batch == () and page.owed == (Entry("c0", ROLE),)


@pytest.mark.safety("A ClientRequestToken is never used for two contents of a page", "bot/domain/page.py")
def test_each_sending_has_a_token_of_its_own() -> None:
    tokens, page = list[str](), PAGE
    for succeeds in (True, False, False, True):
        page = packed(page, change(f"c{len(tokens)}", ROLE)).sent(NOW)
        tokens.append(page.token)
        page = page.succeeded("stack") if succeeds else page.failed(NOW)
    tokens.append(page.sent(NOW).token)
    assert len(set(tokens)) == len(tokens)


def test_who_waits_for_a_page_that_is_not_sent_yet_is_not_forgotten_when_it_is() -> None:
    assert packed(Page("operators", 1, again=True), change("c0", ROLE)).sent(NOW).again


def test_the_sweep_looks_at_what_is_under_way_or_unsent_and_at_nothing_else() -> None:
    assert PAGE.due_at is None and PAGE.succeeded("stack").due_at is None
    assert PAGE.sent(NOW).due_at == NOW + LEASE
    assert Page("operators", 1, changed_at=NOW).due_at == NOW + TRIED_AGAIN_AFTER
    assert packed(PAGE, change("c0", ROLE)).due_at == NOW + LEASE


@pytest.mark.parametrize(
    ("number", "group", "makes_it"), [(1, 1, True), (2, 1, False), (10, 1, False), (11, 2, True), (43, 5, False)]
)
def test_ten_pages_have_a_group_and_the_first_of_them_makes_it(number: int, group: int, makes_it: bool) -> None:
    name = PageName("operators", number)
    assert (name.group, name.makes_group) == (group, makes_it)


def test_a_role_goes_to_the_first_page_with_room_and_to_an_empty_one_only_then() -> None:
    team = Team("operators", (ROOM, 0, ROOM - SPARE - 50, 0), groups=1)
    assert team.page_for(50) == 3
    assert team.page_for(51) == 2
    assert team.page_for(50, besides=3) == 2
    assert Team("operators", (ROOM,), groups=1).page_for(1) == 2


def test_a_page_is_made_only_once_its_group_is() -> None:
    full = Team("operators", (ROOM,) * 10)
    assert Team("operators").page_for(50) == 1
    assert Team("operators", (ROOM,)).page_for(50) is None
    assert full.page_for(50) == 11
    waiting = Team("operators", (ROOM,) * 11, groups=1)
    assert (waiting.page_for(50), waiting.group_being_made) == (None, 11)
    made = waiting.after(Page("operators", 11, stack_id="stack"))
    assert (made.groups, made.filled[10]) == (2, 0)
    assert waiting.after(Page("operators", 11)).groups == 1
    assert made.after(Page("operators", 12, stack_id="stack")).groups == 2


@pytest.mark.parametrize(
    ("filled", "ahead"), [((), None), ((50,), 2), ((50, 0), None), ((0, 50), None), ((50,) * 10, 11)]
)
def test_one_empty_page_is_made_ahead(filled: tuple[int, ...], ahead: int | None) -> None:
    assert Team("operators", filled, groups=1).ahead == ahead


@pytest.mark.parametrize(
    ("filled", "number"),
    [
        ((), None),
        ((60,), None),
        ((60, 60), None),
        ((60, 60, 60), 3),
        ((60, 50, 0, 60), 2),
        ((ROOM, ROOM, 60, 60), None),
        ((ROOM, 60, 60, 60), 4),
    ],
)
def test_the_emptiest_page_is_cleared_where_there_are_two_more_than_needed(
    filled: tuple[int, ...], number: int | None
) -> None:
    assert Team("operators", filled).to_clear == number


def test_a_step_that_is_not_the_last_is_asked_again_where_it_stood() -> None:
    asked = change("c0", ROLE)
    [step] = packed(listing(OTHER), PageChange("operators", "c0", NOW, ROLE, 0, takes_off=True, more=True)).batch
    assert step.next_step() == asked
    assert asked.next_step() is None
    assert asked.due_at == NOW + timedelta(seconds=60)


@pytest.mark.safety("A page fits into one item of the table, however often AWS refuses it", "bot/domain/page.py")
def test_a_page_that_is_refused_again_and_again_stops_taking_additions_but_no_removals() -> None:
    page, taken = packed(PAGE, change("stays", ROLE)).succeeded("stack"), 0
    for number in range(2 * MOST_UNSURE):
        added = page.with_change(change(f"c{number}", f"{OTHER}{number}"), NOW)
        if added is not None:
            page, taken = added.sent(NOW).failed(NOW), taken + 1
    assert taken == len(page.owed) == MOST_UNSURE
    page = packed(page, change("stays", None)).sent(NOW)
    assert page.entries == () and page.with_change(change("c", ROLE), NOW) is None
    page = page.succeeded("stack")
    assert page.owed == () and page.with_change(change("c", ROLE), NOW) is not None
