"""A post whose answer was lost, and then one more fault: in the look-up that follows, or in any later call.

All such pairs are tried in `make prove`, one in `SHARE` in `make test`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.faults.comparison import end_of
from tests.faults.flows_of_people import FLOWS
from tests.faults.injection import OF_A_CLIENT, Fault, Injector
from tests.faults.matrix import World, counted, disturbed, on_board, on_slack, played
from tests.proving import one_in

POSTS = ("channel.post", "slack.chat.postMessage")
LOOK_UPS = {"slack.conversations.history", "slack.conversations.replies", "slack.auth.test"}
SHARE = 7


def pairs(flow: str, world: World, seconds: tuple[Fault, ...], share: int = SHARE) -> Iterator[tuple[str, list[str]]]:
    """Posts of the flow whose answer is lost, with a later call and what happens to that; one pair in `share`."""
    injector = Injector()
    undisturbed = end_of(played(flow, world(injector)))
    every = (
        (first, post, later, call, second)
        for first, post in enumerate(injector.calls, 1)
        if post.startswith(POSTS)
        for later, call in list(enumerate(counted(flow, world, {first: Fault.ANSWER_LOST}).calls, 1))[first:]
        for second in seconds
    )
    for first, post, later, call, second in one_in(share, every):
        found = disturbed(flow, world, {first: Fault.ANSWER_LOST, later: second}, undisturbed, post, call)
        yield call, [f"{post}, then {call} {second.value}: {one}" for one in found]


@pytest.mark.parametrize("flow", FLOWS)
def test_a_lost_post_and_one_more_fault_of_slack_change_nothing_in_the_end(
    flow: str, count_cases: Counter[str]
) -> None:
    cases = list(pairs(flow, on_slack, OF_A_CLIENT))
    count_cases[flow] += len(cases)
    assert [one for _, found in cases for one in found] == []


@pytest.mark.parametrize("flow", ["onboard_approve", "supersede"])
def test_a_lost_post_and_one_more_fault_anywhere_change_nothing_in_the_end(
    flow: str, count_cases: Counter[str]
) -> None:
    cases = list(pairs(flow, on_board, (Fault.REFUSED, Fault.DIED_AFTER)))
    count_cases[flow] += len(cases)
    assert [one for _, found in cases for one in found] == []


def test_every_look_up_of_what_was_posted_has_failed_too() -> None:
    called = {call.partition("#")[0] for call, _ in pairs("onboard_approve", on_slack, (Fault.REFUSED,), 1)}
    assert called >= LOOK_UPS
