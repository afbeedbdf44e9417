"""What every Store must do with teams' pages and with what waits for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from bot.domain.errors import Conflict
from bot.domain.page import Entry, Page, PageChange, Team, TeamTask
from bot.domain.vocabulary import AccessLevel, TeamVerb
from bot.ports.store import Change, Concerned, Store
from tests.integration.records import (
    NOW,
    ROLE_ARN,
    a_client,
    a_full_page,
    a_full_page_change,
    a_page,
    a_page_change,
    a_request,
    a_team,
    an_invitation,
)
from tests.proving import amount

SECOND = timedelta(seconds=1)
LATER = NOW + timedelta(days=1)
FULL = 117
"""Roles on a page without room for another."""


def conflict(store: Store, change: Change) -> Conflict:
    with pytest.raises(Conflict) as caught:
        store.save(change)
    return caught.value


def waiting(store: Store, team: str = "operators") -> list[PageChange]:
    return [*store.asked_of(team, 1000)[1]]


def changes(number: int) -> tuple[PageChange, ...]:
    """So many changes of different clients, in the order in which they were asked."""
    return tuple(
        a_full_page_change(client_id=f"c{place:010}", asked_at=NOW + place * SECOND, request_id=f"r{place}")
        for place in range(number)
    )


def asked(store: Store, number: int) -> tuple[PageChange, ...]:
    several = changes(number)
    for at in range(0, number, 100):
        store.save(Change(asked=several[at : at + 100]))
    return several


# Records


def test_nothing_is_known_of_a_team_before_its_first_page(store: Store) -> None:
    assert store.asked_of("operators", 9) == (Team("operators"), [])
    assert dict(store.pages("operators", [1, 2])) == {}
    assert dict(store.pages("operators", [])) == {}
    assert list(store.due_work(LATER, 9)) == []


def test_a_team_comes_back_as_it_was_saved(store: Store) -> None:
    store.save(Change(teams=(a_team(),)))
    assert store.asked_of("operators", 9) == (a_team(version=1), [])
    assert store.asked_of("operators", 0) == (a_team(version=1), [])
    assert store.asked_of("operator", 9) == (Team("operator"), [])


@pytest.mark.parametrize("page", [a_page(), a_full_page()], ids=["bare", "full"])
def test_a_page_comes_back_as_it_was_saved(store: Store, page: Page) -> None:
    store.save(Change(pages=(page,)))
    assert dict(store.pages("operators", [1])) == {1: replace(page, version=1)}
    assert dict(store.pages("auditors", [1])) == {}


@pytest.mark.parametrize("change", [a_page_change(), a_full_page_change()], ids=["bare", "full"])
def test_a_change_waits_as_it_was_asked(store: Store, change: PageChange) -> None:
    store.save(Change(asked=(change,)))
    assert waiting(store) == [change]


def test_more_pages_than_one_call_reads_are_read_and_those_that_are_not_there_are_left_out(store: Store) -> None:
    there = [number for number in range(1, 121) if number % 2]
    store.save(Change(pages=tuple(a_page(number=number) for number in there)))
    found = store.pages("operators", [*range(1, 121), 1, 3])
    assert {number: page.number for number, page in found.items()} == {number: number for number in there}


# What waits


@pytest.mark.safety("Changes of pages are packed in the order in which they were asked", "bot/aws/dynamodb.py")
def test_so_many_of_the_changes_come_oldest_first_with_their_team(store: Store) -> None:
    first, second, third = (a_page_change(asked_at=NOW + place * SECOND) for place in range(3))
    same_time = replace(second, client_id="cbbbbbbbbbb")
    same_client = replace(second, key="operators")
    of_another_team = replace(first, team="auditors")
    store.save(Change(asked=(third, same_time, of_another_team, same_client, first, second), teams=(a_team(),)))
    team, found = store.asked_of("operators", 9)
    assert team == a_team(version=1)
    assert list(found) == [first, second, same_client, same_time, third]
    for limit in range(6):
        team, found = store.asked_of("operators", limit)
        assert (team.version, len(found), list(found)) == (1, limit, waiting(store)[:limit])
    assert waiting(store, "auditors") == [of_another_team]


def test_without_a_stored_team_no_change_is_taken_for_it_and_the_limit_is_the_same(store: Store) -> None:
    first, second, _ = asked(store, 3)
    assert store.asked_of("operators", 2) == (Team("operators"), [first, second])
    assert store.asked_of("operators", 0) == (Team("operators"), [])


def test_hundreds_of_changes_are_read_at_once(store: Store) -> None:
    assert list(asked(store, amount(120, proving=300))) == waiting(store)


def test_a_change_that_is_asked_again_keeps_its_place_and_waits_once(store: Store) -> None:
    first, second, third = asked(store, 3)
    next_step = replace(first, number=0, takes_off=False, more=False)
    for _ in range(2):
        store.save(Change(asked=(next_step,)))
    assert waiting(store) == [next_step, second, third]
    store.save(Change(packed=(next_step,)))
    assert waiting(store) == [second, third]


@pytest.mark.safety("A change of a page is packed once", "bot/aws/writes.py")
def test_of_two_who_pack_a_change_one_is_in_conflict_and_stores_nothing(store: Store) -> None:
    first, second = asked(store, 2)
    store.save(Change(pages=(a_page(),), packed=(first,)))
    assert waiting(store) == [second]
    rival = Change(pages=(a_page(number=2),), teams=(a_team(),), packed=(second, first), asked=(a_page_change(),))
    assert not conflict(store, rival).duplicate
    assert waiting(store) == [second]
    assert dict(store.pages("operators", [2])) == {}
    assert store.asked_of("operators", 9)[0] == Team("operators")


def test_a_change_that_was_never_asked_can_not_be_packed(store: Store) -> None:
    conflict(store, Change(packed=(a_page_change(),)))


def test_what_the_packing_adds_to_a_change_does_not_hide_it(store: Store) -> None:
    [change] = asked(store, 1)
    store.save(Change(packed=(replace(change, number=7, leaves=1, was=None),)))
    assert waiting(store) == []


def test_one_change_is_not_asked_and_packed_in_the_same_step(store: Store) -> None:
    [change] = asked(store, 1)
    with pytest.raises((ValueError, ClientError)):
        store.save(Change(asked=(change,), packed=(change,)))
    assert waiting(store) == [change]


# Who came first


@pytest.mark.safety("A team or page is written only over the version that was read", "bot/aws/writes.py")
@pytest.mark.parametrize("stale", ["team", "page"])
def test_team_page_and_what_is_packed_change_together_or_not_at_all(store: Store, stale: str) -> None:
    [change] = asked(store, 1)
    store.save(Change(teams=(a_team(),), pages=(a_page(),)))
    read_team, read_page = store.asked_of("operators", 0)[0], store.pages("operators", [1])[1]
    store.save(Change(teams=(read_team,)) if stale == "team" else Change(pages=(read_page,)))
    conflict(store, Change(teams=(read_team,), pages=(read_page.sent(NOW),), packed=(change,)))
    conflict(store, Change(teams=(a_team(),)) if stale == "team" else Change(pages=(a_page(),)))
    assert waiting(store) == [change]
    assert not store.pages("operators", [1])[1].under_way


def test_a_team_and_a_page_of_which_nothing_is_stored_are_not_changed(store: Store) -> None:
    conflict(store, Change(teams=(a_team(version=1),)))
    conflict(store, Change(pages=(a_page(version=1),)))


# What is due


@pytest.mark.safety("A page that needs something is found by the sweep", "bot/aws/writes.py")
@pytest.mark.safety("A change that waits for its page is found by the sweep", "bot/aws/writes.py")
def test_pages_are_due_longest_overdue_first_and_changes_after_them(store: Store) -> None:
    under_way = a_page(number=1, sent_at=NOW + 2 * SECOND)
    unsent = a_page(number=2, changed_at=NOW, batch=(a_page_change(),))
    owed = a_page(number=3, changed_at=NOW, owed=(Entry("caaaaaaaaaa", ROLE_ARN),), stack_id="stack")
    settled = a_page(number=4, changed_at=NOW, stack_id="stack")
    change = a_page_change(asked_at=NOW + SECOND, team="auditors")
    store.save(Change(pages=(under_way, owed, settled, unsent), asked=(change,), requests=(a_request(),)))
    found = store.due_work(LATER, 9)
    assert found == [replace(unsent, version=1), replace(under_way, version=1), replace(owed, version=1), change]
    assert list(store.due_work(LATER, 2)) == [*found[:2], change]
    assert list(store.due_work(change.due_at, 9)) == [found[0], change]
    assert list(store.due_work(change.due_at - timedelta(microseconds=1), 9)) == list(found[:1])
    assert [one.id for one in store.due(NOW + timedelta(days=30), 9)] == ["r1"]


def test_a_page_that_is_as_wanted_and_a_change_that_is_packed_are_due_no_more(store: Store) -> None:
    [change] = asked(store, 1)
    store.save(Change(pages=(a_page().sent(NOW),)))
    assert len(store.due_work(LATER, 9)) == 2
    page = store.pages("operators", [1])[1]
    store.save(Change(pages=(page.succeeded("stack"),), packed=(change,)))
    assert list(store.due_work(LATER, 9)) == []


# What is concerned


def test_what_changes_concern_is_read_as_far_as_it_is_stored(store: Store) -> None:
    client, request, invitation = a_client(), a_request(), an_invitation()
    store.save(Change(client=client, requests=(request,), invitations=(invitation,)))
    complete = a_full_page_change()
    nothing_stored = a_full_page_change(client_id="cbbbbbbbbbb", request_id="r2", token_hash="b" * 64)
    nobody_waits = a_page_change(client_id="caaaaaaaaaa")
    found = store.concerned([complete, complete, nothing_stored, nobody_waits])
    assert found.clients == {client.id: replace(client, version=1)}
    assert found.requests == {"r1": replace(request, version=1)}
    assert found.invitations == {"a" * 64: replace(invitation, version=1)}
    assert store.concerned([nothing_stored]) == store.concerned([]) == Concerned({}, {}, {})


def test_the_records_of_a_full_batch_are_all_read(store: Store) -> None:
    batch = changes(amount(40, proving=FULL))  # 120 records: more than one call reads
    for at in range(0, len(batch), 30):
        some = batch[at : at + 30]
        requests = tuple(a_request(id=one.request_id, client_id=one.client_id) for one in some)
        store.save(Change(others=tuple(a_client(id=one.client_id) for one in some), requests=requests))
    found = store.concerned(batch)
    assert found.clients.keys() == {one.client_id for one in batch}
    assert found.requests.keys() == {one.request_id for one in batch}
    assert found.invitations == {}


# The largest step


def test_a_full_page_is_packed_with_ninety_changes_in_one_step(store: Store) -> None:
    packed = asked(store, FULL)
    page = a_full_page(entries=tuple(Entry(one.client_id, ROLE_ARN) for one in packed), batch=packed)
    store.save(Change(teams=(a_team(),), pages=(page,), packed=packed[:90]))
    assert waiting(store) == list(packed[90:])
    assert store.pages("operators", [1])[1] == replace(page, version=1)


def test_a_step_holds_a_hundred_records_and_no_more(store: Store) -> None:
    packed = asked(store, 100)
    with pytest.raises((ValueError, ClientError)):
        store.save(Change(pages=(a_page(),), packed=packed))
    assert waiting(store) == list(packed)
    store.save(Change(packed=packed))
    assert waiting(store) == []


def test_a_team_is_due_while_something_is_done_to_the_whole_of_it(store: Store) -> None:
    task = TeamTask(TeamVerb.ADOPT, "U0ADA", NOW, NOW, "cursor", busy=("c1",), left_out=(AccessLevel.ADMINISTRATOR,))
    change = a_page_change(asked_at=NOW + SECOND)
    store.save(Change(teams=(a_team(task=task),), asked=(change,)))
    team = a_team(task=task, version=1)
    assert store.asked_of("operators", 0) == (team, [])
    assert list(store.due_work(LATER, 9)) == [team, change]
    assert list(store.due_work(NOW - SECOND, 9)) == []
    store.save(Change(teams=(replace(team, task=None),), packed=(change,)))
    assert list(store.due_work(LATER, 9)) == []
