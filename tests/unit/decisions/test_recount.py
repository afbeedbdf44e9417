"""The press that decides counts earlier approvals again: only those of people who are still approvers count."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.answers import Actor
from bot.domain.approvers import Approvers
from bot.domain.errors import ApproversUnknown, TwoPeopleNeeded
from bot.domain.request import Request
from bot.domain.vocabulary import AccessLevel, Kind, State, Verb
from bot.ports.store import Change
from bot.slack.render import views
from tests.fakes import ADA, BEA, OLLI, World
from tests.unit.slack.samples import SETTINGS, pictured, words

CY = Actor("U0CY", "T0HOME", "T0HOME")
EVERYBODY = Approvers(("U0ADA", "U0BEA", "U0CY"), ("S0APPROVERS",), needed=((AccessLevel.ADMINISTRATOR, 2),))


@pytest.fixture
def world() -> World:
    world = World(approvers=EVERYBODY)
    world.happens("CREATE_COMPLETE", token=world.invite(level=AccessLevel.ADMINISTRATOR), level="Administrator")
    return world


def shown(world: World) -> str:
    request = world.channel.messages[-1].request
    return words(views.request_message(pictured(request), replace(SETTINGS, approvers=world.approvers)))


def without(world: World, *gone: str) -> None:
    """The same deployment after these people were taken out of APPROVERS."""
    world.approvers = replace(world.approvers, users=tuple(u for u in world.approvers.users if u not in gone))


def approvals(request: Request) -> list[str]:
    return [one.actor for one in request.approvals]


@pytest.mark.safety("The press that decides checks and counts the earlier approvals again", "bot/decisions/quorum.py")
def test_an_approval_of_somebody_who_was_removed_does_not_count_and_the_message_says_so(world: World) -> None:
    world.press(Verb.APPROVE, BEA)
    without(world, "U0BEA")
    assert world.press(Verb.APPROVE, ADA).state is State.PENDING
    assert world.bench.waiting == []
    assert not world.client().may_have_group
    assert approvals(world.last) == ["U0ADA"]
    assert "<@U0BEA> approved earlier but is no longer an approver; that approval does not count." in shown(world)
    trail = [(line.actor, line.action) for line in world.store.trail(world.last.client_id)]
    assert trail[-2:] == [("U0BEA", "approval lapsed"), ("U0ADA", "approve")]


def test_then_another_approver_decides_and_the_message_still_says_whose_did_not_count(world: World) -> None:
    world.press(Verb.APPROVE, BEA)
    without(world, "U0BEA")
    world.press(Verb.APPROVE, ADA)
    assert world.press(Verb.APPROVE, CY).state is State.APPROVED
    world.work()
    assert "*Approved* by <@U0ADA> and <@U0CY>" in shown(world)
    assert shown(world).count("<@U0BEA> approved earlier") == 1


def test_so_is_one_of_somebody_who_has_left_the_user_group(world: World) -> None:
    world.channel.groups["S0APPROVERS"] = frozenset({"U0OLLI"})
    world.press(Verb.APPROVE, OLLI)
    world.channel.groups["S0APPROVERS"] = frozenset()
    assert world.press(Verb.APPROVE, ADA).state is State.PENDING
    assert [one.actor for one in world.last.lapsed] == ["U0OLLI"]


@pytest.mark.safety(
    "An earlier approval from a workspace that is no longer ours does not count", "bot/decisions/quorum.py"
)
def test_one_from_a_workspace_that_is_no_longer_ours_does_not_count(world: World) -> None:
    world.press(Verb.APPROVE, Actor("U0BEA", "T0OLD", "T0OLD"))
    assert world.press(Verb.APPROVE, ADA).state is State.PENDING
    assert approvals(world.last) == ["U0ADA"]


@pytest.mark.safety("An approval that names no workspace does not count", "bot/decisions/quorum.py")
def test_one_that_names_no_workspace_does_not_count(world: World) -> None:
    world.press(Verb.APPROVE, BEA)
    before = world.last
    world.store.save(Change(requests=(replace(before, approvals=(replace(before.approvals[0], team_id=""),)),)))
    assert world.press(Verb.APPROVE, ADA).state is State.PENDING
    assert approvals(world.last) == ["U0ADA"]


@pytest.mark.safety(
    "When Slack does not say whether an earlier approver still is one, nothing is decided", "bot/decisions/quorum.py"
)
def test_when_slack_does_not_tell_who_is_in_the_group_nothing_is_decided(world: World) -> None:
    world.channel.groups["S0APPROVERS"] = frozenset({"U0OLLI"})
    world.press(Verb.APPROVE, OLLI)
    world.channel.unreadable = {"S0APPROVERS"}
    with pytest.raises(ApproversUnknown) as told:
        world.press(Verb.APPROVE, ADA)
    assert told.value.groups == ("S0APPROVERS",)
    assert (world.last.state, approvals(world.last), world.last.lapsed) == (State.PENDING, ["U0OLLI"], ())
    assert ("U0ADA", "refused: approve") in [(a.actor, a.action) for a in world.store.trail(world.last.client_id)]
    world.channel.unreadable = set()
    assert world.press(Verb.APPROVE, ADA).state is State.APPROVED


def test_who_comes_back_may_approve_again_and_is_no_longer_named(world: World) -> None:
    world.press(Verb.APPROVE, BEA)
    without(world, "U0BEA")
    world.press(Verb.APPROVE, ADA)
    world.approvers = EVERYBODY
    assert world.press(Verb.APPROVE, BEA).state is State.APPROVED
    assert "approved earlier" not in shown(world)


@pytest.mark.safety(
    "Lowering the number of needed approvals lets nobody approve alone what they invited", "bot/decisions/quorum.py"
)
def test_lowering_the_number_lets_nobody_approve_alone_what_they_invited(world: World) -> None:
    world.press(Verb.APPROVE, BEA)
    without(world, "U0BEA")
    world.approvers = replace(world.approvers, needed=(), two_people=True)
    with pytest.raises(TwoPeopleNeeded, match="You invited Acme"):
        world.press(Verb.APPROVE, ADA)
    assert world.bench.waiting == []


def test_a_denial_and_reopening_forget_what_did_not_count(world: World) -> None:
    world.press(Verb.APPROVE, BEA)
    without(world, "U0BEA")
    world.press(Verb.APPROVE, ADA)
    world.press(Verb.DENY, ADA)
    world.press(Verb.REOPEN, ADA)
    assert (world.last.approvals, world.last.lapsed) == ((), ())


def failed(world: World, *people: Actor) -> None:
    for one in people:
        world.press(Verb.APPROVE, one)
    world.stacks.refuse = "LimitExceeded"
    world.work()
    world.stacks.refuse = ""
    assert world.last.state is State.FAILED


@pytest.mark.safety("A Retry does not stand in for approvals that no longer count", "bot/decisions/quorum.py")
def test_a_retry_alone_does_not_carry_out_what_too_few_approvers_have_approved(world: World) -> None:
    failed(world, ADA, BEA)
    without(world, "U0BEA")
    with pytest.raises(TwoPeopleNeeded, match="already approved this"):
        world.press(Verb.RETRY, ADA)
    assert (world.last.state, world.bench.waiting) == (State.FAILED, [])
    assert world.press(Verb.RETRY, CY).state is State.APPROVED
    assert approvals(world.last) == ["U0ADA", "U0CY"]


def test_where_none_is_left_each_retry_counts_as_an_approval(world: World) -> None:
    failed(world, BEA, CY)
    without(world, "U0BEA", "U0CY")
    world.channel.groups["S0APPROVERS"] = frozenset({"U0OLLI"})
    assert world.press(Verb.RETRY, ADA).state is State.FAILED
    assert world.bench.waiting == []
    assert "1 of 2 approvals still count" in shown(world)
    assert world.press(Verb.RETRY, OLLI).state is State.APPROVED
    world.work()
    assert world.last.state is State.DONE


@pytest.mark.safety("A Retry does not stand in for approvals that no longer count", "bot/decisions/quorum.py")
def test_whoever_invited_does_not_retry_alone_what_a_former_approver_approved(world: World) -> None:
    world.approvers = replace(EVERYBODY, needed=(), two_people=True)
    failed(world, BEA)
    without(world, "U0BEA")
    with pytest.raises(TwoPeopleNeeded, match="You invited Acme"):
        world.press(Verb.RETRY, ADA)
    assert world.press(Verb.RETRY, CY).state is State.APPROVED


def test_a_removal_takes_one_person_and_its_retry_too(world: World) -> None:
    world.press(Verb.APPROVE, ADA)
    world.press(Verb.APPROVE, BEA)
    world.work()
    world.happens("DELETE_COMPLETE", last_word=True)
    failed(world, BEA)
    without(world, "U0BEA")
    assert world.last.kind is Kind.OFFBOARD
    assert world.press(Verb.RETRY, ADA).state is State.APPROVED


def test_one_approval_reads_no_more_of_slack_than_before(world: World) -> None:
    world.approvers = replace(EVERYBODY, needed=())
    world.press(Verb.APPROVE, ADA)
    assert world.channel.asked("members") == 0


def test_a_group_is_read_once_for_whoever_presses_and_all_who_pressed_before(world: World) -> None:
    world.approvers = Approvers(groups=("S0APPROVERS",), needed=((AccessLevel.ADMINISTRATOR, 3),))
    world.channel.groups["S0APPROVERS"] = frozenset({"U0OLLI", "U0ADA", "U0BEA"})
    world.press(Verb.APPROVE, OLLI)
    world.press(Verb.APPROVE, BEA)
    world.channel.calls.clear()
    assert world.press(Verb.APPROVE, ADA).state is State.APPROVED
    assert world.channel.asked("members") == 1
