"""Block and unblock through the real handlers: what people press and type, what a client's forwarder is answered."""

from __future__ import annotations

import json

import pytest

from local.slack.workspace.facts import ADA, OLLI
from tests.fakes import ACME, event_body
from tests.scenarios.scene import Scene


@pytest.fixture
def denied(scene: Scene) -> Scene:
    scene.happens("CREATE_COMPLETE", token=scene.invite())
    scene.slack.press(ADA, scene.last, "Deny")
    return scene


def told(scene: Scene) -> str:
    return scene.slack.ephemerals(ADA)[-1].words


def command(scene: Scene, line: str) -> str:
    scene.slack.run_command(ADA, f"/clients {line}")
    return told(scene)


def admission_check(scene: Scene, token: str) -> tuple[int, str]:
    """The status and the sentence that the gate is answered before anything is created."""
    body = json.loads(event_body("-", scene.clock.moment, token=token, parent=2, last_word=True))
    body["knock"] = body.pop("last_word")
    status, answer = scene.post(json.dumps(body).encode())
    return status, answer.get("error", "")


def test_from_the_button_to_the_way_back(denied: Scene) -> None:
    assert denied.slack.press(ADA, denied.last, "Block").ok
    assert "🚫 *Blocked* by <@U0ADA>" in denied.last.words
    assert denied.last.buttons == ()
    posted = len(denied.slack.messages)
    token = denied.invite()
    assert denied.happens("UPDATE_COMPLETE", token=token) == 403
    assert denied.happens("CREATE_COMPLETE", token=token, parent=2) == 403
    status, sentence = admission_check(denied, token)
    assert (status, sentence) == (
        403,
        "Nothing is accepted from this AWS account at present. Ask the provider who invited you.",
    )
    assert denied.happens("DELETE_COMPLETE", last_word=True) == 202
    denied.minutes_pass(61)
    assert len(denied.slack.messages) == posted
    assert "🚫 *Acme* · blocked" in command(denied, "list")
    assert "send a new invitation" in command(denied, f"unblock {ACME}")
    assert denied.happens("CREATE_COMPLETE", token=token, parent=2) == 202
    denied.slack.press(ADA, denied.last, "Approve")
    denied.work()
    history = command(denied, "history Acme")
    assert f"<@U0ADA> *blocked*: account {ACME}" in history
    assert f"<@U0ADA> *unblocked*: account {ACME}" in history
    assert "has access, or may have" in command(denied, "block Acme")


def test_who_is_no_approver_blocks_nobody(denied: Scene) -> None:
    denied.slack.press(OLLI, denied.last, "Block")
    assert "Only approvers may block clients." in denied.slack.ephemerals(OLLI)[-1].words
    denied.slack.run_command(OLLI, "/clients block Acme")
    assert "Only approvers may block clients." in denied.slack.ephemerals(OLLI)[-1].words
    assert denied.happens("UPDATE_COMPLETE") == 202
    assert "<@U0OLLI> was refused 2 times" in command(denied, "history Acme")


def test_cancelling_the_invitation_of_a_denied_client_blocks_its_account(denied: Scene) -> None:
    denied.slack.run_command(ADA, "/clients invitations")
    denied.slack.press(ADA, denied.slack.ephemerals(ADA)[-1], "Cancel")
    assert f"The account `{ACME}`, which had used it, is blocked" in told(denied)
    assert denied.happens("UPDATE_COMPLETE") == 403
