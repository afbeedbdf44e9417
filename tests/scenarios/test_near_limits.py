"""An account near a limit of IAM: what the channel shows, and which alarm rings."""

from __future__ import annotations

import pytest

from tests.scenarios.outage_scene import OutageScene

GROUPS, POLICIES = {"Groups": 240, "GroupsQuota": 300}, {"Policies": 1_200, "PoliciesQuota": 1_500}


@pytest.mark.parametrize(
    ("counts", "alarms"),
    [
        (GROUPS | POLICIES, {"groups-used", "policies-used"}),
        (GROUPS | {"Policies": 1_199, "PoliciesQuota": 1_500}, {"groups-used"}),
        ({"Groups": 239, "GroupsQuota": 300} | POLICIES, {"policies-used"}),
        ({"Groups": 239, "GroupsQuota": 300}, set()),
    ],
)
def test_an_account_near_a_limit_is_told_in_the_channel_and_by_its_alarm(
    outage: OutageScene, counts: dict[str, int], alarms: set[str]
) -> None:
    outage.stand_in.counts = counts
    outage.asks()
    outage.presses("Approve")
    outage.work()
    outage.minutes_pass(1)
    assert outage.is_onboarded()
    request = next(message for message in outage.slack.messages if "is onboarded" in message.words)
    assert ("has used 240 of its 300 IAM groups" in request.words) is ("groups-used" in alarms)
    assert ("has used 1,200 of its 1,500 customer-managed" in request.words) is ("policies-used" in alarms)
    assert [name for name, _ in outage.stand_in.calls].count("GetAccountSummary") == 1
    assert outage.bell.rung() == alarms
