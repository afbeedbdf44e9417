"""Teams through the real handlers: chosen beside Approve, changed by command, adopted, and what must not count."""

from __future__ import annotations

import pytest

from bot.domain.page import PageName
from local.slack.workspace.facts import ADA, EVE, OLLI
from tests.fakes import ACME
from tests.scenarios.scene import Scene
from tests.scenarios.test_click_attacks import altered

ROLE = f"arn:aws:iam::{ACME}:role/switchyard-access"


@pytest.fixture
def teams(scene: Scene) -> Scene:
    """A deployment with two teams."""
    scene.has_teams("operators", "data")
    return scene


def lets_in(scene: Scene) -> set[str]:
    return {team for team in ("operators", "data") if ROLE in scene.pages.lets_into(team)}


def command(scene: Scene, line: str) -> str:
    scene.slack.run_command(ADA, f"/clients {line}")
    return scene.slack.ephemerals(ADA)[-1].words


def confirm(scene: Scene, label: str) -> str:
    assert scene.slack.press(ADA, scene.slack.ephemerals(ADA)[-1], label).ok
    return scene.slack.ephemerals(ADA)[-1].words


def test_from_the_invitation_to_another_team(teams: Scene) -> None:
    teams.happens("CREATE_COMPLETE", token=teams.invite("Acme --team data"))
    [menu] = [block["accessory"] for block in teams.last.blocks if "accessory" in block]
    assert [option["value"] for option in menu["initial_options"]] == ["data"]
    teams.slack.press(ADA, teams.last, "Approve")
    teams.work()
    assert lets_in(teams) == {"data"} and "✅" in teams.last.words
    assert "Teams: *data* → *operators*" in command(teams, "team Acme operators")
    assert "shows how the teams that get in at *Acme* are changed to *operators*" in confirm(teams, "Change")
    teams.work()
    assert lets_in(teams) == {"operators"}
    assert "Teams: *data* → *operators*, asked by <@U0ADA>" in teams.last.words
    assert "*operators* · 1 client" in command(teams, "teams")
    assert "data → operators" in command(teams, "history Acme")


def test_what_is_chosen_beside_approve_gets_in(teams: Scene) -> None:
    teams.happens("CREATE_COMPLETE", token=teams.invite())
    teams.slack.press(ADA, teams.last, "Approve", choose_teams=("operators", "data"))
    teams.work()
    assert lets_in(teams) == {"operators", "data"}


def test_no_team_is_refused_in_plain_words_and_the_request_stays(teams: Scene) -> None:
    teams.happens("CREATE_COMPLETE", token=teams.invite())
    teams.slack.press(ADA, teams.last, "Approve", choose_teams=())
    assert "Choose at least one team that exists" in teams.slack.ephemerals(ADA)[-1].words
    assert teams.last.buttons == ("Approve", "Deny") and teams.bench.waiting == []


@pytest.mark.parametrize("forged", ["nobody", "", "../operators", "<!channel>", 7, None])
def test_a_forged_choice_approves_nothing(teams: Scene, forged: object) -> None:
    teams.happens("CREATE_COMPLETE", token=teams.invite())

    def forge(payload: dict[str, object]) -> None:
        state = payload["state"]
        assert isinstance(state, dict)
        for menu in state["values"].values():
            menu["choose_teams"]["selected_options"] = [{"value": "operators"}, {"value": forged}]

    assert teams.app(altered(teams.slack.press_request(ADA, teams.last, "Approve"), forge)).status == 200
    assert teams.last.buttons == ("Approve", "Deny") and teams.bench.waiting == []


@pytest.mark.parametrize("person", [OLLI, EVE])
def test_who_is_no_approver_changes_no_team(teams: Scene, person: object) -> None:
    teams.happens("CREATE_COMPLETE", token=teams.invite())
    teams.slack.press(ADA, teams.last, "Approve")
    teams.work()
    for line, label in (("team Acme data", "Change"), ("teams adopt data", "Adopt")):
        command(teams, line)
        teams.slack.press(person, teams.slack.ephemerals(ADA)[-1], label)  # type: ignore[arg-type]
        teams.slack.run_command(person, f"/clients {line}")  # type: ignore[arg-type]
    teams.work()
    assert lets_in(teams) == {"operators"} and teams.pages.lets_into("data") == set()


def test_a_press_that_was_captured_and_is_sent_again_does_nothing_more(teams: Scene) -> None:
    teams.happens("CREATE_COMPLETE", token=teams.invite())
    teams.slack.press(ADA, teams.last, "Approve")
    teams.work()
    command(teams, "team Acme data")
    captured = teams.slack.press_request(ADA, teams.slack.ephemerals(ADA)[-1], "Change")
    assert teams.app(captured).status == 200
    teams.work()
    command(teams, "team Acme operators")
    confirm(teams, "Change")
    teams.work()
    posted = len(teams.slack.messages)
    assert teams.app(captured).status == 200
    teams.work()
    assert lets_in(teams) == {"operators"} and len(teams.slack.messages) == posted


def test_a_team_adopts_clients_and_lets_them_go(teams: Scene) -> None:
    teams.has_teams()
    teams.happens("CREATE_COMPLETE", token=teams.invite())
    teams.slack.press(ADA, teams.last, "Approve")
    teams.work()
    teams.has_teams("operators", "data")
    assert "into 1 client that others can switch into already" in command(teams, "teams adopt data")
    assert "is adopting all clients" in confirm(teams, "Adopt")
    teams.work()
    assert lets_in(teams) == {"data"} and len(teams.stacks.groups) == 1
    assert "takes 1 client off the pages" in command(teams, "teams remove data")
    confirm(teams, "Remove")
    teams.work()
    assert lets_in(teams) == set() and len(teams.stacks.groups) == 1


def test_pages_are_prepared_ahead(teams: Scene) -> None:
    command(teams, "teams prepare data")
    confirm(teams, "Prepare")
    teams.work()
    assert set(teams.pages.documents) == {PageName("data", number) for number in range(1, 11)}
