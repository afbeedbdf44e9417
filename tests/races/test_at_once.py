"""Hundreds of threads at one request: one press wins, one message, one group, one card, whoever else is at it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from threading import Barrier, Thread

import pytest

from bot.domain.errors import AlreadyDecided, StalePress, SwitchyardError, TryAgain
from bot.domain.request import Request
from bot.domain.vocabulary import Kind, State, Verb
from tests.fakes import ADA, BEA
from tests.races.scene import Scene

PRESSES = 200
pytestmark = pytest.mark.usefixtures("threads_take_turns_often")


@pytest.fixture
def scene() -> Scene:
    """One client that waits for a decision."""
    scene = Scene()
    scene.invite(0)
    scene.event(0, "CREATE_COMPLETE", 0)
    return scene


def at_once(steps: Sequence[Callable[[], Request | None]]) -> list[Request | SwitchyardError | None]:
    """What came of each, all let go at the same moment."""
    gate, answers = Barrier(len(steps)), list[Request | SwitchyardError | None]()
    broken: list[Exception] = []

    def run(step: Callable[[], Request | None]) -> None:
        gate.wait()
        try:
            answers.append(step())
        except SwitchyardError as error:
            answers.append(error)
        except Exception as error:
            broken.append(error)

    threads = [Thread(target=run, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken == []
    return answers


def presses(scene: Scene, number: int = PRESSES, drawn_after: int | None = 0) -> list[Callable[[], Request]]:
    """Approve and Deny in turn, by two approvers in turn, on the one request."""
    request_id = scene.channel.messages[0].request.id
    return [
        partial(
            scene.world.workflow.decide,
            request_id,
            (Verb.APPROVE, Verb.DENY)[press % 2],
            (ADA, BEA)[press // 2 % 2],
            drawn_after,
        )
        for press in range(number)
    ]


def actions(scene: Scene, action: str) -> int:
    return len([audit for audit in scene.store.stored_audits if audit.action == action])


@pytest.mark.parametrize("drawn_after", [0, None])
def test_of_hundreds_of_presses_one_wins(scene: Scene, drawn_after: int | None) -> None:
    scene.store.meeting = Barrier(PRESSES)
    answers = at_once(presses(scene, drawn_after=drawn_after))
    scene.store.meeting = None
    won = [one for one in answers if isinstance(one, Request)]
    lost = [one for one in answers if isinstance(one, AlreadyDecided | StalePress | TryAgain)]
    assert (len(won), len(lost)) == (1, PRESSES - 1)
    approved = won[0].state is State.APPROVED
    assert scene.world.bench.waiting == ([won[0].id] if approved else [])
    assert actions(scene, "approve") + actions(scene, "deny") == 1
    assert sum(one.count for one in scene.store.stored_refusals.values()) >= PRESSES - 10
    assert [message.request.decision for message in scene.channel.messages] == [won[0].decision]
    scene.rest()
    scene.check_at_rest()
    assert len(scene.channel.cards) == len(scene.stacks.groups) == int(approved)


@pytest.mark.parametrize("status", ["UPDATE_COMPLETE", "DELETE_COMPLETE"])
def test_an_event_that_arrives_among_the_presses_has_the_last_word(scene: Scene, status: str) -> None:
    """Whoever presses meanwhile decided upon what is superseded now: nothing of it is carried out."""
    asked = scene.channel.messages[0].request.id
    happens = partial(scene.event, 0, status, 0, last_word=status == "DELETE_COMPLETE")
    some = presses(scene, 40)
    answers = at_once([*some[:20], happens, *some[20:]])
    assert len([one for one in answers if isinstance(one, Request)]) <= 1
    scene.rest()
    scene.check_at_rest()
    assert scene.store.stored_requests[asked].state is State.SUPERSEDED
    assert scene.stacks.groups == {}
    states = [message.request.state for message in scene.channel.messages]
    assert states[1:] in ([State.PENDING], [])


def test_two_sweeps_at_once_post_once_and_carry_out_once(scene: Scene) -> None:
    scene.channel.down = scene.world.bench.broken = True
    scene.invite(2)
    scene.event(2, "CREATE_COMPLETE", 0)
    scene.press(0, Verb.APPROVE, ADA, 0)
    scene.mend()
    scene.world.clock.turn(minutes=2)
    at_once([scene.sweep] * 8)
    scene.check()
    assert sorted(message.request.state for message in scene.channel.messages) == [State.APPROVED, State.PENDING]
    waiting = list(scene.world.bench.waiting)
    assert len(set(waiting)) == 1
    at_once([partial(scene.world.workflow.provision, request_id) for request_id in waiting * 4])
    assert scene.stacks.starts == 1
    scene.rest()
    scene.check_at_rest()
    assert (len(scene.channel.cards), actions(scene, "onboard done")) == (1, 1)


@pytest.mark.parametrize("failing", ["", "LimitExceeded"])
def test_sweep_and_outcome_at_once_end_it_once(scene: Scene, failing: str) -> None:
    """Whoever finds the record changed five times over leaves the rest to the next sweep, so that may have to come."""
    scene.press(0, Verb.APPROVE, ADA, 0)
    scene.provision(0)
    scene.world.clock.turn(minutes=2)
    scene.cloudformation_ends(0, failing)
    outcome = partial(scene.world.workflow.record_outcome, scene.moved[0])
    at_once([outcome, scene.sweep] * 10)
    assert len(scene.channel.cards) <= 1
    scene.check()
    scene.rest()
    scene.check_at_rest()
    ends = actions(scene, f"{Kind.ONBOARD} done"), actions(scene, f"{Kind.ONBOARD} failed")
    assert ends == ((0, 1) if failing else (1, 0))
    assert len(scene.channel.cards) == (0 if failing else 1)
    assert [message.request.state for message in scene.channel.messages] == [State.FAILED if failing else State.DONE]


def test_hundreds_who_show_the_same_request_post_it_once(scene: Scene) -> None:
    scene.channel.down = True
    scene.invite(2)
    scene.event(2, "CREATE_COMPLETE", 0)
    scene.mend()
    unposted = next(one for one in scene.store.stored_messages.values() if one.ts is None)
    show = partial(scene.world.workflow.delivery.show, unposted.owner)
    scene.channel.meanwhile = lambda: at_once([show] * 10)
    at_once([show] * PRESSES)
    scene.world.clock.turn(minutes=2)
    at_once([show] * PRESSES)
    assert [message.request.id for message in scene.channel.messages].count(unposted.request_id) == 1


def test_hundreds_of_presses_drawn_before_it_was_reopened_change_nothing(scene: Scene) -> None:
    scene.press(0, Verb.DENY, ADA, 0)
    scene.press(0, Verb.REOPEN, BEA, 0)
    answers = at_once(presses(scene))
    assert [one for one in answers if not isinstance(one, StalePress)] == []
    assert scene.channel.messages[0].request.state is State.PENDING
