"""The bursts of tests/bursts, and how long they take at a Slack that takes a post a second.

Time is simulated, so these are no figures of this machine.
"""

from __future__ import annotations

from bench.report import table
from local.slack.running import running_workspace
from tests.bursts.rush import EventfulClock, Rush, quietly
from tests.bursts.test_bursts import Burst

BURSTS = (Burst(1000, 0), Burst(1000, 0.05), Burst(1000, 0.05, down=40))


def burst_table() -> list[str]:
    """Return how each burst went, beside Slack's own limit of a post a second."""
    heads = ["clients in a minute", "calls of Slack that fail", "nothing of ours runs for", "events taken", "throttled"]
    heads += ["lost", "posts", "÷ Slack's limit", "minutes until all"]
    return table(heads, map(_row, BURSTS))


def _row(burst: Burst) -> list[str]:
    clock = EventfulClock()
    with quietly(), running_workspace(clock=clock.seconds) as slack:
        rush = Rush(slack, clock)
        burst.play(rush)
        posted = rush.posted()
        in_time = posted - rush.failed_posts  # the others are looked for first
        ratio = rush.seconds_until(in_time) / in_time
        lost = f"{len(rush.lost)} last words" if rush.lost else "none"
        asked = [f"{burst.clients:,}", f"{burst.failing:.0%}", f"{burst.down} minutes" if burst.down else ""]
        answers = [f"{len(rush.answers):,}", f"{rush.gateway.throttled:,}", lost, f"{posted:,}"]
        return [*asked, *answers, f"{ratio:.2f}", f"{rush.seconds_until(posted) / 60:.0f}"]
