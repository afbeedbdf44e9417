"""Only the client's current request is decided and carried out, even if an older one were left open by mistake.

The state machine supersedes the older one in the same step, so these records are made by hand.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.errors import AlreadyDecided
from bot.domain.vocabulary import State, Verb
from tests.fakes import World


@pytest.fixture
def world() -> World:
    world = World()
    world.happens("CREATE_COMPLETE", token=world.invite())
    return world


def something_newer_is_asked(world: World) -> None:
    client = world.client()
    newer = replace(world.last, id="r" + "a" * 16, state=State.PENDING, version=1)
    world.store.stored_requests[newer.id] = newer
    world.store.stored_clients[client.id] = replace(client, current_request=newer.id)


@pytest.mark.safety("Only the client's current request is decided", "bot/decisions/decide.py")
def test_an_older_request_that_still_waits_is_not_decided(world: World) -> None:
    something_newer_is_asked(world)
    with pytest.raises(AlreadyDecided):
        world.press(Verb.APPROVE)
    assert (world.last.state, world.bench.waiting) == (State.PENDING, [])
    assert world.store.written[-1].action == "refused: approve"


@pytest.mark.safety("Work begins for the client's current request only", "bot/provisioning/run.py")
@pytest.mark.safety("The effect of a press is shown in Slack", "bot/workflow.py")
def test_an_older_request_that_is_approved_is_not_begun(world: World) -> None:
    world.press(Verb.APPROVE)
    something_newer_is_asked(world)
    world.work()
    assert (world.last.state, world.stacks.starts, world.client().provisioning) == (State.APPROVED, 0, None)
