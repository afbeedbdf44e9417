"""Hundreds of presses at once on the table itself: DynamoDB's conditions and transactions let one of them win.

moto carries a transaction out step by step and takes all of the table back when it fails, so it would lose what another
thread wrote meanwhile. DynamoDB's calls are atomic; so here one call is let through at a time, whatever its thread.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

import pytest

from bot.aws.dynamodb import DynamoStore
from bot.domain.errors import AlreadyDecided, StalePress, SwitchyardError, TryAgain
from bot.domain.message import Raise, shared_messages, shared_place
from bot.domain.request import InvitedAs, Request, SharedIn
from bot.domain.vocabulary import State, Verb
from bot.ports.store import Change
from tests.fakes import ADA, BEA, World
from tests.integration.conftest import CLIENTS
from tests.integration.records import NOW, a_request
from tests.races.test_at_once import at_once
from tests.races.witness import WatchedStacks
from tests.unit.decisions.batch import Batch

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PRESSES = 200
pytestmark = pytest.mark.usefixtures("threads_take_turns_often")


class OneCallAtATime:
    """A client whose calls are atomic, as the service's are."""

    def __init__(self, client: DynamoDBClient) -> None:
        self._client = client
        self._alone = Lock()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._client, name)

        def alone(**arguments: Any) -> Any:
            with self._alone:
                return call(**arguments)

        return alone


@pytest.fixture
def world(table: str) -> World:
    """One client that waits for a decision."""
    client = cast("DynamoDBClient", OneCallAtATime(CLIENTS.dynamodb))
    world = World(store=cast("Any", DynamoStore(client, table, sleep=lambda _: None)), stacks=WatchedStacks())
    world.happens("CREATE_COMPLETE", token=world.invite())
    return world


def presses(world: World) -> list[Callable[[], Request]]:
    """Approve and Deny in turn, by two approvers in turn."""
    decide, request_id = world.workflow.decide, world.last.id
    return [
        partial(decide, request_id, (Verb.APPROVE, Verb.DENY)[n % 2], (ADA, BEA)[n // 2 % 2], 0) for n in range(PRESSES)
    ]


def actions(world: World, *named: str) -> int:
    return len([one for one in world.store.audits(world.last.client_id, 1000).audits if one.action in named])


@pytest.mark.safety(
    "Among hundreds of writers at once, a record is written only over the version that was read", "bot/aws/writes.py"
)
def test_of_hundreds_of_presses_on_the_table_one_wins(world: World) -> None:
    answers = at_once(presses(world))
    won = [one for one in answers if isinstance(one, Request)]
    lost = [one for one in answers if isinstance(one, SwitchyardError)]
    assert (len(won), len(lost)) == (1, PRESSES - 1)
    assert all(isinstance(one, AlreadyDecided | StalePress | TryAgain) for one in lost)
    assert world.last.decision == won[0].decision
    assert (actions(world, "approve", "deny"), world.last.presses) == (1, 1)
    assert world.bench.waiting == ([won[0].id] if won[0].state is State.APPROVED else [])


def test_an_event_among_the_presses_has_the_last_word_on_the_table(world: World) -> None:
    asked = world.last.id
    some = presses(world)[:30]
    answers = at_once([*some[:15], partial(world.happens, "UPDATE_COMPLETE"), *some[15:]])
    assert len([one for one in answers if isinstance(one, Request)]) <= 1
    first = world.store.request(asked)
    assert first is not None
    assert first.state is State.SUPERSEDED
    assert (world.last.state, world.stacks.groups) == (State.PENDING, {})


def test_ten_lambdas_that_carry_one_approval_out_start_it_once(world: World) -> None:
    approved = world.press(Verb.APPROVE)
    at_once([partial(world.workflow.provision, approved.id)] * 10)
    assert (world.stacks.starts, len(world.stacks.running)) == (1, 1)
    [stack_id] = world.stacks.complete()
    at_once([partial(world.workflow.record_outcome, stack_id)] * 10)
    assert actions(world, "onboard done") == 1
    assert len(world.channel.cards) <= 1


@pytest.mark.safety("Accounts that join a shared message at once are all in it", "bot/aws/messages.py")
def test_accounts_that_join_at_once_are_all_in_the_message(table: str) -> None:
    store = DynamoStore(cast("DynamoDBClient", OneCallAtATime(CLIENTS.dynamodb)), table, sleep=lambda _: None)
    home = SharedIn("a" * 64, shared_place(NOW, 1))
    store.save(Change(messages=shared_messages(a_request(invited=InvitedAs(shared=home)), NOW)))
    joining = [Raise(home.owner, home.place, NOW, adds=(f"r{number}",)) for number in range(2, 22)]
    at_once([partial(store.save, Change(raises=(one,))) for one in joining])
    message = store.message(home.owner, home.place)
    assert message is not None
    assert sorted(message.request_ids) == sorted(["r1", *(f"r{number}" for number in range(2, 22))])
    assert message.wanted == 21


@pytest.mark.safety("Each account is decided once, by whom its message says", "bot/aws/writes.py")
def test_of_many_lambdas_with_one_press_each_account_is_decided_once(world: World) -> None:
    batch = Batch(world, 3, company="Globex")
    name = batch.press(drawn=(0, 0, 0)).name
    at_once([partial(world.workflow.apply_bulk, name) for _ in range(8)])
    world.workflow.apply_bulk(name)
    assert [one.presses for one in batch.requests] == [1, 1, 1]
    assert {one.state for one in batch.requests} == {State.APPROVED}
    bulk = world.store.bulk(name)
    assert bulk is not None
    assert (bulk.done, bulk.left_out) == (True, ())
    for one in batch.requests:
        actions = [line.action for line in world.store.audits(one.client_id, 100).audits]
        assert actions.count("approve") == 1
