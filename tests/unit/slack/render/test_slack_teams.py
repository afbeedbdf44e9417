"""How teams look: the list with its limits, the questions, the choice beside Approve, and an update of teams alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.answers import PageFill, TeamQuestion, TeamsChoice, TeamShown
from bot.domain.model import Grant
from bot.domain.page import ROOM, Team, TeamTask
from bot.domain.request import Regrouping
from bot.domain.vocabulary import AccessLevel, Kind, State, TeamVerb
from bot.slack.render import regrouping, teams, views
from bot.slack.render.blocks import Message
from bot.slack.render.kit import fetch_command
from local.slack.block_kit.blocks import block_problems
from tests.changed import changed
from tests.unit.slack.samples import CLIENT, NOW, SETTINGS, labels, pictured, request, words

TWO_TEAMS = replace(SETTINGS, teams=("operators", "data"))


def shown(*clients: int, **fields: Any) -> TeamShown:
    pages = tuple(PageFill(number, round(ROOM * number / 117)) for number in clients)
    return TeamShown(replace(Team("operators"), **fields), pages)


def listed(*found: TeamShown) -> str:
    message = teams.teams(found, SETTINGS)
    assert block_problems(list(message.blocks)) == []
    return words(message)


def test_a_team_is_told_with_its_clients_pages_and_groups() -> None:
    said = listed(shown(117, 100, 0), TeamShown(Team("data"), ()))
    assert "*operators* · 217 clients\n3 pages, 62% full.\nGroup: `switchyard-dev-team-operators`" in said
    assert "*data* · 0 clients\nNo page yet" in said
    assert "⚠️" not in said


def test_a_team_with_pages_is_told_with_the_line_that_fetches_its_kit() -> None:
    fetch = f"aws s3 cp --region {SETTINGS.region} s3://{SETTINGS.kit_bucket}/operators/config ~/.aws/switchyard.kit"
    assert f"Its kit, always current: `{fetch}`" in listed(shown(1, 0), TeamShown(Team("data"), ()))
    assert "/data/config" not in listed(shown(1, 0), TeamShown(Team("data"), ()))
    local = replace(SETTINGS, public_endpoint_url="http://127.0.0.1:4566")
    assert " --endpoint-url http://127.0.0.1:4566 s3://" in fetch_command("operators", local)


def test_where_a_team_has_several_groups_its_people_belong_in_each() -> None:
    names = "`switchyard-dev-team-operators`, `switchyard-dev-team-operators-2`"
    assert f"Groups: {names}. The team's people belong in each" in listed(shown(*[117] * 10, 3, 0))
    assert "belong in each" not in listed(shown(117, 0))


def test_a_page_that_is_nearly_empty_or_not_written_is_told_as_such() -> None:
    late = TeamShown(Team("operators"), (PageFill(1, 51, late=True), PageFill(0, 0)))
    assert "2 pages, less than 1% full. 1 not written yet.\n" in listed(late)
    assert "2 pages, 0% full.\n" in listed(shown(0, 0))


def test_without_teams_it_says_so() -> None:
    assert "*No teams.*" in listed()


@pytest.mark.parametrize(("used", "told"), [(7, False), (8, True), (10, True)])
def test_before_a_further_group_is_needed_it_says_what_to_do(used: int, told: bool) -> None:
    said = listed(shown(*[117] * used, *[0] * (10 - used)))
    assert ("put the team's people into it too" in said) is told
    assert ("`switchyard-dev-team-operators-2`" in said) is told


@pytest.mark.parametrize(("pages", "told"), [(70, False), (71, True), (100, True)])
def test_before_a_team_has_more_groups_than_a_user_may_be_in_it_says_what_to_do(pages: int, told: bool) -> None:
    assert ("IAM allows a user 10" in listed(shown(*[117] * pages))) is told


@pytest.mark.parametrize(("pages", "told"), [(1_199, False), (1_200, True)])
def test_before_the_accounts_policies_run_out_it_says_what_to_do(pages: int, told: bool) -> None:
    many = [replace(shown(*[1] * (pages // 20)), team=Team(f"t{number}")) for number in range(20)]
    rest = replace(shown(*[1] * (pages - 20 * (pages // 20))), team=Team("rest"))
    assert ("Service Quotas" in listed(*many, rest)) is told


def test_what_is_done_to_a_whole_team_is_told() -> None:
    task = TeamTask(TeamVerb.ADOPT, "U0ADA", NOW, NOW, listed=True, busy=("c1",), done=1_200)
    said = listed(shown(117, task=task))
    assert "🔵 The team is adopting all clients. 1,200 clients so far. 1 waits for other work to end." in said


def test_twenty_teams_fit_into_an_answer() -> None:
    task = TeamTask(TeamVerb.REMOVE, "U0ADA", NOW, NOW)
    listed(*(replace(shown(*[117] * 98, task=task), team=Team("t" * 20, task=task)) for _ in range(20)))


@pytest.mark.parametrize("verb", TeamVerb)
def test_each_question_says_what_happens_and_to_how_many(verb: TeamVerb) -> None:
    left_out = (AccessLevel.ADMINISTRATOR,)
    message = teams.question(TeamQuestion(verb, "operators", "0" * 16, 1_234, more=True, left_out=left_out), SETTINGS)
    assert block_problems(list(message.blocks)) == []
    assert labels(message) == [verb.capitalize(), "Cancel"]
    said = words(message)
    assert "operators" in said and ("more than 1,234 clients" in said) is (verb is not TeamVerb.PREPARE)
    assert ("clients with Administrator access" in said) is (verb is TeamVerb.ADOPT)
    assert teams.state_shown(message.blocks[-1]["block_id"]) == "0" * 16


def choice(**fields: Any) -> TeamsChoice:
    gives = Grant("switchyard-access", AccessLevel.ADMINISTRATOR)
    return replace(TeamsChoice(CLIENT, gives, ("operators", "data"), ("data",), "0" * 16), **fields)


def test_the_question_shows_the_teams_before_and_after() -> None:
    message = regrouping.question(choice(), SETTINGS)
    said = words(message)
    for fact in ("Change who gets in at Acme?", "`222222222222`", "Administrator", "*operators*, *data* → *data*"):
        assert fact in said
    assert "Open sessions last" in said and "client's own group get in as before" in said
    assert labels(message) == ["Change", "Cancel"]
    value = message.blocks[-1]["elements"][0]["value"]
    assert regrouping.asked_for(value) == ("cabcdefghij", ("data",))
    hostile = replace(choice(), client=changed(CLIENT, company="<!channel> *x*" * 4, role_name="r" * 64))
    assert "<!channel>" not in str(regrouping.question(hostile, SETTINGS).arguments())
    assert block_problems(list(regrouping.question(hostile, SETTINGS).blocks)) == []


def test_where_others_have_to_approve_it_asks_them() -> None:
    message = regrouping.question(choice(before=(), teams=("data",), asks_others=True), SETTINGS)
    assert labels(message) == ["Ask", "Cancel"]
    assert "takes more than one approver" in words(message) and "*none* → *data*" not in words(message)
    assert "Teams: none → *data*" in words(message) and "Open sessions" not in words(message)


def test_a_hundred_teams_fit_into_the_button() -> None:
    names = tuple(f"t{number:019}" for number in range(90))
    assert block_problems(list(regrouping.question(choice(before=names, teams=names), SETTINGS).blocks)) == []


def drawn(kind: Kind = Kind.ONBOARD, state: State = State.PENDING, **changes: Any) -> Message:
    message = views.request_message(pictured(request(kind, state, **changes)), TWO_TEAMS)
    assert block_problems(list(message.blocks)) == []
    return message


def menus(message: Message) -> list[dict[str, Any]]:
    return [block["accessory"] for block in message.blocks if "accessory" in block]


def test_beside_approve_the_requests_teams_are_chosen_at_first() -> None:
    [menu] = menus(drawn(teams=("data",)))
    assert [option["value"] for option in menu["options"]] == ["operators", "data"]
    assert [option["value"] for option in menu["initial_options"]] == ["data"]
    assert "initial_options" not in menus(drawn(teams=("gone",)))[0]


@pytest.mark.parametrize(
    ("kind", "state"), [(Kind.OFFBOARD, State.PENDING), (Kind.ONBOARD, State.APPROVED), (Kind.ONBOARD, State.FAILED)]
)
def test_elsewhere_there_is_no_choice(kind: Kind, state: State) -> None:
    assert menus(drawn(kind, state, teams=("data",))) == []


def test_with_one_team_there_is_no_choice() -> None:
    one = replace(SETTINGS, teams=("operators",))
    assert menus(views.request_message(pictured(request(teams=("operators",))), one)) == []


def test_each_drawing_has_a_menu_of_its_own() -> None:
    ids = {block["block_id"] for presses in (0, 1) for block in drawn(presses=presses).blocks if "accessory" in block}
    assert ids == {"teams-0-rabcdefghijklmnop", "teams-1-rabcdefghijklmnop"}


ASKED = Regrouping(("operators",), "U0BEA")


def test_a_change_of_teams_shows_them_before_and_after_and_who_asked() -> None:
    said = words(drawn(Kind.UPDATE, teams=("operators", "data"), regrouping=ASKED))
    assert "Teams: *operators* → *operators*, *data*, asked by <@U0BEA>" in said
    assert "in effect already" not in said and "*Deny* changes nothing" in said
    denied = words(drawn(Kind.UPDATE, State.DENIED, teams=("data",), regrouping=ASKED))
    assert "The same teams get in as before." in denied


def test_a_team_that_has_adopted_says_who_was_in_client_groups() -> None:
    said = listed(shown(3, in_client_groups=("ada", "olli")))
    assert "In groups of single clients when this team adopted: `ada`, `olli`." in said
    many = tuple(f"user-{number}" + "x" * 50 for number in range(100))
    message = teams.teams([shown(3, in_client_groups=many)], SETTINGS)
    assert "and 80 more" in words(message)
    assert block_problems(list(message.blocks)) == []
