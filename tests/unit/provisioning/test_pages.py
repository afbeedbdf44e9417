"""Clients on teams' pages: given, changed and taken away, one after the other and many at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.errors import ProvisioningFailed
from bot.domain.model import Difference
from bot.domain.page import ROOM, Entry, PageChange, PageName, Teams, Todo
from bot.domain.vocabulary import Remedy, State, Verb
from bot.ports import StackOutcome
from bot.ports.store import Change
from bot.provisioning.page_ends import BatchEnd
from tests.fakes import ACME, ADA, World
from tests.interruptions import SlowStacks

ROLE = f"arn:aws:iam::{ACME}:role/switchyard-access"
OPERATORS = Teams(("operators",))


def test_an_approval_lets_the_team_in() -> None:
    world = World(teams=OPERATORS)
    client_id = world.onboard()
    assert world.last.state is State.DONE
    assert world.pages.lets_into("operators") == {ROLE}
    assert world.stacks.groups[client_id][0] == "switchyard-access"
    assert world.pages.documents[PageName("operators", 2)] == set()


def test_it_is_green_only_when_group_and_page_are_done() -> None:
    world = World(teams=OPERATORS)
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE)
    world.take_up()
    assert not world.pages.running
    [moved] = world.stacks.complete()
    world.workflow.record_outcome(moved)
    assert not world.pages.running
    world.take_up()
    assert world.states == [State.PROVISIONING]
    assert [page.role_of(world.last.client_id) for page in world.pages.running.values()] == [ROLE]
    world.work()
    assert world.states == [State.DONE]


def test_a_removal_clears_the_page_first() -> None:
    world = World(teams=OPERATORS)
    world.onboard()
    world.happens("DELETE_COMPLETE", last_word=True)
    world.press(Verb.APPROVE)
    world.take_up()
    assert world.pages.running and not world.stacks.running
    world.work()
    assert world.last.state is State.DONE
    assert world.pages.lets_into("operators") == set()
    assert world.stacks.groups == {}
    assert world.client().places == ()


def test_without_client_groups_only_the_page_is_made() -> None:
    world = World(teams=Teams(("operators",), client_groups=False))
    world.onboard()
    assert world.last.state is State.DONE
    assert world.stacks.groups == {}
    assert world.pages.lets_into("operators") == {ROLE}
    world.happens("UPDATE_COMPLETE", role="another-role")
    world.press(Verb.APPROVE)
    world.work()
    assert world.pages.lets_into("operators") == {ROLE.replace("switchyard-access", "another-role")}
    world.happens("DELETE_COMPLETE", role="another-role", last_word=True)
    world.press(Verb.APPROVE)
    world.work()
    assert world.last.state is State.DONE and world.pages.lets_into("operators") == set()


def test_near_the_accounts_quota_the_team_alone_is_let_in() -> None:
    world = World(teams=OPERATORS)
    world.stacks.room_for_groups = False
    world.onboard()
    assert world.last.state is State.DONE and world.last.attempt.without_group
    assert world.stacks.groups == {} and world.pages.lets_into("operators") == {ROLE}


def test_a_page_that_fails_fails_the_request_and_retry_goes_on() -> None:
    world = World(teams=OPERATORS)
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE)
    world.take_up()
    for moved in world.stacks.complete():
        world.workflow.record_outcome(moved)
    world.take_up()
    for moved in world.pages.complete(failing="LimitExceeded"):
        world.workflow.record_outcome(moved)
    assert (world.last.state, world.last.reason) == (State.FAILED, "LimitExceeded")
    world.press(Verb.RETRY)
    world.work()
    assert world.states == [State.DONE] and world.pages.lets_into("operators") == {ROLE}


def test_a_hundred_and_fifty_at_once_cost_two_updates_a_page() -> None:
    world = World(teams=Teams(("operators",), client_groups=False))
    for number in range(150):
        account = f"{number:012}"
        world.happens("CREATE_COMPLETE", token=world.invite(f"C{number}"), account=account, company=f"C{number}")
        world.press(Verb.APPROVE)
    world.work()
    assert len(world.pages.lets_into("operators")) == 150
    assert world.pages.writes.count(PageName("operators", 1)) <= 2
    assert world.pages.writes.count(PageName("operators", 2)) <= 2
    assert {one.state for one in world.store.stored_requests.values()} == {State.DONE}


def test_what_a_lost_invocation_leaves_is_found_by_the_sweep() -> None:
    world = World(teams=OPERATORS)
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE)
    world.take_up()
    for moved in world.stacks.complete():
        world.workflow.record_outcome(moved)
    world.bench.asked_pages.clear()
    for _ in range(6):
        world.minute()
        world.take_up()
        world.pages.complete()
    assert world.last.state is State.DONE and world.pages.lets_into("operators") == {ROLE}


def test_a_page_changed_by_hand_is_told_once_and_repaired() -> None:
    world = World(teams=OPERATORS)
    for number in range(3):
        account = f"{number:012}"
        world.happens("CREATE_COMPLETE", token=world.invite(f"C{number}"), account=account, company=f"C{number}")
        world.press(Verb.APPROVE)
        world.work()
    page = PageName("operators", 1)
    world.pages.by_hand[page] = (Difference(Remedy.PUT_BACK, "The page was changed."),)
    before = len(world.channel.messages)
    for _ in range(12):
        world.minute()
    assert len(world.channel.messages) == before + 1
    assert world.states[-1] is State.DRIFTED
    writes = len(world.pages.writes)
    world.press(Verb.REPAIR)
    world.work()
    assert world.pages.by_hand == {} and page in world.pages.writes[writes:]
    assert world.last.state is State.DONE


@pytest.mark.safety("Repair is not green while a page must be mended by hand", "bot/provisioning/run.py")
@pytest.mark.parametrize("client_groups", [True, False])
def test_repair_fails_until_what_it_cannot_undo_on_a_page_is_undone(*, client_groups: bool) -> None:
    world = World(teams=Teams(("operators",), client_groups=client_groups))
    world.onboard()
    page = PageName("operators", 1)
    world.pages.by_hand[page] = (Difference(Remedy.BY_HAND, "The group was given more."),)
    for _ in range(5):
        world.minute()
    world.press(Verb.REPAIR)
    world.work()
    assert (world.last.state, world.last.reason) == (State.FAILED, "The group was given more.")
    del world.pages.by_hand[page]
    world.press(Verb.RETRY)
    world.work()
    assert world.last.state is State.DONE and world.pages.lets_into("operators") == {ROLE}


def test_an_empty_page_changed_by_hand_is_told() -> None:
    world = World(teams=OPERATORS)
    world.onboard()
    world.pages.by_hand[PageName("operators", 2)] = (Difference(Remedy.PUT_BACK, "The page was changed."),)
    for _ in range(5):
        world.minute()
    assert world.last.state is State.DRIFTED
    world.press(Verb.REPAIR)
    world.work()
    assert world.pages.by_hand == {}


@pytest.mark.safety("A team that was dropped while a client's group is made gets no role", "bot/provisioning/run.py")
@pytest.mark.parametrize("left", [("data",), ()])
def test_a_team_that_is_dropped_while_the_group_is_made_is_not_let_in(left: tuple[str, ...]) -> None:
    world = World(teams=Teams(("operators", "data")))
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE, teams=("operators", *left))
    world.take_up()
    world.teams = Teams(left)
    world.work()
    assert world.states == [State.DONE] and world.pages.lets_into("operators") == set()
    assert world.last.teams == left and world.pages.lets_into("data") == ({ROLE} if left else set())
    given = world.store.stored_clients[world.last.client_id].given
    assert given is not None and (given.teams, given.by_group) == (left, True)


@pytest.mark.safety("The end of a client's group is followed by its pages once", "bot/provisioning/run.py")
def test_two_who_hear_of_the_groups_end_ask_for_the_page_once() -> None:
    stacks = SlowStacks()
    world = World(teams=OPERATORS, stacks=stacks)
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE)
    world.take_up()
    [moved] = stacks.complete()
    stacks.meanwhile = lambda: world.workflow.record_outcome(moved)
    world.workflow.record_outcome(moved)
    assert len(world.store.stored_asked) == 1
    world.work()
    assert world.states == [State.DONE] and world.pages.lets_into("operators") == {ROLE}


@pytest.mark.safety("The end of a client's group is followed by its pages once", "bot/provisioning/run.py")
def test_a_late_refusal_of_the_group_does_not_fail_what_waits_for_pages() -> None:
    """Whoever asked CloudFormation first has had the group made, and the page lists the role soon."""
    stacks = SlowStacks()
    world = World(teams=OPERATORS, stacks=stacks)
    world.happens("CREATE_COMPLETE", token=world.invite())
    request = world.press(Verb.APPROVE)

    def somebody_else_is_faster() -> None:
        world.workflow.provision(request.id)
        [moved] = stacks.complete()
        world.workflow.record_outcome(moved)
        raise ProvisioningFailed("AccessDenied")

    stacks.meanwhile = somebody_else_is_faster
    world.take_up()
    world.work()
    assert world.states == [State.DONE]


@pytest.mark.safety("No transaction stores a client twice", "bot/provisioning/page_ends.py")
def test_a_batch_may_hold_two_changes_of_a_client() -> None:
    world = World(teams=Teams(("operators",), client_groups=False))
    world.happens("CREATE_COMPLETE", token=world.invite())
    request = world.press(Verb.APPROVE)
    world.workflow.provision(request.id)
    for key, at in ("", 2), ("later", -2):
        asked_at = world.clock.now() + timedelta(seconds=at)
        besides = PageChange("operators", request.client_id, asked_at, role_arn=ROLE, key=key)
        world.store.save(Change(asked=(besides,)))
    world.work()
    assert world.states == [State.DONE] and world.store.stored_asked == {}


def teams_choose(world: World, *teams: str, failing: str = "") -> None:
    """Approve what waits for these teams; the pages of the team `failing` can't be changed."""
    request = world.last
    world.workflow.decide(request.id, Verb.APPROVE, ADA, teams=teams)
    for _ in range(3):
        world.take_up()
        refused = {name: page for name, page in world.pages.running.items() if name.team == failing}
        world.pages.running = {name: page for name, page in world.pages.running.items() if name.team != failing}
        moved = [*world.stacks.complete(), *world.pages.complete()]
        world.pages.running = refused
        for stack_id in [*moved, *world.pages.complete("LimitExceeded")]:
            world.workflow.record_outcome(stack_id)


@pytest.mark.safety("What one team's page refuses is left on no other team's pages", "bot/provisioning/page_ends.py")
def test_a_failed_approval_leaves_no_team_in() -> None:
    world = World(teams=Teams(("operators", "data")))
    world.happens("CREATE_COMPLETE", token=world.invite())
    teams_choose(world, "operators", "data", failing="data")
    assert world.last.state is State.FAILED
    world.happens("UPDATE_COMPLETE")
    world.press(Verb.DENY)
    world.work()
    assert world.pages.lets_into("operators") == world.pages.lets_into("data") == set()
    assert world.store.stored_asked == {}


def test_a_failed_update_leaves_every_team_with_what_it_had() -> None:
    world = World(teams=Teams(("operators", "data")))
    world.happens("CREATE_COMPLETE", token=world.invite())
    teams_choose(world, "operators")
    world.happens("UPDATE_COMPLETE", role="renamed")
    teams_choose(world, "data", failing="data")
    assert world.last.state is State.FAILED and world.client().on_team("operators")
    for _ in range(20):
        world.minute()
        world.work()
    assert world.pages.lets_into("operators") == {ROLE} and world.pages.lets_into("data") == set()
    assert (given := world.client().given) is not None and given.teams == ("operators",)
    world.press(Verb.RETRY)
    world.work()
    assert world.pages.lets_into("operators") == set()
    assert world.pages.lets_into("data") == {ROLE.replace("switchyard-access", "renamed")}


def test_a_removal_that_failed_after_the_page_no_longer_says_that_the_team_gets_in() -> None:
    world = World(teams=OPERATORS)
    world.onboard()
    world.happens("DELETE_COMPLETE", last_word=True)
    world.press(Verb.APPROVE)
    world.take_up()
    world.workflow.record_outcome(*world.pages.complete("LimitExceeded"))
    assert world.states == [State.DONE, State.FAILED]
    assert (given := world.client().given) is not None and given.teams == ()
    world.clock.turn(minutes=20)
    world.minute()
    world.work()
    assert world.pages.lets_into("operators") == set() and world.stacks.groups
    world.press(Verb.RETRY)
    world.work()
    assert world.states == [State.DONE, State.DONE] and world.stacks.groups == {}


@pytest.mark.safety("A page under way is asked for again only after its lease", "bot/provisioning/paging.py")
def test_who_has_saved_a_page_may_ask_for_it_before_anybody_else_does() -> None:
    """Two who ask for it could lie far apart, and the later one would bring back what the next revision took off."""
    world, page = World(teams=Teams(("operators",), client_groups=False)), PageName("operators", 1)
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE)
    world.take_up()
    assert world.store.stored_pages["operators", 1].under_way
    world.pages.running.clear()
    world.workflow.work_on_pages([], [page])
    assert page not in world.pages.running
    world.clock.turn(minutes=1)
    world.workflow.work_on_pages([], [page])
    assert page in world.pages.running


@pytest.mark.safety("No group is made that was turned off, even if all teams are gone", "bot/provisioning/run.py")
def test_a_request_whose_teams_are_gone_lets_nobody_in_where_groups_are_off() -> None:
    world = World(teams=Teams(("data",), client_groups=False))
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE)
    world.teams = Teams(("operators",), client_groups=False)
    world.work()
    assert world.states == [State.FAILED]
    assert "the teams of this request no longer exist" in world.last.reason
    assert (world.stacks.groups, world.pages.documents) == ({}, {})
    world.teams = Teams(("data", "operators"), client_groups=False)
    world.press(Verb.RETRY)
    world.work()
    assert world.states == [State.DONE]
    assert world.pages.lets_into("data") == {ROLE}


@pytest.mark.safety("Who hears of a page's end too late records nothing of it", "bot/provisioning/page_ends.py")
def test_a_late_worker_does_not_bring_back_a_role_that_was_taken_away_since() -> None:
    """It saw the end of a batch that moves a client to another page, and slept while that client was offboarded."""
    world = World(teams=Teams(("operators",), client_groups=False))
    full = ROOM // Entry("", ROLE.replace("switchyard-access", "r")).length
    for number in range(full):
        happens(world, number, "CREATE_COMPLETE", "r")
    world.work()
    for number in range(3):
        happens(world, number, "UPDATE_COMPLETE", "r" * 43)
    client_id = world.last.client_id
    for number in range(full, full + 15):
        happens(world, number, "CREATE_COMPLETE", "r")
    world.take_up()
    for moved in world.pages.complete():
        world.workflow.record_outcome(moved)
    world.take_up()
    [number] = [page.number for page in world.pages.running.values() if (page.role_of(client_id) or "").endswith("rr")]
    assert number > 1
    late = world.store.stored_pages["operators", number]
    world.work()
    happens(world, 2, "DELETE_COMPLETE", "r" * 43)
    world.work()
    assert world.last.state is State.DONE
    before = world.pages.lets_into("operators")
    end = BatchEnd(world.store, world.workflow.provisioning, world.clock, Todo(), StackOutcome(succeeded=True), late)
    end.record(end.ended_of(late))
    world.work()
    world.clock.turn(minutes=20)
    world.minute()
    world.work()
    assert world.pages.lets_into("operators") == before
    assert not [role for role in before if f"{2:012}" in role]


def happens(world: World, number: int, status: str, role: str) -> None:
    """A client's stack comes, changes or goes, and somebody approves."""
    token = world.invite(f"C{number}") if status == "CREATE_COMPLETE" else ""
    gone = status == "DELETE_COMPLETE"
    world.happens(status, token=token, account=f"{number:012}", company=f"C{number}", role=role, last_word=gone)
    world.press(Verb.APPROVE)
