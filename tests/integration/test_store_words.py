"""Finding clients in the table, by words, standing and level: the same for the store in memory and on DynamoDB."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.model import Client, Given
from bot.domain.vocabulary import AccessLevel, Standing
from bot.domain.words import words_of
from bot.ports.store import MOST_WRITES, Change, Store
from tests.changed import changed
from tests.integration.records import NOW, a_client, a_request

MINUTE = timedelta(minutes=1)


def new(number: int, company: str, **changes: Any) -> Client:
    """A client that is stored for the first time, so that no word of it is listed."""
    facts = {"id": f"c{number:010}", "account_id": f"{number:012}", "created_at": NOW + number * MINUTE}
    return a_client(**{"company": company, "words": (), **facts, **changes})


def save(store: Store, *clients: Client) -> None:
    for client in clients:
        store.save(Change(client=client))


def hits(store: Store, beginning: str, limit: int = 10) -> list[str]:
    return [one.lstrip("c0") for one in store.with_word(beginning, limit).ids]


def stored(store: Store, client: Client) -> Client:
    found = store.client(client.id)
    assert found is not None
    return found


def test_a_client_is_listed_under_its_words_from_its_first_save(store: Store) -> None:
    save(store, new(1, "Acme Robotics"), new(2, "Globex"))
    assert (
        hits(store, "acme") == hits(store, "robo") == hits(store, "c0000000001") == hits(store, "000000000001") == ["1"]
    )
    assert hits(store, "switchyardaccess") == ["2", "1"]
    assert hits(store, "cme") == hits(store, "acmex") == hits(store, "ö") == []
    assert stored(store, new(1, "")).known_by.words == words_of(new(1, "Acme Robotics"))


def test_whose_word_ends_there_come_first_and_of_one_word_the_newest(store: Store) -> None:
    save(store, new(1, "Acme"), new(2, "Acmeon"), new(3, "Acme"), new(4, "Acme2"))
    assert hits(store, "acme") == ["3", "1", "4", "2"]


def test_of_one_word_whose_name_it_is_comes_first_then_whose_name_begins_with_it(store: Store) -> None:
    save(store, new(1, "Acme"), new(2, "Acme Foods"), new(3, "Foods by Acme"), new(4, "Acme"), new(5, "Acme Robotics"))
    assert hits(store, "acme") == ["4", "1", "5", "2", "3"]
    save(store, replace(stored(store, new(4, "")), company="By Acme"))
    save(store, replace(stored(store, new(5, "")), company="Acme"))
    assert hits(store, "acme") == ["5", "1", "2", "4", "3"]


def test_no_more_are_told_than_were_asked_for_and_that_there_are_more(store: Store) -> None:
    save(store, *(new(number, "Acme") for number in range(1, 5)))
    assert hits(store, "acme", 3) == ["4", "3", "2"]
    assert store.with_word("acme", 3).more
    assert not store.with_word("acme", 4).more


def test_a_client_with_two_such_words_is_named_once(store: Store) -> None:
    save(store, new(1, "Acme Acmeon Acme-Labs"))
    assert hits(store, "acme") == ["1"]


def test_words_of_all_scripts_are_found(store: Store) -> None:
    save(store, new(1, "株式会社日立"), new(2, "Ακμή"), new(3, "𐐨𐐩𐐪"))
    assert [hits(store, one) for one in ("株式", "ακμ", "𐐨𐐩")] == [["1"], ["2"], ["3"]]


def test_a_word_that_is_no_longer_the_clients_finds_it_no_longer(store: Store) -> None:
    client = new(1, "Acme Robotics", label="production")
    save(store, client)
    renamed = changed(stored(store, client), company="Globex Robotics", label="", role_name="other-role")
    save(store, changed(renamed, given=Given(renamed.stack, teams=("operators",))))
    gone = [hits(store, one) for one in ("acme", "production", "switchyard", "access")]
    assert gone == [[]] * 4
    found = [hits(store, one) for one in ("globex", "robotics", "other", "operators", "000000000001")]
    assert found == [["1"]] * 5


def test_a_save_that_changes_no_word_writes_none(store: Store) -> None:
    client = new(1, "Acme")
    save(store, client)
    again = replace(stored(store, client), standing=Standing.ONBOARDED)
    assert Change(client=again).weight == 2
    save(store, again)
    assert hits(store, "acme") == ["1"]


def test_a_client_that_is_saved_twice_by_one_use_case_leaves_no_old_word(store: Store) -> None:
    client = new(1, "Acme")
    change = Change(client=client)
    store.save(change)
    [once] = change.indexed
    store.save(Change(client=replace(once.client, company="Globex", version=1)))
    assert hits(store, "acme") == []
    assert hits(store, "globex") == ["1"]


@pytest.mark.safety("Words never make a save too large: what has no room is left to the sweep", "bot/ports/store.py")
def test_words_that_have_no_room_are_left_to_the_sweep(store: Store) -> None:
    clients = tuple(new(number, f"Acme number{number}") for number in range(1, 31))
    requests = tuple(a_request(id=f"r{number}") for number in range(20))
    change = Change(others=clients, requests=requests)
    assert change.weight > MOST_WRITES
    store.save(change)
    listed = hits(store, "acme", 100)
    assert 0 < len(listed) < len(clients)
    for client in clients:
        known = stored(store, client).known_by.words
        assert known == (words_of(client) if client.id.lstrip("c0") in listed else ())


def test_clients_are_read_by_id_however_many(store: Store) -> None:
    first, last = new(1, "Acme"), new(102, "Acme")
    save(store, first, last)
    found = store.clients_by_id([f"c{number:010}" for number in range(1, 103)])
    assert [one.id for one in found] == [first.id, last.id]
    assert store.clients_by_id([]) == []


# By standing and by level


@pytest.fixture
def several(store: Store) -> Store:
    """Five clients: two onboarded, one of them an Administrator's; three waiting."""
    for number in range(1, 6):
        level = AccessLevel.ADMINISTRATOR if number in (1, 2) else AccessLevel.READ_ONLY
        client = new(number, "Acme", access_level=level, standing=Standing.WAITING)
        save(store, client)
    for number in (2, 4):
        client = stored(store, new(number, ""))
        save(store, replace(client, standing=Standing.ONBOARDED, given=Given(client.stack)))
    return store


def page(store: Store, limit: int, cursor: str | None = None, **by: Any) -> tuple[list[str], str | None]:
    found = store.clients(limit, cursor, **by)
    return [one.id.lstrip("c0") for one in found.clients], found.cursor


def test_clients_are_listed_by_how_they_stand_now(several: Store) -> None:
    assert page(several, 9, standing=Standing.WAITING) == (["5", "3", "1"], None)
    assert page(several, 9, standing=Standing.ONBOARDED) == (["4", "2"], None)
    assert page(several, 9, standing=Standing.BLOCKED) == ([], None)


def test_clients_are_listed_by_the_level_that_is_given(several: Store) -> None:
    assert page(several, 9, level=AccessLevel.ADMINISTRATOR) == (["2", "1"], None)
    client = stored(several, new(2, ""))
    offers_more = changed(client, access_level=AccessLevel.POWER_USER)
    save(several, offers_more)
    assert page(several, 9, level=AccessLevel.ADMINISTRATOR) == (["2", "1"], None)
    save(several, replace(stored(several, client), given=None))
    assert page(several, 9, level=AccessLevel.ADMINISTRATOR) == (["1"], None)
    assert page(several, 9, level=AccessLevel.POWER_USER) == (["2"], None)


@pytest.mark.parametrize("by", [{"standing": Standing.WAITING}, {"level": AccessLevel.READ_ONLY}])
def test_such_a_list_goes_on_page_by_page(several: Store, by: Any) -> None:
    whole, _ = page(several, 9, **by)
    seen, cursor = page(several, 1, **by)
    while cursor:
        more, cursor = page(several, 1, cursor, **by)
        seen += more
    assert seen == whole
    assert len(whole) == 3


def test_a_cursor_of_another_list_counts_as_none(several: Store) -> None:
    _, by_standing = page(several, 1, standing=Standing.WAITING)
    _, by_level = page(several, 1, level=AccessLevel.READ_ONLY)
    _, plain = page(several, 1)
    assert page(several, 9, by_standing) == page(several, 9)
    assert page(several, 9, by_level, standing=Standing.WAITING) == page(several, 9, standing=Standing.WAITING)
    assert page(several, 9, plain, level=AccessLevel.READ_ONLY) == page(several, 9, level=AccessLevel.READ_ONLY)
    assert page(several, 9, by_standing, standing=Standing.ONBOARDED) == page(several, 9, standing=Standing.ONBOARDED)
