"""One press decides on several requests of a shared message, each by its own rules."""

from __future__ import annotations

import pytest

from bot.domain.approvers import Approvers
from bot.domain.vocabulary import AccessLevel, State
from tests.fakes import ADA, World
from tests.unit.decisions.batch import Batch

TWO_NEEDED = Approvers(("U0ADA", "U0BEA"), needed=((AccessLevel.READ_ONLY, 2),))


@pytest.fixture
def world() -> World:
    return World()


def test_twenty_accounts_take_one_press_and_two_messages(world: World) -> None:
    batch = Batch(world, 20)
    assert [len(one.batch) for one in world.channel.messages] == [20]
    batch.press()
    world.work()
    assert set(batch.states) == {State.DONE}
    assert {one.decision.actor for one in batch.requests if one.decision} == {"U0ADA"}
    assert (len(world.channel.messages), len(world.channel.cards), len(world.channel.reminders)) == (1, 1, 0)
    assert {one.request.state for one in batch.shown.batch} == {State.DONE}
    assert {one.request.state for one in world.channel.cards[0].batch} == {State.DONE}
    assert batch.stored().done
    assert not world.store.unshown
    assert all(len(world.workflow.history(one.client_id, ADA).page.audits) > 1 for one in batch.requests)
