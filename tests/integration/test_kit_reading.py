"""What a kit reads of the table: a team's in proportion to the team, whatever the number of all clients."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.aws.dynamodb import DynamoStore
from bot.domain.page import Entry, Page, Team
from bot.kit.reading import granted
from bot.ports.store import Change, Store
from tests.dynamodb_wire import WireTable
from tests.faults.injection import Injector
from tests.faults.wires import Wire
from tests.unit.kit.samples import client

TEAM_OF = 120
OTHERS = 230


def fill(store: Store, team_of: int, others: int) -> None:
    """A team with so many clients on two pages, one of which lists one that has no access; and other clients."""
    ours = [client(number, ("operators",), granted=number > 1) for number in range(1, team_of + 1)]
    everybody = [*ours, *(client(number) for number in range(1001, 1001 + others))]
    for first in range(0, len(everybody), 8):
        store.save(Change(others=tuple(everybody[first : first + 8])))
    entries = tuple(Entry(one.id, f"arn:aws:iam::{one.stack.account_id}:role/ops") for one in ours)
    pages = Page("operators", 1, entries[:70]), Page("operators", 2, entries[69:])
    store.save(Change(pages=pages, teams=(Team("operators", tuple(page.length for page in pages)),)))


@pytest.fixture
def wire() -> Iterator[Wire]:
    """A table behind the SDK's own client; moto is too slow for so many clients."""
    wire = Wire("dynamodb", Injector(), WireTable().answer)
    yield wire
    wire.leave()


def test_a_team_is_read_in_proportion_to_itself(wire: Wire) -> None:
    store = DynamoStore(wire.client, "switchyard-test")
    fill(store, TEAM_OF, OTHERS)
    calls: list[str] = []
    wire.client.meta.events.register_first("before-call", lambda model, **_: calls.append(model.name))

    found = granted(store, "operators")

    # The team's book, its pages, and its clients by the hundred; who is on two pages is read once
    assert calls == ["Query", "BatchGetItem", "BatchGetItem", "BatchGetItem"]
    assert {one.id for one in found} == {client(number).id for number in range(2, TEAM_OF + 1)}


def test_all_are_read_page_by_page(wire: Wire) -> None:
    store = DynamoStore(wire.client, "switchyard-test")
    fill(store, 30, OTHERS)
    assert len(granted(store)) == 29 + OTHERS
    assert granted(store, "data") == []
