"""The burst of tests/bursts, and how long it takes: stacks made within a minute, at a Slack that takes a post a second.

Time is simulated, so these are no figures of this machine.
"""

from __future__ import annotations

from dataclasses import dataclass

from bench.report import table
from local.slack.running import running_workspace
from tests.bursts.rush import EventfulClock, Rush, quietly

BURSTS = ((1000, 0.0), (1000, 0.05), (3000, 0.05))
"""Clients, and which share of the calls to Slack fails."""
RESOURCE_EVENTS = 4
_SEED = 4


@dataclass(frozen=True)
class Burst:
    """How a burst went. Times in seconds since its first event."""

    events: int
    throttled: int
    lost: int
    posts: int
    failed_posts: int
    all_but_looked_for: float
    """Until all were posted but as many as failed without an answer, which are looked for first."""
    everything: float


def play(clients: int, failing: float) -> Burst:
    """Let so many clients create their stacks within a minute, and the sweep run until everything is posted."""
    clock = EventfulClock()
    with quietly(), running_workspace(clock=clock.seconds) as slack:
        rush = Rush(slack, clock)
        for number in range(clients):
            at = number * 60 / clients
            created = [(at, "CREATE_IN_PROGRESS", 1), (at + 0.02, "CREATE_COMPLETE", 1)]
            rush.deploys(number, created, resource_events=RESOURCE_EVENTS)
        rush.has_slack_at(failing, seed=_SEED)
        clock.sleep(20)
        for _ in range(clients):
            if not (rush.coming or rush.unshown):
                break
            rush.minute()
        posts = len(rush.told())
        return Burst(
            len(rush.answers),
            rush.gateway.throttled,
            len(rush.lost),
            posts,
            rush.failed_posts,
            rush.seconds_until(posts - rush.failed_posts),
            rush.seconds_until(posts),
        )


def burst_table() -> list[str]:
    """Return how each burst went, beside Slack's own limit of a post a second."""
    heads = [
        "clients in a minute",
        "calls of Slack that fail",
        "events taken",
        "throttled",
        "lost",
        "posts",
    ]
    heads += ["s until all but those to be looked for", "÷ Slack's limit", "s until all"]
    rows = []
    for clients, failing in BURSTS:
        went = play(clients, failing)
        limit = went.posts - went.failed_posts
        rows.append([f"{clients:,}", f"{failing:.0%}", f"{went.events:,}", f"{went.throttled:,}", f"{went.lost:,}"])
        rows[-1] += [f"{went.posts:,}", f"{went.all_but_looked_for:,.0f}", f"{went.all_but_looked_for / limit:.2f}"]
        rows[-1].append(f"{went.everything:,.0f}")
    return table(heads, rows)
