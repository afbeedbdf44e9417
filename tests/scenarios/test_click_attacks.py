"""Presses that must not count, sent as signed requests through the real Bolt app: docs/security.md lists them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest

from bot.domain.approvers import Approvers
from local.slack.app.signing import SignedRequest, sign
from local.slack.workspace import facts
from local.slack.workspace.facts import ADA, EVE, OLLI
from tests.scenarios.scene import Scene


@pytest.fixture
def waiting(scene: Scene) -> Scene:
    """A request that waits for Approve or Deny."""
    scene.happens("CREATE_COMPLETE", token=scene.invite())
    return scene


def unchanged(scene: Scene) -> bool:
    """The request still waits, and nothing was handed over."""
    return scene.last.buttons == ("Approve", "Deny") and scene.bench.waiting == []


def approve(scene: Scene, who: facts.Person = ADA) -> SignedRequest:
    return scene.slack.press_request(who, scene.last, "Approve")


def resigned(signed: SignedRequest, secret: str = facts.SIGNING_SECRET, at: float | None = None) -> SignedRequest:
    """The same press under another signature."""
    return sign(dict(parse_qsl(signed.body.decode())), secret, time.time() if at is None else at)


def altered(signed: SignedRequest, change: Callable[[dict[str, object]], object]) -> SignedRequest:
    """The same press with something else in it, signed as Slack would."""
    payload = json.loads(dict(parse_qsl(signed.body.decode()))["payload"])
    change(payload)
    return sign({"payload": json.dumps(payload)}, facts.SIGNING_SECRET, time.time())


def test_a_press_without_slacks_signature_is_refused(waiting: Scene) -> None:
    signed = approve(waiting)
    unsigned = replace(signed, headers={k: v for k, v in signed.headers.items() if "Slack" not in k})
    assert waiting.app(unsigned).status == 401
    assert unchanged(waiting)


def test_a_press_signed_by_another_app_is_refused(waiting: Scene) -> None:
    assert waiting.app(resigned(approve(waiting), secret="the secret of another app")).status == 401
    assert unchanged(waiting)


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_press_that_was_signed_long_ago_or_will_be_is_refused(waiting: Scene, minutes: int) -> None:
    assert waiting.app(resigned(approve(waiting), at=time.time() + 60 * minutes)).status == 401
    assert unchanged(waiting)


def test_a_replayed_press_changes_nothing_more(waiting: Scene) -> None:
    signed = approve(waiting)
    assert [waiting.app(signed).status for _ in range(3)] == [200, 200, 200]
    assert len(waiting.bench.waiting) == 1
    assert "Your press changed nothing." in waiting.slack.ephemerals(ADA)[-1].words


def test_a_press_replayed_after_the_request_was_reopened_changes_nothing(waiting: Scene) -> None:
    captured = approve(waiting)
    waiting.slack.press(ADA, waiting.last, "Deny")
    waiting.slack.press(ADA, waiting.last, "Reopen")
    assert waiting.app(captured).status == 200
    assert "This request has changed since your button was drawn" in waiting.slack.ephemerals(ADA)[-1].words
    assert unchanged(waiting)


def test_a_press_of_another_workspace_is_nobodys(waiting: Scene) -> None:
    def elsewhere(payload: dict[str, object]) -> None:
        payload["team"] = {"id": "T0ELSEWHERE", "domain": "elsewhere"}

    assert waiting.app(altered(approve(waiting), elsewhere)).status == 200
    assert unchanged(waiting)


def test_a_user_of_another_workspace_in_the_channel_is_nobody(waiting: Scene) -> None:
    waiting.slack.set_approvers([EVE])
    assert waiting.app(approve(waiting, EVE)).status == 200
    assert unchanged(waiting)


def test_who_has_left_the_approvers_decides_no_more(waiting: Scene) -> None:
    waiting.slack.set_approvers([OLLI])
    signed = approve(waiting, OLLI)
    waiting.slack.set_approvers([])
    assert waiting.app(signed).status == 200
    assert "Only approvers may approve requests." in waiting.slack.ephemerals(OLLI)[-1].words
    assert unchanged(waiting)


@pytest.mark.parametrize("error", ["missing_scope", "no_permission", "internal_error"])
def test_a_group_that_cannot_be_read_lets_nobody_in_and_says_so(waiting: Scene, error: str) -> None:
    waiting.slack.set_approvers([OLLI])
    waiting.slack.faults.refuse("usergroups.users.list", error)
    waiting.slack.press(OLLI, waiting.last, "Approve")
    assert f"Slack did not say who belongs to <!subteam^{facts.APPROVERS_GROUP_ID}>" in (
        waiting.slack.ephemerals(OLLI)[-1].words
    )
    assert unchanged(waiting)


@pytest.mark.parametrize("value", ["", "r" + "a" * 16, "client#x", "<!channel>", "x" * 2000, '{"verb": "approve"}'])
def test_a_value_that_is_no_request_of_ours_does_nothing(waiting: Scene, value: str) -> None:
    def other(payload: dict[str, object]) -> None:
        payload["actions"][0]["value"] = value  # type: ignore[index]

    assert waiting.app(altered(approve(waiting), other)).status == 200
    assert "unknown here" in waiting.slack.ephemerals(ADA)[-1].words
    assert unchanged(waiting)


def test_an_action_that_is_none_of_ours_does_nothing(waiting: Scene) -> None:
    def other(payload: dict[str, object]) -> None:
        payload["actions"][0]["action_id"] = "approve_everything"  # type: ignore[index]

    waiting.app(altered(approve(waiting), other))
    assert unchanged(waiting)


@pytest.mark.safety("A press in a row that does not say when it was drawn counts as out of date", "bot/slack/ids.py")
@pytest.mark.parametrize("row", ["", "x7Qz", "presses-", "presses-0x", "presses--1"])
def test_a_row_that_does_not_say_when_it_was_drawn_does_nothing(waiting: Scene, row: str) -> None:
    def other(payload: dict[str, object]) -> None:
        payload["actions"][0]["block_id"] = row  # type: ignore[index]

    assert waiting.app(altered(approve(waiting), other)).status == 200
    assert "has changed since your button was drawn" in waiting.slack.ephemerals(ADA)[-1].words
    assert unchanged(waiting)


@pytest.mark.parametrize("end", ["superseded", "denied", "expired", "approved"])
def test_a_button_of_a_request_that_is_over_does_nothing(waiting: Scene, end: str) -> None:
    old = approve(waiting)
    if end == "superseded":
        waiting.happens("UPDATE_COMPLETE")
    elif end == "expired":
        waiting.minutes_pass(8 * 24 * 60)
    else:
        waiting.slack.press(ADA, waiting.last, {"denied": "Deny", "approved": "Approve"}[end])
    before, handed_over = waiting.last.words, list(waiting.bench.waiting)
    assert waiting.app(old).status == 200
    assert (waiting.last.words, waiting.bench.waiting) == (before, handed_over)
    assert waiting.slack.ephemerals(ADA)[-1].words.startswith("Your press changed nothing")


def test_who_invited_is_told_to_find_a_second_person(scene: Scene) -> None:
    scene.is_decided_by(Approvers(users=(ADA.id, OLLI.id), two_people=True))
    scene.happens("CREATE_COMPLETE", token=scene.invite("Acme Administrator"), level="Administrator")
    scene.slack.press(ADA, scene.last, "Approve")
    assert "another person must approve Administrator access" in scene.slack.ephemerals(ADA)[-1].words
    assert unchanged(scene)
    scene.slack.press(OLLI, scene.last, "Approve")
    assert len(scene.bench.waiting) == 1
