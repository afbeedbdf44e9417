"""A team with many clients: how many documents are rewritten, how long somebody waits, how full pages stay."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from bot.domain.page import ROOM, Teams
from bot.domain.vocabulary import State, Verb
from tests.fakes import World
from tests.proving import amount

TEAM = Teams(("operators",), client_groups=False)


def account(number: int) -> str:
    return f"{number:012}"


def approve(world: World, number: int, status: str = "CREATE_COMPLETE", role: str = "switchyard-access") -> None:
    """A client's stack comes, changes or goes, and somebody approves."""
    token = world.invite(f"C{number}") if status == "CREATE_COMPLETE" else ""
    gone = status == "DELETE_COMPLETE"
    world.happens(status, token=token, account=account(number), company=f"C{number}", role=role, last_word=gone)
    world.press(Verb.APPROVE)


def used(world: World) -> int:
    return sum(1 for roles in world.pages.documents.values() if roles)


def test_many_approvals_at_once_cost_two_updates_a_page_and_nobody_waits_for_more() -> None:
    world, clients = World(teams=TEAM), amount(150, 1000)
    for number in range(clients):
        approve(world, number)
    rounds = 0
    while any(one.state is not State.DONE for one in world.store.stored_requests.values()):
        world.take_up()
        for moved in world.pages.complete():
            world.workflow.record_outcome(moved)
        rounds += 1
    assert len(world.pages.lets_into("operators")) == clients
    assert max(Counter(world.pages.writes).values()) <= 2
    assert rounds <= 2


def test_one_approval_after_the_other_rewrites_one_document_each() -> None:
    world, clients = World(teams=TEAM), amount(150, 1000)
    for number in range(clients):
        approve(world, number)
        world.work()
    made_ahead = len(world.pages.documents)
    assert len(world.pages.lets_into("operators")) == clients
    assert len(world.pages.writes) <= clients + made_ahead


def test_pages_stay_few_under_churn() -> None:
    world, chance, granted = World(teams=TEAM), random.Random(20261126), dict[int, str]()
    changes = amount(150, 5000)
    for number in range(changes):
        dice = chance.random()
        if dice < 0.5 or not granted:
            granted[number] = "r" * chance.randint(1, 43)
            approve(world, number, role=granted[number])
        elif dice < 0.75:
            client = chance.choice(sorted(granted))
            granted[client] = "n" * chance.randint(1, 43)
            approve(world, client, "UPDATE_COMPLETE", granted[client])
        else:
            client = chance.choice(sorted(granted))
            approve(world, client, "DELETE_COMPLETE", granted.pop(client))
        world.work()
        expected = {f"arn:aws:iam::{account(one)}:role/{role}" for one, role in granted.items()}
        assert world.pages.lets_into("operators") == expected
    writes = len(world.pages.writes)
    print(f"{writes / changes:.3f} documents rewritten per change, {used(world)} pages used")  # noqa: T201
    assert writes <= 1.02 * changes + len(world.pages.documents)
    for client in sorted(granted)[10:]:
        approve(world, client, "DELETE_COMPLETE", granted.pop(client))
        world.work()
    for _ in range(amount(20, 40)):
        world.minute()
        world.work()
    length = sum(len(role) + 3 for role in world.pages.lets_into("operators"))
    assert used(world) <= -(-length // ROOM) + 1


@pytest.mark.safety("Changes that wait never hide the page that they wait for from the sweep", "bot/aws/dynamodb.py")
def test_a_page_whose_end_was_missed_is_found_behind_older_changes_that_wait_for_it() -> None:
    world, clients = World(teams=TEAM), 240
    for number in range(clients):
        approve(world, number)
    world.take_up()
    world.clock.turn(seconds=10)
    for moved in world.pages.complete(failing="LimitExceeded"):
        world.workflow.record_outcome(moved)
    world.take_up()
    world.pages.complete()
    for _ in range(4):
        world.minute()
        world.take_up()
        for moved in world.pages.complete():
            world.workflow.record_outcome(moved)
    assert len(world.pages.lets_into("operators")) == clients - 1
