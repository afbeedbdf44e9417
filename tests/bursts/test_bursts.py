"""Client stacks within a minute, at a Slack that takes one post a second; failing calls; an outage of ours.

Two hundred of them; in `make prove` a thousand, which are as many as the API lets in, and three thousand.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from local.slack.running import running_workspace
from tests.bursts.gateway import Gateway
from tests.bursts.rush import RATE_LIMITED, TIMEOUT, EventfulClock, Rush, quietly
from tests.proving import PROVING, amount

RESOURCE_EVENTS = 4
"""What each stack tells besides, so that a minute's 6,000 events are as many as the API takes in a minute."""
AT_ONCE = 1000
"""So many clients in a minute are let in at once."""
FAILS_FIRST, CHANGES_SOON, IS_DELETED = 10, 20, 25
"""One client in so many: its first stack fails and is made again; it changes its stack at once; it deletes it."""
BEGINNING = amount(10, proving=0)
"""Seconds that count only among few posts: in the first minute ingest posts too, at whatever moment an event comes."""


@dataclass(frozen=True)
class Burst:
    """So many clients, which share of the calls to Slack fails, and for how many minutes nothing of ours runs."""

    clients: int
    failing: float
    down: int = 0

    @property
    def told_twice(self) -> int:
        """How many clients have two messages at least. Events that had to come again come in any order: old news."""
        return 0 if self.down or self.clients > AT_ONCE else self.clients // FAILS_FIRST

    @property
    def deleted(self) -> int:
        """How many stacks are deleted during the outage, of which only the gate tells, once."""
        return self.clients // IS_DELETED if self.down else 0

    def play(self, rush: Rush) -> None:
        """Let them deploy, and the sweep run until nothing is left to do."""
        for number in range(self.clients):
            at = number * 60 / self.clients
            statuses = [(at, "CREATE_IN_PROGRESS", 1), (at + 0.02, "CREATE_COMPLETE", 1)]
            if number % FAILS_FIRST == 0:
                statuses = [(at, "ROLLBACK_COMPLETE", 1), (at + 0.02, "CREATE_COMPLETE", 2)]
            if number % CHANGES_SOON == 1:
                statuses.append((at + 0.04, "UPDATE_COMPLETE", 1))
            deleted = at + 600 if self.down and number % IS_DELETED == 0 else None
            rush.deploys(number, statuses, resource_events=RESOURCE_EVENTS, deleted_after=deleted)
        rush.has_slack_at(self.failing, seed=4)
        rush.clock.sleep(20)
        if self.down:
            rush.is_down(self.down)
        for _ in range(self.clients):
            if not (rush.coming or rush.unshown):
                return
            rush.minute()


BURSTS = [
    Burst(clients, failing, down)
    for clients in ((1000, 3000) if PROVING else (200,))
    for failing, down in ((0, 0), (0.05, 0), (0.05, 40))
]


@pytest.fixture(scope="module", params=BURSTS, ids=str)
def burst(request: pytest.FixtureRequest) -> Burst:
    assert isinstance(request.param, Burst)
    return request.param


@pytest.fixture(scope="module")
def rush(burst: Burst) -> Iterator[Rush]:
    """After the rush, when nothing is left to do."""
    clock = EventfulClock()
    with quietly(), running_workspace(clock=clock.seconds) as slack:
        rush = Rush(slack, clock)
        burst.play(rush)
        yield rush


def test_every_event_is_taken(burst: Burst, rush: Rush) -> None:
    """It calls Slack twice at most, to take the buttons off one message and to post another, and waits for nothing.

    An outage of ours takes the last words that came in it, because a gate can't wait, and nothing else.
    """
    assert set(rush.answers) == {202}
    assert len(rush.answers) == (2 + RESOURCE_EVENTS) * burst.clients + burst.clients // CHANGES_SOON
    assert len([body for body in rush.lost if json.loads(body).get("last_word")]) == len(rush.lost) == burst.deleted
    assert rush.sleepless
    assert rush.most_calls <= 2


@pytest.mark.safety("In a rush of clients too, every message is posted once", "bot/channel/delivery.py")
def test_everything_is_posted_once(burst: Burst, rush: Rush) -> None:
    assert rush.unshown == []
    assert sorted(rush.told()) == sorted(one.id for one in rush.to_be_told())
    assert len(rush.told()) >= burst.clients + burst.told_twice


@pytest.mark.safety("In a rush too, each client's messages come in order", "bot/channel/delivery.py")
def test_what_each_client_tells_is_in_its_order(burst: Burst, rush: Rush) -> None:
    place = {request_id: number for number, request_id in enumerate(rush.told())}
    of_client: dict[str, list[int]] = defaultdict(list)
    for request in rush.to_be_told():
        of_client[request.client_id].append(place[request.id])
    assert len(of_client) == burst.clients
    assert [places for places in of_client.values() if places != sorted(places)] == []
    assert sum(len(places) > 1 for places in of_client.values()) >= burst.told_twice


def test_it_is_as_fast_as_slack_allows(burst: Burst, rush: Rush) -> None:
    """One post a second; last come those whose answers were lost, which are looked for when nobody can be at it."""
    posted = rush.posted()
    most = posted - rush.failed_posts
    assert rush.seconds_until(most) <= (1.08 if burst.failing else 1.05) * (most - 1) + BEGINNING
    looked_for = 30 if burst.clients > AT_ONCE else 10  # minutes: a look-up reads all pages of the burst, or none
    assert rush.seconds_until(posted) <= rush.seconds_until(most) + looked_for * 60


def test_the_sweep_keeps_its_time_and_slacks(burst: Burst, rush: Rush) -> None:
    """While events come, their own posts take the sweep's turn; after that Slack has no reason to refuse any."""
    assert rush.refused_alone == 0
    assert rush.longest_sweep < TIMEOUT


def test_only_what_may_have_been_posted_is_looked_for(burst: Burst, rush: Rush) -> None:
    """Slack's limit refuses a post for sure, so that hundreds of them cost no search."""
    searches = [
        one for one in rush.slack.calls if one.method == "conversations.history" and not one.arguments.get("cursor")
    ]
    limited = [one for one in rush.slack.calls if one.error == RATE_LIMITED]
    assert len(limited) > burst.clients / 2
    assert bool(burst.failing) == bool(searches)
    assert len(searches) <= 3 * rush.failed_posts


@pytest.mark.parametrize("minutes_down", [0, 40])
def test_a_door_that_is_too_narrow_or_shut_for_40_minutes_loses_nothing(minutes_down: int) -> None:
    clock = EventfulClock()
    with quietly(), running_workspace(clock=clock.seconds) as slack:
        rush = Rush(slack, clock, gateway=Gateway(rate=5, burst=10))
        for number in range(100):
            at = number * 60 / 100
            rush.deploys(number, [(at, "CREATE_IN_PROGRESS", 1), (at + 0.02, "CREATE_COMPLETE", 1)], resource_events=4)
        rush.down_until = clock.seconds() + minutes_down * 60
        rush.let_arrive(clock.moment + timedelta(minutes=50))
        assert (rush.coming, rush.lost) == ([], [])
        assert rush.answers == [202] * 600
        assert rush.gateway.throttled > 100
