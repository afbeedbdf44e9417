"""Presses for all accounts of a message that must not count, sent as signed requests: docs/security.md lists them."""

from __future__ import annotations

import pytest

from bot.domain.approvers import Approvers
from local.slack.workspace.facts import ADA, BEA, EVE, OLLI
from tests.scenarios.scene import Scene
from tests.scenarios.test_click_attacks import altered
from tests.scenarios.test_twenty_at_once import arrives, asked_by, line, shared, told


@pytest.fixture
def waiting(scene: Scene) -> Scene:
    """Two accounts that wait; a third one may still come."""
    asked_by(scene, 2)
    return scene


def unchanged(scene: Scene) -> bool:
    scene.work()
    return scene.stacks.groups == {} and all(line(scene, number).startswith("🟡") for number in (0, 1))


@pytest.mark.safety("A captured press for all counts no second time", "bot/decisions/once.py")
def test_a_captured_press_for_all_counts_no_second_time(waiting: Scene) -> None:
    captured = waiting.slack.press_request(ADA, shared(waiting), "Approve all 2")
    assert waiting.app(captured).status == 200
    waiting.work()
    assert len(waiting.stacks.groups) == 2
    waiting.stacks.groups.clear()
    assert waiting.app(captured).status == 200
    waiting.work()
    assert waiting.stacks.groups == {}


@pytest.mark.safety("A captured press for all counts no second time", "bot/decisions/once.py")
def test_a_captured_press_for_all_changes_nothing_after_a_reopening(waiting: Scene) -> None:
    captured = waiting.slack.press_request(ADA, shared(waiting), "Deny all")
    assert waiting.app(captured).status == 200
    waiting.work()
    waiting.slack.press(ADA, shared(waiting), "Review")
    waiting.slack.press(ADA, waiting.slack.ephemerals(ADA)[-1], "Reopen")
    assert waiting.app(captured).status == 200
    waiting.work()
    assert (line(waiting, 0)[0], line(waiting, 1)[0]) == ("🟡", "⛔")


def test_a_guest_of_the_channel_is_nobody_for_all(waiting: Scene) -> None:
    waiting.slack.set_approvers([EVE])
    assert waiting.app(waiting.slack.press_request(EVE, shared(waiting), "Approve all 2")).status == 200
    assert unchanged(waiting)


@pytest.mark.safety("A press for all ends where its person is no approver any more", "bot/decisions/bulk.py")
def test_who_leaves_the_approvers_after_pressing_for_all_decides_no_more(waiting: Scene) -> None:
    waiting.slack.set_approvers([OLLI])
    waiting.slack.press(OLLI, shared(waiting), "Approve all 2")
    waiting.slack.set_approvers([])
    assert unchanged(waiting)
    assert "Only approvers may approve requests." in shared(waiting).words


@pytest.mark.parametrize("value", ["", "nothing", f"{'a' * 64} 2026-11-23T06:00:00.000000Z#000001", "x" * 1900])
def test_a_value_that_is_no_message_of_ours_does_nothing(waiting: Scene, value: str) -> None:
    def elsewhere(payload: dict[str, object]) -> None:
        payload["actions"][0]["value"] = value  # type: ignore[index]

    signed = waiting.slack.press_request(ADA, shared(waiting), "Approve all 2")
    assert waiting.app(altered(signed, elsewhere)).status == 200
    assert unchanged(waiting)


@pytest.mark.parametrize(
    "row", ["", "drawn-", "drawn---", "drawn-11", f"drawn-{'0' * 101}", "presses-2", "drawn-00 ", "shown-2"]
)
def test_a_row_that_is_not_ours_covers_nothing(waiting: Scene, row: str) -> None:
    def elsewhere(payload: dict[str, object]) -> None:
        payload["actions"][0]["block_id"] = row  # type: ignore[index]

    signed = waiting.slack.press_request(ADA, shared(waiting), "Approve all 2")
    assert waiting.app(altered(signed, elsewhere)).status == 200
    assert "is open any more" in told(waiting)
    assert unchanged(waiting)


@pytest.mark.safety("What needs a look of its own is left out of a press for all", "bot/domain/bulk.py")
def test_administrator_access_is_never_approved_for_all(scene: Scene) -> None:
    scene.is_decided_by(Approvers(users=(ADA.id, BEA.id)))
    token = scene.invite("Acme --accounts 3 Administrator")
    for number in range(2):
        arrives(scene, token, number, level="Administrator")
    assert not [label for label in shared(scene).buttons if "all" in label]
    signed = scene.slack.press_request(BEA, shared(scene), "Review")

    def for_all(payload: dict[str, object]) -> None:
        payload["actions"][0]["action_id"] = "approve_all"  # type: ignore[index]

    assert scene.app(altered(signed, for_all)).status == 200
    assert unchanged(scene)
