"""Who is one of ours: by workspace, or by what Slack says of the person on Enterprise Grid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.commands import Commands
from bot.domain.answers import Actor
from bot.domain.approvers import Approvers, Workspaces
from bot.domain.errors import ActionRefused, NotAllowed, PersonUnknown, WrongWorkspace
from bot.domain.kit import KitAsked
from bot.domain.search import Search
from bot.domain.vocabulary import AccessLevel, State, TeamVerb, Verb
from tests.fakes import ADA, BEA, World

GRID = Workspaces(organization="E0ORG")
TWO = Workspaces(teams=frozenset({"T0HOME", "T0OTHER"}))
ADA_AT_OTHER = Actor("U0ADA", "T0OTHER", "T0HOME")
ADA_ELSEWHERE = Actor("U0ADA", "T0ELSEWHERE", "T0HOME")
USE_CASES: dict[str, Callable[[Commands, Actor, World], Any]] = {
    "decide": lambda workflow, actor, world: workflow.decide(world.last.id, Verb.APPROVE, actor),
    "invite": lambda workflow, actor, world: workflow.invite("Globex", AccessLevel.READ_ONLY, actor),
    "invitations": lambda workflow, actor, world: workflow.list_invitations(actor),
    "cancel": lambda workflow, actor, world: workflow.cancel_invitation("0" * 64, actor),
    "history": lambda workflow, actor, world: workflow.history("Acme", actor),
    "ask to revoke": lambda workflow, actor, world: workflow.ask_to_revoke("Acme", actor),
    "revoke": lambda workflow, actor, world: workflow.revoke(world.last.client_id, "0" * 16, actor),
    "ask whom to revoke": lambda workflow, actor, world: workflow.ask_whom_to_revoke("Acme", actor),
    "revoke several": lambda workflow, actor, world: workflow.revoke_several([(world.last.client_id, "0")], actor),
    "text for client": lambda workflow, actor, world: workflow.text_for_client(world.last.id, actor),
    "teams": lambda workflow, actor, world: workflow.list_teams(actor),
    "ask to regroup": lambda workflow, actor, world: workflow.ask_to_regroup("Acme", ("data",), actor),
    "regroup": lambda workflow, actor, world: workflow.regroup(world.last.client_id, ("data",), "0" * 16, actor),
    "ask about team": lambda workflow, actor, world: workflow.ask_about_team(TeamVerb.ADOPT, "data", actor),
    "begin with team": lambda workflow, actor, world: workflow.begin_with_team(TeamVerb.ADOPT, "data", "", actor),
    "kit": lambda workflow, actor, world: workflow.ask_for_kit(KitAsked(actor.user_id), actor),
    "find": lambda workflow, actor, world: workflow.find(Search("acme"), actor),
    "show": lambda workflow, actor, world: workflow.show_client("Acme", actor),
    "card": lambda workflow, actor, world: workflow.card("Acme", actor),
    "post card": lambda workflow, actor, world: workflow.post_card(world.last.client_id, actor),
    "rename": lambda workflow, actor, world: workflow.rename(world.last.client_id, "Globex", actor, "0" * 16),
    "label": lambda workflow, actor, world: workflow.label(world.last.client_id, "production", actor, "0" * 16),
}


@pytest.fixture
def world() -> World:
    world = World()
    world.happens("CREATE_COMPLETE", token=world.invite())
    return world


def refusal(world: World, actor: Actor, use_case: str = "decide") -> ActionRefused:
    with pytest.raises(ActionRefused) as caught:
        USE_CASES[use_case](world.workflow, actor, world)
    return caught.value


def test_a_press_counts_from_any_of_the_listed_workspaces(world: World) -> None:
    world.workspaces = TWO
    world.press(Verb.APPROVE, ADA_AT_OTHER)
    assert world.last.state is State.APPROVED


@pytest.mark.parametrize("use_case", USE_CASES)
@pytest.mark.parametrize("workspaces", [Workspaces(), Workspaces(teams=frozenset({"T0HOME"})), TWO, GRID])
def test_a_stranger_of_another_workspace_does_nothing_under_any_setting(
    world: World, workspaces: Workspaces, use_case: str
) -> None:
    world.workspaces = workspaces
    assert isinstance(refusal(world, ADA_ELSEWHERE, use_case), WrongWorkspace)
    assert world.states == [State.PENDING]


def test_a_wrong_workspace_is_told_as_that_and_never_as_no_approver(world: World) -> None:
    world.workspaces = Workspaces(teams=frozenset({"T0HOME"}))
    told = str(refusal(world, ADA_AT_OTHER))
    assert told.startswith("This press or command came from another Slack workspace (T0OTHER)")
    assert "approver" not in told
    line = world.store.trail(world.last.client_id)[-1]
    assert (line.action, line.detail) == ("refused: approve", "from workspace T0OTHER")


def test_the_deployments_word_counts_before_slacks(world: World) -> None:
    world.workspaces = Workspaces(teams=frozenset({"T0OTHER"}))
    assert isinstance(refusal(world, ADA), WrongWorkspace)


@pytest.mark.parametrize("actor", [ADA, ADA_AT_OTHER, replace(ADA_AT_OTHER, home_team_id="")])
def test_on_grid_a_press_counts_when_slack_says_that_the_person_is_of_the_organization(
    world: World, actor: Actor
) -> None:
    world.workspaces = GRID
    world.channel.organizations = {"U0ADA": "E0ORG"}
    world.press(Verb.APPROVE, actor)
    assert world.last.state is State.APPROVED


@pytest.mark.safety("On Enterprise Grid nobody counts as ours by the payload alone", "bot/decisions/people.py")
@pytest.mark.parametrize("said", [{}, {"U0ADA": ""}, {"U0ADA": "E0OTHER"}, {"U0BEA": "E0ORG"}])
@pytest.mark.parametrize("actor", [ADA, ADA_AT_OTHER])
def test_on_grid_nobody_counts_by_their_workspace_alone(world: World, actor: Actor, said: dict[str, str]) -> None:
    world.workspaces = GRID
    world.channel.organizations = said
    told = str(refusal(world, actor))
    assert "from outside our Slack organization" in told
    assert world.states == [State.PENDING]


@pytest.mark.safety(
    "While Slack does not say which organization somebody belongs to, they don't count as ours",
    "bot/decisions/people.py",
)
@pytest.mark.parametrize("use_case", USE_CASES)
def test_on_grid_nobody_counts_while_slack_does_not_say(world: World, use_case: str) -> None:
    world.workspaces = GRID
    world.channel.unreadable = {"U0ADA"}
    error = refusal(world, ADA, use_case)
    assert isinstance(error, PersonUnknown)
    assert "users:read" in str(error)
    assert world.states == [State.PENDING]


def test_on_grid_somebody_of_the_organization_is_no_approver_for_that(world: World) -> None:
    world.workspaces = GRID
    world.channel.organizations = {"U0OLLI": "E0ORG"}
    error = refusal(world, Actor("U0OLLI", "T0OTHER", "T0HOME"))
    assert isinstance(error, NotAllowed)
    assert not isinstance(error, WrongWorkspace)


@pytest.mark.parametrize("workspaces", [Workspaces(), TWO, GRID])
@pytest.mark.parametrize("actor", [Actor("", "T0HOME", "T0HOME"), Actor("U0ADA", "", "T0HOME"), Actor("U0ADA", "", "")])
def test_who_is_not_known_completely_is_a_stranger(world: World, workspaces: Workspaces, actor: Actor) -> None:
    world.workspaces = workspaces
    world.channel.organizations = {"U0ADA": "E0ORG", "": "E0ORG"}
    assert isinstance(refusal(world, actor), WrongWorkspace)


def test_without_a_setting_and_without_slacks_word_the_setting_is_asked_for(world: World) -> None:
    assert "to set SLACK_TEAM_ID" in str(refusal(world, Actor("U0ADA", "T0HOME", "")))


@pytest.mark.safety(
    "An earlier approval of somebody who is no longer one of our people does not count", "bot/decisions/quorum.py"
)
@pytest.mark.parametrize(
    ("workspaces", "organizations"),
    [(Workspaces(teams=frozenset({"T0HOME"})), {}), (GRID, {"U0BEA": "E0ORG", "U0ADA": "E0OTHER"})],
)
def test_an_earlier_approval_of_somebody_who_is_none_of_ours_any_more_does_not_count(
    world: World, workspaces: Workspaces, organizations: dict[str, str]
) -> None:
    world.approvers = Approvers(("U0ADA", "U0BEA"), needed=((AccessLevel.READ_ONLY, 2),))
    world.workspaces = TWO
    world.press(Verb.APPROVE, ADA_AT_OTHER)
    world.workspaces, world.channel.organizations = workspaces, organizations
    world.press(Verb.APPROVE, BEA)
    assert world.last.state is State.PENDING
    assert [one.actor for one in world.last.approvals] == ["U0BEA"]


def test_an_earlier_approval_waits_while_slack_does_not_say(world: World) -> None:
    world.approvers = Approvers(("U0ADA", "U0BEA"), needed=((AccessLevel.READ_ONLY, 2),))
    world.press(Verb.APPROVE, ADA)
    world.workspaces = GRID
    world.channel.organizations, world.channel.unreadable = {"U0BEA": "E0ORG"}, {"U0ADA"}
    assert isinstance(refusal(world, BEA), PersonUnknown)
    assert world.last.state is State.PENDING
