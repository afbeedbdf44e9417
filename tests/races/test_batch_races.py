"""Accounts of one invitation, in any order and at the same moment: each is decided once, by whom its message says."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.domain.answers import Actor
from bot.domain.vocabulary import State, Verb
from tests.fakes import ADA, BEA
from tests.proving import amount
from tests.races.batch_scene import BatchScene
from tests.races.test_at_once import at_once
from tests.races.test_races import STATUSES, WHERE, actors, ago, clients, some, verbs

for_all = st.sampled_from([Verb.APPROVE, Verb.APPROVE, Verb.DENY])


def acts(scene: BatchScene) -> st.SearchStrategy[Callable[[], None]]:
    """What somebody can do while somebody else is in the middle of something."""
    return st.one_of(
        st.builds(partial, st.just(scene.press_all), some, for_all, actors),
        st.builds(partial, st.just(scene.apply), some),
        st.builds(partial, st.just(scene.apply), some, again=st.just(True)),
        st.builds(partial, st.just(scene.decide), clients, verbs, actors),
        st.builds(partial, st.just(scene.event), clients, st.sampled_from(STATUSES), ago),
        st.builds(partial, st.just(scene.provision), some),
        st.builds(partial, st.just(scene.outcome), some),
        st.builds(partial, st.just(scene.block), clients, st.just(BEA)),
        st.just(scene.sweep),
    )


class BatchRaces(RuleBasedStateMachine):
    """The whole workflow on its in-memory world."""

    def __init__(self) -> None:
        super().__init__()
        self.scene = BatchScene()

    @initialize(accounts=st.sampled_from([1, 2, 3, 3, 3]), pressed=st.booleans())
    def accounts_are_there(self, accounts: int, *, pressed: bool) -> None:
        self.scene.invite(0)
        for which in range(accounts):
            self.scene.event(which, "CREATE_COMPLETE", 0)
        if pressed:
            self.scene.press_all(0, Verb.APPROVE, ADA)

    @rule()
    def an_approver_invites(self) -> None:
        self.scene.invite(0)

    @rule(which=clients, status=st.sampled_from(STATUSES), ago=ago)
    def a_client_stack_moves(self, which: int, status: str, ago: int) -> None:
        self.scene.event(which, status, ago, reason="no" if "FAILED" in status else "")

    @rule(which=clients, level=st.sampled_from(["ReadOnly", "PowerUser"]))
    def a_client_changes_its_level(self, which: int, level: str) -> None:
        self.scene.clients[which].level = level
        self.scene.event(which, "UPDATE_COMPLETE", 0)

    @rule(which=clients, anew=st.booleans())
    def a_client_leaves(self, which: int, *, anew: bool) -> None:
        self.scene.event(which, "DELETE_COMPLETE", 0, last_word=True)
        if anew:
            self.scene.clients[which].serial += 1

    @rule(which=some, verb=for_all, actor=actors, stale=st.sampled_from([0, 0, 0, 1]))
    def somebody_presses_for_all(self, which: int, verb: Verb, actor: Actor, stale: int) -> None:
        self.scene.press_all(which, verb, actor, stale)

    @rule(which=some, again=st.booleans())
    def a_press_is_applied(self, which: int, *, again: bool) -> None:
        self.scene.apply(which, again=again)

    @rule(which=some, saves=st.integers(1, 4))
    def a_press_is_applied_until_its_lambda_dies(self, which: int, saves: int) -> None:
        self.scene.apply_and_die(which, saves)

    @rule()
    def a_hand_over_is_lost(self) -> None:
        self.scene.world.bench.bulks.clear()
        self.scene.world.bench.waiting.clear()

    @rule(which=clients, verb=verbs, actor=actors)
    def somebody_reviews(self, which: int, verb: Verb, actor: Actor) -> None:
        self.scene.decide(which, verb, actor)

    @rule(which=some, verb=verbs, actor=actors, stale=st.sampled_from([0, 0, 1]))
    def somebody_presses(self, which: int, verb: Verb, actor: Actor, stale: int) -> None:
        self.scene.press(which, verb, actor, stale)

    @rule(failing=st.sampled_from(["", "LimitExceeded"]))
    def everything_is_carried_out(self, failing: str) -> None:
        self.scene.work(failing)

    @rule(which=clients, actor=actors)
    def somebody_revokes(self, which: int, actor: Actor) -> None:
        self.scene.revoke(which, actor)

    @rule(which=clients, actor=actors, ends=st.booleans())
    def somebody_blocks(self, which: int, actor: Actor, *, ends: bool) -> None:
        (self.scene.unblock if ends else self.scene.block)(which, actor)

    @rule(which=some, again=st.booleans())
    def the_provisioning_lambda_runs(self, which: int, *, again: bool) -> None:
        self.scene.provision(which, again=again)

    @rule(which=some, failing=st.sampled_from(["", "LimitExceeded"]))
    def cloudformation_ends(self, which: int, failing: str) -> None:
        self.scene.cloudformation_ends(which, failing)

    @rule(which=some, again=st.booleans())
    def an_outcome_arrives(self, which: int, *, again: bool) -> None:
        self.scene.outcome(which, again=again)

    @rule(minutes=st.sampled_from([1, 1, 11, 31, 5 * 60, 7 * 24 * 60]))
    def time_passes_and_is_swept(self, minutes: int) -> None:
        self.scene.world.clock.turn(minutes=minutes)
        self.scene.sweep()

    @rule(down=st.booleans(), lose=st.booleans())
    def slack_falters(self, *, down: bool, lose: bool) -> None:
        self.scene.channel.down, self.scene.channel.loses = down, {"post", "edit"} if lose else set()

    @rule(where=st.sampled_from(WHERE), data=st.data())
    def two_things_at_once(self, where: str, data: st.DataObject) -> None:
        first, second = data.draw(acts(self.scene)), data.draw(acts(self.scene))
        self.scene.between(where, first, second)

    @rule()
    def all_is_well_for_a_while(self) -> None:
        self.scene.rest()
        self.scene.check_at_rest()

    @invariant()
    def nothing_is_wrong(self) -> None:
        self.scene.check()

    def teardown(self) -> None:
        self.scene.rest()
        self.scene.check_at_rest()


TestBatchRaces = BatchRaces.TestCase
TestBatchRaces.settings = settings(
    max_examples=amount(60, proving=2000),
    stateful_step_count=25,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def scene() -> BatchScene:
    """Three accounts that wait for a decision."""
    scene = BatchScene()
    scene.invite(0)
    for which in range(3):
        scene.event(which, "CREATE_COMPLETE", 0)
    return scene


@pytest.mark.safety("Each account is decided once, by whom its message says", "bot/decisions/bulk.py")
@pytest.mark.usefixtures("threads_take_turns_often")
def test_two_people_press_for_all_at_once_and_many_lambdas_apply_it(scene: BatchScene) -> None:
    """Each account goes to one of the two; every Lambda that comes too late changes nothing."""
    press = [partial(scene.press_all, 0, verb, actor) for verb, actor in ((Verb.APPROVE, ADA), (Verb.DENY, BEA))]
    at_once(press * 4)
    names = [*scene.store.stored_bulks]
    assert {(one.verb, one.actor) for one in scene.store.stored_bulks.values()} == {
        (Verb.APPROVE, ADA),
        (Verb.DENY, BEA),
    }
    assert len(names) == 2
    at_once([partial(scene.world.workflow.apply_bulk, name) for name in names * 6])
    scene.rest()
    scene.check_at_rest()
    requests = [*scene.store.stored_requests.values()]
    assert [one.presses for one in requests] == [1, 1, 1]
    assert {one.state for one in requests} <= {State.DONE, State.DENIED}
    left_out = [len(one.left_out) for one in scene.store.stored_bulks.values()]
    assert sum(left_out) == 3
    assert len(scene.channel.messages) == 1
    assert len(scene.channel.cards) == any(one.state is State.DONE for one in requests)


@pytest.mark.safety("Two accounts that come at once share the message", "bot/ingest/together.py")
@pytest.mark.usefixtures("threads_take_turns_often")
def test_accounts_that_arrive_at_once_share_the_message() -> None:
    scene = BatchScene()
    scene.invite(0)
    at_once([partial(scene.event, which, "CREATE_COMPLETE", 0) for which in range(3)])
    for _ in range(3):
        scene.sent.reverse()
        scene.resend(-1)
    scene.rest()
    scene.check_at_rest()
    assert [len(one.batch) for one in scene.channel.messages] == [len(scene.store.stored_requests)]
