"""Three client stacks, people who press, Lambdas, a CloudFormation and a Slack, each doing one thing at a time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from bot.domain import transitions
from bot.domain.answers import Actor
from bot.domain.errors import SwitchyardError
from bot.domain.model import Terms
from bot.domain.request import Request
from bot.domain.vocabulary import Kind, State, Verb
from tests.channel import Channel
from tests.fakes import ACME, ADA, BEA, TERMS, World, event_body, stack_id
from tests.races.witness import WatchedStacks, WatchedStore

WORKING = (State.APPROVED, State.PROVISIONING)


@dataclass
class ClientStack:
    """What one client has deployed, as its forwarder tells of it."""

    account: str
    role: str
    level: str = "ReadOnly"
    terms: Terms | None = TERMS
    token: str = ""
    serial: int = 1


class Scene:
    """The world of `fakes`, under watch, with the things that can happen in it."""

    def __init__(self) -> None:
        stacks = WatchedStacks()
        self.store = WatchedStore(stacks)
        self.channel = Channel(witness=self.store.judge_shown)
        self.stacks = stacks
        self.world = World(store=self.store, stacks=stacks, channel=self.channel)
        self.store.clock = self.world.clock
        self.clients = [ClientStack(ACME, "a"), ClientStack(ACME, "b", serial=100), ClientStack("333333333333", "a")]
        self.sent: list[bytes] = []
        self.moved: list[str] = []
        self.winners: list[tuple[str, int]] = []

    def invite(self, which: int) -> None:
        self.clients[which].token = self.world.invite(f"Company {which}")

    def event(self, which: int, status: str, ago: int, *, last_word: bool = False, reason: str = "") -> None:
        """The client's stack moved, `ago` seconds before now by its own clock."""
        client, now = self.clients[which], self.world.clock.now()
        if last_word:
            self.store.gates_word.add(stack_id("switchyard-access", client.account, client.serial))
        self.sent.append(
            event_body(
                status,
                now - timedelta(seconds=ago),
                token=client.token,
                account=client.account,
                role=client.role,
                level=client.level,
                terms=client.terms,
                parent=client.serial,
                reason=reason,
                last_word=last_word,
            )
        )
        self.resend(-1)

    def resend(self, which: int) -> None:
        if self.sent:
            with suppress(SwitchyardError):
                self.world.send(self.sent[which % len(self.sent) if which >= 0 else which])

    def press(self, which: int, verb: Verb, actor: Actor, stale: int) -> None:
        """Press a button as some message draws it, or as it drew it before."""
        if not self.channel.messages:
            return
        drawn = self.channel.messages[-1 - which % len(self.channel.messages)].request
        drawn_after = max(drawn.presses - stale, 0)
        with suppress(SwitchyardError):
            self.won(self.world.workflow.decide(drawn.id, verb, actor, drawn_after), drawn_after, actor)

    def press_what_is_there(self, which: int, newest: int, actor: Actor, stale: int = 0) -> None:
        """Press one of the buttons that the channel shows; `newest` counts back among messages that show any."""
        offered = [message.request for message in self.channel.messages if transitions.buttons(message.request.state)]
        if not offered:
            return
        drawn = offered[-1 - newest % len(offered)]
        shown, drawn_after = transitions.buttons(drawn.state), max(drawn.presses - stale, 0)
        with suppress(SwitchyardError):
            request = self.world.workflow.decide(drawn.id, shown[which % len(shown)], actor, drawn_after)
            self.won(request, drawn_after, actor)

    def work(self, failing: str = "") -> None:
        """What waits is carried out, as long as the Lambda runs and CloudFormation answers."""
        for _ in range(len(self.world.bench.waiting)):
            self.provision(0)
        while self.stacks.running:
            self.cloudformation_ends(0, failing)
        while self.moved:
            self.outcome(0)

    def won(self, decided: Request, drawn_after: int, actor: Actor) -> None:
        """A press has counted: was it the only one on what it was drawn after, and by somebody who may?"""
        if (decided.id, drawn_after) in self.winners or decided.presses != drawn_after + 1:
            self.store.wrong.append(f"two different people won {decided.id}")
        if actor not in (ADA, BEA):
            self.store.wrong.append(f"{actor} decided {decided.id}")
        self.winners.append((decided.id, drawn_after))

    def revoke(self, which: int, actor: Actor) -> None:
        with suppress(SwitchyardError):
            self.world.revoke(f"Company {which}", actor)
            if actor not in (ADA, BEA):
                self.store.wrong.append(f"{actor} revoked Company {which}")

    def block(self, which: int, actor: Actor) -> None:
        """Type `/clients block` about the account of a client stack."""
        with suppress(SwitchyardError):
            self.world.workflow.block(self.clients[which].account, actor)
            if actor not in (ADA, BEA):
                self.store.wrong.append(f"{actor} blocked an account")

    def unblock(self, which: int, actor: Actor) -> None:
        with suppress(SwitchyardError):
            self.world.workflow.unblock(self.clients[which].account, actor)

    def provision(self, which: int, *, again: bool = False) -> None:
        waiting = self.world.bench.waiting
        if waiting:
            request_id = waiting[which % len(waiting)] if again else waiting.pop(which % len(waiting))
            with suppress(SwitchyardError):
                self.world.workflow.provision(request_id)

    def cloudformation_ends(self, which: int, failing: str) -> None:
        self.moved += self.stacks.end(which, failing)

    def outcome(self, which: int, *, again: bool = False) -> None:
        if self.moved:
            stack = self.moved[which % len(self.moved)] if again else self.moved.pop(which % len(self.moved))
            with suppress(SwitchyardError):
                self.world.workflow.record_outcome(stack)

    def sweep(self) -> None:
        self.world.workflow.sweep()

    def between(self, where: str, first: Callable[[], None], second: Callable[[], None]) -> None:
        """`first` happens, and in its middle `second`."""
        pauses = {
            "before saving": self.store.before_saving,
            "after saving": self.store.after_saving,
            "on the way to Slack": self.channel,
            "on the way from Slack": self.channel.answering,
            "at CloudFormation": self.stacks,
        }
        pauses[where].meanwhile = second
        first()
        pauses[where].meanwhile = None

    def mend(self) -> None:
        self.channel.down = self.world.bench.broken = self.stacks.unreachable = False
        self.channel.loses.clear()
        self.stacks.refuse = ""

    def rest(self) -> None:
        """Everything works, and minutes pass until nothing is left to do."""
        self.mend()
        for _ in range(40):
            self.world.clock.turn(minutes=2)
            self.sweep()
            self.work()
            if not self.unfinished():
                return

    def unfinished(self) -> list[str]:
        """Requests that are half-done: not shown, or approved and not carried out."""
        requests = self.store.stored_requests.values()
        working = [f"{one.id} {one.state}" for one in requests if one.state in WORKING]
        return working + [one.place for one in self.store.unshown]

    def check(self) -> None:
        """What holds at every moment."""
        assert self.store.wrong == []
        pending = [one.client_id for one in self.store.stored_requests.values() if one.state is State.PENDING]
        assert len(pending) == len(set(pending))
        for client in self.store.stored_clients.values():
            assert client.blocked is self.store.account(client.stack.account_id).blocked
            assert not (client.blocked and (client.id in pending or client.id in self.stacks.groups))
        posted = [message.request.id for message in self.channel.messages]
        assert len(posted) == len(set(posted))
        for client_id in self.stacks.groups:
            assert self.store.may_have_group.get(client_id) or self._removing(client_id), f"a group for {client_id}"

    def _removing(self, client_id: str) -> bool:
        """Whether the group that is against what was decided is on its way out, or its removal waits for Retry."""
        removals = [one for one in self._own(client_id) if one.kind is Kind.OFFBOARD]
        return any(one.state in (*WORKING, State.FAILED) for one in removals)

    def _own(self, client_id: str) -> list[Request]:
        return [one for one in self.store.stored_requests.values() if one.client_id == client_id]

    def check_at_rest(self) -> None:
        """What holds when everything has worked for a while."""
        self.check()
        assert self.unfinished() == []
        for client in self.store.stored_clients.values():
            group = self.stacks.groups.get(client.id)
            assert (group[0] if group else None) == (client.grant.role_name if client.grant else None)
            assert client.provisioning is None
        for message in self.channel.messages:
            stored = self.store.stored_requests[message.request.id]
            assert (message.request.state, message.request.presses) == (stored.state, stored.presses)
            current = self.store.stored_clients[stored.client_id].current_request
            assert current == stored.id or not transitions.buttons(message.request.state)
            if stored.state is State.DONE and stored.kind is not Kind.OFFBOARD and not message.outdated:
                group = self.stacks.groups.get(stored.client_id)
                assert group is not None and group[0] == stored.stack.role_name, f"{stored.id} is green without a group"
