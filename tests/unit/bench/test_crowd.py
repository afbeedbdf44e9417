"""The bench's table of many clients answers as the table that tests use, and holds what a save would store."""

from __future__ import annotations

from typing import Any

import pytest

from bench.crowd import crowded
from bench.world import World
from bot.aws.dynamodb import DynamoStore
from bot.decisions.search import find
from bot.domain.search import Search
from bot.domain.vocabulary import AccessLevel, Standing
from bot.domain.words import words_of
from bot.ports.store import Change, Command
from tests.dynamodb_wire import WireTable
from tests.faults.injection import Injector
from tests.faults.wires import ShortCut, Wire
from tests.integration.records import NOW, a_client


def on(table: WireTable) -> DynamoStore:
    injector = Injector()
    wire = Wire("dynamodb", injector, table.answer)
    client: Any = ShortCut(wire, injector, table.answer)
    wire.leave()
    return DynamoStore(client, "switchyard-test")


@pytest.fixture(scope="module")
def tables() -> tuple[WireTable, WireTable]:
    """The crowd, and the same items in the table that tests use."""
    world = World()
    on(world.table).save(Change(client=a_client(id="cglobexxxxx", company="Globex", words=())))
    crowd = crowded(world, 230, "Globex").table
    return crowd, WireTable(dict(crowd.items))


@pytest.mark.parametrize(
    "search",
    [
        Search(),
        Search("globex"),
        Search("company 00000"),
        Search("company"),
        Search("switchyard 000017"),
        Search("4000-0000-0021"),
        Search(standing=Standing.ARRIVING),
        Search(level=AccessLevel.READ_ONLY),
        Search(standing=Standing.ONBOARDED),
    ],
)
def test_it_finds_the_same(tables: tuple[WireTable, WireTable], search: Search) -> None:
    crowd, plain = (find(on(table), search) for table in tables)
    assert crowd == plain
    assert bool(crowd.clients) is (search.standing is not Standing.ONBOARDED)
    if crowd.next and plain.next:
        assert find(on(tables[0]), crowd.next) == find(on(tables[1]), plain.next)


def test_each_client_is_stored_as_a_save_stores_it(tables: tuple[WireTable, WireTable]) -> None:
    clients = find(on(tables[0]), Search("company")).clients
    assert len({one.id for one in clients}) == 10
    for client in clients:
        assert client.known_by.words == words_of(client)
        assert on(tables[0]).client(client.id) == client


def test_a_command_leaves_its_mark_once(tables: tuple[WireTable, WireTable]) -> None:
    store = on(tables[0])
    store.save(Change(command=Command("a-mark", NOW)))
    with pytest.raises(Exception, match="has come before"):
        store.save(Change(command=Command("a-mark", NOW)))
