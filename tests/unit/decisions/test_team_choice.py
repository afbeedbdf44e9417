"""Which teams get in is chosen beside Approve: fixed for exactly what was chosen, by all who approve."""

from __future__ import annotations

import pytest

from bot.domain.answers import Actor
from bot.domain.approvers import Approvers
from bot.domain.errors import ActionRefused, AlreadyDecided, BadCommand, StalePress
from bot.domain.page import Teams
from bot.domain.vocabulary import AccessLevel, State, Verb
from tests.fakes import ACME, ADA, BEA, World

ROLE = f"arn:aws:iam::{ACME}:role/switchyard-access"
TEAMS = Teams(("operators", "data"))
CLEO = Actor("U0CLEO", "T0HOME", "T0HOME")
TWO = Approvers(("U0ADA", "U0BEA", "U0CLEO"), needed=((AccessLevel.READ_ONLY, 2),))


@pytest.fixture
def world() -> World:
    world = World(teams=TEAMS)
    world.happens("CREATE_COMPLETE", token=world.invite())
    return world


def lets_in(world: World) -> set[str]:
    return {team for team in TEAMS.names if ROLE in world.pages.lets_into(team)}


@pytest.mark.parametrize("teams", [("data",), ("data", "operators"), ("operators",)])
def test_exactly_the_chosen_teams_get_in(world: World, teams: tuple[str, ...]) -> None:
    world.press(Verb.APPROVE, teams=teams)
    world.work()
    assert world.states == [State.DONE] and lets_in(world) == set(teams)
    [line] = [line for line in world.store.trail(world.last.client_id) if line.action == "approve"]
    assert set(line.detail.removeprefix("lets in ").split(", ")) == set(teams)


def test_without_a_choice_the_requests_own_team_gets_in(world: World) -> None:
    world.press(Verb.APPROVE)
    world.work()
    assert lets_in(world) == {"operators"}


@pytest.mark.safety("A choice of no team, or of an unknown one, approves nothing", "bot/decisions/choice.py")
@pytest.mark.parametrize("teams", [(), ("",), ("nobody",), ("data", "nobody"), ("Data",), ("<!channel>",)])
def test_no_team_and_unknown_teams_are_refused(world: World, teams: tuple[str, ...]) -> None:
    with pytest.raises(ActionRefused, match=r"Choose at least one team that exists.*`operators`, `data`"):
        world.press(Verb.APPROVE, teams=teams)
    assert world.states == [State.PENDING] and world.last.approvals == ()
    assert "refused: approve" in [line.action for line in world.store.trail(world.last.client_id)]


@pytest.mark.safety("A choice of teams that are gone lets no other team in", "bot/decisions/choice.py")
@pytest.mark.parametrize("names", [("operators",), ()])
def test_a_choice_made_before_there_was_only_one_team_lets_no_other_in(world: World, names: tuple[str, ...]) -> None:
    world.teams = Teams(names)
    edits = world.channel.asked("edit")
    with pytest.raises(StalePress, match="Look again at who will get in"):
        world.press(Verb.APPROVE, teams=("data",))
    assert world.states == [State.PENDING] and world.last.approvals == ()
    assert world.channel.asked("edit") > edits, "the message still offers what nobody can choose"
    world.press(Verb.APPROVE)
    world.work()
    assert world.states == [State.DONE] and "data" not in lets_in(world)


def test_with_one_team_a_choice_of_that_team_is_none() -> None:
    world = World(teams=Teams(("operators",)))
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE, teams=("operators",))
    world.work()
    assert world.last.teams == ("operators",) and world.states == [State.DONE]


@pytest.mark.parametrize("verb", [Verb.DENY])
def test_a_choice_counts_with_approve_alone(world: World, verb: Verb) -> None:
    world.press(verb, teams=("data",))
    assert world.last.teams == ("operators",)


@pytest.mark.safety("Approvals of other teams than the last approver chose don't count", "bot/decisions/choice.py")
def test_an_approval_of_another_choice_ends_the_earlier_ones(world: World) -> None:
    world.approvers = TWO
    world.press(Verb.APPROVE, ADA, teams=("operators",))
    world.press(Verb.APPROVE, BEA, teams=("operators", "data"))
    assert world.last.state is State.PENDING
    assert ([one.actor for one in world.last.approvals], world.last.teams) == (["U0BEA"], ("operators", "data"))
    trail = world.store.trail(world.last.client_id)
    lapsed = next(line for line in trail if line.action == "approval lapsed")
    assert (lapsed.actor, lapsed.detail) == ("U0ADA", "U0BEA chose other teams: operators, data")
    world.press(Verb.APPROVE, CLEO)
    world.work()
    assert world.states == [State.DONE] and lets_in(world) == {"operators", "data"}


def test_the_same_choice_in_another_order_is_the_same(world: World) -> None:
    world.approvers = TWO
    world.press(Verb.APPROVE, ADA, teams=("data", "operators"))
    world.press(Verb.APPROVE, BEA, teams=("operators", "data"))
    assert world.last.state is State.APPROVED


def test_one_person_can_choose_anew_and_still_counts_once(world: World) -> None:
    world.approvers = TWO
    for teams in (("operators",), ("data",), ("operators",)):
        world.press(Verb.APPROVE, ADA, teams=teams)
        assert ([one.actor for one in world.last.approvals], world.last.state) == (["U0ADA"], State.PENDING)
    with pytest.raises(ActionRefused, match="already approved"):
        world.press(Verb.APPROVE, ADA, teams=("operators",))


def test_a_stale_press_and_a_second_click_choose_nothing(world: World) -> None:
    world.approvers = TWO
    request_id = world.last.id
    world.press(Verb.APPROVE, ADA)
    with pytest.raises(StalePress):
        world.workflow.decide(request_id, Verb.APPROVE, BEA, 0, teams=("data",))
    world.press(Verb.APPROVE, BEA)
    with pytest.raises(AlreadyDecided):
        world.workflow.decide(request_id, Verb.APPROVE, BEA, teams=("data",))
    world.work()
    assert lets_in(world) == {"operators"}


def test_an_invitation_names_the_team_that_is_chosen_at_first(world: World) -> None:
    token = world.workflow.invite("Globex", AccessLevel.READ_ONLY, ADA, teams=("data",)).token
    world.happens("CREATE_COMPLETE", token=token, account="333333333333", company="Globex", parent=2)
    assert world.last.teams == ("data",)


def test_each_seat_of_an_invitation_inherits_its_teams(world: World) -> None:
    token = world.workflow.invite("Globex", AccessLevel.READ_ONLY, ADA, 2, ("data",)).token
    for number in (3, 4):
        world.happens("CREATE_COMPLETE", token=token, account=f"{number}" * 12, company="Globex", parent=number)
        assert world.last.teams == ("data",)


def test_an_invitation_for_an_unknown_team_is_refused(world: World) -> None:
    with pytest.raises(BadCommand, match=r"no team called `nobody`\. The teams are `operators`, `data`"):
        world.workflow.invite("Globex", AccessLevel.READ_ONLY, ADA, teams=("data", "nobody"))
    assert len(world.store.stored_invitations) == 1


@pytest.mark.parametrize(("asked", "told"), [((), ("operators",)), (("data",), ("data",))])
def test_the_answer_says_which_team_will_get_in(world: World, asked: tuple[str, ...], told: tuple[str, ...]) -> None:
    invited = world.workflow.invite("Globex", AccessLevel.READ_ONLY, ADA, teams=asked)
    assert (invited.teams, invited.invitation.teams) == (told, asked)
