"""Data survive upgrades: what an earlier version wrote is read and used, and what a newer one wrote is left alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from bot.aws import records
from bot.aws.dynamodb import DynamoStore
from bot.domain.errors import ActionRefused, StoredByNewer
from bot.domain.invitation import RefusedPerson
from bot.domain.message import Message, Shows
from bot.domain.model import Audit, Event
from bot.domain.record import Record
from bot.domain.search import Search
from bot.domain.vocabulary import Kind, Standing, State, Verb
from tests.channel import Shown
from tests.dynamodb_wire import WireTable
from tests.fakes import ADA, World, event_body
from tests.faults.injection import Injector
from tests.faults.wires import Wire
from tests.integration.records import NOW
from tests.integration.stored import KINDS, kind_of, place
from tests.integration.story import TABLES, Items, stored_table
from tests.memory_store import MemoryStore

OLD = stored_table("0.1.0")
REQUESTS = [item["record"]["M"]["id"]["S"] for item in OLD if item["sk"]["S"] == "request"]
CLIENTS = [item["record"]["M"]["id"]["S"] for item in OLD if item["sk"]["S"] == "client"]


@pytest.fixture
def table() -> WireTable:
    """A table as 0.1.0 left it."""
    return WireTable({(item["pk"]["S"], item["sk"]["S"]): item for item in OLD})


@pytest.fixture
def old(table: WireTable) -> Iterator[DynamoStore]:
    wire = Wire("dynamodb", Injector(), table.answer)
    yield DynamoStore(wire.client, "switchyard-test")
    wire.leave()


def world_of(store: DynamoStore) -> World:
    """The world as it was when the table was written: its clock, its groups and its channel."""
    world = World(store=cast(MemoryStore, store))
    world.clock.moment = max(datetime.fromisoformat(at) for at in _texts(OLD, "updated_at")) + timedelta(seconds=1)
    for client_id in CLIENTS:
        client = store.client(client_id)
        assert client is not None
        if client.grant is not None:
            world.stacks.groups[client_id] = (client.grant.role_name, {"ada"})
        for one in reversed(store.messages(client_id, 100)):
            request = store.request(one.request_id)
            assert request is not None
            if one.shows is Shows.REQUEST and one.ts:
                world.channel.messages.append(Shown(one.ts, request, [], client))
            elif one.shows is Shows.CARD and one.ts:
                world.channel.cards.append(Shown(one.ts, request, [], client))
    return world


def _texts(items: Items, name: str) -> list[str]:
    maps = [item["record"]["M"] for item in items if "record" in item]
    return [facts[name]["S"] for facts in maps if name in facts]


def test_the_old_table_holds_every_state_and_record() -> None:
    assert set(_texts(OLD, "state")) == set(State)
    assert set(_texts(OLD, "kind")) == set(Kind)
    assert len(set(_texts(OLD, "standing"))) >= 12
    assert set(map(kind_of, OLD)) >= set(KINDS)
    assert {*map(place, OLD)} >= {("client", "seen"), ("command", "command"), ("role", "holder"), ("stack", "claim")}


@pytest.mark.safety("What an earlier version stored is read and decided", "bot/aws/records.py")
def test_every_record_of_an_old_table_is_read(old: DynamoStore) -> None:
    assert None not in [old.request(one) for one in REQUESTS]
    assert None not in [old.client(one) for one in CLIENTS]
    owners = [*CLIENTS, "invitation"]
    kinds = Counter(map(kind_of, OLD))
    assert sum(len(old.audits(one, 100).audits) for one in owners) == kinds[Audit]
    assert sum(len(old.events(one)) for one in CLIENTS) == kinds[Event]
    assert sum(len(old.messages(one, 100)) for one in CLIENTS) == kinds[Message]
    assert sum(len(old.refused_people(one, 100)) for one in CLIENTS) == kinds[RefusedPerson]
    hashes = [item["record"]["M"]["token_hash"]["S"] for item in OLD if item["sk"]["S"] == "invitation"]
    assert None not in [old.invitation(one) for one in hashes]


def test_an_old_table_is_listed(old: DynamoStore) -> None:
    workflow = world_of(old).workflow
    page = workflow.find(Search(), ADA)
    found = [*page.clients]
    while page.next is not None:
        page = workflow.find(page.next, ADA)
        found += page.clients
    assert sorted(one.id for one in found) == sorted(CLIENTS)
    for one in found:
        assert workflow.history(one.id, ADA).client == one
    listed = workflow.list_invitations(ADA)
    assert {one.company for one in listed.invitations} >= {"Hooli", "Umbrella"}
    assert [one.company for one in listed.refused] == ["Initech"]


@pytest.mark.safety("What an earlier version stored is read and decided", "bot/aws/records.py")
def test_what_waits_in_an_old_table_is_decided(old: DynamoStore) -> None:
    world = world_of(old)
    current = [
        old.request(client.current_request) for client in map(old.client, CLIENTS) if client and client.current_request
    ]
    waiting = [one for one in current if one is not None and one.state is State.PENDING]
    assert {one.kind for one in waiting} == {Kind.ONBOARD, Kind.UPDATE, Kind.OFFBOARD}
    for request in waiting:
        world.workflow.decide(request.id, Verb.APPROVE, ADA)
    world.work()
    ended = [old.request(one.id) for one in waiting]
    assert [one.state for one in ended if one is not None] == [State.DONE] * len(waiting)


def test_every_old_request_can_be_pressed_upon(old: DynamoStore) -> None:
    world, taken = world_of(old), set()
    for request_id in REQUESTS:
        for verb in Verb:
            before = old.request(request_id)
            assert before is not None
            try:
                world.workflow.decide(request_id, verb, ADA)
            except ActionRefused:
                continue
            taken.add((before.state, verb))
    assert {state for state, _ in taken} >= {State.PENDING, State.FAILED, State.DENIED, State.EXPIRED, State.DRIFTED}


def test_the_sweep_finishes_what_an_old_table_left_half_done(old: DynamoStore) -> None:
    world = world_of(old)
    for _ in range(15):
        world.minute()
        world.work()
    standings = [client.standing for client in map(old.client, CLIENTS) if client]
    assert Standing.PROVISIONING not in standings
    assert [one for owner in CLIENTS for one in old.messages(owner, 100) if one.unshown] == []


def test_old_clients_go_on(old: DynamoStore) -> None:
    """Its stack is known, so that it needs no invitation; its old deletion stays final."""
    world = world_of(old)
    onboarded = next(one for one in map(old.client, CLIENTS) if one and one.standing is Standing.ONBOARDED)
    serial = int(onboarded.stack.account_id)
    world.send(
        event_body("UPDATE_COMPLETE", world.clock.now(), account=onboarded.stack.account_id, parent=serial, role="new")
    )
    after = old.client(onboarded.id)
    assert after is not None
    assert after.standing is Standing.UPDATE_WAITING


# Records of a commit before this one, each with all the fields that it had


UPGRADED_FROM = json.loads((TABLES / "form_of_23afbb7.json").read_text())
"""As the commit wrote them that `make prove-upgrade` starts from."""


@pytest.mark.safety("What an earlier version stored is read and decided", "bot/aws/records.py")
@pytest.mark.parametrize("item", [one for one in UPGRADED_FROM if kind_of(one)], ids=lambda item: item["pk"]["S"][:40])
def test_each_record_of_an_earlier_commit_is_read_whole(item: dict[str, Any]) -> None:
    kind = cast(type[Record], kind_of(item))
    read = records.to_attributes(records.record_in(kind, item))
    stored = {name: one for name, one in item["record"]["M"].items() if name != "schema"}
    assert lost(stored, read) == []


def lost(stored: Any, read: Any, where: str = "") -> list[str]:
    """Return what was stored and is not there as it was, once it was read and is stored again. More may be there."""
    if isinstance(stored, dict):
        return [one for name, value in stored.items() for one in lost(value, read.get(name), f"{where}.{name}")]
    if isinstance(stored, list):
        pairs = zip(stored, read, strict=True)
        return [one for at, (value, other) in enumerate(pairs) for one in lost(value, other, f"{where}.{at}")]
    return [] if stored == read else [where]


def test_a_field_that_is_no_longer_read_is_found() -> None:
    assert lost(
        {"M": {"a": {"S": "1"}, "b": {"L": [{"N": "2"}]}}}, {"M": {"b": {"L": [{"N": "3"}]}, "c": {}, "a": {}}}
    ) == [
        ".M.a.S",
        ".M.b.L.0.N",
    ]


# A newer form


def newer(table: WireTable, request_id: str) -> dict[str, Any]:
    item = deepcopy(table.items[f"request#{request_id}", "request"])
    item["record"]["M"]["schema"] = {"N": str(records.SCHEMA + 1)}
    item["record"]["M"]["of_tomorrow"] = {"S": "must not be dropped"}
    table.items[f"request#{request_id}", "request"] = item
    return item


@pytest.mark.safety("A record of a newer form is not read, and stays as it is", "bot/aws/records.py")
def test_a_record_of_a_newer_form_is_refused_and_stays_as_it_is(old: DynamoStore, table: WireTable) -> None:
    # Given a request that waits, stored by a newer Switchyard
    world = world_of(old)
    request_id = next(one for one in REQUESTS if (found := old.request(one)) and found.state is State.PENDING)
    item = deepcopy(newer(table, request_id))
    # When somebody presses Approve, and a minute passes
    with pytest.raises(StoredByNewer, match="Whoever runs Switchyard has to deploy the newer version again") as refused:
        world.workflow.decide(request_id, Verb.APPROVE, ADA)
    assert refused.value.status == 503
    world.minute()
    # Then it is as it was
    assert table.items[f"request#{request_id}", "request"] == item


@pytest.mark.safety("A record of a newer form does not keep the sweep from the others", "bot/aws/dynamodb.py")
def test_a_record_of_a_newer_form_does_not_hide_the_others_that_are_due(old: DynamoStore, table: WireTable) -> None:
    later = NOW + timedelta(days=90)
    before = {one.id for one in old.due(later, 100)}
    hidden = sorted(before)[0]
    newer(table, hidden)
    assert {one.id for one in old.due(later, 100)} == before - {hidden}


@pytest.mark.safety("A record without the number of its form is unreadable", "bot/aws/records.py")
def test_a_record_without_a_number_is_unreadable(old: DynamoStore, table: WireTable) -> None:
    item = newer(table, REQUESTS[0])
    del item["record"]["M"]["schema"]
    with pytest.raises(records.RecordUnreadable, match=r"Request\.schema"):
        old.request(REQUESTS[0])
