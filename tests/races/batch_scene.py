"""Three accounts of one invitation, which share a message, in the scene of `scene.py`."""

from __future__ import annotations

from contextlib import suppress

from bot.domain import policy
from bot.domain.answers import Actor
from bot.domain.bulk import as_drawn, batchable, newest_of_each
from bot.domain.errors import SwitchyardError
from bot.domain.message import Message, Shows
from bot.domain.request import Request, SharedIn
from bot.domain.vocabulary import AccessLevel, Verb
from tests.fakes import ADA
from tests.races.scene import ClientStack, Scene
from tests.unit.decisions.batch import account


class Killed(BaseException):
    """The process ends at this line."""


class BatchScene(Scene):
    """People press for all, or for one account."""

    def __init__(self) -> None:
        super().__init__()
        self.clients = [ClientStack(account(number), "a", serial=100 * number) for number in (1, 2, 3)]

    def invite(self, which: int) -> None:
        """Once for all three."""
        token = self.world.workflow.invite("Acme", AccessLevel.READ_ONLY, ADA, 3).token
        for client in self.clients:
            client.token = token

    def shared(self) -> list[Message]:
        """The shared messages, oldest first."""
        found = [one for one in self.store.stored_messages.values() if one.shared and one.shows is Shows.REQUEST]
        return sorted(found, key=lambda one: (one.owner, one.place))

    def press_all(self, which: int, verb: Verb, actor: Actor, stale: int = 0) -> None:
        """Press the button of some shared message, as it was drawn when it had `stale` requests fewer."""
        messages = self.shared()
        if messages:
            on = messages[-1 - which % len(messages)]
            with suppress(SwitchyardError):
                home = SharedIn(on.owner, on.place)
                open_ones = [one for one in self.store.requests(on.request_ids).values() if batchable(one)]
                drawn = as_drawn(on.request_ids, open_ones)
                self.world.workflow.press_all(home, drawn[: len(drawn) - stale], verb, actor)

    def decide(self, which: int, verb: Verb, actor: Actor) -> None:
        """Press a button about the newest request of one account, as Review shows it."""
        own = [one for one in self.store.stored_requests.values() if one.stack.account_id == account(which + 1)]
        if own:
            newest = max(own, key=lambda one: one.created_at)
            with suppress(SwitchyardError):
                decided = self.world.workflow.decide(newest.id, verb, actor, newest.presses)
                self.won(decided, newest.presses, actor)

    def apply(self, which: int, *, again: bool = False) -> None:
        waiting = self.world.bench.bulks
        if waiting:
            name = waiting[which % len(waiting)] if again else waiting.pop(which % len(waiting))
            with suppress(SwitchyardError):
                self.world.workflow.apply_bulk(name)

    def apply_and_die(self, which: int, saves: int) -> None:
        """The Lambda is killed after so many saves, and what it would do then is not done."""
        left = [saves]

        def count() -> None:
            left[0] -= 1
            self.store.after_saving.meanwhile = count
            if left[0] <= 0:
                self.store.after_saving.meanwhile = None
                self.channel.down = self.world.bench.broken = True
                raise Killed

        self.store.after_saving.meanwhile = count
        with suppress(Killed):
            self.apply(which)
        self.store.after_saving.meanwhile = None
        self.channel.down = self.world.bench.broken = False

    def revoke(self, which: int, actor: Actor) -> None:
        own = [one for one in self.store.stored_clients.values() if one.stack.account_id == account(which + 1)]
        with suppress(SwitchyardError):
            for client in own:
                self.world.revoke(client.id, actor)

    def work(self, failing: str = "") -> None:
        for _ in range(len(self.world.bench.bulks)):
            self.apply(0)
        super().work(failing)

    def unfinished(self) -> list[str]:
        undone = [f"press {one.number}" for one in self.store.stored_bulks.values() if not one.done]
        return super().unfinished() + undone

    def check(self) -> None:
        super().check()
        cards = [one.thread for one in self.channel.cards if one.batch]
        assert len(cards) == len(set(cards))
        shown = [one for message in self.shared() for one in message.request_ids]
        assert sorted(shown) == sorted(one.id for one in self.store.stored_requests.values() if one.invited.shared)

    def check_at_rest(self) -> None:
        super().check_at_rest()
        for message in self.channel.messages:
            for line in message.batch:
                assert line.request == self.store.stored_requests[line.request.id]
                client = self.store.stored_clients[line.request.client_id]
                assert line.client is not None
                assert line.client.blocked is client.blocked or client.current_request != line.request.id
                # What was outdated before is not drawn again for the next reason.
                outdated = [policy.outdated(line.request, one) for one in (line.client, client)]
                assert outdated[0] is outdated[1] or None not in outdated
        drawn = {one.message.place: one for one in self.channel.messages if one.message is not None and one.batch}
        for record in self.shared():
            if record.ts is not None:
                accounts = newest_of_each([self.store.stored_requests[one] for one in record.request_ids])
                assert [one.request for one in drawn[record.place].batch] == accounts
        for request in self.store.stored_requests.values():
            self._check_told(request)

    def _check_told(self, request: Request) -> None:
        """Each press that counted has its line in the history, and no other has."""
        verbs = {Verb.APPROVE, Verb.DENY, Verb.RETRY, Verb.REOPEN}
        told = [one for one in self.store.stored_audits if one.request_id == request.id and one.action in verbs]
        warned = request.presses - len(told)
        assert warned >= 0, f"{request.id} was pressed {request.presses} times, and its history tells {told}"
