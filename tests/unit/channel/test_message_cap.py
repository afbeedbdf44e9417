"""A client causes at most 10 messages an hour, after a denial too; mentions in threads are among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from bot.channel.delivery import READ
from bot.domain.approvers import Waiting
from bot.domain.errors import NotInvited
from bot.domain.message import Message, Shows
from bot.domain.policy import MOST_MESSAGES
from bot.domain.vocabulary import State, Verb
from tests.channel import Call
from tests.fakes import TurnableClock, World

AN_HOUR = timedelta(minutes=59)
"""What is held back is posted by the sweep, up to a minute after its time."""


@dataclass
class Stopwatch:
    """Keeps when each message came."""

    clock: TurnableClock
    posted: list[tuple[datetime, Shows]] = field(default_factory=list)

    def __call__(self, call: Call) -> None:
        if call.name == "post" and call.drawn is not None:
            self.posted.append((self.clock.moment, call.drawn.message.shows))

    @property
    def most_in_an_hour(self) -> int:
        times = [at for at, _ in self.posted]
        return max(len([one for one in times if at <= one < at + AN_HOUR]) for at in times)


def denied(waiting: Waiting) -> tuple[World, Stopwatch, str]:
    """A client that asked for the first time and was denied; its token."""
    world = World(waiting=waiting)
    world.channel.rule = stopwatch = Stopwatch(world.clock)
    token = world.invite()
    world.happens("CREATE_COMPLETE", token=token)
    world.press(Verb.DENY)
    return world, stopwatch, token


def updates(world: World, number: int, token: str) -> None:
    world.happens("UPDATE_COMPLETE")


def is_denied_again(world: World, number: int, token: str) -> None:
    world.happens("UPDATE_COMPLETE")
    if world.last.state is State.PENDING:
        world.press(Verb.DENY)


def fails_as_well(world: World, number: int, token: str) -> None:
    for status in ("UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_COMPLETE"):
        world.happens(status)


def makes_stacks_anew(world: World, number: int, token: str) -> None:
    world.happens("DELETE_COMPLETE", parent=number + 1, last_word=True)
    with suppress(NotInvited):
        world.happens("CREATE_COMPLETE", parent=number + 2, token=token)


@pytest.mark.safety("No hour has an eleventh message of one client, after a denial neither", "bot/domain/policy.py")
@pytest.mark.parametrize("does", [updates, is_denied_again, fails_as_well, makes_stacks_anew])
@pytest.mark.parametrize("every", [1, 6])
def test_a_denied_client_makes_at_most_ten_messages_an_hour(
    does: Callable[[World, int, str], None], every: int
) -> None:
    world, stopwatch, token = denied(Waiting())
    for number in range(180):
        if number % every == 0:
            does(world, number // every, token)
        world.minute()
    assert stopwatch.most_in_an_hour == MOST_MESSAGES


@pytest.mark.safety(
    "What a client floods its channel with is not read again with each of its events", "bot/channel/delivery.py"
)
@pytest.mark.parametrize("outage", [False, True])
def test_a_flood_of_events_reads_no_more_messages_with_each_event(outage: bool) -> None:
    world, _, _ = denied(Waiting())
    world.channel.down = outage
    read, messages = [0], world.store.messages

    def counting(owner: str, limit: int) -> Sequence[Message]:
        found = messages(owner, limit)
        read[-1] += len(found)
        return found

    world.store.messages = counting  # type: ignore[method-assign]
    for number in range(4 * READ):
        read.append(0)
        updates(world, number, "")
    assert max(read) == READ
    world.channel.down = False
    world.clock.turn(hours=1)
    world.workflow.sweep()
    assert world.states.count(State.PENDING) == 1


@pytest.mark.safety("A mention in a thread counts as a message of the client it is about", "bot/sweep.py")
def test_mentions_of_what_it_asks_for_are_among_them() -> None:
    world, stopwatch, token = denied(Waiting(first_reminder=timedelta(minutes=1)))
    for number in range(180):
        updates(world, number, token)
        world.minute()
    assert Shows.REMINDER in [shows for _, shows in stopwatch.posted]
    assert stopwatch.most_in_an_hour <= MOST_MESSAGES


@pytest.mark.safety("Nobody puts off the mention of their own removal", "bot/sweep.py")
def test_no_client_puts_off_the_mention_of_its_own_end_by_making_messages() -> None:
    world = World(waiting=Waiting(first_reminder=timedelta(minutes=30)))
    world.onboard()
    world.happens("DELETE_COMPLETE", last_word=True)
    removal = world.last
    for _ in range(40):
        for status in ("UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"):
            world.happens(status, parent=2)
        world.minute()
    assert removal.id in [one.request.id for one in world.channel.reminders]
