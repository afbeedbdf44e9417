"""A client is found, shown, decided and named in Slack, through the real handlers; and what attackers get of that."""

from __future__ import annotations

import pytest

from local.slack.workspace.facts import ADA, BEA, EVE, OLLI, Person
from local.slack.workspace.message import Message
from tests.scenarios.scene import Scene


def shown(scene: Scene, who: Person = ADA, line: str = "/clients acm") -> Message:
    scene.slack.run_command(who, line)
    return now(scene, who)


def now(scene: Scene, who: Person = ADA) -> Message:
    return scene.slack.ephemerals(who)[-1]


@pytest.fixture
def waiting(scene: Scene) -> Scene:
    scene.happens("CREATE_COMPLETE", token=scene.invite())
    return scene


def test_who_has_found_a_client_approves_it_there_and_gets_in(waiting: Scene) -> None:
    client = shown(waiting)
    assert client.buttons[:2] == ("Approve", "Deny")
    waiting.slack.press(ADA, client, "Approve")
    assert "🔵" in now(waiting).words
    assert "🔵" in waiting.last.words and waiting.last.buttons == ()
    waiting.work()
    assert "✅" in waiting.last.words
    assert "Switch role" in shown(waiting, OLLI).buttons
    assert "Approve" not in now(waiting, OLLI).buttons


def test_whoever_is_told_who_decided_was_slower_than_the_channel(waiting: Scene) -> None:
    client = shown(waiting)
    waiting.slack.press(BEA, waiting.last, "Deny")
    waiting.slack.press(ADA, client, "Approve")
    assert f"<@{BEA.id}>" in now(waiting).words
    assert waiting.bench.waiting == []


@pytest.mark.safety("A stale drawing of a private view decides nothing", "bot/decisions/decide.py")
def test_a_view_that_was_drawn_before_a_reopening_decides_nothing(waiting: Scene) -> None:
    client = shown(waiting)
    waiting.slack.press(BEA, waiting.last, "Deny")
    waiting.slack.press(BEA, waiting.last, "Reopen")
    waiting.slack.press(ADA, client, "Approve")
    assert waiting.bench.waiting == []
    assert waiting.last.buttons == ("Approve", "Deny")


@pytest.mark.parametrize("who", [EVE, OLLI])
@pytest.mark.parametrize("label", ["Approve", "Label", "Full history"])
def test_a_view_that_somebody_else_gets_hold_of_gives_no_right(waiting: Scene, who: Person, label: str) -> None:
    """Slack shows it to one person. A forged press would need Slack's signature; this one even has it."""
    client = shown(waiting)
    waiting.slack.press(who, client, label)
    if label == "Label":
        waiting.slack.submit(who, Label="mine")
    assert waiting.bench.waiting == []
    assert "(mine)" not in shown(waiting).words
    assert "asked to onboard" not in "".join(each.words for each in waiting.slack.ephemerals(who))


def test_a_client_is_renamed_and_labelled_and_found_by_both(waiting: Scene) -> None:
    waiting.slack.press(ADA, shown(waiting), "Rename")
    waiting.slack.submit(ADA, Company="Globex & Sons")
    waiting.slack.press(ADA, shown(waiting, line="/clients show globex"), "Label")
    waiting.slack.submit(ADA, Label="production")
    assert "Globex & Sons (production)" in now(waiting).words
    assert "Globex" in shown(waiting, OLLI, "/clients produc").words
    assert "No client matches" in shown(waiting, OLLI, "/clients acme").words
    assert "from “Acme” to “Globex &amp; Sons”" in shown(waiting, ADA, "/clients history globex & sons").words


def test_the_card_for_everybody_is_in_the_channel_until_the_access_ends(waiting: Scene) -> None:
    waiting.slack.press(ADA, waiting.last, "Approve")
    waiting.work()
    waiting.slack.press(ADA, shown(waiting), "Card for everybody")
    waiting.work()
    card = waiting.last
    assert "Switch into Acme" in card.words and not card.is_reply
    waiting.happens("DELETE_COMPLETE", last_word=True)
    waiting.slack.press(ADA, waiting.last, "Approve")
    waiting.work()
    assert "no longer valid" in waiting.slack.message(card.ts).words
