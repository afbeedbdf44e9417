"""Deny with a reason, from the press to the table and back, with the real adapters; and windows that must not count."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.approvers import Approvers
from local.slack.app.signing import SignedRequest
from local.slack.workspace.facts import ADA, EVE, OLLI, Person
from local.slack.workspace.message import Message
from tests.scenarios.scene import Scene
from tests.scenarios.test_click_attacks import altered, resigned, unchanged

REASON = "No contract yet. <!channel>"


@pytest.fixture
def asking(scene: Scene) -> Scene:
    """A request that waits, where Deny asks for a reason."""
    scene.asks_for_reasons()
    scene.happens("CREATE_COMPLETE", token=scene.invite())
    return scene


def deny(scene: Scene, who: Person = ADA, reason: str = REASON) -> None:
    assert scene.slack.press(who, scene.last, "Deny").ok
    assert scene.slack.submit(who, Reason=reason).ok


def sent(scene: Scene, who: Person = ADA) -> SignedRequest:
    """The signed request of sending the window, unsent."""
    scene.slack.press(who, scene.last, "Deny")
    return scene.slack.submission_request(who, Reason=REASON)


def shown_to(scene: Scene, who: Person) -> str:
    window = scene.slack.window(who)
    return Message("", "", "", blocks=tuple(window.view["blocks"])).words if window else ""


def history(scene: Scene) -> str:
    scene.slack.run_command(ADA, "/clients history Acme")
    return scene.slack.ephemerals(ADA)[-1].words


def test_the_reason_is_in_the_message_and_in_the_history(asking: Scene) -> None:
    deny(asking)
    assert "*Denied* by <@U0ADA>" in asking.last.words
    assert "*Reason:* No contract yet. &lt;!channel&gt;\n" in asking.last.words
    assert "<@U0ADA> *denied*" in history(asking)
    assert ": No contract yet. &lt;!channel&gt;" in history(asking)
    assert (asking.slack.window(ADA), asking.bench.waiting) == (None, [])


def test_reopening_takes_the_reason_from_the_message_and_not_from_the_history(asking: Scene) -> None:
    deny(asking)
    asking.slack.press(ADA, asking.last, "Reopen")
    assert "No contract yet" not in asking.last.words
    assert "No contract yet" in history(asking)
    deny(asking, reason="Still none")
    assert "*Reason:* Still none" in asking.last.words


def test_the_press_itself_leaves_the_request_alone(asking: Scene) -> None:
    calls = len(asking.slack.calls)
    asking.slack.press(ADA, asking.last, "Deny")
    assert [call.method for call in asking.slack.calls[calls:]] == ["views.open"]
    assert unchanged(asking)


def test_who_is_no_approver_is_refused_in_the_window_and_it_is_written_down(asking: Scene) -> None:
    deny(asking, OLLI)
    assert "Only approvers may deny requests." in shown_to(asking, OLLI)
    assert unchanged(asking)
    assert "<@U0OLLI> was refused once" in history(asking)


def test_a_guest_of_the_channel_is_nobody_in_the_window_too(asking: Scene) -> None:
    asking.slack.set_approvers([EVE])
    deny(asking, EVE)
    assert "came from another Slack workspace (T0ELSEWHERE)" in shown_to(asking, EVE)
    assert unchanged(asking)


def test_who_has_left_the_approvers_while_typing_decides_no_more(asking: Scene) -> None:
    asking.is_decided_by(Approvers(users=(OLLI.id,)))
    asking.asks_for_reasons()
    asking.slack.press(OLLI, asking.last, "Deny")
    asking.is_decided_by(Approvers(users=(ADA.id,)))
    asking.slack.submit(OLLI, Reason=REASON)
    assert unchanged(asking)


def test_a_group_that_cannot_be_read_keeps_the_window_for_another_try(asking: Scene) -> None:
    asking.slack.set_approvers([OLLI])
    asking.slack.press(OLLI, asking.last, "Deny")
    asking.slack.faults.refuse("usergroups.users.list", "internal_error")
    asking.slack.submit(OLLI, Reason=REASON)
    window = asking.slack.window(OLLI)
    assert window is not None
    assert "Try again in a minute." in window.errors["reason"]
    assert unchanged(asking)
    asking.slack.submit(OLLI, Reason=REASON)
    assert "*Denied* by <@U0OLLI>" in asking.last.words


def test_a_request_that_was_decided_while_typing_stays_as_it_is(asking: Scene) -> None:
    asking.slack.press(ADA, asking.last, "Deny")
    asking.slack.press(ADA, asking.last, "Approve")
    before = asking.last.words
    asking.slack.submit(ADA, Reason=REASON)
    assert "Your press changed nothing." in shown_to(asking, ADA)
    assert asking.last.words == before
    assert len(asking.bench.waiting) == 1


def test_a_window_from_before_a_reopening_is_stale_and_keeps_what_was_typed(asking: Scene) -> None:
    asking.slack.press(ADA, asking.last, "Deny")
    asking.is_decided_by(Approvers(users=(ADA.id, OLLI.id)))
    asking.slack.press(OLLI, asking.last, "Deny")
    asking.slack.press(OLLI, asking.last, "Reopen")
    asking.slack.submit(ADA, Reason=REASON)
    window = asking.slack.window(ADA)
    assert window is not None
    assert "The request has changed since." in window.errors["reason"]
    assert unchanged(asking)


def test_a_window_that_was_open_when_the_setting_was_turned_off_still_counts(asking: Scene) -> None:
    asking.slack.press(ADA, asking.last, "Deny")
    asking.is_decided_by(Approvers(users=(ADA.id,)))
    asking.slack.submit(ADA, Reason=REASON)
    assert "*Reason:* No contract yet." in asking.last.words


def test_a_window_without_slacks_signature_is_refused(asking: Scene) -> None:
    signed = sent(asking)
    unsigned = replace(signed, headers={k: v for k, v in signed.headers.items() if "Slack" not in k})
    assert asking.app(unsigned).status == 401
    assert asking.app(resigned(signed, secret="the secret of another app")).status == 401
    assert unchanged(asking)


def test_a_window_that_is_sent_twice_denies_once(asking: Scene) -> None:
    signed = sent(asking)
    assert [asking.app(signed).status for _ in range(2)] == [200, 200]
    assert history(asking).count("*denied*") == 1
    assert history(asking).count("was refused once") == 1


def test_a_captured_window_changes_nothing_after_a_reopening(asking: Scene) -> None:
    signed = sent(asking)
    asking.app(signed)
    asking.slack.press(ADA, asking.last, "Reopen")
    assert b"The request has changed since" in asking.app(signed).body
    assert unchanged(asking)


@pytest.mark.parametrize("metadata", ["", "{", '{"request": "client#x", "row": ""}', "<!channel>"])
def test_a_window_for_no_request_of_ours_does_nothing(asking: Scene, metadata: str) -> None:
    def other(payload: dict[str, Any]) -> None:
        payload["view"]["private_metadata"] = metadata

    told = asking.app(altered(sent(asking), other))
    assert (told.status, json.loads(told.body)["response_action"]) == (200, "update")
    assert b"unknown here" in told.body
    assert unchanged(asking)


def test_a_trigger_that_expired_is_answered_privately_and_changes_nothing(asking: Scene) -> None:
    asking.slack.faults.refuse("views.open", "expired_trigger_id")
    asking.slack.press(ADA, asking.last, "Deny")
    assert "Press *Deny* again" in asking.slack.ephemerals(ADA)[-1].words
    assert unchanged(asking)
