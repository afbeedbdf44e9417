"""A company's accounts are revoked by one press, and told to the client, with the real adapters and the local Slack."""

from __future__ import annotations

import re

from local.slack.workspace.facts import ADA, BEA, OLLI
from tests.scenarios.scene import Scene
from tests.scenarios.test_twenty_at_once import account, asked_by, labels, shared, told


def onboarded(scene: Scene, accounts: int) -> None:
    asked_by(scene, accounts)
    scene.slack.press(ADA, shared(scene), f"Approve all {accounts}")
    scene.work()
    assert len(scene.stacks.groups) == accounts


def removed(scene: Scene) -> list[str]:
    """What stands at the top of each removal's message."""
    return [one.words.splitlines()[0] for one in scene.slack.messages if "is removed" in one.words.splitlines()[0]]


def test_all_accounts_of_a_company_leave_by_one_press(scene: Scene) -> None:
    onboarded(scene, 3)
    scene.slack.run_command(ADA, "/clients revoke acme")
    [question] = scene.slack.ephemerals(ADA)[-1:]
    assert "Revoke the access to 3 accounts of Acme?" in question.words
    assert all(f"`{account(number)}`" in question.words for number in range(3))
    assert "so do invitations: `/clients` and `/clients invitations` list them" in question.words
    assert len(scene.stacks.groups) == 3, "asking changes nothing"
    scene.slack.press(ADA, question, "Revoke")
    assert "The access to 3 accounts of *Acme* is being removed" in told(scene)
    scene.work()
    assert scene.stacks.groups == {}
    assert removed(scene) == ["✅ Acme is removed"] * 3
    scene.slack.run_command(ADA, "/clients revoke acme")
    assert "None of the 3 clients called Acme has access" in told(scene)


def test_fewer_accounts_may_be_chosen(scene: Scene) -> None:
    onboarded(scene, 3)
    scene.slack.run_command(BEA, "/clients revoke acme")
    [question] = scene.slack.ephemerals(BEA)[-1:]
    [menu] = [block["accessory"] for block in question.blocks if "accessory" in block]
    [one] = [option["value"] for option in menu["options"] if option["text"]["text"].startswith(account(1))]
    scene.slack.press(BEA, question, "Revoke", revoke_accounts=[one])
    scene.work()
    assert len(scene.stacks.groups) == 2 and removed(scene) == ["✅ Acme is removed"]


def test_nothing_chosen_revokes_nothing_and_leaves_the_question(scene: Scene) -> None:
    onboarded(scene, 2)
    scene.slack.run_command(ADA, "/clients revoke acme")
    question = scene.slack.ephemerals(ADA)[-1]
    scene.slack.press(ADA, question, "Revoke", revoke_accounts=[])
    assert "No account is chosen, so nothing was changed." in told(scene)
    assert question.words in [one.words for one in scene.slack.ephemerals(ADA)], "it can be pressed again"
    scene.work()
    assert len(scene.stacks.groups) == 2


def test_what_was_decided_can_be_sent_on_to_the_client(scene: Scene) -> None:
    onboarded(scene, 2)
    assert "Text for the client" in labels(shared(scene))
    scene.slack.press(ADA, shared(scene), "Text for the client")
    said = told(scene)
    assert "has approved the access to your 2 AWS accounts" in said
    assert f"The accounts: {account(0)}, {account(1)}" in said
    assert "U0ADA" not in said.partition("```")[2].partition("```")[0]
    scene.slack.press(OLLI, shared(scene), "Text for the client")
    assert "Only approvers may see what clients can be told" in scene.slack.ephemerals(OLLI)[-1].words


def test_an_approval_is_taken_back_as_the_request_said_it_would_be(scene: Scene) -> None:
    asked_by(scene, 1)
    [undo] = re.findall(
        r"`/clients (revoke \w+)` ends the access again, \*Reopen\* takes a denial back", shared(scene).words
    )
    scene.slack.press(ADA, shared(scene), "Approve")
    scene.work()
    for named in (undo, f"revoke {account(0)}"):
        scene.slack.run_command(ADA, f"/clients {named}")
        assert "Revoke the access of Acme?" in told(scene)
        assert "Open invitations stay: `/clients invitations` lists them" in told(scene)
    scene.slack.press(ADA, scene.slack.ephemerals(ADA)[-1], "Revoke")
    scene.work()
    assert scene.stacks.groups == {}


def test_a_failed_request_says_how_to_end_the_access_instead(scene: Scene) -> None:
    asked_by(scene, 1)
    scene.slack.press(ADA, shared(scene), "Approve")
    scene.stacks.refuse = "AccessDenied: iam:CreateGroup"
    scene.work()
    [instead] = re.findall(r"To take all access away instead, type `/clients (revoke \w+)`", shared(scene).words)
    scene.slack.run_command(ADA, f"/clients {instead}")
    assert "Revoke the access of Acme?" in told(scene)
