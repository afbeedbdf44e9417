"""Whatever happens in whatever order, late, twice or never: in the end what is stored, given and shown agrees."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import transitions
from bot.domain.errors import EventRefused, SwitchyardError
from bot.domain.vocabulary import Standing, State, Verb
from tests.fakes import World
from tests.proving import amount

WITHOUT_GROUP = {
    Standing.ARRIVING,
    Standing.WAITING,
    Standing.DENIED,
    Standing.EXPIRED,
    Standing.WITHDRAWN,
    Standing.OFFBOARDED,
}
WITH_GROUP = {Standing.ONBOARDED, Standing.UPDATE_WAITING, Standing.KEPT}


class Story:
    """One client, an approver, Lambdas that may die, and a CloudFormation that may fail or stay silent."""

    def __init__(self) -> None:
        self.world = World()
        self.token = self.world.invite()
        self.parent, self.alive, self.role = 1, False, "role-a"
        self.invoked: list[str] = []
        """The clients that the provision Lambda is to show; each invocation comes late, twice or never."""
        self.world.bench.shows = self.invoked.append

    def happens(self, status: str, seconds: float = 1, *, last_word: bool = False) -> None:
        with suppress(EventRefused):
            self.world.happens(
                status,
                token=self.token,
                role=self.role,
                parent=self.parent,
                seconds=seconds,
                last_word=last_word,
            )

    def act(self, what: str, which: int) -> None:
        world, messages = self.world, self.world.channel.messages
        if what == "create" and not self.alive:
            self.parent, self.alive = self.parent + 1, True
            self.happens("CREATE_COMPLETE")
        elif what == "update" and self.alive:
            self.role = ("role-a", "role-b")[which % 2]
            self.happens("UPDATE_COMPLETE")
        elif what == "late":
            self.happens("UPDATE_COMPLETE", seconds=-3)
        elif what == "fail" and self.alive:
            self.happens("UPDATE_ROLLBACK_COMPLETE")
        elif what == "delete" and self.alive:
            self.alive = False
            self.happens("DELETE_COMPLETE", last_word=True)
        elif what in set(Verb) and messages:
            with suppress(SwitchyardError):
                world.press(Verb(what), message=which % len(messages))
        elif what in ("CloudFormation ends", "CloudFormation fails"):
            for moved in world.stacks.complete("no" if what.endswith("fails") else ""):
                world.workflow.record_outcome(moved)
        elif what == "nobody is told":
            world.stacks.complete()
        elif what == "sweep":
            world.clock.turn(minutes=2)
            world.workflow.sweep()
        else:
            self.invoke(what, which)

    def invoke(self, what: str, which: int) -> None:
        """The provision Lambda takes one of what it was invoked with, or loses it all."""
        world, waiting, invoked = self.world, self.world.bench.waiting, self.invoked
        if what == "provision" and waiting:
            world.workflow.provision(waiting.pop(which % len(waiting)))
        elif what == "show" and invoked:
            world.workflow.show([invoked.pop(which % len(invoked))])
        elif what == "show twice" and invoked:
            world.workflow.show([invoked[which % len(invoked)]] * 2)
        elif what == "lose the hand-over":
            waiting.clear()
            invoked.clear()

    def calm_down(self) -> None:
        for _ in range(6):
            self.world.clock.turn(minutes=15)
            self.world.workflow.sweep()
            self.world.work()


ACTS = ["create", "update", "late", "fail", "delete", "approve", "approve", "deny", "retry", "reopen", "provision"]
ACTS += ["show", "show", "show twice"]
ACTS += ["lose the hand-over", "CloudFormation ends", "CloudFormation fails", "nobody is told", "sweep"]


@settings(max_examples=amount(200, proving=4000))
@given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 5)), min_size=3, max_size=18))
def test_in_the_end_everything_agrees(acts: list[tuple[str, int]]) -> None:
    story = Story()
    for what, which in [("create", 0), *acts]:
        story.act(what, which)
    story.calm_down()
    world = story.world
    for client in world.store.stored_clients.values():
        group = world.stacks.groups.get(client.id)
        assert (group is None) == (client.grant is None)
        assert group is None or client.grant is None or group[0] == client.grant.role_name
        assert client.provisioning is None
        assert client.standing not in (WITHOUT_GROUP if group else WITH_GROUP)
        assert client.may_have_group or group is None
    for request in world.store.stored_requests.values():
        owner = world.store.client(request.client_id)
        assert request.state not in (State.APPROVED, State.PROVISIONING)
        assert owner is not None
        assert not transitions.buttons(request.state) or owner.current_request == request.id
    assert world.store.unshown == []
    assert world.states == [world.store.stored_requests[one.request.id].state for one in world.channel.messages]
    assert len(world.channel.messages) == len({message.request.id for message in world.channel.messages})
