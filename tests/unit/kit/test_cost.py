"""What the renewal of a team's kit reads and writes: as much as the team has clients, however many others there are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bot.aws.dynamodb import DynamoStore
from bot.aws.writes import parts_of
from bot.domain.model import Given
from bot.domain.page import ROOM, Entry, Page, Team
from bot.domain.team_kit import kit_changes
from bot.kit.renewing import KitRenewal
from bot.ports.store import Change
from tests.dynamodb_wire import WireTable
from tests.fakes import TurnableClock
from tests.faults.injection import Injector
from tests.faults.stand_ins import KitShelf
from tests.faults.wires import Wire
from tests.integration.records import NOW, a_client
from tests.proving import amount
from tests.unit.slack.samples import SETTINGS

TEAM = "operators"
OF_THE_TEAM, ON_A_PAGE = amount(234, proving=1_000), 117
OTHERS = (0, amount(2_000, proving=20_000))


@dataclass
class Table:
    """A table that counts what is read of it."""

    items: WireTable = field(default_factory=WireTable)
    calls: Counter[str] = field(default_factory=Counter)
    read: int = 0

    def holds(self, change: Change) -> None:
        """Put records there, past the wire."""
        for part in parts_of(change):
            item = part["Put"]["Item"]
            self.items.items[item["pk"]["S"], item["sk"]["S"]] = item

    def answer(self, operation: str, asked: dict[str, Any]) -> Any:
        self.calls[operation] += 1
        status, answer = self.items.answer(operation, asked)
        self.read += len(answer.get("Items", ())) + sum(map(len, answer.get("Responses", {}).values()))
        return status, answer


def a_table(team: int, others: int) -> Table:
    """So many clients of the team on full pages, and so many others that have access as well."""
    table, pages = Table(), range(1, -(-team // ON_A_PAGE) + 1)
    for number in range(team + others):
        teams = (TEAM,) if number < team else ("auditors",)
        client = a_client(id=f"c{number:010}", account_id=f"{number:012}", company=f"Company {number}")
        table.holds(Change(client=replace(client, given=Given(client.stack, teams=teams))))
    for page in pages:
        there = range((page - 1) * ON_A_PAGE, min(page * ON_A_PAGE, team))
        entries = (Entry(f"c{one:010}", f"arn:aws:iam::{one:012}:role/switchyard-access") for one in there)
        table.holds(Change(pages=(Page(TEAM, page, tuple(entries)),)))
    table.holds(Change(teams=(Team(TEAM, filled=(ROOM,) * len(pages)),)))
    return table


def renewed(table: Table) -> KitShelf:
    wire, shelf, clock = Wire("dynamodb", Injector(), table.answer), KitShelf(), TurnableClock(NOW)
    store = DynamoStore(wire.client, "switchyard-test")
    store.save(Change(kits=kit_changes([TEAM], NOW)))
    table.calls.clear()
    KitRenewal(store, shelf, SETTINGS, clock).renew([TEAM])
    wire.leave()
    return shelf


@pytest.mark.safety("A team's kit costs as much as the team is large", "bot/kit/reading.py")
def test_a_kit_costs_as_much_as_its_team_is_large_whatever_else_there_is() -> None:
    alone, among_others = (a_table(OF_THE_TEAM, others) for others in OTHERS)
    files = renewed(alone).files
    assert files == renewed(among_others).files
    assert files[TEAM, "clients.csv"].count("\n") >= OF_THE_TEAM
    pages, hundreds = -(-OF_THE_TEAM // ON_A_PAGE), -(-OF_THE_TEAM // 100)
    for table in (alone, among_others):
        assert table.calls == {"UpdateItem": 2, "Query": 1, "BatchGetItem": 1 + hundreds}
        assert table.read == 1 + pages + OF_THE_TEAM
