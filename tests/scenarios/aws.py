"""AWS as a scene meets it: the product's own botocore clients, and a table behind DynamoDB's protocol to look into."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.dynamodb_wire import WireTable
from tests.faults.injection import Injector
from tests.faults.wires import Wire, client_of


@dataclass
class Aws:
    """The clients are shared by all tests, since making one is slow: whoever listens in on one has to leave it."""

    table: WireTable
    dynamodb: Any
    functions: Any

    def records(self) -> list[dict[str, Any]]:
        """Return every item of the table."""
        return list(self.table.items.values())


@contextmanager
def wired() -> Iterator[Aws]:
    """Answer DynamoDB's client from a new table."""
    table = WireTable()
    wire = Wire("dynamodb", Injector(), table.answer)
    yield Aws(table, wire.client, client_of("lambda"))
    wire.leave()
