"""The line above the channel: who you are, how to be somebody else, and what whoever runs the workspace has to say."""

from collections.abc import Iterator

import pytest

from local.slack import OLLI, AppAnswer, RunningWorkspace, running_workspace
from tests.local.test_slack_page.test_drawing import page
from tests.local.test_slack_page.test_endpoints import ask

LOOK = ("look",)


@pytest.fixture
def ws() -> Iterator[RunningWorkspace]:
    with running_workspace(lambda _: AppAnswer(200)) as workspace:
        yield workspace


def notice(words: str) -> tuple[str, str, dict[str, str]]:
    """Let the demo say something while the page is open."""
    return ("ask", "/_local/notice", {"text": words})


def test_it_says_who_one_is_and_whom_else_one_may_be(ws: RunningWorkspace) -> None:
    ada, olli = page(ws, LOOK, ("be", OLLI.id), LOOK)["looks"]
    assert "You are Ada (approver). To be Bea or Olli: " in ada["welcome"]
    assert "You are Olli (operator, not an approver). To be Ada or Bea: " in olli["welcome"]


def test_what_the_demo_has_to_say_comes_first_until_it_takes_it_back(ws: RunningWorkspace) -> None:
    steps = (notice("The clients arrive."), ("refresh",), LOOK, notice(""), ("refresh",), LOOK)
    during, after = page(ws, *steps)["looks"]
    assert during["welcome"].startswith("The clients arrive. A Slack workspace")
    assert after["welcome"].startswith("A Slack workspace")


def test_it_stays_closed_but_for_news(ws: RunningWorkspace) -> None:
    steps = (("closeWelcome",), ("be", OLLI.id), LOOK, notice("Your turn."), ("refresh",), LOOK)
    closed, news = page(ws, *steps)["looks"]
    assert closed["welcome"] == ""
    assert news["welcome"].startswith("Your turn. ")


def test_pictures_are_made_without_it(ws: RunningWorkspace) -> None:
    assert page(ws, path="/?still")["welcome"] == ""


@pytest.mark.parametrize("body", [{}, {"text": None}, {"text": ["a"]}])
def test_a_notice_is_a_text(ws: RunningWorkspace, body: object) -> None:
    assert ask(ws, "/_local/notice", body)[0] == 400


def test_an_empty_channel_asks_for_a_command_once_the_app_is_there(ws: RunningWorkspace) -> None:
    assert "/clients invite Acme" in page(ws)["channel"]
    with running_workspace() as nobody_answers:
        shown = page(nobody_answers)["channel"]
    assert "Requests of clients arrive in this channel." in shown
    assert "/clients" not in shown
