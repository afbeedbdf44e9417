"""Clients on teams' pages: given, changed and taken away, one after the other and many at once."""

from __future__ import annotations

from bot.domain.model import Difference
from bot.domain.page import PageName, Teams
from bot.domain.vocabulary import Remedy, State, Verb
from tests.fakes import ACME, World

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
