"""Client stacks within a minute, at a Slack that takes one post a second and fails one call in twenty.

Two hundred of them; in `make prove` a thousand, which are as many as the API lets in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

import pytest

from local.slack.running import running_workspace
from tests.bursts.gateway import Gateway
from tests.bursts.rush import EventfulClock, Rush, quietly
from tests.proving import amount

CLIENTS, SHARE_OF_FAILURES = amount(200, proving=1000), 0.05
RESOURCE_EVENTS = 4
"""What each stack tells besides, so that a minute's 6,000 events are as many as the API takes in a minute."""
FAILS_FIRST, CHANGES_SOON = 10, 20
"""One client in so many: its first stack fails and is made again; it changes its stack at once."""


@pytest.fixture(scope="module")
def rush() -> Iterator[Rush]:
    """After the rush, when nothing is left to do."""
    clock = EventfulClock()
    with quietly(), running_workspace(clock=clock.seconds) as slack:
        rush = Rush(slack, clock)
        for number in range(CLIENTS):
            at = number * 60 / CLIENTS
            statuses = [(at, "CREATE_IN_PROGRESS", 1), (at + 0.02, "CREATE_COMPLETE", 1)]
            if number % FAILS_FIRST == 0:
                statuses = [(at, "ROLLBACK_COMPLETE", 1), (at + 0.02, "CREATE_COMPLETE", 2)]
            if number % CHANGES_SOON == 1:
                statuses.append((at + 0.04, "UPDATE_COMPLETE", 1))
            rush.deploys(number, statuses, resource_events=RESOURCE_EVENTS)
        rush.has_slack_at(SHARE_OF_FAILURES, seed=4)
        clock.sleep(20)
        for _ in range(CLIENTS):
            if not (rush.coming or rush.unshown):
                break
            rush.minute()
        yield rush


def test_every_event_is_taken(rush: Rush) -> None:
    """It calls Slack twice at most, to take the buttons off one message and to post another, and waits for nothing."""
    assert set(rush.answers) == {202}
    assert len(rush.answers) == (2 + RESOURCE_EVENTS) * CLIENTS + CLIENTS // CHANGES_SOON
    assert rush.lost == []
    assert rush.sleepless
    assert rush.most_calls <= 2


@pytest.mark.safety("In a rush of clients too, every message is posted once", "bot/channel/delivery.py")
def test_everything_is_posted_once(rush: Rush) -> None:
    assert rush.unshown == []
    assert sorted(rush.told()) == sorted(one.id for one in rush.to_be_told())
    assert len(rush.told()) >= CLIENTS + CLIENTS // FAILS_FIRST


@pytest.mark.safety("In a rush too, each client's messages come in order", "bot/channel/delivery.py")
def test_what_each_client_tells_is_in_its_order(rush: Rush) -> None:
    place = {request_id: number for number, request_id in enumerate(rush.told())}
    of_client: dict[str, list[int]] = defaultdict(list)
    for request in rush.to_be_told():
        of_client[request.client_id].append(place[request.id])
    assert len(of_client) == CLIENTS
    assert [places for places in of_client.values() if places != sorted(places)] == []
    assert sum(len(places) > 1 for places in of_client.values()) >= CLIENTS // FAILS_FIRST


def test_it_is_as_fast_as_slack_allows(rush: Rush) -> None:
    """One post a second; last come those whose answers were lost, which are looked for when nobody can be at it."""
    most = len(rush.told()) - rush.failed_posts
    assert rush.seconds_until(most) < 1.25 * most
    assert rush.seconds_until(len(rush.told())) < rush.seconds_until(most) + 30 * 60


def test_only_what_may_have_been_posted_is_looked_for(rush: Rush) -> None:
    """Slack's limit refuses a post for sure, so that hundreds of them cost no search."""
    searches = [
        one for one in rush.slack.calls if one.method == "conversations.history" and not one.arguments.get("cursor")
    ]
    limited = [one for one in rush.slack.calls if one.error == "rate limited"]
    assert len(limited) > CLIENTS / 2
    assert 0 < len(searches) <= 3 * rush.failed_posts


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
