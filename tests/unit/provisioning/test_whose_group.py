"""Nobody is taken out of a group before it is known to be ours: the whole removal, on the adapter that asks AWS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.aws.cloudformation import GroupStacks
from bot.domain.request import Request
from bot.domain.vocabulary import State, Verb
from bot.provisioning.run import Provisioning
from tests.fakes import World
from tests.unit.aws.cloudformation_stand_in import Stack, StandIn
from tests.unit.slack.samples import SETTINGS


@pytest.fixture
def aws() -> Iterator[StandIn]:
    stand_in = StandIn(looks_until_deleted=1)
    yield stand_in
    stand_in.leave()


@pytest.fixture
def removal() -> tuple[World, Request]:
    """A removal that was approved and not begun."""
    world = World()
    world.onboard()
    world.happens("DELETE_COMPLETE", last_word=True)
    return world, world.press(Verb.APPROVE)


def carry_out(aws: StandIn, removal: tuple[World, Request]) -> Request:
    world, request = removal
    stacks = GroupStacks(replace(SETTINGS, region="eu-west-1"), aws.cloudformation, aws.iam, poll_seconds=0, polls=3)
    Provisioning(world.store, stacks, world.pages, world.bench, world.clock).run(request.id)
    return world.store.stored_requests[request.id]


def stack_of(aws: StandIn, request: Request, role: str, status: str = "CREATE_COMPLETE") -> str:
    """Answers the group's name; it has one member."""
    group = SETTINGS.group_name(request.client_id)
    name = f"{SETTINGS.stack_prefix}{request.client_id}"
    stack_id = f"arn:aws:cloudformation:eu-west-1:{SETTINGS.provider_account_id}:stack/{name}/1"
    stack = Stack(name, stack_id, {"GroupName": group}, role=role)
    aws.stacks.append(stack)
    aws.tell(stack, status)
    aws.groups[group] = ["ada"]
    return group


def test_of_our_own_stack_members_are_named_and_taken_out(aws: StandIn, removal: tuple[World, Request]) -> None:
    group = stack_of(aws, removal[1], SETTINGS.group_role_arn)
    request = carry_out(aws, removal)
    assert (request.state, request.attempt.removed_members, aws.groups[group]) == (State.PROVISIONING, ("ada",), [])


@pytest.mark.safety("Nobody is taken out of the group of a stack that is not ours", "bot/aws/stacks.py")
@pytest.mark.parametrize("role", ["", "arn:aws:iam::111111111111:role/admin"])
def test_a_foreign_stacks_group_loses_no_member(aws: StandIn, removal: tuple[World, Request], role: str) -> None:
    group = stack_of(aws, removal[1], role)
    request = carry_out(aws, removal)
    assert (request.state, request.attempt.removed_members, aws.groups[group]) == (State.FAILED, (), ["ada"])
    assert "was not made by Switchyard" in request.reason
    assert not aws.made("RemoveUserFromGroup")


@pytest.mark.safety("Nobody is taken out of a group outside our path", "bot/aws/groups.py")
def test_nor_does_a_group_outside_our_path(aws: StandIn, removal: tuple[World, Request]) -> None:
    group = stack_of(aws, removal[1], SETTINGS.group_role_arn)
    aws.paths[group] = "/theirs/"
    request = carry_out(aws, removal)
    assert (request.attempt.removed_members, aws.groups[group]) == ((), ["ada"])


@pytest.mark.safety("Nobody is taken out of a group that our stack has not made", "bot/aws/client_stacks.py")
def test_nor_one_whose_name_was_taken_before_our_stack_could_make_it(
    aws: StandIn, removal: tuple[World, Request]
) -> None:
    group = stack_of(aws, removal[1], SETTINGS.group_role_arn, "ROLLBACK_COMPLETE")
    request = carry_out(aws, removal)
    assert (request.attempt.removed_members, aws.groups[group]) == ((), ["ada"])


@pytest.mark.safety("A removal is not done while the group stands there without its stack", "bot/aws/cloudformation.py")
def test_nor_one_whose_stack_is_gone_and_that_is_said(aws: StandIn, removal: tuple[World, Request]) -> None:
    group = SETTINGS.group_name(removal[1].client_id)
    aws.groups[group] = ["ada"]
    request = carry_out(aws, removal)
    assert (request.state, request.attempt.removed_members, aws.groups[group]) == (State.FAILED, (), ["ada"])
    assert f"The group {group} exists, but its stack" in request.reason
