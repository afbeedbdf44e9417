"""A sweep that finds far more than one minute can do ends in its minute, and uses it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.message import Message
from bot.domain.request import Request
from bot.domain.vocabulary import State, Verb
from bot.sweep import REQUESTS
from tests.bursts.distance import CALL, SLACK, Distance, distant
from tests.fakes import ADA, World

MANY = 10_000
Change = Callable[[Request, Message], tuple[Request, Message]]
SLOW = timedelta(milliseconds=100)
"""One call of a table that has a bad day."""
TIMEOUT = timedelta(seconds=59)
"""The sweep's in serverless.yml."""


def asked(world: World, account: str = "222222222222") -> tuple[Request, Message]:
    """A client's request that waits for a decision."""
    world.happens("CREATE_COMPLETE", token=world.invite(), account=account)
    return world.last, world.message()


def fill(world: World, number: int, change: Change) -> None:
    """So many more clients, each with a request and its message like the first one's after this change."""
    like, message = change(*asked(world))
    client = world.store.stored_clients[like.client_id]
    for one in range(number):
        owner, request_id = f"c{one:010}", f"r{one:016}"
        place = message.place.replace(like.id, request_id)
        world.store.stored_clients[owner] = replace(client, id=owner)
        world.store.stored_requests[request_id] = replace(like, id=request_id, client_id=owner)
        world.store.place_message(replace(message, owner=owner, place=place, request_ids=(request_id,)))


def unposted(request: Request, message: Message) -> tuple[Request, Message]:
    return request, replace(message, ts=None, shown=0)


def to_be_mentioned(request: Request, message: Message) -> tuple[Request, Message]:
    return request, message


def under_way(request: Request, message: Message) -> tuple[Request, Message]:
    return replace(request, state=State.APPROVED), replace(message, shown=0)


@pytest.mark.safety("A sweep reads no more than its minute can serve, and ends in time", "bot/sweep.py")
@pytest.mark.parametrize(
    ("what", "call", "least"),
    [(unposted, CALL, 55), (to_be_mentioned, CALL, 45), (under_way, CALL, 0), (to_be_mentioned, SLOW, 0)],
)
def test_with_ten_thousand_due_a_sweep_ends_in_time_and_posts_each_second(
    what: Change, call: timedelta, least: int
) -> None:
    world = World()
    fill(world, MANY, what)
    world.clock.turn(hours=5)
    distance = Distance(world.clock, call)
    world.channel.rule = lambda _: distance.take(SLACK)
    began, before = world.clock.moment, world.channel.asked("post")
    replace(world.workflow, store=distant(world.store, distance)).sweep()
    assert world.clock.moment - began < TIMEOUT
    assert world.channel.asked("post") - before >= least
    assert world.bench.waiting or what is not under_way


@pytest.mark.safety("Due requests that can't be served hide no others for long", "bot/sweep.py")
def test_requests_that_can_not_be_served_hide_no_lost_approval() -> None:
    """So many wait for a mention that they can't get, since Slack shows none of them yet."""
    world = World()
    fill(world, 3 * REQUESTS, unposted)
    world.clock.turn(hours=5)
    world.channel.down = world.bench.broken = True
    approved, _ = asked(world, "333333333333")
    world.workflow.decide(approved.id, Verb.APPROVE, ADA)
    world.bench.broken = False
    for _ in range(2):
        world.clock.turn(minutes=1)
        world.workflow.sweep()
    assert approved.id in world.bench.waiting
