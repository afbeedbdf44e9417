"""Two clients of one account have the same role: approvers see it, both histories say it, revoking one says it."""

from __future__ import annotations

import pytest

from bot.domain.request import RoleHolder
from bot.domain.vocabulary import Kind, Standing, State, Verb
from tests.fakes import ADA, BEA, World


@pytest.fixture
def world() -> World:
    return World()


def approve(world: World) -> None:
    world.press(Verb.APPROVE)
    world.work()


def second_client(world: World, role: str, parent: int = 9) -> str:
    """Globex, in the same account, asks with this role. Answers its id."""
    world.happens("CREATE_COMPLETE", token=world.invite("Globex"), company="Globex", role=role, parent=parent)
    assert world.last.company == "Globex"
    return world.last.client_id


def shared(world: World, message: int = -1) -> list[tuple[str, bool]]:
    return [(one.company, one.grants) for one in world.channel.messages[message].request.warnings.shared_with]


def told_in_history(world: World, client_id: str) -> list[str]:
    return [f"{one.action}: {one.detail}" for one in world.store.trail(client_id) if "role" in one.action]


def in_both_histories(world: World, taker: str, holder: str, role: str) -> None:
    names = {client_id: world.store.stored_clients[client_id].company for client_id in (taker, holder)}
    assert told_in_history(world, taker)[-1] == f"takes over a role: {role}, which {names[holder]} ({holder}) has too"
    assert told_in_history(world, holder)[-1] == f"its role is taken over: {role}, by {names[taker]} ({taker})"


# Each way to it


@pytest.mark.safety("It is known whose group still grants a role that was given up", "bot/ports/sharing.py")
@pytest.mark.parametrize("verdict", [None, Verb.DENY])
def test_a_role_given_up_that_its_group_still_grants(world: World, verdict: Verb | None) -> None:
    first = world.onboard(role="a")
    world.happens("UPDATE_COMPLETE", role="b")
    if verdict:
        world.press(verdict)
    second = second_client(world, "a")
    assert shared(world) == [("Acme", True)]
    in_both_histories(world, second, first, "a")


@pytest.mark.safety("It is known whose group for the same role is just being made", "bot/ports/sharing.py")
def test_a_role_given_up_while_its_group_is_being_made(world: World) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite(), role="a")
    first = world.last.client_id
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    world.happens("UPDATE_COMPLETE", role="b")
    second = second_client(world, "a")
    assert shared(world) == [("Acme", True)]
    in_both_histories(world, second, first, "a")


def test_a_role_that_somebody_elses_invitation_asks_for_again(world: World) -> None:
    """Both wait: the one that was asked first is warned about too, since it may be approved last."""
    world.happens("CREATE_COMPLETE", token=world.invite(), role="a")
    first = world.last.client_id
    token = world.invite("Globex")
    world.happens("CREATE_COMPLETE", token=token, company="Globex", role="b", parent=8)
    second = world.last.client_id
    world.happens("CREATE_COMPLETE", token=token, company="Globex", role="a", parent=9)
    assert world.last.client_id == second
    assert shared(world) == [("Acme", False)]
    assert shared(world, 0) == [("Globex", False)]
    in_both_histories(world, second, first, "a")


def test_a_stack_that_is_renamed_to_another_clients_role(world: World) -> None:
    first = world.onboard(role="a")
    second = second_client(world, "b")
    approve(world)
    world.happens("UPDATE_COMPLETE", company="Globex", role="a", parent=9)
    assert (world.last.client_id, world.last.kind) == (second, Kind.UPDATE)
    assert shared(world) == [("Acme", True)]
    in_both_histories(world, second, first, "a")


def test_a_stack_that_goes_back_to_a_role_that_somebody_has_taken_since(world: World) -> None:
    first = world.onboard(role="a")
    world.happens("UPDATE_COMPLETE", role="b")
    approve(world)
    second = second_client(world, "a")
    assert shared(world) == []
    approve(world)
    world.happens("UPDATE_COMPLETE", role="a")
    assert world.last.client_id == first
    assert shared(world) == [("Globex", True)]
    in_both_histories(world, first, second, "a")


def test_a_client_that_never_left_after_all(world: World) -> None:
    first = world.onboard(role="a")
    world.happens("DELETE_COMPLETE", role="a")
    world.clock.turn(minutes=11)
    world.workflow.sweep()
    approve(world)
    token = world.invite("Globex")
    world.happens("CREATE_COMPLETE", token=token, company="Globex", role="b", parent=9)
    second = world.last.client_id
    world.happens("UPDATE_COMPLETE", token=token, company="Globex", role="a", parent=9)
    assert shared(world) == []
    approve(world)
    world.happens("UPDATE_COMPLETE", role="a")
    assert (world.last.client_id, world.last.warnings.contradicted) == (first, True)
    assert shared(world) == [("Globex", True)]
    in_both_histories(world, first, second, "a")


def test_a_third_client_names_both_others(world: World) -> None:
    world.onboard(role="a")
    world.happens("UPDATE_COMPLETE", role="b")
    world.press(Verb.DENY)
    second_client(world, "a")
    approve(world)
    world.happens("UPDATE_COMPLETE", company="Globex", role="c", parent=9)
    world.press(Verb.DENY)
    world.happens("CREATE_COMPLETE", token=world.invite("Initech"), company="Initech", role="a", parent=10)
    assert sorted(shared(world)) == [("Acme", True), ("Globex", True)]


# What is none


def test_a_role_that_was_given_up_for_good_is_nobodys(world: World) -> None:
    world.onboard(role="a")
    world.happens("UPDATE_COMPLETE", role="b")
    approve(world)
    second = second_client(world, "a")
    assert shared(world) == []
    assert told_in_history(world, second) == []


def test_neither_is_one_whose_client_has_left(world: World) -> None:
    world.onboard(role="a")
    second_client(world, "b")
    world.happens("DELETE_COMPLETE", role="a", last_word=True)
    approve(world)
    world.happens("UPDATE_COMPLETE", company="Globex", role="a", parent=9, token="")
    assert world.last.company == "Globex"
    assert shared(world) == []


def test_the_same_name_in_another_account_is_another_role(world: World) -> None:
    world.onboard(role="a")
    world.happens("CREATE_COMPLETE", token=world.invite("Globex"), company="Globex", role="a", account="333333333333")
    assert shared(world) == []


# What it changes


def taken_over(world: World) -> tuple[str, str]:
    """Acme's group grants the role, and so does Globex's."""
    first = world.onboard(role="a")
    world.happens("UPDATE_COMPLETE", role="b")
    world.press(Verb.DENY)
    second = second_client(world, "a")
    approve(world)
    return first, second


@pytest.mark.safety("The takeover of a role stands in both clients' histories, once", "bot/ingest/plan.py")
def test_the_histories_tell_it_once(world: World) -> None:
    first, second = taken_over(world)
    for _ in range(3):
        world.happens("UPDATE_COMPLETE", company="Globex", role="a", parent=9)
        assert shared(world) == [("Acme", True)]
    assert len(told_in_history(world, first)) == len(told_in_history(world, second)) == 1


def test_nothing_is_given_by_itself(world: World) -> None:
    world.onboard(role="a")
    world.happens("UPDATE_COMPLETE", role="b")
    second = second_client(world, "a")
    world.work()
    assert second not in world.stacks.groups
    assert world.client().standing is Standing.WAITING


@pytest.mark.safety(
    "An approval from before the warning about another client's role no longer counts", "bot/ingest/plan.py"
)
def test_a_press_on_the_first_ones_request_before_the_warning_does_not_count(world: World) -> None:
    world.approvers = type(world.approvers)(("U0ADA", "U0BEA"), (), needed=(("ReadOnly", 2),))  # type: ignore[arg-type]
    world.happens("CREATE_COMPLETE", token=world.invite(), role="a")
    world.press(Verb.APPROVE, BEA)
    assert len(world.last.approvals) == 1
    token = world.invite("Globex")
    world.happens("CREATE_COMPLETE", token=token, company="Globex", role="b", parent=8)
    world.happens("CREATE_COMPLETE", token=token, company="Globex", role="a", parent=9)
    marked = world.channel.messages[0].request
    assert (marked.state, marked.approvals, marked.presses) == (State.PENDING, (), 2)


def taken_by_renaming(world: World, *roles: str) -> str:
    """Globex, whose stack is known, renames its role. Answers its id."""
    world.happens("CREATE_COMPLETE", token=world.invite("Globex"), company="Globex", role="z", parent=8)
    for role in roles:
        world.happens("UPDATE_COMPLETE", company="Globex", role=role, parent=8)
    return world.last.client_id


@pytest.mark.safety("What is approved or asks for a removal is not changed by a takeover", "bot/ingest/plan.py")
@pytest.mark.parametrize("kind", [Kind.ONBOARD, Kind.OFFBOARD])
def test_what_is_approved_or_a_removal_stays_as_it_is(world: World, kind: Kind) -> None:
    if kind is Kind.ONBOARD:
        world.happens("CREATE_COMPLETE", token=world.invite(), role="a")
        world.press(Verb.APPROVE)
    else:
        world.onboard(role="a")
        world.happens("DELETE_COMPLETE", role="a", last_word=True)
    asked = world.last
    assert asked.kind is kind
    taken_by_renaming(world, "a")
    assert [one.client_id for one in world.last.warnings.shared_with] == [asked.client_id]
    assert world.store.request(asked.id) == asked


def test_who_takes_a_role_again_is_named_once(world: World) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite(), role="a")
    first = world.last
    second = taken_by_renaming(world, "a", "z", "a")
    marked = world.store.stored_requests[first.id]
    assert [one.client_id for one in marked.warnings.shared_with] == [second]
    assert marked.presses == first.presses + 1


def test_each_role_that_is_taken_stands_in_the_histories(world: World) -> None:
    first = world.onboard(role="b")
    world.happens("UPDATE_COMPLETE", role="a")
    second = taken_by_renaming(world, "b", "a")
    assert len(told_in_history(world, first)) == len(told_in_history(world, second)) == 2


@pytest.mark.safety("Revoking says whose group still grants the role", "bot/decisions/revoke.py")
def test_revoking_the_first_says_whose_group_still_grants_the_role(world: World) -> None:
    _, second = taken_over(world)
    assert world.workflow.ask_to_revoke("Acme", ADA).shared_with == (RoleHolder(second, "Globex", grants=True),)
    removal = world.revoke("Acme")
    assert removal.warnings.shared_with == (RoleHolder(second, "Globex", grants=True),)
    world.work()
    assert shared(world) == [("Globex", True)]
    assert second in world.stacks.groups


def test_so_does_a_removal_that_the_client_asks_for(world: World) -> None:
    _, second = taken_over(world)
    world.happens("DELETE_COMPLETE", role="b", last_word=True)
    assert (world.last.kind, world.last.warnings.shared_with[0].client_id) == (Kind.OFFBOARD, second)


def test_revoking_names_nobody_whose_group_does_not_grant_it(world: World) -> None:
    world.onboard(role="a")
    world.happens("UPDATE_COMPLETE", role="b")
    second_client(world, "a")
    world.press(Verb.DENY)
    assert world.revoke("Acme").warnings.shared_with == ()
