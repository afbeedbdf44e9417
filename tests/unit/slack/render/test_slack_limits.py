"""What a green message says about limits of AWS that the account is near."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.entrance import Entrance
from bot.domain.limits import Limit
from bot.domain.request import Attempt
from bot.domain.vocabulary import Counted, Kind, State
from bot.slack.render.states import state_line
from tests.unit.slack.samples import ENTRANCE, SETTINGS, request

GROUPS, POLICIES = Limit(Counted.GROUPS, 243, 300), Limit(Counted.POLICIES, 1_203, 1_500)
TOLD = (
    "⚠️ The AWS account has used 243 of its 300 IAM groups. Ask whoever runs Switchyard to raise the quota (500 at "
    "most), or to "
)


def said(*near: Limit, state: State = State.DONE, entrance: Entrance = ENTRANCE, **settings: Any) -> list[str]:
    """The lines about limits."""
    shown = replace(request(Kind.ONBOARD, state), attempt=Attempt(1, near_limits=near))
    lines = state_line(shown, replace(SETTINGS, **settings), entrance).split("\n")
    return [line for line in lines if "The AWS account has used" in line]


def test_each_limit_has_a_line_that_says_what_to_do() -> None:
    groups, policies = said(GROUPS, POLICIES, teams=("operators",))
    assert groups == f"{TOLD}set `CLIENT_GROUPS=off`."
    assert "1,203 of its 1,500 customer-managed IAM policies" in policies and "5,000 at most" in policies
    assert said() == []


def test_without_teams_they_come_first_since_groups_alone_can_not_be_off() -> None:
    [groups] = said(GROUPS, teams=())
    assert groups == f"{TOLD}let teams in instead: `TEAMS=operators` with `CLIENT_GROUPS=off`."


def test_a_client_without_a_group_of_its_own_is_not_told_the_same_twice() -> None:
    alone = replace(ENTRANCE, lack="The client got no IAM group of its own.")
    [policies] = said(GROUPS, POLICIES, entrance=alone)
    assert "policies" in policies


@pytest.mark.parametrize("state", [one for one in State if one is not State.DONE])
def test_only_what_is_done_tells_it(state: State) -> None:
    assert said(GROUPS, state=state) == []
