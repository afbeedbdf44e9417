"""`/clients team` changes which teams get in at a client: asked first, checked again, carried out like an update."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.answers import Actor, TeamsChoice
from bot.domain.approvers import Approvers
from bot.domain.errors import ActionRefused, BadCommand, NotAllowed, StalePress, TwoPeopleNeeded
from bot.domain.message import Shows
from bot.domain.page import Teams
from bot.domain.vocabulary import AccessLevel, Kind, Standing, State, Verb
from tests.fakes import ACME, ADA, BEA, OLLI, STRANGER, World

ROLE = f"arn:aws:iam::{ACME}:role/switchyard-access"
TEAMS = Teams(("operators", "data", "audit"))
SEVERAL = (
    {"two_people": True},
    {"needed": ((AccessLevel.ADMINISTRATOR, 2),)},
)


@pytest.fixture
def world() -> World:
    world = World(teams=TEAMS)
    world.onboard()
    return world


def ask(world: World, *teams: str) -> TeamsChoice:
    return world.workflow.ask_to_regroup("Acme", teams, BEA)


def change(world: World, *teams: str, actor: Actor = BEA) -> None:
    asked = ask(world, *teams)
    world.workflow.regroup(asked.client.id, asked.teams, asked.state, actor)


def lets_in(world: World) -> set[str]:
    return {team for team in TEAMS.names if ROLE in world.pages.lets_into(team)}


@pytest.mark.safety("Asking to change a client's teams changes nothing", "bot/decisions/regroup.py")
def test_asking_changes_nothing(world: World) -> None:
    before = (dict(world.store.stored_clients), dict(world.store.stored_requests), list(world.store.stored_audits))
    asked = ask(world, "data", "operators")
    assert (asked.before, asked.teams, asked.asks_others) == (("operators",), ("operators", "data"), False)
    assert (world.store.stored_clients, world.store.stored_requests, world.store.stored_audits) == before


def test_the_client_leaves_the_old_teams_pages_and_comes_onto_the_new_ones(world: World) -> None:
    change(world, "data")
    assert (world.last.kind, world.last.state) == (Kind.UPDATE, State.APPROVED)
    world.work()
    assert world.last.state is State.DONE and lets_in(world) == {"data"}
    client = world.client()
    assert client.standing is Standing.ONBOARDED and client.given is not None
    assert (client.given.teams, [place.team for place in client.places if place.team]) == (("data",), ["data"])
    assert len(world.stacks.groups) == 1
    [line] = [line for line in world.store.trail(client.id) if line.action == "changes teams"]
    assert (line.actor, line.detail) == ("U0BEA", "operators → data")


def test_the_card_names_the_teams_that_get_in_now(world: World) -> None:
    change(world, "data")
    world.work()
    cards = [call for call in world.channel.calls if call.shows(Shows.CARD) and call.drawn is not None]
    assert [call.name for call in cards] == ["post", "edit"]
    assert "the team `data`" in cards[-1].drawn.entrance.people if cards[-1].drawn else False


@pytest.mark.parametrize("actor", [OLLI, STRANGER, Actor("", "", "")])
def test_only_approvers_are_asked_and_only_their_press_counts(world: World, actor: Actor) -> None:
    asked = ask(world, "data")
    with pytest.raises(NotAllowed, match=r"Only approvers may choose which teams get in|does not count"):
        world.workflow.ask_to_regroup("Acme", ("data",), actor)
    with pytest.raises(NotAllowed, match=r"Only approvers may choose which teams get in|does not count"):
        world.workflow.regroup(asked.client.id, asked.teams, asked.state, actor)
    assert world.states == [State.DONE] and lets_in(world) == {"operators"}
    assert (actor.user_id, "refused: teams") in [(a.actor, a.action) for a in world.store.trail(asked.client.id)]


@pytest.mark.safety(
    "A press on other teams than were shown, or on an older state, is stale", "bot/decisions/regroup.py"
)
@pytest.mark.parametrize("teams", [("audit",), ("data", "audit")])
def test_a_press_that_names_other_teams_than_the_question_is_stale(world: World, teams: tuple[str, ...]) -> None:
    asked = ask(world, "data")
    with pytest.raises(StalePress):
        world.workflow.regroup(asked.client.id, teams, asked.state, BEA)
    assert world.states == [State.DONE]


def test_a_press_on_an_older_state_is_stale(world: World) -> None:
    asked = ask(world, "data")
    change(world, "audit")
    world.work()
    with pytest.raises(StalePress, match="has changed since you were asked, so nothing was changed"):
        world.workflow.regroup(asked.client.id, asked.teams, asked.state, BEA)
    assert lets_in(world) == {"audit"}


def test_a_second_press_changes_nothing_more(world: World) -> None:
    asked = ask(world, "data")
    world.workflow.regroup(asked.client.id, asked.teams, asked.state, BEA)
    with pytest.raises(ActionRefused, match="in progress"):
        world.workflow.regroup(asked.client.id, asked.teams, asked.state, BEA)
    world.work()
    with pytest.raises(ActionRefused, match="exactly these teams already: data"):
        world.workflow.regroup(asked.client.id, asked.teams, asked.state, BEA)
    assert len(world.channel.messages) == 2


@pytest.mark.parametrize("client_id", ["", "Acme", "c" + "a" * 10, "c" + "a" * 3000, "<!channel>"])
def test_a_value_that_is_no_client_of_ours_changes_nothing(world: World, client_id: str) -> None:
    with pytest.raises(ActionRefused, match="unknown here"):
        world.workflow.regroup(client_id, ("data",), ask(world, "data").state, BEA)


@pytest.mark.parametrize("team", ["nobody", "", "Operators", "<!channel>", "data`"])
def test_a_team_that_does_not_exist_is_refused_and_those_that_do_are_named(world: World, team: str) -> None:
    with pytest.raises(BadCommand, match="The teams are `operators`, `data`, `audit`"):
        world.workflow.regroup(world.client().id, ("data", team), ask(world, "data").state, BEA)
    with pytest.raises(BadCommand, match="There is no team called"):
        ask(world, "data", team)


def test_at_least_one_team_stays(world: World) -> None:
    with pytest.raises(ActionRefused, match="At least one team"):
        ask(world)
    with pytest.raises(ActionRefused, match="At least one team"):
        world.workflow.regroup(world.client().id, (), "", BEA)


def test_nothing_is_changed_before_anybody_has_access_or_after(world: World) -> None:
    world.revoke("Acme", BEA)
    with pytest.raises(ActionRefused, match="in progress"):
        ask(world, "data")
    world.work()
    with pytest.raises(ActionRefused, match="Nobody has access to Acme"):
        ask(world, "data")


def test_while_a_request_is_open_it_is_decided_first(world: World) -> None:
    world.happens("UPDATE_COMPLETE", role="other")
    with pytest.raises(ActionRefused, match="open request"):
        ask(world, "data")
    world.press(Verb.DENY)
    change(world, "data")
    world.work()
    assert lets_in(world) == {"data"}
    assert world.states == [State.DONE, State.SUPERSEDED, State.DONE]


def test_a_client_that_is_leaving_keeps_its_teams_until_that_is_decided(world: World) -> None:
    world.happens("DELETE_COMPLETE", last_word=True)
    world.press(Verb.DENY)
    with pytest.raises(ActionRefused, match="is leaving"):
        ask(world, "data")


def test_who_wins_is_decided_by_the_table_when_the_client_changes_at_that_moment(world: World) -> None:
    asked = ask(world, "data")
    world.happens("UPDATE_COMPLETE", role="other")
    with pytest.raises(ActionRefused, match="open request"):
        world.workflow.regroup(asked.client.id, asked.teams, asked.state, BEA)


@pytest.mark.safety(
    "A client's event during a change of its teams does not bring the old teams back", "bot/ingest/draft.py"
)
def test_an_event_while_the_teams_change_asks_for_the_new_teams(world: World) -> None:
    change(world, "data")
    world.take_up()
    world.happens("UPDATE_COMPLETE", role="other")
    assert world.last.teams == ("data",)
    world.work()
    world.press(Verb.APPROVE)
    world.work()
    assert world.pages.lets_into("operators") == set()
    assert world.pages.lets_into("data") == {ROLE.replace("switchyard-access", "other")}


def administered(several: dict[str, object]) -> World:
    world = World(teams=TEAMS)
    world.happens("CREATE_COMPLETE", token=world.invite(level=AccessLevel.ADMINISTRATOR), level="Administrator")
    world.press(Verb.APPROVE)
    world.work()
    world.approvers = replace(world.approvers, **several)  # type: ignore[arg-type]
    return world


@pytest.mark.safety(
    "Letting a further team in where that takes several approvers only asks them", "bot/decisions/regroup.py"
)
@pytest.mark.parametrize("several", SEVERAL)
def test_a_further_team_takes_as_many_people_as_a_grant(several: dict[str, object]) -> None:
    world = administered(several)
    assert ask(world, "operators", "data").asks_others
    change(world, "operators", "data")
    assert (world.last.state, world.last.approvals) == (State.PENDING, ())
    world.work()
    assert lets_in(world) == {"operators"}
    if several.get("two_people"):
        with pytest.raises(TwoPeopleNeeded, match="You asked for this, so another person must approve"):
            world.press(Verb.APPROVE, BEA)
    else:
        world.press(Verb.APPROVE, BEA)
        assert world.last.state is State.PENDING
    world.press(Verb.APPROVE, ADA)
    world.work()
    assert world.last.state is State.DONE and lets_in(world) == {"operators", "data"}


@pytest.mark.parametrize("several", SEVERAL)
def test_one_person_may_still_take_a_team_off(several: dict[str, object]) -> None:
    world = World(teams=TEAMS)
    world.happens("CREATE_COMPLETE", token=world.invite(level=AccessLevel.ADMINISTRATOR), level="Administrator")
    world.press(Verb.APPROVE, teams=("operators", "data"))
    world.work()
    world.approvers = replace(world.approvers, **several)  # type: ignore[arg-type]
    change(world, "data")
    assert world.last.state is State.APPROVED
    world.work()
    assert lets_in(world) == {"data"}


def test_what_others_deny_changes_nothing() -> None:
    world = administered({"two_people": True})
    change(world, "operators", "data")
    world.press(Verb.DENY, ADA)
    world.work()
    assert lets_in(world) == {"operators"} and world.client().standing is Standing.ONBOARDED


def test_a_failed_change_can_be_retried(world: World) -> None:
    change(world, "data")
    world.pages.refuse = "LimitExceeded"
    world.work()
    assert world.last.state is State.FAILED
    world.pages.refuse = ""
    world.press(Verb.RETRY)
    world.work()
    assert lets_in(world) == {"data"}


def test_a_client_that_teams_alone_let_in_gets_no_group_by_that() -> None:
    world = World(teams=replace(TEAMS, client_groups=False))
    world.onboard()
    world.teams = TEAMS
    change(world, "data")
    world.work()
    assert lets_in(world) == {"data"} and world.stacks.groups == {}


def test_without_approvers_nobody_changes_anything(world: World) -> None:
    asked = ask(world, "data")
    world.approvers = Approvers()
    with pytest.raises(NotAllowed):
        world.workflow.regroup(asked.client.id, asked.teams, asked.state, BEA)
