"""A table, a CloudFormation and a channel that write down whatever must never happen, at the moment it happens.

They judge by what people decided and by `transitions.moves` alone, never by what the product keeps about a client. What
is wrong is collected, not raised: the product survives errors of one request, and would survive the test's as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Barrier, Lock, get_ident

from bot.domain import transitions
from bot.domain.bulk import batchable
from bot.domain.request import Request
from bot.domain.transitions import Step, target
from bot.domain.vocabulary import Kind, State
from bot.ports import Progress, Started
from bot.ports.store import Change
from tests.channel import Call, Interruption
from tests.fakes import Stacks, TurnableClock
from tests.interruptions import SharedStore

APPROVERS = ("U0ADA", "U0BEA")
MOVES = {(start, end) for start in State for end in transitions.moves(start).values()}
CARRIED_OUT = {State.APPROVED, State.PROVISIONING, State.FAILED}
BORN = {State.PENDING, State.REPORTED}
GATES_TIME = timedelta(minutes=10)


@dataclass
class WatchedStacks(Stacks, Interruption):
    """CloudFormation as it is: a token runs once, one operation per stack, each ends on its own."""

    wrong: list[str] = field(default_factory=list)
    alone: Lock = field(default_factory=Lock)

    def start(self, request: Request, leaving: Sequence[str] = ()) -> Started:
        with self.alone:
            started = self._start(request, leaving)
        self.let_in()
        return started

    def _start(self, request: Request, leaving: Sequence[str]) -> Started:
        if request.token in self.ended or request.token in self.running:
            return Started(self.stack_id(request.client_id))
        if any(one.client_id == request.client_id for one in self.running.values()):
            self.wrong.append(f"{request.id} was started while another one ran for its client")
        return super().start(request, leaving)

    def progress(self, request: Request) -> Progress:
        progress = super().progress(request)
        self.let_in()
        return progress

    def end(self, which: int, failing: str = "") -> list[str]:
        """One of the running operations ends; answers the id of the stack that moved, if any runs."""
        if not self.running:
            return []
        everything = dict(self.running)
        token = list(everything)[which % len(everything)]
        self.running = {token: everything.pop(token)}
        moved = self.complete(failing)
        self.running = everything
        return moved


class WatchedStore(SharedStore):
    """Judges every transaction while it is carried out, so that nothing can come in between."""

    def __init__(self, stacks: WatchedStacks) -> None:
        super().__init__()
        self.stacks = stacks
        self.wrong = stacks.wrong
        self.may_have_group: dict[str, bool] = {}
        """By client: what people decided last, approvals and denials of its onboarding, removals, revocations."""
        self.asked: dict[str, list[str]] = {}
        """By client: the requests that ask for a decision, oldest first."""
        self.gates_word: set[str] = set()
        """Parent stacks of which a last word was sent, whether it was taken or not."""
        self.final: set[str] = set()
        """Those of which it was taken."""
        self.clock: TurnableClock | None = None
        self.meeting: Barrier | None = None
        """Where every thread waits before its first save, so that all of them have read before any of them saves."""
        self._met: set[int] = set()

    def save(self, change: Change) -> None:
        if self.meeting is not None and get_ident() not in self._met:
            self._met.add(get_ident())
            self.meeting.wait(timeout=30)
        super().save(change)

    def _apply(self, change: Change) -> None:
        for request in change.requests:
            before = self.stored_requests.get(request.id)
            if before is None and request.kind is not Kind.REPORT:
                self.asked.setdefault(request.client_id, []).append(request.id)
                self._judge_asked(request)
        for request in change.requests:
            before = self.stored_requests.get(request.id)
            if before is None or before.state is not request.state:
                self._judge_move(before, request, change)
                self._remember(before, request, change)
            if before is not None and before.decision != request.decision:
                self._judge_press(before, request)
        self._judge_blocked(change)
        self._judge_bulk(change)
        super()._apply(change)
        if change.event is not None and change.event.by_the_gate:
            self.final.add(change.event.stack.parent_stack_id)

    def _judge_bulk(self, change: Change) -> None:
        """A press for all decides what it covers, as that was when it was made, and nothing that needs a look."""
        for bulk in change.bulks:
            presses = {one.request_id: one.presses for one in bulk.covers}
            for request in change.requests:
                before = self.stored_requests[request.id]
                if presses.get(request.id) != before.presses or not batchable(before):
                    self.wrong.append(f"{request.id} was decided by a press for all that does not cover it")

    def _judge_blocked(self, change: Change) -> None:
        """Nothing of a blocked account is stored but a last word, and what ends the block."""
        if change.others and change.account is not None and not change.account.blocked:
            return
        accounts = (
            [change.client.stack.account_id] if change.client else [one.stack.account_id for one in change.requests]
        )
        let_in = change.event is not None and not change.event.by_the_gate
        asked = [one.id for one in change.requests if one.state in (State.PENDING, State.APPROVED)]
        if any(self.account(one).blocked for one in accounts) and (let_in or asked):
            self.wrong.append(f"of a blocked account there came {change.event} and {asked}")

    def _judge_move(self, before: Request | None, request: Request, change: Change) -> None:
        if before is None:
            if request.state not in BORN and not (request.revoked and request.state is State.APPROVED):
                self.wrong.append(f"{request.id} began as {request.state}")
            return
        if (before.state, request.state) not in MOVES and not self._overtaken(before, request):
            self.wrong.append(f"{request.id} went from {before.state} to {request.state}")
        removal = request.kind is Kind.OFFBOARD
        if request.state is State.PROVISIONING and removal is self.may_have_group.get(request.client_id, False):
            self.wrong.append(f"{request.kind} {request.id} began against what was decided last")
        if request.state is State.DONE:
            group = self.stacks.groups.get(request.client_id)
            if (removal and group) or (not removal and (not group or group[0] != request.stack.role_name)):
                self.wrong.append(f"{request.kind} {request.id} is done, and the group is {group}")

    def _overtaken(self, before: Request, request: Request) -> bool:
        """A work that failed after something newer was asked is superseded in the same step."""
        failed = target(before.state, Step.FAIL)
        return (failed, request.state) == (State.FAILED, State.SUPERSEDED) and self._newest(request) != request.id

    def _newest(self, request: Request) -> str:
        return self.asked[request.client_id][-1]

    def _remember(self, before: Request | None, request: Request, change: Change) -> None:
        removal, client_id = request.kind is Kind.OFFBOARD, request.client_id
        if request.state is State.APPROVED:
            self.may_have_group[client_id] = not removal
        elif request.state is State.DENIED and request.kind is Kind.ONBOARD:
            self.may_have_group[client_id] = False
        elif removal and before is not None and before.state in CARRIED_OUT and request.state is State.SUPERSEDED:
            self._give_up(request, change)

    def _give_up(self, removal: Request, change: Change) -> None:
        """An approved removal that counts no more: only for something newer that people want, or may want yet.

        From then on that says what becomes of the group: as an update, or as another removal, its Deny leaves the group
        as it is. A revocation gives way to another one alone.
        """
        changed = {one.id: one for one in change.requests}
        newest = changed.get(self._newest(removal)) or self.stored_requests[self._newest(removal)]
        undecided = newest.state in (State.PENDING, State.APPROVED)
        better = newest.revoked if removal.revoked else undecided or newest.kind is Kind.OFFBOARD
        if newest.id == removal.id or not better:
            self.wrong.append(f"removal {removal.id} was given up for {newest.kind} {newest.id}, {newest.state}")
        if self._another_is_under_way(removal):
            return
        group = self.stacks.groups.get(removal.client_id)
        if group and newest.kind is Kind.ONBOARD:
            self.wrong.append(f"{newest.id} is told as an onboarding, and there is a group")
        goes = newest.kind is Kind.OFFBOARD and newest.state is State.APPROVED
        self.may_have_group[removal.client_id] = bool(group) and not goes

    def judge_deletion(self, removal: Request) -> None:
        """A removal for a deletion that only a notification tells is not shown before its time, nor without its mark.

        Judged by what was sent. What was asked while the gate's word was on its way may be shown just after it.
        """
        stack = removal.stack.parent_stack_id
        if removal.kind is not Kind.OFFBOARD or removal.revoked or stack in self.gates_word:
            return
        if not removal.warnings.unconfirmed:
            self.wrong.append(f"{removal.id} is shown as confirmed by the gate, which said nothing")
        if self.clock is not None and self.clock.moment < removal.created_at + GATES_TIME:
            self.wrong.append(f"{removal.id} is shown before the gate had its time")

    def _judge_asked(self, request: Request) -> None:
        """Nothing is asked for a stack that the gate says is gone, nor without a word for a role that others have."""
        if request.kind is Kind.OFFBOARD:
            return
        if request.stack.parent_stack_id in self.final:
            self.wrong.append(f"{request.id} is asked for a stack that is gone for good")
        named = [one.client_id for one in request.warnings.shared_with]
        asked = (request.stack.account_id, request.stack.role_name)
        for client_id, (role, _) in self.stacks.groups.items():
            same = (self.stored_clients[client_id].stack.account_id, role) == asked
            if same and client_id not in (request.client_id, *named):
                self.wrong.append(f"{request.id} does not say that the group of {client_id} grants its role already")

    def _another_is_under_way(self, removal: Request) -> bool:
        others = [self.stored_requests.get(one) for one in self.asked[removal.client_id] if one != removal.id]
        return any(one.kind is Kind.OFFBOARD and one.state is State.PROVISIONING for one in others if one)

    def _judge_press(self, before: Request, request: Request) -> None:
        if request.presses != before.presses + 1:
            self.wrong.append(f"{request.id}: a decision replaced another one")
        if request.decision is None or request.decision.actor not in APPROVERS:
            self.wrong.append(f"{request.id} was decided by nobody who may")

    def judge_shown(self, call: Call) -> None:
        """The channel's witness: nothing is shown green that is not stored as done."""
        request = call.request
        stored = self.stored_requests[request.id]
        self.judge_deletion(request)
        if request.state is State.DONE and stored.state is not State.DONE:
            self.wrong.append(f"{request.id} is shown green and stored as {stored.state}")
