"""Many accounts of one invitation, decided by one press or one by one, with the real adapters and the local Slack."""

from __future__ import annotations

import pytest

from bot.domain.approvers import Approvers
from bot.domain.vocabulary import AccessLevel
from local.slack.workspace.facts import ADA, BEA, OLLI
from local.slack.workspace.message import Message
from tests.scenarios.scene import Scene
from tests.unit.aws.sts_server import ARN, Answer, identity

MOST_MESSAGES = 5


def account(number: int) -> str:
    return f"{400_000_000_000 + number}"


def arrives(scene: Scene, token: str, number: int, **fields: str) -> int:
    """One account deploys its stack. Answers the HTTP status."""
    proven = account(number)
    scene.sts.says = Answer(body=identity(account=proven, arn=ARN.replace("222222222222", proven)))
    return scene.completes("CREATE", token=token, account=proven, **fields)


def asked_by(scene: Scene, accounts: int) -> str:
    """So many accounts of one invitation ask. Answers the token, which is for one more."""
    token = scene.invite(f"Acme --accounts {accounts + 1}")
    assert {arrives(scene, token, number) for number in range(accounts)} == {202}
    return token


def shared(scene: Scene) -> Message:
    """The accounts' one message, as it is now."""
    [message] = [one for one in scene.slack.messages if not one.is_reply]
    return message


def labels(message: Message) -> list[str]:
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    return [element["text"]["text"] for row in rows for element in row]


def line(scene: Scene, number: int) -> str:
    """What the message says of one account."""
    return next(one for one in shared(scene).words.splitlines() if f"`{account(number)}`" in one)


def told(scene: Scene) -> str:
    return scene.slack.ephemerals(ADA)[-1].words


@pytest.mark.safety(
    "Twenty accounts take one press and at most five messages in the channel", "bot/slack/render/batch.py"
)
def test_twenty_accounts_take_one_press_and_at_most_five_messages(scene: Scene) -> None:
    asked_by(scene, 20)
    assert labels(shared(scene)) == ["Approve all 20", "Review", "Deny all"]
    assert "`/clients revoke` ends the access again, *Review* reopens denials." in shared(scene).words
    scene.slack.press(ADA, shared(scene), "Approve all 20")
    assert "counts for 20 accounts" in told(scene)
    scene.work()
    assert "✅ 20 accounts of Acme are onboarded" in shared(scene).words
    assert len(scene.stacks.groups) == 20
    [card] = [message for message in scene.slack.messages if message.is_reply]
    assert [f"account={account(number)}" in card.words for number in range(20)] == [True] * 20
    assert len(scene.slack.messages) <= MOST_MESSAGES
    assert {line(scene, number) for number in range(20)} == {
        f"✅ `{account(number)}` onboarded · by <@{ADA.id}>" for number in range(20)
    }


def test_an_account_that_came_after_the_drawing_is_not_included_and_says_so(scene: Scene) -> None:
    token = asked_by(scene, 2)
    drawn = shared(scene)
    arrives(scene, token, 2)
    scene.slack.press(ADA, drawn, "Approve all 2")
    assert "1 account came after your button was drawn and is not included." in told(scene)
    scene.work()
    assert len(scene.stacks.groups) == 2
    assert line(scene, 2).endswith(f"waiting · came after <@{ADA.id}> pressed")


def test_an_account_that_asks_for_more_is_left_out_and_reviewed(scene: Scene) -> None:
    token = asked_by(scene, 2)
    arrives(scene, token, 2, level="PowerUser")
    scene.slack.press(ADA, shared(scene), "Approve all 2")
    assert "1 account is left out for the reason in its line: press *Review*." in told(scene)
    scene.work()
    assert labels(shared(scene)) == ["Review", "Text for the client"]
    scene.slack.press(ADA, shared(scene), "Review")
    assert "Account 3 of 3" in told(scene) and "Access level differs from the invitation" in told(scene)
    scene.slack.press(ADA, scene.slack.ephemerals(ADA)[-1], "Approve")
    scene.work()
    assert "That was the last one" in told(scene)
    assert len(scene.stacks.groups) == 3


def test_with_two_approvals_needed_the_second_person_completes_all(scene: Scene) -> None:
    scene.is_decided_by(Approvers(users=(ADA.id, BEA.id), needed=((AccessLevel.READ_ONLY, 2),)))
    asked_by(scene, 3)
    scene.slack.press(ADA, shared(scene), "Approve all 3")
    assert "3 accounts still need another approver after this." in told(scene)
    scene.work()
    assert scene.stacks.groups == {} and "waiting" in line(scene, 0)
    scene.slack.press(ADA, shared(scene), "Approve all 3")
    assert "You have already approved this." in told(scene)
    scene.slack.press(BEA, shared(scene), "Approve all 3")
    scene.work()
    assert len(scene.stacks.groups) == 3
    assert line(scene, 0).endswith(f"by <@{ADA.id}>, <@{BEA.id}>")


def test_what_was_denied_for_all_can_be_reopened_one_by_one(scene: Scene) -> None:
    scene.asks_for_reasons()
    asked_by(scene, 2)
    scene.slack.press(ADA, shared(scene), "Deny all")
    scene.slack.submit(ADA, Reason="No contract")
    scene.work()
    assert "*Reason:* No contract" in shared(scene).words and "denied" in line(scene, 1)
    scene.slack.press(ADA, shared(scene), "Review")
    scene.slack.press(ADA, scene.slack.ephemerals(ADA)[-1], "Reopen")
    assert line(scene, 0).startswith("🟡") and line(scene, 1).startswith("⛔")


def test_whoever_is_no_approver_decides_nothing(scene: Scene) -> None:
    asked_by(scene, 2)
    for label in ("Approve all 2", "Deny all", "Review"):
        scene.slack.press(OLLI, shared(scene), label)
        assert "Only approvers may" in scene.slack.ephemerals(OLLI)[-1].words
    scene.work()
    assert line(scene, 0).endswith("waiting") and scene.stacks.groups == {}


def test_with_one_account_the_message_has_the_buttons_of_any_request(scene: Scene) -> None:
    asked_by(scene, 1)
    assert labels(shared(scene)) == ["Approve", "Deny"]
    scene.slack.press(ADA, shared(scene), "Approve")
    scene.work()
    [card] = [message for message in scene.slack.messages if message.is_reply]
    assert "Switch into Acme" in card.words and "*Console*" in card.words
