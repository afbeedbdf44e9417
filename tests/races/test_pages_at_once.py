"""Many threads at one team's pages: every role comes onto one page once, every request ends once, nothing is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import pytest

from bot.aws.dynamodb import DynamoStore
from bot.domain.page import PageName, Teams
from bot.domain.request import Request
from bot.domain.vocabulary import State, Verb
from tests.fakes import ADA, World
from tests.integration.conftest import CLIENTS
from tests.proving import amount
from tests.races.test_at_once import at_once
from tests.races.test_on_dynamodb import OneCallAtATime

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from bot.commands import Commands

CLIENTS_AT_ONCE, WORKERS = amount(5, proving=30), 4
TEAM = "operators"
pytestmark = pytest.mark.usefixtures("threads_take_turns_often")


@pytest.fixture(params=["memory", "dynamodb"])
def world(request: pytest.FixtureRequest) -> World:
    """A team that gets in alone, so that all there is to do is pages."""
    world = World(teams=Teams((TEAM,), client_groups=False))
    if request.param == "dynamodb":
        table = request.getfixturevalue("table")
        client = cast("DynamoDBClient", OneCallAtATime(CLIENTS.dynamodb))
        world = World(
            store=cast("Any", DynamoStore(client, table, sleep=lambda _: None)),
            teams=Teams((TEAM,), client_groups=False),
        )
    return world


def asked(world: World, number: int = CLIENTS_AT_ONCE) -> list[str]:
    """Requests of so many accounts, each undecided."""
    for which in range(number):
        token, account = world.invite(f"Company {which}"), f"{which:012}"
        world.happens("CREATE_COMPLETE", token=token, account=account, company=f"Company {which}")
    return [message.request.id for message in world.channel.messages]


def carried_out(world: World) -> list[State]:
    """How the requests have ended once everybody has worked, many at a time, and the sweep found nothing more."""
    workflow = world.workflow
    for _ in range(20):
        at_once([partial(done, workflow.provision, one) for one in world.bench.waiting])
        world.bench.waiting.clear()
        world.bench.asked_pages.clear()
        at_once([partial(done, workflow.work_on_pages, [TEAM])] * WORKERS)
        settling = [partial(done, workflow.record_outcome, stack_id) for stack_id in world.pages.complete()] * 3
        at_once([*settling, *[partial(done, workflow.work_on_pages, [TEAM])] * 2, partial(done, workflow.sweep)])
        world.clock.turn(minutes=2)
        if not world.pages.running and not world.bench.waiting and not world.bench.asked_pages:
            break
    requests = [world.store.request(message.request.id) for message in world.channel.messages]
    return [one.state for one in requests if one is not None]


def done(act: Callable[..., object], *arguments: object) -> None:
    act(*arguments)


def ends(world: World) -> list[str]:
    """What was written down of ends, by client."""
    return [
        audit.action
        for client in world.store.clients(100).clients
        for audit in world.store.audits(client.id, 100).audits
        if audit.action.endswith((" done", " failed"))
    ]


@pytest.mark.safety(
    "Many workers at one team list each role once, and end each request once", "bot/provisioning/paging.py"
)
def test_many_approvals_packed_by_many_workers(world: World) -> None:
    requests = asked(world)
    at_once([partial(world.workflow.decide, one, Verb.APPROVE, ADA) for one in requests])
    assert carried_out(world) == [State.DONE] * CLIENTS_AT_ONCE
    assert Counter(ends(world)) == {"onboard done": CLIENTS_AT_ONCE}
    assert len(world.pages.lets_into(TEAM)) == CLIENTS_AT_ONCE
    team, left = world.store.asked_of(TEAM, 100)
    page = world.store.pages(TEAM, [1])[1]
    assert (list(left), team.filled[0], len(page.entries)) == ([], page.length, CLIENTS_AT_ONCE)
    assert page.batch == () and page.sent_at is None
    assert world.pages.documents[PageName(TEAM, 1)] == {entry.role_arn for entry in page.entries}


@pytest.mark.safety(
    "Many workers at one team list each role once, and end each request once", "bot/provisioning/paging.py"
)
def test_some_come_while_others_go(world: World) -> None:
    first = asked(world)
    at_once([partial(world.workflow.decide, one, Verb.APPROVE, ADA) for one in first[: CLIENTS_AT_ONCE // 2]])
    carried_out(world)
    clients = {one.company: one for one in world.store.clients(100).clients}
    leaving = [partial(_revoked, world.workflow, clients[f"Company {n}"].id) for n in range(CLIENTS_AT_ONCE // 2)]
    coming = [partial(world.workflow.decide, one, Verb.APPROVE, ADA) for one in first[CLIENTS_AT_ONCE // 2 :]]
    at_once([*leaving, *coming])
    assert set(carried_out(world)) == {State.DONE}
    assert Counter(ends(world)) == {"onboard done": CLIENTS_AT_ONCE, "offboard done": CLIENTS_AT_ONCE // 2}
    coming_roles = {
        f"arn:aws:iam::{n:012}:role/switchyard-access" for n in range(CLIENTS_AT_ONCE // 2, CLIENTS_AT_ONCE)
    }
    assert world.pages.lets_into(TEAM) == coming_roles


def _revoked(workflow: Commands, client_id: str) -> Request:
    asked = workflow.ask_to_revoke(client_id, ADA)
    return workflow.revoke(asked.client.id, asked.state, ADA)
