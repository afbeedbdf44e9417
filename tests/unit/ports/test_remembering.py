"""What one use case remembers of the table: each request and client once, and nothing of what somebody has changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.errors import Conflict
from bot.domain.model import Client
from bot.domain.request import Request
from bot.ports.remembering import Remembering
from bot.ports.store import Change
from tests.fakes import World
from tests.memory_store import MemoryStore


class Watched(MemoryStore):
    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    def request(self, request_id: str) -> Request | None:
        self.read.append(request_id)
        return super().request(request_id)

    def client(self, client_id: str) -> Client | None:
        self.read.append(client_id)
        return super().client(client_id)


@pytest.fixture
def store() -> Watched:
    return Watched()


@pytest.fixture
def asked(store: Watched) -> Request:
    world = World(store=store)
    world.happens("CREATE_COMPLETE", token=world.invite())
    asked = world.last
    store.read.clear()
    return asked


def test_each_record_is_read_once(store: Watched, asked: Request) -> None:
    remembering = Remembering(store)
    for _ in range(2):
        assert remembering.request(asked.id) == asked
        assert remembering.client(asked.client_id) is not None
    assert store.read == [asked.id, asked.client_id]


def test_what_was_saved_is_known_as_it_is_stored(store: Watched, asked: Request) -> None:
    remembering = Remembering(store)
    remembering.save(Change(requests=(replace(asked, reason="It waits."),)))
    known = remembering.request(asked.id)
    assert store.read == []
    assert known == store.request(asked.id) != asked


def test_a_client_that_is_saved_twice_is_listed_under_its_last_words_alone(store: Watched, asked: Request) -> None:
    remembering = Remembering(store)
    for company in ("Globex", "Initech"):
        client = remembering.client(asked.client_id)
        assert client is not None
        remembering.save(Change(client=replace(client, company=company)))
    assert [store.with_word(word, 9).ids for word in ("acme", "globex", "initech")] == [(), (), (asked.client_id,)]
    assert remembering.client(asked.client_id) == store.client(asked.client_id)


@pytest.mark.safety("What a use case remembers is forgotten when a save did not go through", "bot/ports/remembering.py")
def test_after_a_save_that_did_not_go_through_everything_is_read_anew(store: Watched, asked: Request) -> None:
    remembering = Remembering(store)
    remembering.request(asked.id)
    remembering.client(asked.client_id)
    store.save(Change(requests=(replace(asked, reason="Somebody was faster."),)))
    with pytest.raises(Conflict):
        remembering.save(Change(requests=(replace(asked, reason="It waits."),)))
    store.read.clear()
    known = remembering.request(asked.id)
    assert known is not None
    assert known.reason == "Somebody was faster."
    remembering.client(asked.client_id)
    assert store.read == [asked.id, asked.client_id]


def test_what_is_not_there_is_looked_for_again(store: Watched) -> None:
    remembering = Remembering(store)
    assert remembering.request("rnone") is None
    assert remembering.request("rnone") is None
    assert store.read == ["rnone", "rnone"]
