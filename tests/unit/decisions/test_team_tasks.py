"""What is done to a whole team: every client adopted, every client taken off, pages made ahead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.answers import Actor
from bot.domain.approvers import Approvers
from bot.domain.errors import ActionRefused, BadCommand, NotAllowed, StalePress, TryAgain
from bot.domain.page import PageName, Teams
from bot.domain.vocabulary import AccessLevel, Kind, State, TeamVerb, Verb
from bot.ports.store import Change
from bot.provisioning import team_tasks
from tests.fakes import ADA, BEA, OLLI, STRANGER, World
from tests.proving import amount

TEAMS = Teams(("operators", "data"))
ADOPT, REMOVE, PREPARE = TeamVerb.ADOPT, TeamVerb.REMOVE, TeamVerb.PREPARE


def onboard(world: World, clients: int, **fields: Any) -> list[str]:
    """Clients that have been approved by groups of their own, or by the world's usual team."""
    before = set(world.store.stored_clients)
    for number in range(len(before), len(before) + clients):
        company = f"C{number}"
        level = AccessLevel(fields.get("level", "ReadOnly"))
        world.happens(
            "CREATE_COMPLETE",
            token=world.invite(company, level),
            account=f"{number:012}",
            company=company,
            parent=number,
            **fields,
        )
        world.press(Verb.APPROVE)
    world.work()
    return sorted(set(world.store.stored_clients) - before)


@pytest.fixture
def world() -> World:
    """Forty clients from before there were teams."""
    world = World()
    onboard(world, 40)
    world.teams = TEAMS
    return world


def begin(world: World, verb: TeamVerb, team: str = "operators", actor: Actor = ADA) -> None:
    asked = world.workflow.ask_about_team(verb, team, actor)
    world.workflow.begin_with_team(verb, team, asked.state, actor)


def on_team(world: World, team: str = "operators") -> int:
    return len(world.pages.lets_into(team))


@pytest.mark.safety("Asking about a whole team changes nothing", "bot/decisions/team_tasks.py")
@pytest.mark.parametrize("verb", TeamVerb)
def test_asking_changes_nothing(world: World, verb: TeamVerb) -> None:
    stored = len(world.store.stored_audits), dict(world.store.stored_clients), dict(world.store.stored_teams)
    world.workflow.ask_about_team(verb, "operators", ADA)
    world.work()
    now = len(world.store.stored_audits), world.store.stored_clients, world.store.stored_teams
    assert now == stored and world.pages.writes == []


@pytest.mark.parametrize("actor", [OLLI, STRANGER, Actor("", "", "")])
@pytest.mark.parametrize("verb", TeamVerb)
def test_only_approvers_do_anything_to_a_team(world: World, verb: TeamVerb, actor: Actor) -> None:
    state = world.workflow.ask_about_team(verb, "operators", ADA).state
    with pytest.raises(NotAllowed):
        world.workflow.ask_about_team(verb, "operators", actor)
    with pytest.raises(NotAllowed):
        world.workflow.begin_with_team(verb, "operators", state, actor)
    world.work()
    assert world.store.stored_teams == {} and world.pages.writes == []
    assert (actor.user_id, f"refused: team {verb}") in [(a.actor, a.action) for a in world.store.trail("invitation")]


@pytest.mark.parametrize("name", ["", "nobody", "Operators", "<!channel>", "operators "])
@pytest.mark.parametrize("verb", TeamVerb)
def test_a_team_that_does_not_exist_is_refused(world: World, verb: TeamVerb, name: str) -> None:
    with pytest.raises(BadCommand):
        world.workflow.ask_about_team(verb, name, ADA)
    with pytest.raises(BadCommand):
        world.workflow.begin_with_team(verb, name, "", ADA)
    assert world.store.stored_teams == {}


@pytest.mark.parametrize("verb", TeamVerb)
def test_a_state_that_nobody_was_shown_does_nothing(world: World, verb: TeamVerb) -> None:
    for state in ("", "0" * 16, world.workflow.ask_about_team(verb, "data", ADA).state):
        with pytest.raises(StalePress):
            world.workflow.begin_with_team(verb, "operators", state, ADA)
    assert world.store.stored_teams == {}


@pytest.mark.safety("An old Adopt button lets no team in at more than its question said", "bot/decisions/team_tasks.py")
@pytest.mark.parametrize("meanwhile", ["another client", "more access"])
def test_an_adopt_button_drawn_before_there_was_more_to_adopt_is_stale(world: World, meanwhile: str) -> None:
    asked = world.workflow.ask_about_team(ADOPT, "data", ADA)
    if meanwhile == "another client":
        onboard(world, 1)
    else:
        fields = {"account": "000000000007", "company": "C7", "parent": 7}
        world.happens("UPDATE_COMPLETE", level="Administrator", **fields)  # type: ignore[arg-type]
        world.press(Verb.APPROVE)
        world.work()
    with pytest.raises(StalePress, match="has changed since you were asked"):
        world.workflow.begin_with_team(ADOPT, "data", asked.state, ADA)
    world.work()
    assert on_team(world, "data") == 0
    begin(world, ADOPT, "data")
    world.work()
    assert on_team(world, "data") == (41 if meanwhile == "another client" else 40)


def test_adopting_puts_every_client_with_access_on_the_teams_pages(world: World) -> None:
    groups = dict(world.stacks.groups)
    asked = world.workflow.ask_about_team(ADOPT, "operators", ADA)
    assert (asked.clients, asked.more, asked.left_out) == (40, False, ())
    begin(world, ADOPT)
    world.work()
    assert on_team(world) == 40 and world.stacks.groups == groups
    assert {client.given.teams for client in world.store.stored_clients.values() if client.given} == {("operators",)}
    assert world.pages.writes == [PageName("operators", 1), PageName("operators", 2)]
    with pytest.raises(ActionRefused, match="gets in already"):
        world.workflow.ask_about_team(ADOPT, "operators", ADA)
    actions = [line.action for line in world.store.stored_audits]
    assert (actions.count("team adopt"), actions.count("put on team"), actions.count("team adopt done")) == (1, 40, 1)


def test_five_thousand_clients_end_on_forty_three_pages() -> None:
    number, pages = amount(200, 5_000), amount(2, 43)
    world = World()
    onboard(world, number)
    world.teams = TEAMS
    begin(world, ADOPT)
    for _ in range(amount(5, 60)):
        world.minute()
        world.work()
    assert on_team(world) == number
    filled = [name for name, roles in world.pages.documents.items() if roles and name.team == "operators"]
    assert len(filled) <= pages + 1
    assert world.store.stored_teams["operators"].task is None


def test_who_has_no_access_or_is_leaving_is_left_alone(world: World) -> None:
    world.happens("DELETE_COMPLETE", account="000000000039", company="C39", parent=39, last_word=True)
    world.happens("CREATE_COMPLETE", token=world.invite("New"), account="9" * 12, company="New", parent=99)
    world.workflow.revoke(*revocation(world, "C0"), ADA)
    world.work()
    begin(world, ADOPT)
    world.work()
    assert on_team(world) == 38


def revocation(world: World, company: str) -> tuple[str, str]:
    asked = world.workflow.ask_to_revoke(company, ADA)
    return asked.client.id, asked.state


def test_who_is_busy_comes_last(world: World) -> None:
    world.happens("UPDATE_COMPLETE", role="other", account="000000000007", company="C7", parent=7)
    world.press(Verb.APPROVE)
    begin(world, ADOPT)
    while world.bench.asked_pages:
        world.workflow.work_on_pages(*world.bench.asked_pages.pop(0))
    task = world.store.stored_teams["operators"].task
    assert task is not None and task.listed and len(task.busy) == 1
    world.work()
    for _ in range(3):
        world.minute()
        world.work()
    assert on_team(world) == 40 and world.store.stored_teams["operators"].task is None
    assert "arn:aws:iam::000000000007:role/other" in world.pages.lets_into("operators")


@pytest.mark.safety(
    "One approver's command can't let a team in where that takes several approvers", "bot/decisions/team_tasks.py"
)
@pytest.mark.parametrize(
    "approvers",
    [
        Approvers(("U0ADA", "U0BEA"), two_people=True),
        Approvers(("U0ADA", "U0BEA"), needed=((AccessLevel.ADMINISTRATOR, 2),)),
    ],
)
def test_clients_whose_approval_takes_several_people_are_left_alone(world: World, approvers: Approvers) -> None:
    [administered] = onboard(world, 1, level="Administrator")
    world.workflow.regroup(*teams_of(world, administered, "data"), ADA)
    world.work()
    world.approvers = approvers
    asked = world.workflow.ask_about_team(ADOPT, "operators", ADA)
    assert (asked.clients, asked.left_out) == (40, (AccessLevel.ADMINISTRATOR,))
    begin(world, ADOPT)
    world.work()
    assert on_team(world) == 40 and len(world.pages.lets_into("data")) == 1


def teams_of(world: World, named: str, *teams: str) -> tuple[str, tuple[str, ...], str]:
    asked = world.workflow.ask_to_regroup(named, teams, ADA)
    return asked.client.id, asked.teams, asked.state


@pytest.mark.parametrize("verb", [ADOPT, REMOVE])
def test_a_second_press_does_nothing_while_the_first_is_under_way(world: World, verb: TeamVerb) -> None:
    begin(world, verb)
    state = world.store.stored_teams["operators"]
    for actor in (ADA, BEA):
        with pytest.raises(ActionRefused, match=r"The team operators is .*; that began at"):
            world.workflow.begin_with_team(ADOPT, "operators", "0" * 16, actor)
        with pytest.raises(ActionRefused, match=r"The team operators is .*; that began at"):
            world.workflow.ask_about_team(REMOVE, "operators", actor)
    assert world.store.stored_teams["operators"] == state


@pytest.mark.safety("What a crash leaves of a team's task is finished by the sweep", "bot/provisioning/team_tasks.py")
@pytest.mark.parametrize("saves", range(1, 9))
def test_a_worker_that_dies_anywhere_leaves_the_rest_to_the_sweep(world: World, saves: int) -> None:
    begin(world, ADOPT)
    dies_after(world, saves)
    with pytest.raises(TryAgain):
        world.work()
    del world.store.save
    world.bench.asked_pages.clear()
    for _ in range(4):
        world.minute()
        world.work()
    assert on_team(world) == 40 and world.store.stored_teams["operators"].task is None
    actions = [line.action for line in world.store.stored_audits]
    assert actions.count("put on team") == 40


def dies_after(world: World, saves: int) -> None:
    """Let the table take so many transactions more, and then none."""
    save: Callable[..., None] = world.store.save
    left = [saves]

    def dying(change: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise TryAgain("the table does not answer")
        save(change)

    world.store.save = dying  # type: ignore[method-assign]


def test_an_open_update_does_not_undo_what_was_done_to_the_team(world: World) -> None:
    world.approvers = Approvers(("U0ADA", "U0BEA"), needed=((AccessLevel.POWER_USER, 2),))
    changed = {"role": "other", "account": "000000000007", "company": "C7", "parent": 7}
    world.happens("UPDATE_COMPLETE", level="PowerUser", **changed)  # type: ignore[arg-type]
    asked = world.last
    assert asked.kind is Kind.UPDATE and asked.state is State.PENDING
    world.press(Verb.APPROVE, teams=("data",))
    begin(world, ADOPT)
    world.work()
    assert (world.last.teams, world.last.approvals) == (("data", "operators"), ())
    with pytest.raises(StalePress):
        world.workflow.decide(asked.id, Verb.APPROVE, BEA, 1)
    for actor in (ADA, BEA):
        world.press(Verb.APPROVE, actor)
    world.work()
    role = "arn:aws:iam::000000000007:role/other"
    assert role in world.pages.lets_into("operators") and role in world.pages.lets_into("data")


def test_an_open_update_does_not_bring_a_team_back_that_was_removed(world: World) -> None:
    begin(world, ADOPT)
    world.work()
    changed = {"role": "other", "account": "000000000007", "company": "C7", "parent": 7}
    world.happens("UPDATE_COMPLETE", **changed)  # type: ignore[arg-type]
    begin(world, REMOVE)
    world.work()
    world.press(Verb.APPROVE)
    world.work()
    assert world.last.state is State.DONE and on_team(world) == 0


@pytest.mark.safety("Two workers at one team's task ask for each client once", "bot/provisioning/team_tasks.py")
@pytest.mark.parametrize("turn", range(1, 6))
def test_another_worker_before_any_save_loses_nothing_and_doubles_nothing(world: World, turn: int) -> None:
    begin(world, ADOPT)
    save, saves = world.store.save, [0]

    def after_another(change: Change) -> None:
        saves[0] += 1
        if saves[0] == turn:
            world.workflow.work_on_pages(["operators"])
        save(change)

    world.store.save = after_another  # type: ignore[method-assign]
    world.work()
    world.minute()
    world.work()
    assert on_team(world) == 40 and world.store.stored_teams["operators"].task is None
    actions = [line.action for line in world.store.stored_audits]
    assert (actions.count("put on team"), actions.count("team adopt done")) == (40, 1)


def test_what_one_lambda_has_no_time_for_the_next_minute_does(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team_tasks, "WORK", timedelta(milliseconds=2))
    begin(world, ADOPT)
    world.work()
    assert on_team(world) < 40
    for _ in range(20):
        world.minute()
        world.work()
    assert on_team(world) == 40 and world.store.stored_teams["operators"].task is None


def test_an_approval_and_a_removal_in_the_middle_of_it_both_count(world: World) -> None:
    begin(world, ADOPT)
    world.workflow.revoke(*revocation(world, "C5"), ADA)
    world.happens("CREATE_COMPLETE", token=world.invite("New"), account="9" * 12, company="New", parent=99)
    world.press(Verb.APPROVE)
    world.work()
    for _ in range(3):
        world.minute()
        world.work()
    roles = world.pages.lets_into("operators")
    assert len(roles) == 40
    assert "arn:aws:iam::000000000005:role/switchyard-access" not in roles
    assert "arn:aws:iam::999999999999:role/switchyard-access" in roles


def test_removing_empties_the_pages_and_leaves_other_ways_in(world: World) -> None:
    begin(world, ADOPT)
    world.work()
    assert world.workflow.ask_about_team(REMOVE, "operators", ADA).clients == 40
    begin(world, REMOVE)
    world.work()
    assert on_team(world) == 0 and len(world.stacks.groups) == 40
    for client in world.store.stored_clients.values():
        assert client.given is not None and client.given.teams == () and client.on_team("operators") == ()


@pytest.mark.safety("A team is not removed while it is somebody's only way in", "bot/decisions/team_tasks.py")
def test_who_would_be_left_without_a_way_in_is_named() -> None:
    world = World(teams=Teams(TEAMS.names, client_groups=False))
    onboard(world, 8)
    with pytest.raises(ActionRefused, match=r"Only the team operators lets people in at 8 clients: .* and 3 more\."):
        world.workflow.ask_about_team(REMOVE, "operators", ADA)
    begin(world, ADOPT, "data")
    world.work()
    state = world.workflow.ask_about_team(REMOVE, "operators", ADA).state
    world.workflow.regroup(*teams_of(world, "C0", "operators"), ADA)
    world.work()
    with pytest.raises(ActionRefused, match="Only the team operators lets people in at 1 client: C0"):
        world.workflow.begin_with_team(REMOVE, "operators", state, ADA)
    assert on_team(world) == 8


@pytest.mark.safety(
    "Whoever loses the other way in meanwhile is not taken off the last team", "bot/provisioning/team_tasks.py"
)
def test_who_loses_the_other_way_in_meanwhile_stays_on_the_team() -> None:
    world = World(teams=Teams(TEAMS.names, client_groups=False))
    onboard(world, 4)
    begin(world, ADOPT, "data")
    world.work()
    for team in TEAMS.names:
        begin(world, REMOVE, team)
    world.work()
    for _ in range(3):
        world.minute()
        world.work()
    assert world.pages.lets_into("operators") | world.pages.lets_into("data") == {
        f"arn:aws:iam::{number:012}:role/switchyard-access" for number in range(4)
    }


def test_a_press_on_remove_is_stale_once_another_client_is_on_the_team(world: World) -> None:
    onboard(world, 1)
    state = world.workflow.ask_about_team(REMOVE, "operators", ADA).state
    onboard(world, 1)
    with pytest.raises(StalePress):
        world.workflow.begin_with_team(REMOVE, "operators", state, ADA)
    assert on_team(world) == 2


def test_preparing_makes_ten_empty_pages_and_their_group(world: World) -> None:
    begin(world, PREPARE)
    world.work()
    assert sorted(name.number for name in world.pages.documents) == [*range(1, 11)]
    assert set(world.pages.documents.values()) == {frozenset()}
    assert world.store.stored_teams["operators"].task is None
    with pytest.raises(ActionRefused, match="has its first 10 pages already"):
        world.workflow.ask_about_team(PREPARE, "operators", ADA)
    begin(world, ADOPT)
    world.work()
    assert [name.number for name, roles in world.pages.documents.items() if roles] == [1]


def test_preparing_goes_on_after_a_crash(world: World) -> None:
    begin(world, PREPARE)
    world.bench.asked_pages.clear()
    for _ in range(40):
        world.minute()
        world.work()
    assert len(world.pages.documents) == 10


def test_the_list_of_teams_counts_clients_and_says_what_is_under_way(world: World) -> None:
    begin(world, ADOPT)
    [operators, data] = world.workflow.list_teams(OLLI)
    assert (operators.clients, data.clients, operators.pages) == (0, 0, ())
    assert operators.team.task is not None
    world.work()
    [operators, _] = world.workflow.list_teams(OLLI)
    assert (operators.clients, [page.clients for page in operators.pages]) == (40, [40, 0])
    with pytest.raises(NotAllowed):
        world.workflow.list_teams(STRANGER)


def test_a_page_that_cloudformation_refuses_leaves_clients_to_be_adopted_again(world: World) -> None:
    begin(world, ADOPT)
    world.pages.refuse = "LimitExceeded"
    world.work()
    assert on_team(world) == 0
    world.pages.refuse = ""
    for _ in range(40):
        world.minute()
        world.work()
    begin(world, ADOPT)
    world.work()
    assert on_team(world) == 40


def test_states_of_requests_are_untouched(world: World) -> None:
    begin(world, ADOPT)
    world.work()
    assert {request.state for request in world.store.stored_requests.values()} == {State.DONE}


@pytest.mark.safety("A removal asks every team, wherever its client is known to be", "bot/provisioning/page_changes.py")
def test_a_removal_reaches_a_client_that_is_taken_off_and_adopted_at_the_same_time(world: World) -> None:
    begin(world, ADOPT)
    world.work()
    begin(world, REMOVE)
    world.take_up()
    begin(world, ADOPT)
    world.take_up()
    for moved in world.pages.complete():
        world.workflow.record_outcome(moved)
    removal = world.workflow.revoke(*revocation(world, "C5"), ADA)
    for _ in range(4):
        world.take_up()
        for moved in [*world.stacks.complete(), *world.pages.complete()]:
            world.workflow.record_outcome(moved)
        if world.store.stored_requests[removal.id].state is State.DONE:
            assert "arn:aws:iam::000000000005:role/switchyard-access" not in world.pages.lets_into("operators")
    world.work()
    assert world.store.stored_requests[removal.id].state is State.DONE
    assert "arn:aws:iam::000000000005:role/switchyard-access" not in world.pages.lets_into("operators")
    assert on_team(world) == 39


@pytest.mark.safety("Adopting lists who is in client groups, and takes nobody out", "bot/provisioning/team_tasks.py")
def test_adopting_lists_who_is_in_client_groups_and_takes_nobody_out(world: World) -> None:
    first, second, *_ = world.stacks.groups.values()
    first[1].update({"olli", "ada"})
    second[1].add("olli")
    begin(world, ADOPT)
    world.work()
    [shown] = [one for one in world.workflow.list_teams(ADA) if one.team.name == "operators"]
    assert shown.team.in_client_groups == ("ada", "olli")
    assert (first[1], second[1]) == ({"olli", "ada"}, {"olli"})
    world.teams = Teams()
    onboard(world, 1)
    world.teams = TEAMS
    begin(world, ADOPT)
    assert world.store.stored_teams["operators"].in_client_groups == ()


def test_while_iam_does_not_answer_adopting_waits_and_then_goes_on(world: World) -> None:
    world.stacks.unreachable = True
    begin(world, ADOPT)
    with pytest.raises(TryAgain, match="IAM"):
        world.work()
    assert on_team(world) == 0
    world.stacks.unreachable = False
    for _ in range(3):
        world.minute()
        world.work()
    assert on_team(world) == 40
