"""Presses on Enterprise Grid, as far as Slack documents them; no real Grid was seen."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.slack.app.signing import SignedRequest
from local.slack.workspace.facts import ADA, APPROVERS_GROUP_ID, EVE
from tests.scenarios.scene import Scene
from tests.scenarios.test_click_attacks import altered, approve, unchanged

ORGANIZATION, OTHER, HOME = "E0ORG", "T0OTHERWORKSPACE", "T0SWITCHYARD"
ON_GRID: dict[str, Any] = {
    "team": {"id": HOME, "domain": "a", "enterprise_id": ORGANIZATION, "enterprise_name": "Org"},
    "enterprise": {"id": ORGANIZATION, "name": "Org"},
    "is_enterprise_install": False,
}


@pytest.fixture
def waiting(scene: Scene) -> Scene:
    """A request that waits for Approve or Deny."""
    scene.happens("CREATE_COMPLETE", token=scene.invite())
    return scene


def grid_press(scene: Scene, who: str = ADA.id, team: object = ON_GRID["team"]) -> SignedRequest:
    """A press on Approve from another workspace of the organization. A guest's `team` and `enterprise` say the same."""

    def on_grid(payload: dict[str, object]) -> None:
        user = {"id": who, "username": "ada", "name": "ada", "team_id": OTHER}
        payload.update(ON_GRID | {"user": user, "team": team})

    return altered(approve(scene), on_grid)


def told(scene: Scene, who: str = ADA.id) -> str:
    return scene.slack.ephemerals(who)[-1].words


@pytest.mark.parametrize("team", [ON_GRID["team"], None])
def test_a_listed_approver_presses_from_another_listed_workspace(waiting: Scene, team: object) -> None:
    waiting.is_at(f"{HOME},{OTHER}")
    assert waiting.app(grid_press(waiting, team=team)).status == 200
    assert len(waiting.bench.waiting) == 1


@pytest.mark.parametrize("team", [ON_GRID["team"], None])
def test_a_listed_approver_of_the_organization_presses_from_any_workspace(waiting: Scene, team: object) -> None:
    waiting.is_at(ORGANIZATION)
    waiting.slack.put_on_grid(ADA, ORGANIZATION)
    assert waiting.app(grid_press(waiting, team=team)).status == 200
    assert len(waiting.bench.waiting) == 1
    assert "users.info" in [call.method for call in waiting.slack.calls]


@pytest.mark.parametrize("setting", [HOME, ""])
def test_from_a_workspace_that_is_not_listed_it_is_refused_as_that(waiting: Scene, setting: str) -> None:
    waiting.is_at(setting)
    assert waiting.app(grid_press(waiting)).status == 200
    assert unchanged(waiting)
    assert f"another Slack workspace ({OTHER})" in told(waiting)
    assert "approver" not in told(waiting).lower()


def test_without_slacks_word_for_the_organization_nobody_is_let_in(waiting: Scene) -> None:
    waiting.is_at(ORGANIZATION)
    waiting.app(grid_press(waiting))
    assert unchanged(waiting)
    assert "from outside our Slack organization" in told(waiting)


@pytest.mark.safety("A guest in a shared channel belongs to no organization of ours", "bot/slack/notifier.py")
@pytest.mark.parametrize(("organization", "stranger"), [("E0OTHER", True), (ORGANIZATION, True), ("E0OTHER", False)])
def test_a_guest_of_a_shared_channel_is_nobody_though_team_and_enterprise_are_ours(
    waiting: Scene, organization: str, stranger: bool
) -> None:
    waiting.slack.set_approvers([EVE])
    waiting.slack.put_on_grid(EVE, organization, stranger=stranger)
    for setting in (ORGANIZATION, HOME):
        waiting.is_at(setting)
        assert waiting.app(grid_press(waiting, EVE.id)).status == 200
        assert unchanged(waiting)
    assert APPROVERS_GROUP_ID not in told(waiting, EVE.id)


@pytest.mark.parametrize("error", ["missing_scope", "user_not_found", "user_not_visible", "internal_error"])
def test_while_slack_does_not_say_nobody_is_let_in_and_that_is_told(waiting: Scene, error: str) -> None:
    waiting.is_at(ORGANIZATION)
    waiting.slack.put_on_grid(ADA, ORGANIZATION)
    waiting.slack.faults.refuse("users.info", error)
    waiting.app(grid_press(waiting))
    assert unchanged(waiting)
    assert "Slack did not say whether you belong to the organization" in told(waiting)
    assert "users:read" in told(waiting)
    waiting.app(grid_press(waiting))
    assert len(waiting.bench.waiting) == 1


def test_the_organization_alone_locks_nobody_out(waiting: Scene) -> None:
    waiting.is_at(ORGANIZATION)
    waiting.slack.put_on_grid(ADA, ORGANIZATION)
    assert waiting.invite("Globex") != ""
    waiting.slack.run_command(ADA, "/clients")
    assert "*Acme*" in told(waiting)


@pytest.mark.safety("The list of clients is for our people alone", "bot/slack/inbound/listeners.py")
def test_the_list_is_for_our_people_alone(waiting: Scene) -> None:
    waiting.is_at(ORGANIZATION)
    waiting.slack.run_command(ADA, "/clients")
    assert "Acme" not in told(waiting)
    assert "from outside our Slack organization" in told(waiting)


def test_the_window_of_deny_says_so_and_stays_open_while_slack_does_not_say(waiting: Scene) -> None:
    waiting.asks_for_reasons()
    waiting.slack.press(ADA, waiting.last, "Deny")
    waiting.is_at(ORGANIZATION)
    waiting.slack.faults.refuse("users.info", "internal_error")
    waiting.slack.submit(ADA, Reason="No contract")
    window = waiting.slack.window(ADA)
    assert window is not None
    assert "Try again in a minute." in window.errors["reason"]
    waiting.slack.submit(ADA, Reason="No contract")
    window = waiting.slack.window(ADA)
    assert window is not None
    assert "from outside our Slack organization" in json.dumps(window.view)
    assert unchanged(waiting)
