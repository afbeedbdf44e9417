"""`/clients teams`, `/clients team`, `--team` and the choice beside Approve, typed and pressed through the Bolt app."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.answers import Actor
from bot.domain.errors import ActionRefused, BadCommand, StalePress, TryAgain
from bot.domain.vocabulary import AccessLevel, TeamVerb, Verb
from bot.slack.client import web_client
from bot.slack.inbound.commands import ChooseTeams, Invite, ListTeams, OfTeam, parse
from bot.slack.notifier import SlackNotifier
from bot.slack.render.team_choice import chosen
from local.slack.running import RunningWorkspace
from local.slack.workspace.message import Message
from tests.unit.slack.app_samples import Recorder, slack, workflow
from tests.unit.slack.samples import SETTINGS, pictured, request

__all__ = ["slack", "workflow"]

ADA = Actor("U0ADA", "T0SWITCHYARD", "T0SWITCHYARD")
STATE = "0123456789abcdef"
KNOWN = ("operators", "data")


@pytest.mark.parametrize(
    ("typed", "company", "level", "teams"),
    [
        ("invite Acme --team data", "Acme", "ReadOnly", ("data",)),
        ("invite --team data Acme Administrator", "Acme", "Administrator", ("data",)),
        ("invite Acme Administrator --team data --team operators", "Acme", "Administrator", ("data", "operators")),
        ("invite Acme --team=Data Holding", "Acme Holding", "ReadOnly", ("data",)),
        ("invite Acme \u2014team data", "Acme", "ReadOnly", ("data",)),
        ("invite Acme \u2013team=data --team data", "Acme", "ReadOnly", ("data",)),
    ],
)
def test_options_are_taken_out_before_the_last_word_is_read(
    typed: str, company: str, level: str, teams: tuple[str, ...]
) -> None:
    assert parse(typed) == Invite(company, AccessLevel(level), teams=teams)


def test_both_options_may_stand_anywhere() -> None:
    asked = parse("invite --accounts 20 Acme --team data PowerUser")
    assert asked == Invite("Acme", AccessLevel.POWER_USER, 20, teams=("data",))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("--team", "Which team"),
        ("--team=", "Which team"),
        ("--team <!channel>", "Which team"),
        ("--teams data", "Which team"),
        ("-team data", "Which team"),
        ("--temas data", "There is no option `--temas`. The options are"),
        ("--level Administrator", "There is no option `--level`"),
        ("\u2014level=Administrator", "There is no option"),
    ],
)
def test_an_option_that_does_not_exist_is_refused_and_those_that_do_are_named(typed: str, said: str) -> None:
    with pytest.raises(BadCommand, match=said.replace(".", r"\.")):
        parse(f"invite Acme {typed}")


@pytest.mark.parametrize("company", ["Acme - Holding", "Acme \u2013 Holding", "A--B", "Acme 2--"])
def test_a_dash_in_a_companys_name_is_no_option(company: str) -> None:
    assert parse(f"invite {company}") == Invite(company, AccessLevel.READ_ONLY)


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("teams", ListTeams()),
        ("Teams adopt Operators", OfTeam(TeamVerb.ADOPT, "operators")),
        ("teams remove operators", OfTeam(TeamVerb.REMOVE, "operators")),
        ("teams prepare operators", OfTeam(TeamVerb.PREPARE, "operators")),
        ("team Acme data", ChooseTeams(("Acme", "data"))),
    ],
)
def test_the_commands_about_teams(typed: str, asked: object) -> None:
    assert parse(typed) == asked


@pytest.mark.parametrize("typed", ["teams destroy operators", "teams adopt", "teams adopt operators data", "team"])
def test_what_is_no_command_about_teams_says_what_to_write(typed: str) -> None:
    with pytest.raises(BadCommand, match="`/clients team"):
        parse(typed)


@pytest.mark.parametrize(
    ("typed", "client", "teams"),
    [
        ("team Acme data", "Acme", ("data",)),
        ("team Acme Holding data operators", "Acme Holding", ("data", "operators")),
        ("team Acme Data, Operators", "Acme", ("data", "operators")),
        ('team "Acme data" operators', "Acme data", ("operators",)),
        ("team data data", "data", ("data",)),
        ("team cabcdefghij data data", "cabcdefghij", ("data",)),
    ],
)
def test_the_teams_are_the_last_words_that_are_one(typed: str, client: str, teams: tuple[str, ...]) -> None:
    asked = parse(typed)
    assert isinstance(asked, ChooseTeams) and asked.parted(KNOWN) == (client, teams)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("team Acme", "`Acme` is no team"),
        ("team Acme dtaa", "`dtaa` is no team"),
        ('team "Acme data"', '`data"` is no team'),
        ("team data", "Which client"),
    ],
)
def test_without_a_team_at_the_end_those_that_exist_are_named(typed: str, said: str) -> None:
    asked = parse(typed)
    assert isinstance(asked, ChooseTeams)
    with pytest.raises(BadCommand, match=rf"{said}.* The teams are `operators`, `data`\."):
        asked.parted(KNOWN)
    with pytest.raises(BadCommand, match="There are no teams here"):
        ChooseTeams(("Acme", "data")).parted(())


def told(slack: RunningWorkspace) -> str:
    return slack.ephemerals("U0ADA")[-1].words


def test_an_invitation_says_which_team_gets_in(slack: RunningWorkspace, workflow: Recorder) -> None:
    slack.run_command("U0ADA", "/clients invite Acme --team data")
    assert workflow.asked == [("invite", "Acme", AccessLevel.READ_ONLY, ADA, ("data",))]
    assert "lets the team *data* in" in told(slack) and "--team data" in told(slack)


def test_everybody_may_list_the_teams(slack: RunningWorkspace, workflow: Recorder) -> None:
    slack.run_command("U0ADA", "/clients teams")
    assert workflow.asked == [("list teams", ADA)]
    assert "*operators* · 0 clients" in told(slack) and "*data* · 0 clients" in told(slack)


@pytest.mark.parametrize(("verb", "label"), [("adopt", "Adopt"), ("remove", "Remove"), ("prepare", "Prepare")])
def test_a_whole_team_is_asked_about_first(slack: RunningWorkspace, workflow: Recorder, verb: str, label: str) -> None:
    slack.run_command("U0ADA", f"/clients teams {verb} operators")
    assert slack.press("U0ADA", slack.ephemerals("U0ADA")[-1], label).ok
    asked = TeamVerb(verb)
    assert workflow.asked == [
        ("ask about team", asked, "operators", ADA),
        ("begin with team", asked, "operators", STATE, ADA),
    ]
    assert len(slack.ephemerals("U0ADA")) == 1 and asked.doing in told(slack)


def test_the_question_says_how_many_clients_it_concerns(slack: RunningWorkspace) -> None:
    slack.run_command("U0ADA", "/clients teams adopt operators")
    assert "into 12 clients that others can switch into already" in told(slack)


def test_teams_of_a_client_are_shown_old_and_new_first(slack: RunningWorkspace, workflow: Recorder) -> None:
    slack.run_command("U0ADA", "/clients team Acme data operators")
    assert "Teams: *operators* → *data*, *operators*" in told(slack)
    assert slack.press("U0ADA", slack.ephemerals("U0ADA")[-1], "Change").ok
    assert workflow.asked == [
        ("ask to regroup", "Acme", ("data", "operators"), ADA),
        ("regroup", "cabcdefghij", ("data", "operators"), STATE, ADA),
    ]
    assert len(slack.ephemerals("U0ADA")) == 1


@pytest.mark.parametrize("line", ["team Acme data", "teams adopt operators"])
def test_cancel_changes_nothing(slack: RunningWorkspace, workflow: Recorder, line: str) -> None:
    slack.run_command("U0ADA", f"/clients {line}")
    assert slack.press("U0ADA", slack.ephemerals("U0ADA")[-1], "Cancel").ok
    assert told(slack) == "Nothing was changed." and len(workflow.asked) == 1


@pytest.mark.parametrize(("line", "label"), [("team Acme data", "Change"), ("teams remove data", "Remove")])
def test_what_is_refused_takes_the_questions_place_and_what_may_succeed_leaves_it(
    slack: RunningWorkspace, workflow: Recorder, line: str, label: str
) -> None:
    slack.run_command("U0ADA", f"/clients {line}")
    workflow.trouble = TryAgain("the table")
    slack.press("U0ADA", slack.ephemerals("U0ADA")[-1], label)
    workflow.trouble = StalePress("It has changed since.")
    slack.press("U0ADA", slack.ephemerals("U0ADA")[0], label)
    assert next(one.words for one in slack.ephemerals("U0ADA")) == "It has changed since."


def waiting(slack: RunningWorkspace, **changes: object) -> Message:
    settings = replace(SETTINGS, teams=KNOWN)
    notifier = SlackNotifier(web_client(lambda: slack.bot_token, slack.api_url, timeout_seconds=30), settings)
    return slack.message(notifier.post(pictured(request(**changes)), None))  # type: ignore[arg-type]


def test_approve_carries_what_is_chosen_in_the_message(slack: RunningWorkspace, workflow: Recorder) -> None:
    message = waiting(slack, teams=("operators",))
    slack.press("U0ADA", message, "Approve")
    slack.press("U0ADA", message, "Approve", choose_teams=("data", "operators"))
    slack.press("U0ADA", message, "Approve", choose_teams=())
    assert [asked[-1] for asked in workflow.asked] == [("operators",), ("operators", "data"), ()]


def test_where_nothing_was_chosen_at_first_no_team_is_chosen(slack: RunningWorkspace, workflow: Recorder) -> None:
    workflow.trouble = ActionRefused("Choose at least one team that exists.")
    slack.press("U0ADA", waiting(slack), "Approve")
    assert workflow.asked[-1][-1] == () and "Choose at least one team" in told(slack)


def test_choosing_alone_does_nothing(slack: RunningWorkspace, workflow: Recorder) -> None:
    from bot.slack.inbound.buttons import BUTTONS
    from bot.slack.inbound.pressing import Press

    pressed = Press({"action_id": "choose_teams"}, ADA, workflow.as_workflow, SETTINGS, "mark")
    assert BUTTONS["choose_teams"].act(pressed) is None
    assert workflow.asked == []


ROW, OPTION = "teams-3-rabcdefghijklmnop", {"value": "data"}


@pytest.mark.safety(
    "Teams chosen on an older drawing, or on another request, don't count", "bot/slack/render/team_choice.py"
)
@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({ROW: {"choose_teams": {"selected_options": [OPTION]}}}, ("data",)),
        ({ROW: {"choose_teams": {"selected_options": []}}}, ()),
        ({ROW: {"choose_teams": {"selected_options": [OPTION, None, {"value": 7}]}}}, ("data", "", "")),
        ({ROW: {"choose_teams": {"selected_options": "data"}}}, None),
        ({ROW: {"choose_teams": {"selected_option": OPTION}}}, None),
        ({ROW: {"other": {"selected_options": [OPTION]}}}, None),
        ({ROW: []}, None),
        ({"teams-2-rabcdefghijklmnop": {"choose_teams": {"selected_options": [OPTION]}}}, None),
        ({"teams-3-ranother": {"choose_teams": {"selected_options": [OPTION]}}}, None),
        ({}, None),
    ],
)
def test_only_the_menu_of_this_very_drawing_counts(values: dict[str, object], found: tuple[str, ...] | None) -> None:
    assert chosen(values, "rabcdefghijklmnop", 3) == found
    assert chosen(values, "rabcdefghijklmnop", -1) is None


def test_other_buttons_carry_no_choice(slack: RunningWorkspace, workflow: Recorder) -> None:
    slack.press("U0ADA", waiting(slack), "Deny", choose_teams=("data",))
    assert workflow.asked[-1][1:3] == ("rabcdefghijklmnop", Verb.DENY)
