"""How many groups are left, and when clients get none of their own any more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.aws.cloudformation import GroupStacks
from bot.aws.quotas import KEPT_SECONDS, GroupQuota
from bot.domain.errors import TryAgain
from tests.unit.aws.cloudformation_stand_in import StandIn, refusal
from tests.unit.aws.test_cloudformation_stacks import SETTINGS


@dataclass
class CountingStandIn(StandIn):
    """IAM's own count."""

    counts: dict[str, int] = field(default_factory=lambda: {"Groups": 100, "GroupsQuota": 300})

    def _get_account_summary(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"SummaryMap": self.counts}


@pytest.fixture
def aws() -> Iterator[CountingStandIn]:
    stand_in = CountingStandIn()
    yield stand_in
    stand_in.leave()


@pytest.mark.parametrize(("groups", "left"), [(0, 300), (100, 200), (300, 0), (310, 0)])
def test_what_is_left_is_iams_own_count(aws: CountingStandIn, groups: int, left: int) -> None:
    aws.counts["Groups"] = groups
    assert GroupQuota(aws.iam).left() == left


def test_iam_is_asked_again_after_five_minutes(aws: CountingStandIn) -> None:
    now = [0.0]
    quota = GroupQuota(aws.iam, lambda: now[0])
    for at, asked in ((0, 1), (KEPT_SECONDS - 1, 1), (KEPT_SECONDS, 2)):
        now[0] = at
        quota.left()
        assert len(aws.calls) == asked


@pytest.mark.safety(
    "Clients get no group of their own when the account has nearly none left", "bot/aws/cloudformation.py"
)
@pytest.mark.parametrize(("groups", "room"), [(280, True), (281, False), (300, False)])
def test_the_last_twenty_groups_are_kept(aws: CountingStandIn, groups: int, room: bool) -> None:
    aws.counts["Groups"] = groups
    assert GroupStacks(SETTINGS, aws.cloudformation, aws.iam).has_room_for_groups() is room


@pytest.mark.parametrize("counts", [None, {}])
def test_an_iam_that_does_not_tell_takes_no_group_from_anybody(
    aws: CountingStandIn, counts: dict[str, int] | None
) -> None:
    if counts is None:
        aws.faults["GetAccountSummary"] = refusal("AccessDenied", "not authorized", 403)
    else:
        aws.counts = counts
    assert GroupQuota(aws.iam).left() is None
    assert GroupStacks(SETTINGS, aws.cloudformation, aws.iam).has_room_for_groups()


def test_an_iam_that_does_not_answer_is_asked_again(aws: CountingStandIn) -> None:
    quota = GroupQuota(aws.iam)
    aws.faults["GetAccountSummary"] = refusal("Throttling", "Rate exceeded")
    with pytest.raises(TryAgain):
        quota.left()
    assert quota.left() == 200
