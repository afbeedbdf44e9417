"""The path of a client as people in Slack see it, through the real handlers."""

from __future__ import annotations

import re

from local.slack.workspace.facts import ADA, EVE, OLLI
from tests.scenarios.scene import Scene
from tests.unit.aws.sts_server import ARN, Answer, identity


def test_from_invitation_to_the_switch_role_card(scene: Scene) -> None:
    token = scene.invite("Acme PowerUser")
    assert scene.happens("CREATE_IN_PROGRESS", token=token) == 202
    assert scene.slack.messages == ()
    assert scene.happens("CREATE_COMPLETE", token=token, level="PowerUser") == 202
    request = scene.last
    assert request.buttons == ("Approve", "Deny")
    assert "arn:aws:iam::222222222222:role/switchyard-access" in request.words
    assert "CREATE_IN_PROGRESS" in request.words
    assert f"<@{ADA.id}>" in request.words

    scene.slack.press(ADA, request, "Approve")
    assert "✅" not in scene.last.words
    assert scene.last.buttons == ()
    scene.work()
    assert "✅" in scene.last.words
    [card] = scene.slack.thread(request)
    assert card.broadcast
    assert "account=222222222222" in card.words
    assert "role_arn = arn:aws:iam::222222222222:role/switchyard-access" in card.words
    assert f"switchyard-prod-{next(iter(scene.stacks.groups))}" in card.words


def test_who_is_no_approver_is_told_privately_who_may(scene: Scene) -> None:
    scene.happens("CREATE_COMPLETE", token=scene.invite())
    scene.slack.set_approvers([])
    for label in ("Approve", "Deny"):
        scene.slack.press(OLLI, scene.last, label)
        assert ADA.id in scene.slack.ephemerals(OLLI)[-1].words
    scene.slack.run_command(OLLI, "/clients invite Globex")
    assert ADA.id in scene.slack.ephemerals(OLLI)[-1].words
    assert "templateURL" not in scene.slack.ephemerals(OLLI)[-1].words
    assert scene.last.buttons == ("Approve", "Deny")
    assert scene.bench.waiting == []


def test_a_guest_from_another_workspace_decides_nothing(scene: Scene) -> None:
    scene.slack.set_approvers([EVE])
    scene.happens("CREATE_COMPLETE", token=scene.invite())
    scene.slack.press(EVE, scene.last, "Approve")
    assert scene.last.buttons == ("Approve", "Deny")
    assert scene.bench.waiting == []


def test_a_member_of_the_approvers_group_may_decide(scene: Scene) -> None:
    scene.slack.set_approvers([OLLI])
    scene.happens("CREATE_COMPLETE", token=scene.invite())
    scene.slack.press(OLLI, scene.last, "Deny")
    assert f"<@{OLLI.id}>" in scene.last.words
    assert scene.bench.waiting == []


def test_the_slower_of_two_learns_who_won(scene: Scene) -> None:
    scene.slack.set_approvers([OLLI])
    scene.happens("CREATE_COMPLETE", token=scene.invite())
    as_both_saw_it = scene.last
    scene.slack.press(OLLI, as_both_saw_it, "Deny")
    scene.slack.press(ADA, as_both_saw_it, "Approve")
    assert f"<@{OLLI.id}>" in scene.slack.ephemerals(ADA)[-1].words
    assert scene.bench.waiting == []


def test_one_invitation_lets_in_as_many_accounts_as_it_is_for_by_their_flat_stacks(scene: Scene) -> None:
    token = scene.invite("Acme --accounts 2")
    answers = []
    for account in ("222222222222", "333333333333", "444444444444"):
        scene.sts.says = Answer(body=identity(account=account, arn=ARN.replace("222222222222", account)))
        answers.append(scene.completes("CREATE", token=token, account=account))
    assert answers == [202, 202, 403]
    [request] = [message for message in scene.slack.messages if not message.is_reply]
    assert ("222222222222" in request.words, "333333333333" in request.words) == (True, True)
    scene.slack.press(ADA, request, "Approve all 2")
    scene.work()
    assert len(scene.stacks.groups) == 2
    scene.slack.run_command(ADA, "/clients invitations Acme")
    assert "2 of 2 accounts" in scene.slack.ephemerals(ADA)[-1].words
    assert "444444444444" in scene.slack.ephemerals(ADA)[-1].words


def test_an_update_says_what_changed_and_a_denial_that_nothing_does(scene: Scene) -> None:
    scene.happens("CREATE_COMPLETE", token=scene.invite())
    scene.slack.press(ADA, scene.last, "Approve")
    scene.work()
    scene.happens("UPDATE_COMPLETE", level="Administrator")
    assert "ReadOnly" in scene.last.words
    assert "Administrator" in scene.last.words
    scene.slack.press(ADA, scene.last, "Deny")
    assert "group" in scene.last.words.lower()
    assert scene.bench.waiting == []


def test_a_leaving_client_loses_its_group_and_the_members_are_named(scene: Scene) -> None:
    scene.happens("CREATE_COMPLETE", token=scene.invite())
    scene.slack.press(ADA, scene.last, "Approve")
    scene.work()
    [(_, members)] = scene.stacks.groups.values()
    members.add("olli")
    scene.happens("DELETE_COMPLETE", last_word=True)
    scene.slack.press(ADA, scene.last, "Approve")
    scene.work()
    assert scene.stacks.groups == {}
    assert "olli" in scene.last.words
    assert "✅" in scene.last.words


def test_a_failed_stack_is_told_once_without_buttons(scene: Scene) -> None:
    token = scene.invite()
    scene.happens("CREATE_IN_PROGRESS", token=token)
    scene.happens("CREATE_FAILED", token=token, resource="AccessRole", reason="Role <!channel> exists")
    scene.happens("CREATE_FAILED", token=token)
    scene.happens("ROLLBACK_COMPLETE", token=token)
    [message] = scene.slack.messages
    assert message.buttons == ("Text for the client",)
    assert "&lt;!channel&gt; exists" in message.words


def test_anybody_lists_clients_newest_first_page_by_page(scene: Scene) -> None:
    for number in range(12):
        role = f"role-{number:02d}"
        scene.sts.says = Answer(body=identity(arn=ARN.replace("forwarder-switchyard-access", f"forwarder-{role}")))
        assert scene.happens("CREATE_COMPLETE", token=scene.invite(), role=role, parent=number + 1) == 202
    scene.slack.run_command(OLLI, "/clients")
    page = scene.slack.ephemerals(OLLI)[-1]
    assert _roles(page.words) == [f"role-{number:02d}" for number in range(11, 1, -1)]
    scene.slack.press(OLLI, page, "Older")
    assert _roles(scene.slack.ephemerals(OLLI)[-1].words) == ["role-01", "role-00"]


def test_help_says_how_to_write_it(scene: Scene) -> None:
    scene.slack.run_command(OLLI, "/clients help")
    assert "/clients invite" in scene.slack.ephemerals(OLLI)[-1].words


def _roles(words: str) -> list[str]:
    return re.findall(r"role-\d\d", words)
