"""Two Lambdas at the same record: what one step does when another one comes between its reading and its saving."""

from __future__ import annotations

import pytest

from bot.domain.errors import TryAgain
from bot.domain.vocabulary import Standing, State, Verb
from tests.fakes import World
from tests.interruptions import SharedStore, SlowStacks


@pytest.fixture
def store() -> SharedStore:
    return SharedStore()


@pytest.fixture
def stacks() -> SlowStacks:
    return SlowStacks()


@pytest.fixture
def world(store: SharedStore, stacks: SlowStacks) -> World:
    world = World(store=store, stacks=stacks)
    world.happens("CREATE_COMPLETE", token=world.invite())
    return world


@pytest.mark.safety("An event that meets another save is planned again", "bot/ingest/receive.py")
def test_an_event_that_was_overtaken_is_planned_again(world: World, store: SharedStore) -> None:
    store.before_saving.meanwhile = lambda: world.press(Verb.APPROVE)
    world.happens("UPDATE_COMPLETE", level="PowerUser")
    assert world.states == [State.SUPERSEDED, State.PENDING]


@pytest.mark.safety("An event is not said to be taken when it is not", "bot/ingest/receive.py")
def test_when_somebody_is_always_faster_the_event_is_to_be_sent_again(world: World, store: SharedStore) -> None:
    store.busy = True
    with pytest.raises(TryAgain):
        world.happens("UPDATE_COMPLETE")


def test_when_somebody_is_always_faster_the_button_is_to_be_pressed_again(world: World, store: SharedStore) -> None:
    store.busy = True
    with pytest.raises(TryAgain):
        world.press(Verb.APPROVE)
    assert world.bench.waiting == []


@pytest.mark.safety("Whoever is late to begin a request's work reads again", "bot/provisioning/run.py")
def test_when_somebody_is_always_faster_nothing_is_begun(world: World, store: SharedStore) -> None:
    world.press(Verb.APPROVE)
    store.busy = True
    with pytest.raises(TryAgain):
        world.workflow.provision(world.bench.waiting.pop())
    assert world.stacks.starts == 0


def test_what_is_superseded_at_the_last_moment_is_not_begun(world: World, store: SharedStore) -> None:
    world.press(Verb.APPROVE)
    store.before_saving.meanwhile = lambda: world.happens("UPDATE_COMPLETE")
    world.workflow.provision(world.bench.waiting.pop())
    assert world.stacks.starts == 0
    assert world.states == [State.SUPERSEDED, State.PENDING]


@pytest.mark.safety("An outcome that meets another save is stored all the same", "bot/provisioning/run.py")
def test_an_outcome_is_not_lost_to_an_event(world: World, store: SharedStore) -> None:
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    store.before_saving.meanwhile = lambda: world.happens("UPDATE_COMPLETE")
    world.work()
    assert world.states == [State.DONE, State.PENDING]
    assert world.client().standing is Standing.UPDATE_WAITING


def test_an_outcome_that_can_not_be_stored_is_not_taken_for_stored(world: World, store: SharedStore) -> None:
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    store.busy = True
    with pytest.raises(TryAgain):
        world.workflow.record_outcome(*world.stacks.complete())


@pytest.mark.safety("An outcome ends a request once", "bot/provisioning/run.py")
def test_an_outcome_that_two_look_up_at_once_is_recorded_once(world: World, stacks: SlowStacks) -> None:
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    [moved] = world.stacks.complete()
    stacks.meanwhile = lambda: world.workflow.record_outcome(moved)
    world.workflow.record_outcome(moved)
    assert world.states == [State.DONE]
    assert len(world.channel.cards) == 1


def recorded_and_retried(world: World, moved: str) -> None:
    world.workflow.record_outcome(moved)
    world.press(Verb.RETRY)
    world.workflow.provision(world.bench.waiting.pop())


@pytest.mark.safety("The outcome of one attempt does not end the next attempt", "bot/provisioning/run.py")
def test_the_outcome_of_one_attempt_does_not_end_the_next(world: World, stacks: SlowStacks) -> None:
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    [moved] = world.stacks.complete(failing="no")
    stacks.meanwhile = lambda: recorded_and_retried(world, moved)
    world.workflow.record_outcome(moved)
    assert (world.last.state, world.last.attempt.number) == (State.PROVISIONING, 2)


@pytest.mark.safety("A late answer does not undo the end of a request", "bot/provisioning/run.py")
def test_an_outcome_heard_before_the_start_was_answered_stays(world: World, stacks: SlowStacks) -> None:
    world.press(Verb.APPROVE)

    def fails() -> None:
        [moved] = stacks.complete(failing="no")
        working = world.workflow.provisioning.working_on(moved)
        assert working is not None
        assert working.attempt.stack_id == moved
        world.workflow.record_outcome(moved)

    stacks.meanwhile = fails
    world.workflow.provision(world.bench.waiting.pop())
    assert (world.last.state, world.last.attempt.stack_id) == (State.FAILED, None)


@pytest.mark.safety("A late answer to one attempt changes nothing about the next attempt", "bot/provisioning/run.py")
def test_a_late_answer_of_one_attempt_says_nothing_of_the_next(world: World, stacks: SlowStacks) -> None:
    world.press(Verb.APPROVE)

    def fails_and_is_retried() -> None:
        for moved in stacks.complete(failing="no"):
            world.workflow.record_outcome(moved)
        world.press(Verb.RETRY)

    stacks.meanwhile = fails_and_is_retried
    world.workflow.provision(world.bench.waiting.pop(0))
    assert (world.last.state, world.last.attempt.stack_id) == (State.APPROVED, None)


def test_where_the_work_is_done_is_noted_although_a_message_changes_meanwhile(
    world: World, store: SharedStore, stacks: SlowStacks
) -> None:
    request = world.press(Verb.APPROVE)
    stacks.meanwhile = lambda: setattr(
        store.before_saving, "meanwhile", lambda: world.workflow.delivery.show(request.client_id)
    )
    world.workflow.provision(world.bench.waiting.pop())
    assert world.last.attempt.stack_id == stacks.stack_id(request.client_id)


@pytest.mark.safety("Whom a removal takes out of the group is written down before it does", "bot/provisioning/run.py")
def test_nobody_is_taken_out_of_a_group_before_it_could_be_written_down(
    world: World, store: SharedStore, stacks: SlowStacks
) -> None:
    world.press(Verb.APPROVE)
    world.work()
    _, members = stacks.groups[world.last.client_id]
    members.add("olli")
    world.happens("DELETE_COMPLETE", last_word=True)
    world.press(Verb.APPROVE)
    store.after_saving.meanwhile = lambda: setattr(store, "busy", True)
    with pytest.raises(TryAgain):
        world.workflow.provision(world.bench.waiting.pop())
    assert members == {"olli"}


@pytest.mark.safety("Trouble with one request does not keep the others waiting, and is in the log", "bot/sweep.py")
def test_what_cannot_be_healed_is_in_the_log(
    world: World, stacks: SlowStacks, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks() -> None:
        raise fault

    request = world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    for fault in (TryAgain("CloudFormation does not answer"), RuntimeError("a fault of ours")):
        caplog.clear()
        stacks.meanwhile = breaks
        world.clock.turn(minutes=2)
        world.workflow.sweep()
        assert request.id in caplog.text
        assert str(fault) in caplog.text


class NamedStacks(SlowStacks):
    """A client's stacks by name and serial, as `stack-cabc/1`."""

    def client_id_of(self, stack_id: str) -> str | None:
        return super().client_id_of(stack_id.partition("/")[0])


def test_news_of_an_older_group_stack_is_not_taken_for_the_one_at_work(store: SharedStore) -> None:
    world = World(store=store, stacks=NamedStacks())
    world.happens("CREATE_COMPLETE", token=world.invite())
    request = world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    noted = world.stacks.stack_id(request.client_id)
    working = world.workflow.provisioning.working_on(f"{noted}/older")
    assert working is not None
    assert working.attempt.stack_id == noted
