"""Anything in any order, some of it at the same moment: nobody decides twice, no group without a yes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.domain.answers import Actor
from bot.domain.model import Terms
from bot.domain.vocabulary import Verb
from tests.fakes import ADA, BEA, OLLI, STRANGER, TERMS
from tests.proving import amount
from tests.races.scene import Scene

STATUSES = ["CREATE_IN_PROGRESS", "CREATE_COMPLETE", "CREATE_FAILED", "ROLLBACK_COMPLETE"]
STATUSES += ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "DELETE_COMPLETE"]
WHERE = ["before saving", "before saving", "after saving", "on the way to Slack", "on the way from Slack"]
WHERE += ["at CloudFormation"]

clients = st.integers(0, 2)
some = st.integers(0, 3)
actors = st.sampled_from([ADA, ADA, BEA, BEA, OLLI, STRANGER])
verbs = st.sampled_from([Verb.APPROVE, Verb.APPROVE, Verb.DENY, Verb.RETRY, Verb.REOPEN])
ago = st.sampled_from([0, 0, 0, 30, 600])


def acts(scene: Scene) -> st.SearchStrategy[Callable[[], None]]:
    """What somebody can do while somebody else is in the middle of something."""
    return st.one_of(
        st.builds(partial, st.just(scene.press), some, verbs, actors, st.just(0)),
        st.builds(partial, st.just(scene.press_what_is_there), some, some, actors),
        st.builds(partial, st.just(scene.event), clients, st.sampled_from(STATUSES), ago),
        st.builds(partial, st.just(scene.provision), some),
        st.builds(partial, st.just(scene.outcome), some),
        st.builds(partial, st.just(scene.revoke), clients, st.just(BEA)),
        st.builds(partial, st.just(scene.block), clients, st.just(BEA)),
        st.builds(partial, st.just(scene.unblock), clients, st.just(BEA)),
        st.just(scene.sweep),
    )


class Races(RuleBasedStateMachine):
    """The whole workflow on its in-memory world."""

    def __init__(self) -> None:
        super().__init__()
        self.scene = Scene()

    def a_client_makes_another_stack(self, which: int) -> None:
        self.scene.clients[which].serial += 1
        self.scene.event(which, "CREATE_COMPLETE", 0)

    @initialize(how_far=st.sampled_from([0, 1, 2, 3, 4, 5, 6, 9, 9, 9, 9]))
    def a_client_is_known(self, how_far: int) -> None:
        """Up to a removal that is under way while the client, invited anew, asks to be let in again."""
        scene = self.scene
        approved = partial(scene.press, 0, Verb.APPROVE, ADA, 0)
        carried_out = partial(scene.provision, 0)
        steps = [
            approved,
            carried_out,
            partial(scene.cloudformation_ends, 0, ""),
            partial(scene.outcome, 0),
            partial(scene.event, 0, "DELETE_COMPLETE", 0, last_word=True),
            approved,
            carried_out,
            partial(scene.invite, 0),
            partial(self.a_client_makes_another_stack, 0),
        ]
        scene.invite(0)
        scene.event(0, "CREATE_COMPLETE", 0)
        for step in steps[:how_far]:
            step()

    @rule(which=clients)
    def an_approver_invites(self, which: int) -> None:
        self.scene.invite(which)

    @rule(which=clients, status=st.sampled_from(STATUSES), ago=ago)
    def a_client_stack_moves(self, which: int, status: str, ago: int) -> None:
        self.scene.event(which, status, ago, reason="no" if "FAILED" in status else "")

    @rule(which=clients, role=st.sampled_from("ab"), level=st.sampled_from(["ReadOnly", "Administrator"]), ago=ago)
    def a_client_changes_its_role(self, which: int, role: str, level: str, ago: int) -> None:
        client = self.scene.clients[which]
        client.role, client.level = role, level
        self.scene.event(which, "UPDATE_COMPLETE", ago)

    @rule(which=clients, ago=ago, anew=st.booleans())
    def a_client_leaves(self, which: int, ago: int, *, anew: bool) -> None:
        self.scene.event(which, "DELETE_COMPLETE", ago, last_word=True)
        if anew:
            self.scene.clients[which].serial += 1

    @rule(which=clients, terms=st.sampled_from([TERMS, Terms(require_mfa=False, max_session_seconds=43200), None]))
    def a_client_changes_its_terms(self, which: int, terms: Terms | None) -> None:
        """None: with a stack from an older template."""
        self.scene.clients[which].terms = terms
        self.scene.event(which, "UPDATE_COMPLETE", 0)

    @rule(which=clients, taken_back=st.booleans(), minutes=st.sampled_from([0, 11]))
    def a_deletion_is_made_up(self, which: int, minutes: int, *, taken_back: bool) -> None:
        """By somebody who may publish to the client's topic; `taken_back` is what the stack does afterwards."""
        self.scene.event(which, "DELETE_COMPLETE", 0)
        self.scene.world.clock.turn(minutes=minutes)
        self.scene.sweep()
        if taken_back:
            self.scene.event(which, "UPDATE_COMPLETE", 0)

    @rule(which=clients)
    def another_stack_is_made(self, which: int) -> None:
        self.a_client_makes_another_stack(which)

    @rule(which=st.integers(0, 20))
    def an_event_arrives_again(self, which: int) -> None:
        self.scene.resend(which)

    @rule(which=some, verb=verbs, actor=actors, stale=st.sampled_from([0, 0, 0, 1]))
    def somebody_presses(self, which: int, verb: Verb, actor: Actor, stale: int) -> None:
        self.scene.press(which, verb, actor, stale)

    @rule(which=st.sampled_from([0, 0, 1]), newest=some, actor=actors, stale=st.sampled_from([0, 0, 1]))
    def somebody_presses_what_is_there(self, which: int, newest: int, actor: Actor, stale: int) -> None:
        self.scene.press_what_is_there(which, newest, actor, stale)

    @rule()
    def the_newest_is_denied_and_reopened(self) -> None:
        self.scene.press_what_is_there(1, 0, ADA)
        self.scene.press_what_is_there(0, 0, BEA)

    @rule(verdict=st.sampled_from([0, 1]), failing=st.sampled_from(["", "LimitExceeded"]))
    def the_newest_is_decided_and_carried_out(self, verdict: int, failing: str) -> None:
        self.scene.press_what_is_there(verdict, 0, ADA)
        self.scene.work(failing)

    @rule(which=clients, actor=actors)
    def somebody_revokes(self, which: int, actor: Actor) -> None:
        self.scene.revoke(which, actor)

    @rule(which=clients, actor=actors)
    def somebody_blocks(self, which: int, actor: Actor) -> None:
        self.scene.block(which, actor)

    @rule(which=clients, actor=actors)
    def somebody_unblocks(self, which: int, actor: Actor) -> None:
        self.scene.unblock(which, actor)

    @rule(which=some, again=st.booleans())
    def the_provisioning_lambda_runs(self, which: int, *, again: bool) -> None:
        self.scene.provision(which, again=again)

    @rule()
    def a_hand_over_is_lost(self) -> None:
        self.scene.world.bench.waiting.clear()

    @rule(which=some, failing=st.sampled_from(["", "LimitExceeded"]))
    def cloudformation_ends(self, which: int, failing: str) -> None:
        self.scene.cloudformation_ends(which, failing)

    @rule(which=some, again=st.booleans())
    def an_outcome_arrives(self, which: int, *, again: bool) -> None:
        self.scene.outcome(which, again=again)

    @rule()
    def outcomes_are_lost(self) -> None:
        self.scene.moved.clear()

    @rule(twice=st.booleans())
    def a_minute_is_swept(self, *, twice: bool) -> None:
        self.scene.world.clock.turn(minutes=1)
        for _ in range(2 if twice else 1):
            self.scene.sweep()

    @rule(minutes=st.sampled_from([1, 31, 5 * 60, 7 * 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.scene.world.clock.turn(minutes=minutes)

    @rule(down=st.booleans(), lose=st.booleans())
    def slack_falters(self, *, down: bool, lose: bool) -> None:
        self.scene.channel.down, self.scene.channel.loses = down, {"post", "edit"} if lose else set()

    @rule(broken=st.booleans(), unreachable=st.booleans(), refuse=st.sampled_from(["", "", "AccessDenied"]))
    def aws_falters(self, *, broken: bool, unreachable: bool, refuse: str) -> None:
        self.scene.world.bench.broken, self.scene.stacks.unreachable = broken, unreachable
        self.scene.stacks.refuse = refuse

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


TestRaces = Races.TestCase
TestRaces.settings = settings(
    max_examples=amount(300, proving=3000),
    stateful_step_count=30,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
