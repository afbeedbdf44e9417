"""How much of its quotas the account has used, and when clients get no group of their own any more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.aws.cloudformation import GroupStacks
from bot.aws.quotas import KEPT_SECONDS, Quotas
from bot.domain.errors import TryAgain
from bot.domain.limits import Limit
from bot.domain.vocabulary import Counted
from tests.unit.aws.cloudformation_stand_in import StandIn, refusal
from tests.unit.aws.test_cloudformation_stacks import SETTINGS

COUNTS = {"Groups": 100, "GroupsQuota": 300, "Policies": 1_203, "PoliciesQuota": 1_500, "Users": 7}


@pytest.fixture
def aws() -> Iterator[StandIn]:
    stand_in = StandIn(counts=COUNTS.copy())
    yield stand_in
    stand_in.leave()


def test_one_call_tells_iams_own_count_of_groups_and_policies(aws: StandIn) -> None:
    groups, policies = Limit(Counted.GROUPS, 100, 300), Limit(Counted.POLICIES, 1_203, 1_500)
    assert Quotas(aws.iam).limits() == (groups, policies)
    assert len(aws.calls) == 1
    assert (groups.left, policies.percent) == (200, 80.2)


def test_room_and_limits_are_one_question(aws: StandIn) -> None:
    stacks = GroupStacks(SETTINGS, aws.cloudformation, aws.iam)
    assert stacks.has_room_for_groups() and len(stacks.limits()) == 2
    assert len(aws.calls) == 1


def test_iam_is_asked_again_after_five_minutes(aws: StandIn) -> None:
    now = [0.0]
    quotas = Quotas(aws.iam, lambda: now[0])
    for at, asked in ((0, 1), (KEPT_SECONDS - 1, 1), (KEPT_SECONDS, 2)):
        now[0] = at
        quotas.limits()
        assert len(aws.calls) == asked


@pytest.mark.safety(
    "Clients get no group of their own when the account has nearly none left", "bot/aws/cloudformation.py"
)
@pytest.mark.parametrize(("groups", "room"), [(0, True), (280, True), (281, False), (300, False), (310, False)])
def test_the_last_twenty_groups_are_kept(aws: StandIn, groups: int, room: bool) -> None:
    aws.counts["Groups"] = groups
    assert GroupStacks(SETTINGS, aws.cloudformation, aws.iam).has_room_for_groups() is room


def test_full_policies_take_no_group_from_anybody(aws: StandIn) -> None:
    aws.counts["Policies"] = 1_500
    assert GroupStacks(SETTINGS, aws.cloudformation, aws.iam).has_room_for_groups()


@pytest.mark.parametrize("counts", [None, {}])
def test_an_iam_that_does_not_tell_takes_no_group_from_anybody(aws: StandIn, counts: dict[str, int] | None) -> None:
    if counts is None:
        aws.faults["GetAccountSummary"] = refusal("AccessDenied", "not authorized", 403)
    else:
        aws.counts = counts
    stacks = GroupStacks(SETTINGS, aws.cloudformation, aws.iam)
    assert stacks.limits() == () and stacks.has_room_for_groups()


def test_an_iam_that_does_not_answer_is_asked_again(aws: StandIn) -> None:
    quotas = Quotas(aws.iam)
    aws.faults["GetAccountSummary"] = refusal("Throttling", "Rate exceeded")
    with pytest.raises(TryAgain):
        quotas.limits()
    assert quotas.limits()[0].left == 200
