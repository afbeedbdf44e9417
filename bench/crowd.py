"""A table of many clients that answers as quickly as one of few: SQLite looks each query up in an index.

Its texts sort as DynamoDB's do, by their bytes in UTF-8. All but queries is answered as in the table that tests use.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from typing import Any

from bench.world import World
from bot.aws.records import record_in
from bot.aws.writes import parts_of
from bot.domain.model import Client
from bot.ports.store import Change
from tests.changed import changed
from tests.dynamodb_wire import Attributes, WireTable, projected

_COLUMNS = ("pk", "sk", "gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk")
_INDEXES = {None: ("pk", "sk"), "listing": ("gsi1pk", "gsi1sk"), "attention": ("gsi2pk", "gsi2sk")}
_NUMBER, _ID, _ACCOUNT = "099999", "czzzzzzzzzz", "400000099999"
"""What stands for each client's own in the one that all are made of. All numbers begin with the same digit."""
_FEW = 8
"""So many numbers begin with `00000`, among few clients as among many."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_PART = "\x1f"
Place = tuple[str, str]


class Shelf(MutableMapping[Place, Attributes]):
    """Items by partition and sort key, in a database of their own that is gone with it."""

    def __init__(self) -> None:
        self.database = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        columns = ", ".join(f"{name} TEXT" for name in _COLUMNS)
        self.database.execute(f"CREATE TABLE items ({columns}, item TEXT, PRIMARY KEY (pk, sk)) WITHOUT ROWID")

    def add(self, rows: Iterator[list[str | None]]) -> None:
        """Put in many items at once, each as its keys and its JSON, and make the indexes."""
        self.database.execute("BEGIN")
        self.database.executemany("INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        for name in ("gsi1", "gsi2"):
            keys = f"{name}pk, {name}sk, pk, sk"
            self.database.execute(f"CREATE INDEX {name} ON items ({keys}) WHERE {name}pk IS NOT NULL")
        self.database.execute("COMMIT")

    def __getitem__(self, place: Place) -> Attributes:
        found = self.database.execute("SELECT item FROM items WHERE pk = ? AND sk = ?", place).fetchone()
        if found is None:
            raise KeyError(place)
        item: Attributes = json.loads(found[0])
        return item

    def __setitem__(self, place: Place, item: Attributes) -> None:
        self.database.execute("INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?, ?, ?, ?)", row_of(item))

    def __delitem__(self, place: Place) -> None:
        self.database.execute("DELETE FROM items WHERE pk = ? AND sk = ?", place)

    def __iter__(self) -> Iterator[Place]:
        yield from self.database.execute("SELECT pk, sk FROM items")

    def __len__(self) -> int:
        return int(self.database.execute("SELECT count(*) FROM items").fetchone()[0])


@dataclass
class Crowd(WireTable):
    """The table. A copy is the same table: what is measured on it writes nothing but its own marks."""

    def copy(self) -> Crowd:
        return self

    def _query(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Answer from the index; the conditions are always the partition and a range."""
        of, ranged = _INDEXES[asked.get("IndexName")]
        values = {name[1:]: value["S"] for name, value in asked["ExpressionAttributeValues"].items()}
        condition = asked["KeyConditionExpression"].replace(" BETWEEN :low AND :high", " >= :low AND {0} <= :high")
        backwards = not asked.get("ScanIndexForward", True)
        if after := asked.get("ExclusiveStartKey"):
            values |= {f"after_{name}": after[name]["S"] for name in (ranged, "pk", "sk")}
            beyond = "<" if backwards else ">"
            condition += f" AND ({ranged}, pk, sk) {beyond} (:after_{ranged}, :after_pk, :after_sk)"
        order = ", ".join(f"{name} {'DESC' if backwards else 'ASC'}" for name in (ranged, "pk", "sk"))
        limit = asked.get("Limit", 10_000)
        select = f"SELECT item FROM items WHERE {condition.format(ranged)} ORDER BY {order} LIMIT {limit + 1}"  # noqa: S608
        found = [json.loads(item) for (item,) in self.items.database.execute(select, values)]  # type: ignore[attr-defined]
        page = found[:limit]
        last = (
            {"LastEvaluatedKey": {name: page[-1][name] for name in {"pk", "sk", of, ranged}}} if found[limit:] else {}
        )
        return {"Items": projected(page, asked), "Count": len(page), **last}


def crowded(world: World, number: int, company: str) -> World:
    """Return a copy of the world whose table has so many clients, each stored like the one of this company.

    Of the others only what finds and lists them is there: the client and its words.
    """
    stored = [item for item in world.table.items.values() if item["sk"]["S"] == "client"]
    [like] = [one for one in (record_in(Client, item) for item in stored) if one.company == company]
    shelf, crowd = Shelf(), world.copy()
    shelf.add(_rows([*world.table.items.values()], like, number - len(stored)))
    crowd.table = Crowd(shelf, dict(world.table.done))  # type: ignore[arg-type]
    return crowd


def _rows(items: list[Attributes], like: Client, number: int) -> Iterator[list[str | None]]:
    yield from map(row_of, items)
    facts = {"id": _ID, "company": f"Company {_NUMBER}", "account_id": _ACCOUNT}
    one = changed(like, **facts, words=(), version=0)
    parts = [part["Put"]["Item"] for part in parts_of(Change(client=one))]
    text = _PART.join(value or "" for item in parts for value in row_of(item))
    for place in range(number):
        called = f"{place if place < _FEW else place + 2:06}"
        other = text.replace(_ACCOUNT, f"{400000000000 + place}").replace(_NUMBER, called).replace(_ID, _id(place))
        values = other.split(_PART)
        for first in range(0, len(values), len(_COLUMNS) + 1):
            yield [value or None for value in values[first : first + len(_COLUMNS) + 1]]


def row_of(item: Attributes) -> list[str | None]:
    """Return an item's keys and its JSON."""
    return [*(item[name]["S"] if name in item else None for name in _COLUMNS), json.dumps(item, ensure_ascii=False)]


def _id(number: int) -> str:
    """Return a client id of the usual form, `c` and ten letters."""
    letters = ""
    for _ in range(10):
        number, digit = divmod(number, len(_LETTERS))
        letters += _LETTERS[digit]
    return f"c{letters}"
