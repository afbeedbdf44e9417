"""A client group that was changed or deleted by hand is noticed, told once, and put back by Repair."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.answers import ClientPage
from bot.domain.errors import ActionRefused, AlreadyDecided, NotAllowed, StalePress, TryAgain
from bot.domain.model import Difference
from bot.domain.request import Request
from bot.domain.vocabulary import AccessLevel, Kind, Remedy, Standing, State, Verb
from bot.ports import Progress
from tests.changed import changed
from tests.fakes import ADA, BEA, OLLI, World, stack_id

WIDENED = Difference(Remedy.PUT_BACK, "Its policy now says: * on *.")
ADDED = Difference(Remedy.BY_HAND, "The managed policy AdministratorAccess was attached.")


@pytest.fixture
def world() -> World:
    return World()


def minutes(world: World, number: int = 1) -> None:
    for _ in range(number):
        world.clock.turn(minutes=1)
        world.workflow.sweep()
        world.work()


def onboarded(world: World) -> str:
    """A client with a group that nothing has happened to for a while."""
    client_id = world.onboard()
    minutes(world, 3)
    return client_id


def drifted(world: World, *differences: Difference) -> str:
    """A client whose group was changed by hand, which has been told."""
    client_id = onboarded(world)
    world.stacks.by_hand[client_id] = differences or (WIDENED,)
    minutes(world, 2)
    assert world.last.state is State.DRIFTED
    return client_id


# What is noticed


def test_a_group_that_was_changed_by_hand_is_told_with_what_differs_and_what_was_approved(world: World) -> None:
    # Given
    client_id = onboarded(world)

    # When
    world.stacks.by_hand[client_id] = (WIDENED, ADDED)
    minutes(world, 2)

    # Then
    assert world.states == [State.DONE, State.DRIFTED]
    assert world.last.kind is Kind.REPAIR
    assert world.last.differences == (WIDENED, ADDED)
    assert (world.last.stack.role_name, world.last.stack.access_level) == ("switchyard-access", AccessLevel.READ_ONLY)
    assert world.client().standing is Standing.DRIFTED
    told = [one for one in world.store.trail(client_id) if one.action == "found changed by hand"]
    assert [(one.actor, one.request_id) for one in told] == [("switchyard", world.last.id)]
    assert WIDENED.told in told[0].detail
    assert ADDED.told in told[0].detail


def test_a_group_as_it_was_approved_is_told_nothing_about(world: World) -> None:
    onboarded(world)
    minutes(world, 10)
    assert world.states == [State.DONE]
    assert len(world.stacks.looks) >= 10


@pytest.mark.safety("A difference of a group is told once, however long it stays", "bot/provisioning/drift.py")
def test_it_is_told_once_however_many_minutes_pass(world: World) -> None:
    drifted(world)
    minutes(world, 90)
    assert world.states == [State.DONE, State.DRIFTED]
    assert world.channel.reminders == []


def test_it_is_told_anew_when_something_else_differs(world: World) -> None:
    client_id = drifted(world)
    world.stacks.by_hand[client_id] = (WIDENED, ADDED)
    minutes(world, 4)
    assert world.states == [State.DONE, State.SUPERSEDED, State.DRIFTED]
    assert world.channel.messages[1].request.reason.startswith("The access was changed by hand again")
    assert world.last.differences == (WIDENED, ADDED)


@pytest.mark.safety(
    "A difference that somebody has put back by hand has no button any more", "bot/provisioning/drift.py"
)
def test_what_somebody_puts_back_by_hand_takes_the_button_away_and_says_so(world: World) -> None:
    client_id = drifted(world)
    del world.stacks.by_hand[client_id]
    minutes(world, 4)
    assert world.states == [State.DONE, State.SUPERSEDED]
    assert "is again as it was approved" in world.last.reason
    assert world.client().standing is Standing.ONBOARDED
    with pytest.raises(AlreadyDecided):
        world.press(Verb.REPAIR)


def test_it_is_told_again_when_it_comes_again(world: World) -> None:
    client_id = drifted(world)
    del world.stacks.by_hand[client_id]
    minutes(world, 4)
    world.stacks.by_hand[client_id] = (WIDENED,)
    minutes(world, 4)
    assert world.states == [State.DONE, State.SUPERSEDED, State.DRIFTED]


def test_what_was_put_back_before_slack_showed_it_is_never_told(world: World) -> None:
    # Given a change that Slack did not take
    client_id = onboarded(world)
    world.stacks.by_hand[client_id] = (WIDENED,)
    world.channel.down = True
    minutes(world)
    request = world.store.request(world.client().current_request or "")
    assert request is not None
    assert request.state is State.DRIFTED

    # When somebody puts it back meanwhile
    world.clock.turn(minutes=5)
    del world.stacks.by_hand[client_id]
    world.workflow.sweep()  # Slack is down
    world.channel.down = False
    minutes(world, 5)

    # Then one message is there at most, and it asks for nothing
    assert world.states in ([State.DONE], [State.DONE, State.SUPERSEDED])
    assert world.client().standing is Standing.ONBOARDED


# What is no drift


@pytest.mark.safety("An outage of AWS is no difference of a group", "bot/aws/groups.py")
def test_an_outage_of_aws_is_no_drift(world: World) -> None:
    onboarded(world)
    world.stacks.unreachable = True
    minutes(world, 5)
    assert world.states == [State.DONE]


def another(world: World) -> Request:
    """What another client asks."""
    token = world.invite("Other")
    world.happens("CREATE_COMPLETE", token=token, company="Other", account="333333333333", parent=2)
    return next(one for one in world.store.stored_requests.values() if one.company == "Other")


@pytest.mark.safety("While Slack or AWS is down, no groups are compared", "bot/sweep.py")
def test_while_slack_is_down_nothing_is_compared(world: World) -> None:
    # Given something of another client that Slack does not take
    onboarded(world)
    world.channel.down = True
    another(world)
    world.clock.turn(minutes=2)
    world.stacks.looks.clear()

    # When, Then
    minutes(world, 5)
    assert world.stacks.looks == []
    world.channel.down = False
    minutes(world, 5)
    assert world.stacks.looks != []


@pytest.mark.safety("While Slack or AWS is down, no groups are compared", "bot/sweep.py")
def test_nothing_is_compared_while_aws_is_down_for_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given another client's group that CloudFormation does not tell about
    onboarded(world)
    asked = another(world)
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop(0))

    def down(_: Request) -> Progress:
        raise TryAgain("CloudFormation does not answer")

    monkeypatch.setattr(world.stacks, "progress", down)
    world.stacks.looks.clear()

    # When, Then
    for _ in range(3):
        world.clock.turn(minutes=2)
        world.workflow.sweep()
    assert world.stacks.looks == []
    still = world.store.request(asked.id)
    assert still is not None
    assert still.state is State.PROVISIONING


def test_a_denied_update_does_not_hide_that_an_earlier_one_is_at_work(world: World) -> None:
    # Given an update that CloudFormation works on, and a newer one that was denied
    onboarded(world)
    world.happens("UPDATE_COMPLETE", role="renamed")
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop(0))
    world.happens("UPDATE_COMPLETE", role="again")
    world.press(Verb.DENY)
    world.stacks.looks.clear()

    # When, Then
    for _ in range(5):
        world.clock.turn(minutes=1)
        world.workflow.sweep()
    assert world.stacks.looks == []


def test_the_clients_own_stack_is_not_shown_beside_what_somebody_else_changed(world: World) -> None:
    drifted(world)
    assert world.channel.messages[0].timeline != []
    assert world.channel.messages[-1].timeline == []


@pytest.mark.safety("The groups of clients with something else going on are not compared", "bot/provisioning/drift.py")
@pytest.mark.parametrize(
    "what", ["an update waits", "an update is provisioned", "it failed", "a removal waits", "it left"]
)
def test_clients_with_something_else_going_on_are_passed_over(world: World, what: str) -> None:
    # Given a client whose group was changed by hand in that moment
    client_id = onboarded(world)
    if what in ("a removal waits", "it left"):
        world.happens("DELETE_COMPLETE", last_word=True)
    else:
        world.happens("UPDATE_COMPLETE", role="renamed")
    if what == "it left":
        world.press(Verb.DENY)
    elif what in ("an update is provisioned", "it failed"):
        world.press(Verb.APPROVE)
        world.workflow.provision(world.bench.waiting.pop(0))
    if what == "it failed":
        [moved] = world.stacks.complete("Access denied.")
        world.workflow.record_outcome(moved)
    world.stacks.by_hand[client_id] = (WIDENED,)
    asked = world.last
    world.stacks.looks.clear()

    # When
    for _ in range(5):
        world.clock.turn(minutes=1)
        world.workflow.sweep()

    # Then
    assert world.stacks.looks == []
    assert world.last.id == asked.id


@pytest.mark.safety("The group of a client that has just changed is not compared", "bot/provisioning/drift.py")
def test_a_client_is_left_alone_for_a_moment_after_a_change(world: World) -> None:
    """IAM may still answer with what was before."""
    client_id = world.onboard()
    world.stacks.by_hand[client_id] = (WIDENED,)
    minutes(world, 1)
    assert world.stacks.looks == []
    minutes(world, 2)
    assert world.stacks.looks != []


@pytest.mark.safety(
    "A change during the comparison of a group counts, and the comparison does not", "bot/provisioning/drift.py"
)
def test_what_happens_to_the_client_during_the_look_counts_and_not_the_look(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a change that is found in the very moment in which an update is asked for
    client_id = onboarded(world)
    world.stacks.by_hand[client_id] = (WIDENED,)
    compare = world.stacks.differences

    def meanwhile(*asked: Any) -> tuple[Difference, ...]:
        found = compare(*asked)
        world.happens("UPDATE_COMPLETE", role="renamed")
        return found

    monkeypatch.setattr(world.stacks, "differences", meanwhile)
    world.clock.turn(minutes=2)

    # When
    world.workflow.sweep()

    # Then
    assert world.states == [State.DONE, State.PENDING]
    assert world.client().current_request == world.last.id


# In turn


@pytest.mark.safety("One client's group is compared each minute, each client in its turn", "bot/provisioning/drift.py")
def test_one_client_a_minute_is_compared_and_each_in_its_turn(world: World) -> None:
    # Given three clients with a group, and some without
    clients = [
        world.onboard(account=f"{number}" * 12, parent=number, company=f"Client {number}") for number in (2, 3, 4)
    ]
    world.happens("CREATE_COMPLETE", token=world.invite("Asking"), company="Asking", account="5" * 12, parent=5)
    world.clock.turn(minutes=5)

    # When
    seen = []
    for _ in range(8):
        world.stacks.looks.clear()
        world.clock.turn(minutes=1)
        world.workflow.sweep()
        seen.append(tuple(world.stacks.looks))

    # Then
    assert all(len(one) <= 1 for one in seen)
    looked = [client_id for one in seen for client_id in one]
    assert looked[:3] == clients[::-1]
    assert looked[3:6] == clients[::-1]


@pytest.mark.safety("The turn to be compared is over before AWS is asked", "bot/provisioning/drift.py")
def test_trouble_with_one_client_does_not_keep_the_others_waiting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = world.onboard(account="2" * 12, parent=2)
    second = world.onboard(account="3" * 12, parent=3, company="Other")
    compare = world.stacks.differences

    def broken(client_id: str, *more: Any) -> tuple[Difference, ...]:
        if client_id == second:
            raise ValueError("a fault of ours")
        return compare(client_id, *more)

    monkeypatch.setattr(world.stacks, "differences", broken)
    minutes(world, 6)
    assert first in world.stacks.looks


@pytest.mark.safety("To find the client whose group is compared, few clients are read", "bot/provisioning/drift.py")
def test_few_clients_are_read_in_one_minute_however_many_have_no_group(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a client with a group, and many newer ones without
    client_id = world.onboard()
    for number in range(25):
        client = world.client(world.last)
        world.store.stored_clients[f"c{number}"] = replace(
            client, id=f"c{number}", given=None, created_at=client.created_at + (world.clock.now() - client.created_at)
        )
    read: list[int] = []
    clients = world.store.clients

    def counted(limit: int, cursor: str | None = None) -> ClientPage:
        read.append(limit)
        return clients(limit, cursor)

    world.clock.turn(minutes=5)
    minutes(world)  # in which the index of words is completed, 100 clients a minute
    monkeypatch.setattr(world.store, "clients", counted)

    # When, Then
    most = 0
    for _ in range(4):
        read.clear()
        minutes(world)
        most = max(most, sum(read))
    assert most <= 10
    assert client_id in world.stacks.looks


# Repair


def test_repair_puts_back_what_was_approved(world: World) -> None:
    # Given a group that somebody deleted
    client_id = onboarded(world)
    del world.stacks.groups[client_id]
    minutes(world, 2)
    assert world.last.makes_anew

    # When
    repair = world.press(Verb.REPAIR)
    assert (repair.state, repair.attempt.number, repair.decision and repair.decision.actor) == (
        State.APPROVED,
        1,
        "U0ADA",
    )
    assert world.client().standing is Standing.PROVISIONING
    world.work()

    # Then
    assert world.states == [State.DONE, State.DONE]
    assert world.stacks.groups[client_id] == ("switchyard-access", set())
    assert world.client().standing is Standing.ONBOARDED
    assert len(world.channel.cards) == 1, "the earlier card is still right"
    actions = [one.action for one in world.store.trail(client_id)]
    assert actions[-3:] == ["found changed by hand", "repair", "repair done"]
    # And the first message, which says the same, stays green
    assert world.channel.messages[0].outdated is None
    minutes(world, 5)
    assert world.states == [State.DONE, State.DONE]


def test_after_a_repair_it_is_told_again(world: World) -> None:
    client_id = drifted(world)
    world.press(Verb.REPAIR)
    world.work()
    world.stacks.by_hand[client_id] = (WIDENED,)
    minutes(world, 4)
    assert world.states == [State.DONE, State.DONE, State.DRIFTED]


def test_nobody_but_an_approver_repairs(world: World) -> None:
    drifted(world)
    with pytest.raises(NotAllowed):
        world.press(Verb.REPAIR, OLLI)
    assert world.last.state is State.DRIFTED
    assert world.bench.waiting == []


def test_of_two_presses_one_counts(world: World) -> None:
    drifted(world)
    world.press(Verb.REPAIR, ADA)
    with pytest.raises(AlreadyDecided):
        world.press(Verb.REPAIR, BEA)
    world.work()
    assert world.last.attempt.number == 1


@pytest.mark.parametrize("verb", [Verb.APPROVE, Verb.DENY, Verb.RETRY, Verb.REOPEN])
def test_no_other_press_counts(world: World, verb: Verb) -> None:
    drifted(world)
    with pytest.raises(ActionRefused):
        world.press(verb)
    assert world.last.state is State.DRIFTED


@pytest.mark.safety("A repair begins with a press, and in no other way", "bot/domain/transitions.py")
def test_a_repair_is_never_made_without_a_press(world: World) -> None:
    client_id = drifted(world)
    starts = world.stacks.starts
    world.workflow.provision(world.last.id)
    world.workflow.record_outcome(world.stacks.stack_id(client_id))
    minutes(world, 60)
    assert world.stacks.starts == starts


@pytest.mark.safety("A repair gives what was granted, whatever its own record says", "bot/provisioning/attempt.py")
def test_a_repair_gives_nothing_but_the_grant_whatever_its_record_says(world: World) -> None:
    # Given a request for a repair that somebody has tampered with
    client_id = drifted(world)
    tampered = changed(world.last, role_name="admin", access_level=AccessLevel.ADMINISTRATOR)
    world.store.stored_requests[tampered.id] = tampered

    # When
    world.press(Verb.REPAIR)
    world.work()

    # Then
    assert world.stacks.groups[client_id][0] == "switchyard-access"
    grant = world.client().grant
    assert grant is not None
    assert (grant.role_name, grant.access_level) == ("switchyard-access", AccessLevel.READ_ONLY)


def test_a_repair_that_fails_offers_retry_and_is_not_told_besides(world: World) -> None:
    # Given
    drifted(world)
    world.press(Verb.REPAIR)
    world.workflow.provision(world.bench.waiting.pop(0))
    [moved] = world.stacks.complete("The role may not do that.")

    # When
    world.workflow.record_outcome(moved)

    # Then
    assert world.last.state is State.FAILED
    assert world.client().standing is Standing.FAILED
    minutes(world, 5)
    assert world.states == [State.DONE, State.FAILED]
    world.press(Verb.RETRY)
    world.work()
    assert world.states == [State.DONE, State.DONE]


def test_a_newer_event_outranks_the_repair(world: World) -> None:
    client_id = drifted(world)
    world.happens("UPDATE_COMPLETE", role="renamed")
    assert world.states == [State.DONE, State.SUPERSEDED, State.PENDING]
    with pytest.raises(AlreadyDecided):
        world.press(Verb.REPAIR, message=1)
    world.press(Verb.APPROVE)
    world.work()
    assert world.stacks.groups[client_id][0] == "renamed"


def test_a_repair_that_runs_when_an_update_is_approved_does_not_come_after_it(world: World) -> None:
    client_id = drifted(world)
    world.press(Verb.REPAIR)
    world.workflow.provision(world.bench.waiting.pop(0))
    world.happens("UPDATE_COMPLETE", role="renamed")
    world.press(Verb.APPROVE)
    minutes(world, 4)
    assert world.stacks.groups[client_id][0] == "renamed"
    assert world.states == [State.DONE, State.DONE, State.DONE]


def test_a_deletion_outranks_the_repair(world: World) -> None:
    client_id = drifted(world)
    world.happens("DELETE_COMPLETE", last_word=True)
    assert world.states == [State.DONE, State.SUPERSEDED, State.PENDING]
    world.press(Verb.APPROVE)
    world.work()
    assert client_id not in world.stacks.groups


def test_revoking_takes_the_access_away_whatever_the_group_gives(world: World) -> None:
    client_id = drifted(world)
    world.revoke("Acme", ADA)
    world.work()
    assert client_id not in world.stacks.groups
    assert world.client().standing is Standing.OFFBOARDED
    assert world.channel.messages[1].request.state is State.SUPERSEDED
    minutes(world, 5)
    assert world.last.kind is Kind.OFFBOARD


def test_an_update_that_was_denied_gives_way_and_says_why(world: World) -> None:
    client_id = onboarded(world)
    world.happens("UPDATE_COMPLETE", role="renamed")
    world.press(Verb.DENY)
    world.stacks.by_hand[client_id] = (WIDENED,)
    minutes(world, 4)
    assert world.states == [State.DONE, State.SUPERSEDED, State.DRIFTED]
    assert world.last.stack.role_name == "switchyard-access"
    world.press(Verb.REPAIR)
    world.work()
    assert world.stacks.groups[client_id][0] == "switchyard-access"


def test_a_button_of_an_earlier_telling_is_stale_after_a_retry(world: World) -> None:
    drifted(world)
    before: Request = world.last
    world.press(Verb.REPAIR)
    world.workflow.provision(world.bench.waiting.pop(0))
    [moved] = world.stacks.complete("No.")
    world.workflow.record_outcome(moved)
    with pytest.raises((StalePress, AlreadyDecided)):
        world.workflow.decide(before.id, Verb.RETRY, ADA, drawn_after=before.presses)


def test_the_repair_leaves_what_the_grant_is_from(world: World) -> None:
    client_id = drifted(world)
    before = world.client()
    world.press(Verb.REPAIR)
    world.work()
    after = world.store.client(client_id)
    assert after is not None
    assert after.given is not None
    assert (after.given.stack.parent_stack_id, after.grant) == (stack_id(), before.grant)
