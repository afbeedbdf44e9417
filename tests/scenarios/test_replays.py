"""A captured command that is sent again: it changes nothing and tells nothing, whatever has happened in between."""

from __future__ import annotations

import pytest

from local.slack.app.signing import SignedRequest
from local.slack.workspace.facts import ADA, OLLI
from tests.scenarios.scene import Scene
from tests.scenarios.siege import Records


@pytest.fixture
def onboarded(scene: Scene) -> Scene:
    """A client with a group."""
    scene.happens("CREATE_COMPLETE", token=scene.invite())
    scene.slack.press(ADA, scene.last, "Approve")
    scene.work()
    return scene


def typed(scene: Scene, line: str) -> SignedRequest:
    """The signed request of a command, unsent."""
    return scene.slack.command_request(ADA, f"/clients {line}")


SECRETIVE = ["invite Globex Administrator", "invite Globex --accounts 5", "invitations", "invitations Acme"]
SECRETIVE += ["history Acme", "history nobody", "revoke Acme", "revoke nobody"]


@pytest.mark.safety("A command that arrives a second time gets an empty answer", "bot/slack/inbound/listeners.py")
@pytest.mark.parametrize("line", SECRETIVE)
def test_a_command_that_is_sent_again_does_and_tells_nothing(onboarded: Scene, records: Records, line: str) -> None:
    captured = typed(onboarded, line)
    first = onboarded.app(captured)
    assert (first.status, len(first.body) > 0) == (200, True)
    before, shown, calls = records(), onboarded.slack.messages, len(onboarded.slack.calls)
    again = [onboarded.app(captured) for _ in range(3)]
    assert [(one.status, one.body) for one in again] == [(200, b"")] * 3
    assert records() == before
    assert (onboarded.slack.messages, len(onboarded.slack.calls)) == (shown, calls)


@pytest.mark.safety("What the window of Invite sends counts once", "bot/slack/inbound/inviting.py")
def test_a_window_of_invite_that_is_sent_again_invites_nobody_else(onboarded: Scene, records: Records) -> None:
    onboarded.slack.run_command(ADA, "/clients invite")
    captured = onboarded.slack.submission_request(ADA, Company="Globex")
    assert b"Send this to the client" in onboarded.app(captured).body
    before, shown, calls = records(), onboarded.slack.direct_messages(ADA), len(onboarded.slack.calls)
    again = onboarded.app(captured)
    assert (again.status, again.body) == (200, b"")
    assert (records(), onboarded.slack.direct_messages(ADA), len(onboarded.slack.calls)) == (before, shown, calls)


@pytest.mark.safety("Only approvers invite by the window", "bot/slack/inbound/inviting.py")
def test_who_is_no_approver_opens_the_window_and_invites_nobody(onboarded: Scene) -> None:
    onboarded.slack.run_command(OLLI, "/clients invite")
    assert onboarded.slack.submit(OLLI, Company="Globex").ok
    refused = onboarded.slack.window(OLLI)
    assert refused is not None and "Approvers:" in refused.words and "Send this" not in refused.words
    onboarded.slack.run_command(ADA, "/clients invitations Globex")
    assert "No open invitation" in onboarded.slack.ephemerals(ADA)[-1].words
    assert onboarded.slack.direct_messages(OLLI) == ()


@pytest.mark.parametrize("line", ["", "list", "help"])
def test_the_plain_list_and_help_may_be_asked_for_again(onboarded: Scene, line: str) -> None:
    captured = typed(onboarded, line)
    first, again = onboarded.app(captured), onboarded.app(captured)
    assert first.body == again.body != b""


def test_a_captured_revocation_does_not_take_away_what_was_granted_since(onboarded: Scene) -> None:
    onboarded.slack.run_command(ADA, "/clients revoke Acme")
    captured = onboarded.slack.press_request(ADA, onboarded.slack.ephemerals(ADA)[-1], "Revoke")
    onboarded.app(captured)
    onboarded.work()
    assert onboarded.stacks.groups == {}
    onboarded.happens("CREATE_COMPLETE", token=onboarded.invite(), parent=2)
    onboarded.slack.press(ADA, onboarded.last, "Approve")
    told = onboarded.slack.ephemerals(ADA)
    assert onboarded.app(captured).body == b""
    onboarded.work()
    assert len(onboarded.stacks.groups) == 1
    assert onboarded.slack.ephemerals(ADA) == told


def test_a_captured_cancel_is_told_to_nobody(scene: Scene, records: Records) -> None:
    scene.invite("Globex")
    scene.slack.run_command(ADA, "/clients invitations")
    captured = scene.slack.press_request(ADA, scene.slack.ephemerals(ADA)[-1], "Cancel")
    scene.app(captured)
    assert "is cancelled" in scene.slack.ephemerals(ADA)[-1].words
    before, told = records(), scene.slack.ephemerals(ADA)
    assert scene.app(captured).body == b""
    assert (records(), scene.slack.ephemerals(ADA)) == (before, told)


def test_a_refused_command_is_written_down_once(scene: Scene) -> None:
    captured = scene.slack.command_request(OLLI, "/clients invite Globex")
    assert "Only approvers may invite clients" in scene.app(captured).body.decode()
    assert scene.app(captured).body == b""
    [refused] = scene.store.refused_people("invitation", 5)
    assert (refused.actor, refused.count) == (OLLI.id, 1)


def test_the_same_words_typed_again_are_another_command(scene: Scene) -> None:
    assert scene.invite("Globex") != scene.invite("Globex") != ""
