"""A client's failed stack operation: one message with the reason, and what belongs to which operation."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations

import pytest

from bot.domain import policy
from bot.domain.model import Event
from bot.domain.request import Request
from bot.domain.vocabulary import Kind, State
from bot.ingest.payload import parse
from tests.changed import changed
from tests.fakes import World, event_body

NOON = datetime.fromisoformat("2026-11-23T12:00:00Z")


@pytest.fixture
def world() -> World:
    world = World()
    world.happens("CREATE_COMPLETE", token=world.invite())
    return world


def failed(minute: int, status: str, reason: str = "", resource: str = "", parent: int = 1) -> Event:
    body = event_body(status, NOON + timedelta(minutes=minute), reason=reason, resource=resource, parent=parent)
    return parse(body, "aws").event


def about(world: World, event: Event) -> Request:
    return changed(
        world.last, event_at=event.timestamp, stack_status=event.status, parent_stack_id=event.stack.parent_stack_id
    )


def test_a_reason_that_arrives_after_the_failure_is_shown(world: World) -> None:
    world.happens("UPDATE_IN_PROGRESS")
    world.happens("UPDATE_ROLLBACK_COMPLETE")
    assert world.channel.messages[-1].request.reason == ""
    world.happens("UPDATE_FAILED", resource="AccessRole", reason="no such policy", seconds=-0.5)
    assert world.channel.messages[-1].request.reason == "AccessRole: no such policy"


@pytest.mark.safety("A start that arrives late does not end a newer report", "bot/ingest/plan.py")
def test_a_start_that_arrives_late_ends_no_report(world: World) -> None:
    world.happens("UPDATE_ROLLBACK_FAILED", seconds=60)
    world.happens("UPDATE_IN_PROGRESS", seconds=-30)
    world.happens("UPDATE_ROLLBACK_COMPLETE")
    assert len(world.channel.messages) == 2


@pytest.mark.safety("An older failure makes no message", "bot/ingest/plan.py")
def test_a_failure_from_before_the_request_joins_its_timeline(world: World) -> None:
    world.happens("UPDATE_ROLLBACK_COMPLETE", seconds=-30)
    [message] = world.channel.messages
    world.minute()
    assert [event.status for event in message.timeline] == ["UPDATE_ROLLBACK_COMPLETE", "CREATE_COMPLETE"]


def test_a_completed_operation_ends_the_report_of_the_one_before(world: World) -> None:
    for status in ("UPDATE_ROLLBACK_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"):
        world.happens(status)
    assert [message.request.kind for message in world.channel.messages[1:]] == [Kind.REPORT, Kind.ONBOARD, Kind.REPORT]


@pytest.mark.safety("One client can't flood the channel with failures", "bot/ingest/plan.py")
def test_failures_cannot_flood_the_channel_either(world: World) -> None:
    for _ in range(12):
        world.happens("UPDATE_IN_PROGRESS")
        world.happens("UPDATE_ROLLBACK_COMPLETE")
    assert len(world.channel.messages) == 10
    world.clock.turn(hours=1)
    world.happens("UPDATE_COMPLETE")
    assert len(world.client().asked.at) == 10
    world.happens("UPDATE_ROLLBACK_COMPLETE")
    assert world.last.kind is Kind.REPORT


def test_an_operation_runs_from_its_start_to_the_next_one(world: World) -> None:
    before, start = failed(0, "CREATE_COMPLETE"), failed(1, "UPDATE_IN_PROGRESS")
    reason, end = failed(2, "UPDATE_FAILED", resource="AccessRole"), failed(3, "UPDATE_ROLLBACK_COMPLETE")
    following, elsewhere = failed(4, "DELETE_IN_PROGRESS"), failed(2, "CREATE_COMPLETE", parent=2)
    everything = [following, end, elsewhere, reason, before, start]
    assert policy.operation(everything, about(world, end)) == [start, reason, end]
    assert policy.operation(everything, about(world, before)) == [before]
    assert policy.operation(everything, about(world, following)) == [following]


@pytest.mark.parametrize("status", ["CREATE", "UPDATE", "DELETE", "IMPORT"])
def test_these_begin_an_operation(status: str) -> None:
    assert policy.starts_operation(f"{status}_IN_PROGRESS")
    assert not policy.starts_operation(f"{status}_ROLLBACK_IN_PROGRESS")


def test_the_reason_is_the_first_resource_that_failed_by_itself() -> None:
    cancelled = failed(1, "CREATE_FAILED", "Resource creation Cancelled", "Topic")
    first = failed(2, "CREATE_FAILED", "exists", "Role")
    second = failed(3, "CREATE_FAILED", "too", "Other")
    assert policy.failure_reason([cancelled, first, second]) == "Role: exists"
    assert policy.failure_reason([failed(1, "CREATE_FAILED", "", "Role")]) == "Role: CREATE_FAILED"


def test_without_such_a_resource_the_reason_is_the_failed_stacks() -> None:
    started = failed(0, "UPDATE_IN_PROGRESS", "User Initiated")
    cancelled = failed(1, "UPDATE_FAILED", "Resource update cancelled", "Topic")
    silent, told = failed(2, "UPDATE_ROLLBACK_FAILED"), failed(3, "UPDATE_ROLLBACK_FAILED", "no rights")
    assert policy.failure_reason([started, cancelled, silent, told]) == "no rights"
    assert policy.failure_reason([started, cancelled]) == ""


def test_a_report_asks_nothing(world: World) -> None:
    world.happens("UPDATE_ROLLBACK_COMPLETE")
    assert (world.last.state, world.client().current_request) == (State.REPORTED, world.channel.messages[0].request.id)


@pytest.mark.safety("One client can't flood the channel with requests", "bot/ingest/plan.py")
@pytest.mark.safety("A message that is held back is not posted early", "bot/channel/delivery.py")
def test_what_is_held_back_comes_when_the_oldest_message_is_an_hour_old_whatever_else_came(world: World) -> None:
    first = world.clock.moment
    for _ in range(9):
        world.clock.turn(minutes=1)
        world.happens("UPDATE_COMPLETE")
    world.clock.turn(minutes=20)
    for _ in range(20):
        world.happens("UPDATE_COMPLETE")
    assert len(world.channel.messages) == 10
    world.clock.moment = first + timedelta(minutes=60, seconds=30)
    world.workflow.sweep()
    assert len(world.channel.messages) == 11


def test_what_is_deleted_in_the_millisecond_it_failed_in_still_says_why() -> None:
    world = World()
    token, at = world.invite(), world.clock.now()
    for status, fields in (
        ("DELETE_COMPLETE", {"last_word": True}),
        ("DELETE_IN_PROGRESS", {}),
        ("ROLLBACK_COMPLETE", {}),
        ("CREATE_FAILED", {"resource": "AccessRole", "reason": "it already exists"}),
        ("CREATE_IN_PROGRESS", {}),
    ):
        world.send(event_body(status, at, token=token, **fields))
    [message] = world.channel.messages
    assert message.request.reason == "AccessRole: it already exists"
    world.minute()
    assert [event.status for event in message.timeline] == ["CREATE_IN_PROGRESS", "CREATE_FAILED", "ROLLBACK_COMPLETE"]


@pytest.mark.safety("A first stack whose own end was lost is told of when it is gone", "bot/ingest/deletion.py")
@pytest.mark.parametrize("last_word", [True, False])
def test_a_first_stack_whose_own_end_was_lost_is_told_of_when_it_is_gone(last_word: bool) -> None:
    """Its rollback deletes the forwarder, which may go before it has told that the stack failed."""
    world = World()
    token = world.invite()
    world.happens("CREATE_IN_PROGRESS", token=token)
    world.happens("CREATE_FAILED", token=token, resource="AccessRole", reason="it already exists")
    world.happens("DELETE_IN_PROGRESS", token=token)
    assert world.channel.messages == []
    world.happens("DELETE_COMPLETE", token=token, last_word=last_word)
    [message] = world.channel.messages
    assert (message.request.kind, message.request.reason) == (Kind.REPORT, "AccessRole: it already exists")
    # And its own end, should it come after all, makes no second message
    world.happens("ROLLBACK_COMPLETE", token=token, seconds=-1)
    world.minute()
    assert len(world.channel.messages) == 1


ROLLBACK = (
    ("CREATE_IN_PROGRESS", ""),
    ("CREATE_FAILED", "AccessRole"),
    ("CREATE_FAILED", ""),
    ("DELETE_IN_PROGRESS", ""),
    ("DELETE_COMPLETE", ""),
    ("DELETE_COMPLETE", "last word"),
)


def test_a_first_stack_that_fails_is_reported_once_in_whatever_order_its_events_arrive() -> None:
    for order in permutations(enumerate(ROLLBACK)):
        world = World()
        token = world.invite()
        for second, (status, about) in order:
            last_word, resource = about == "last word", about if about == "AccessRole" else ""
            seconds = second - len(ROLLBACK)
            world.happens(status, token=token, resource=resource, last_word=last_word, seconds=seconds)
        world.minute()
        assert [message.request.kind for message in world.channel.messages] == [Kind.REPORT], order


def test_a_first_stack_that_is_deleted_without_a_failure_is_no_report() -> None:
    world = World()
    token = world.invite()
    world.happens("CREATE_IN_PROGRESS", token=token)
    world.happens("DELETE_COMPLETE", token=token, last_word=True)
    assert world.channel.messages == []
