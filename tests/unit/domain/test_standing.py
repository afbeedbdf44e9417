"""How a client stands, by its group, its stack and what is asked about it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain import policy
from bot.domain.model import Client, ClientStack, Given
from bot.domain.request import Request
from bot.domain.search import Search
from bot.domain.vocabulary import AccessLevel, Kind, Standing, State, Verb
from tests.fakes import ADA, World

GIVEN = Given(ClientStack("222222222222", "switchyard-access", AccessLevel.READ_ONLY, "arn:stack"))


@pytest.fixture(scope="module")
def asked() -> tuple[Client, Request]:
    world = World()
    world.happens("CREATE_COMPLETE", token=world.invite())
    return world.client(), world.last


@pytest.mark.parametrize(
    ("state", "leaving", "with_group", "without"),
    [
        (State.PENDING, Standing.LEAVING, Standing.UPDATE_WAITING, Standing.WAITING),
        (State.APPROVED, Standing.PROVISIONING, Standing.PROVISIONING, Standing.PROVISIONING),
        (State.FAILED, Standing.REMOVAL_FAILED, Standing.FAILED, Standing.FAILED),
        (State.DENIED, Standing.KEPT, Standing.ONBOARDED, Standing.DENIED),
        (State.EXPIRED, Standing.KEPT, Standing.ONBOARDED, Standing.EXPIRED),
        (State.SUPERSEDED, Standing.ONBOARDED, Standing.ONBOARDED, Standing.ARRIVING),
        (State.DONE, Standing.ONBOARDED, Standing.ONBOARDED, Standing.ARRIVING),
    ],
)
def test_a_client_stands_as_its_request_does(
    asked: tuple[Client, Request], state: State, leaving: Standing, with_group: Standing, without: Standing
) -> None:
    client, request = asked
    granted = replace(client, given=GIVEN)
    assert policy.standing(granted, replace(request, kind=Kind.OFFBOARD, state=state)) is leaving
    assert policy.standing(granted, replace(request, kind=Kind.UPDATE, state=state)) is with_group
    assert policy.standing(client, replace(request, state=state)) is without


def test_a_client_being_worked_on_is_being_set_up_whatever_else_is_asked(asked: tuple[Client, Request]) -> None:
    client, request = asked
    assert policy.standing(replace(client, provisioning="r"), request) is Standing.PROVISIONING
    assert policy.standing(replace(client, provisioning="r", given=GIVEN), None) is Standing.PROVISIONING


def test_there_is_no_group_to_keep_when_the_set_up_had_failed() -> None:
    world = World()
    world.stacks.refuse = "LimitExceeded"
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE)
    world.work()
    assert world.client().standing is Standing.FAILED
    world.happens("DELETE_COMPLETE", last_word=True)
    assert world.client().standing is Standing.LEAVING
    world.press(Verb.DENY)
    assert world.client().standing is Standing.WITHDRAWN


def test_a_client_arrives_until_its_stack_is_complete_and_again_with_the_next_one() -> None:
    world = World()
    token = world.invite()

    def standing() -> Standing:
        [client] = world.workflow.find(Search(), ADA).clients
        return client.standing

    world.happens("CREATE_IN_PROGRESS", token=token)
    assert standing() is Standing.ARRIVING
    world.happens("DELETE_COMPLETE", token=token, last_word=True)
    assert standing() is Standing.WITHDRAWN
    world.happens("CREATE_IN_PROGRESS", token=token, parent=2)
    assert standing() is Standing.ARRIVING


def test_what_is_only_noted_leaves_a_client_waiting() -> None:
    world = World()
    world.happens("CREATE_COMPLETE", token=world.invite())
    for status in ("UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"):
        world.happens(status)
        assert world.client().standing is Standing.WAITING


def test_an_update_asked_during_the_set_up_waits_once_that_is_done() -> None:
    world = World()
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    world.happens("UPDATE_COMPLETE")
    world.work()
    assert world.states == [State.DONE, State.PENDING]
    assert world.client().standing is Standing.UPDATE_WAITING


@pytest.mark.safety("`/clients` shows that a request has expired", "bot/sweep.py")
def test_an_expired_request_is_seen_in_the_list() -> None:
    world = World()
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.clock.turn(days=8)
    world.workflow.sweep()
    assert world.client().standing is Standing.EXPIRED
