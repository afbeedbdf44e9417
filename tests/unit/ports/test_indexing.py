"""The sweep lists clients in the index of words that were stored before there was one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain import words
from bot.domain.answers import ClientPage
from bot.domain.errors import TryAgain
from bot.domain.model import KnownBy
from bot.domain.search import Search
from bot.ports.indexing import CLIENTS_AT_ONCE, index_more
from bot.ports.store import Change
from tests.fakes import OLLI, World
from tests.integration.records import NOW, a_client
from tests.memory_store import MemoryStore


class Older(MemoryStore):
    """A table with clients of which no word is listed; counts its reads and saves."""

    def __init__(self, number: int) -> None:
        super().__init__()
        for place in range(number):
            made = NOW + timedelta(minutes=place)
            client = a_client(id=f"c{place:010}", company=f"Acme {place}", created_at=made, words=(), version=1)
            self.stored_clients[client.id] = client
        self.lists = self.saves = 0

    def clients(self, limit: int, cursor: str | None = None, **by: object) -> ClientPage:
        self.lists += 1
        return super().clients(limit, cursor, **by)  # type: ignore[arg-type]

    def save(self, change: Change) -> None:
        super().save(change)
        self.saves += 1

    def indexed(self) -> int:
        return sum(bool(listed) for listed in self.stored_words.values())


@pytest.mark.safety("The sweep lists every older client in the index of words", "bot/ports/indexing.py")
def test_some_are_listed_each_minute_until_all_are_and_then_nothing_is_read_but_one_record() -> None:
    store = Older(2 * CLIENTS_AT_ONCE + 5)
    done = []
    for _ in range(3):
        index_more(store)
        done.append(store.indexed())
    assert done == [CLIENTS_AT_ONCE, 2 * CLIENTS_AT_ONCE, 2 * CLIENTS_AT_ONCE + 5]
    before = store.lists, store.saves
    index_more(store)
    assert (store.lists, store.saves) == before
    for client in store.stored_clients.values():
        assert {*client.known_by.words} == store.stored_words[client.id] == {*words.words_of(client)}


def test_clients_that_are_listed_already_are_not_written_again() -> None:
    store = Older(3)
    index_more(store)
    versions = [one.version for one in store.stored_clients.values()]
    store.stored_turn = None
    index_more(store)
    assert [one.version for one in store.stored_clients.values()] == versions


def test_a_new_form_of_words_has_all_of_them_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Older(3)
    index_more(store)
    client = store.stored_clients["c0000000000"]
    store.stored_clients[client.id] = replace(client, known_by=KnownBy(words=("2formerly",)))
    store.stored_words[client.id] = {"2formerly"}
    monkeypatch.setattr(words, "FORM", words.FORM + 1)
    index_more(store)
    assert store.stored_words[client.id] == {*words.words_of(client)}
    assert store.turn().words_form == words.FORM


def test_a_client_that_changes_meanwhile_is_left_to_whoever_changed_it() -> None:
    class Overtaken(Older):
        def save(self, change: Change) -> None:
            if change.client is not None and change.client.id == "c0000000001" and change.client.version == 1:
                newer = replace(self.stored_clients["c0000000001"], company="Globex")
                super().save(Change(client=newer))
            super().save(change)

    store = Overtaken(3)
    index_more(store)
    assert store.indexed() == 3
    assert store.with_word("globex", 9).ids == ("c0000000001",)
    assert store.stored_clients["c0000000001"].company == "Globex"


def test_after_a_crash_the_next_minute_goes_on() -> None:
    class Down(Older):
        down = True

        def save(self, change: Change) -> None:
            if self.down and self.saves == 50:
                raise TryAgain("The table is too busy just now.")
            super().save(change)

    store = Down(CLIENTS_AT_ONCE + 5)
    with pytest.raises(TryAgain):
        index_more(store)
    store.down = False
    for _ in range(2):
        index_more(store)
    assert store.indexed() == CLIENTS_AT_ONCE + 5
    assert store.turn().words_form == words.FORM


def test_the_sweep_does_it_in_a_minute_with_time_left_and_compares_in_the_same_one() -> None:
    world = World()
    client_id = world.onboard()
    world.store.stored_words.clear()
    world.store.stored_clients[client_id] = replace(world.client(), known_by=KnownBy())
    world.clock.turn(minutes=5)
    assert world.workflow.find(Search("acme"), OLLI).total == 0
    world.minute()
    assert world.workflow.find(Search("acme"), OLLI).total == 1
    assert world.stacks.looks == [client_id]


def test_a_minute_in_which_the_table_is_down_does_everything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    client_id = world.onboard()

    def down(limit: int, cursor: str | None = None, **by: object) -> ClientPage:
        if limit == CLIENTS_AT_ONCE:
            raise TryAgain("The table is too busy just now.")
        return MemoryStore.clients(world.store, limit, cursor)

    monkeypatch.setattr(world.store, "clients", down)
    world.clock.turn(minutes=5)
    world.minute()
    assert world.stacks.looks == [client_id]
    assert world.store.turn().words_form == 0
