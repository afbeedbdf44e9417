"""What a search finds, in which order, and how it goes on; and that it asks the table at most three times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.decisions.search import find
from bot.domain.answers import ClientPage
from bot.domain.errors import WrongWorkspace
from bot.domain.model import Client, Given
from bot.domain.search import PAGE, TYPED_LENGTH, Found, Search
from bot.domain.vocabulary import AccessLevel, Standing
from bot.ports.store import Change, WordHits
from tests.changed import changed
from tests.fakes import ADA, OLLI, STRANGER, World
from tests.integration.records import NOW, a_client
from tests.memory_store import MemoryStore


class Counting(MemoryStore):
    """Counts the calls that the table would get: a batch reads 100."""

    calls = 0

    def clients(self, limit: int, cursor: str | None = None, **by: Any) -> ClientPage:
        self.calls += 1
        return super().clients(limit, cursor, **by)

    def clients_by_id(self, ids: Sequence[str]) -> Sequence[Client]:
        self.calls += -(-len(ids) // 100)
        return super().clients_by_id(ids)

    def with_word(self, beginning: str, limit: int) -> WordHits:
        self.calls += 1
        return super().with_word(beginning, limit)

    def holding(self, *companies: str, **changes: Any) -> Counting:
        for company in companies:
            number = len(self.stored_clients)
            facts: dict[str, Any] = {"id": f"c{number:010}", "created_at": NOW + timedelta(minutes=number)}
            facts |= {"account_id": f"{number:012}", "role_name": "access", "words": ()}
            self.save(Change(client=a_client(company=company, **facts | changes)))
        return self


@pytest.fixture
def store() -> Counting:
    return Counting()


def names(found: Found) -> list[str]:
    return [one.company for one in found.clients]


def test_the_same_name_comes_first_then_what_begins_so_then_the_rest_each_newest_first(store: Counting) -> None:
    store.holding("By Acme 1", "Acme", "Acme Robotics 1", "ACME!", "By Acme 2", "Acme Robotics 2", "Globex")
    found = find(store, Search("acme"))
    assert names(found) == ["ACME!", "Acme", "Acme Robotics 2", "Acme Robotics 1", "By Acme 2", "By Acme 1"]
    assert (found.total, found.more, found.next, found.first) == (6, False, None, None)


def test_every_word_that_is_typed_has_to_be_the_clients(store: Counting) -> None:
    store.holding("Acme Robotics", "Acme Foods", "Globex Robotics")
    assert names(find(store, Search("robot acme"))) == ["Acme Robotics"]
    assert find(store, Search("acme globex")) == Found(Search("acme globex"), (), total=0)


def test_punctuation_alone_finds_nothing_rather_than_everything(store: Counting) -> None:
    assert find(store.holding("Acme"), Search("?!")).clients == ()
    assert store.calls == 0


@pytest.mark.safety("A word that is listed too late or too long shows no wrong client", "bot/decisions/search.py")
def test_what_the_index_still_lists_is_compared_with_the_client_itself(store: Counting) -> None:
    store.holding("Acme", "Acme Labs")
    client = store.stored_clients["c0000000000"]
    store.stored_clients[client.id] = replace(client, company="Globex")
    store.stored_words["c9999999999"] = {"2acme"}
    assert names(find(store, Search("acme"))) == ["Acme Labs"]


def test_filters_narrow_a_search_and_its_number(store: Counting) -> None:
    store.holding("Acme 1", "Acme 2", standing=Standing.WAITING)
    store.holding("Acme 3", standing=Standing.WAITING, access_level=AccessLevel.ADMINISTRATOR)
    store.holding("Acme 4", access_level=AccessLevel.ADMINISTRATOR)
    found = find(store, Search("acme", Standing.WAITING))
    assert (names(found), found.total) == (["Acme 3", "Acme 2", "Acme 1"], 3)
    found = find(store, Search("acme", Standing.WAITING, AccessLevel.ADMINISTRATOR))
    assert (names(found), found.total) == (["Acme 3"], 1)
    assert find(store, Search("acme", Standing.BLOCKED)).total == 0


def test_the_level_is_the_one_that_is_given_where_access_is_given(store: Counting) -> None:
    store.holding("Acme")
    client = store.stored_clients["c0000000000"]
    wants_more = changed(client, given=Given(client.stack), access_level=AccessLevel.ADMINISTRATOR)
    store.save(Change(client=changed(wants_more, given=Given(client.stack))))
    assert names(find(store, Search("acme", level=AccessLevel.READ_ONLY))) == ["Acme"]
    assert names(find(store, Search(level=AccessLevel.READ_ONLY))) == ["Acme"]
    assert names(find(store, Search("acme", level=AccessLevel.ADMINISTRATOR))) == []


@pytest.mark.parametrize(
    "search",
    [
        Search("acme"),
        Search(),
        Search(standing=Standing.WAITING),
        Search(level=AccessLevel.READ_ONLY),
        Search(standing=Standing.WAITING, level=AccessLevel.READ_ONLY),
        Search("acme", standing=Standing.WAITING, level=AccessLevel.READ_ONLY),
    ],
)
def test_pages_lead_through_everything_once_and_back_to_the_first(store: Counting, search: Search) -> None:
    store.holding(*(f"Acme {number}" for number in range(2 * PAGE + 3)), standing=Standing.WAITING)
    pages = [find(store, search)]
    while pages[-1].next is not None:
        pages.append(find(store, Search.decoded(pages[-1].next.encoded)))
    assert [len(one.clients) for one in pages] == [PAGE, PAGE, 3]
    seen = [client.id for one in pages for client in one.clients]
    assert seen == sorted(seen, reverse=True)
    assert [one.first for one in pages] == [None, search, search]


def test_a_page_beyond_what_is_left_is_the_last_one(store: Counting) -> None:
    store.holding(*(f"Acme {number}" for number in range(PAGE + 2)))
    found = find(store, Search("acme", start=990))
    assert (found.search.start, len(found.clients), found.next) == (PAGE, 2, None)
    assert find(store, Search("nobody", start=PAGE)).search.start == 0


# With many clients


@pytest.fixture(scope="module")
def many() -> Counting:
    """650 clients, of which only one is Acme's and none of the newest 200."""
    store = Counting().holding("Acme International")
    for number in range(650):
        store.holding(f"Client{number} International")
    return store


@pytest.mark.safety("A search takes at most three calls, however many clients there are", "bot/decisions/search.py")
@pytest.mark.parametrize(
    "search",
    [
        Search("acme"),
        Search("international"),
        Search("client"),
        Search("acme international"),
        Search("international client1"),
        Search("access international client"),
        Search("international access", Standing.ARRIVING, AccessLevel.READ_ONLY),
        Search(),
        Search(standing=Standing.ARRIVING),
        Search(level=AccessLevel.READ_ONLY),
        Search(standing=Standing.ARRIVING, level=AccessLevel.READ_ONLY),
    ],
)
def test_a_search_asks_the_table_at_most_three_times(many: Counting, search: Search) -> None:
    many.calls = 0
    assert find(many, search).clients
    assert many.calls <= 3


def test_one_of_many_is_found_by_a_word_that_few_have(many: Counting) -> None:
    for typed in ("acme international", "international acme", "access acme"):
        found = find(many, Search(typed))
        assert (names(found), found.total, found.more) == (["Acme International"], 1, False)


def test_a_number_is_looked_up_before_longer_words(many: Counting) -> None:
    many.calls = 0
    found = find(many, Search("international c0000000007"))
    assert (names(found), many.calls) == (["Client6 International"], 3)
    many.calls = 0
    found = find(many, Search("international 000000000007"))
    assert (names(found), many.calls) == (["Client6 International"], 2)


def test_beyond_200_it_says_that_there_are_more(many: Counting) -> None:
    many.calls = 0
    found = find(many, Search("international"))
    assert (found.total, found.more) == (200, True)
    assert names(found)[0] == "Client649 International"
    assert many.calls == 2
    last = find(many, Search("international", start=190))
    assert (len(last.clients), last.next) == (PAGE, None)
    found = find(many, Search(standing=Standing.ARRIVING, level=AccessLevel.READ_ONLY))
    assert (found.total, found.more) == (200, True)


def test_words_that_many_have_each_are_told_to_be_too_many(many: Counting) -> None:
    found = find(many, Search("international access nobody"))
    assert (found.clients, found.total, found.more) == ((), 0, True)


def test_a_long_search_looks_for_the_same_on_every_page(store: Counting) -> None:
    store.holding(*(f"Acme {number}" for number in range(PAGE + 1)))
    found = find(store, Search("acme " * 16 + "beyond what is kept"))
    assert (found.total, found.search.words) == (PAGE + 1, ("acme " * 16).strip())
    assert found.next is not None
    assert find(store, Search.decoded(found.next.encoded)).total == PAGE + 1


def test_beyond_200_the_same_name_still_comes_first_and_a_wrong_hit_is_left_out() -> None:
    store = Counting().holding("Acme", *(f"Labs of Acme {number}" for number in range(201)), "Acme Foods")
    newest = store.stored_clients["c0000000201"]
    store.stored_clients[newest.id] = replace(newest, company="Globex")
    found = find(store, Search("acme"))
    assert names(found)[:3] == ["Acme", "Acme Foods", "Labs of Acme 199"]
    assert (len(found.clients), found.total, found.more) == (PAGE - 1, 200, True)


# As a text in a button


@given(
    st.text(),
    st.sampled_from([None, *Standing]),
    st.sampled_from([None, *AccessLevel]),
    st.integers(0, 999),
    st.text("aZ9-_="),
)
def test_a_search_comes_back_from_a_button(
    words: str, standing: Standing | None, level: AccessLevel | None, start: int, cursor: str
) -> None:
    search = Search(words, standing, level, start, cursor)
    back = Search.decoded(search.encoded)
    assert back == replace(search, words=" ".join(words.split())[:TYPED_LENGTH].strip())
    assert Search.decoded(back.encoded) == back
    assert len(replace(search, cursor="").encoded) <= 150


@given(st.text())
def test_a_text_that_is_none_of_ours_does_no_harm(text: str) -> None:
    read = Search.decoded(text)
    assert 0 <= read.start < 1000
    assert find(MemoryStore(), read).clients == ()


def test_what_is_not_known_counts_as_not_asked_for() -> None:
    assert Search.decoded("NOWHERE|ROOT|1e3|x|acme") == Search("acme", cursor="x")
    assert Search.decoded("") == Search()


# For people of the workspace


def test_only_people_of_the_workspace_may_search() -> None:
    world = World()
    world.onboard()
    assert names(world.workflow.find(Search("acme"), OLLI)) == ["Acme"]
    assert names(world.workflow.find(Search(), ADA)) == ["Acme"]
    for search in (Search("acme"), Search()):
        with pytest.raises(WrongWorkspace):
            world.workflow.find(search, STRANGER)
