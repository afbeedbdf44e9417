"""A judge of teams' pages who knows only what people pressed, and what AWS's documents say."""

from __future__ import annotations

from typing import Any, NamedTuple

from bot.domain.request import Request
from bot.domain.vocabulary import State
from bot.ports.store import Change
from tests.memory_store import MemoryStore


class Approved(NamedTuple):
    """What a press has approved."""

    role: str
    teams: tuple[str, ...]


class JudgedStore(MemoryStore):
    """Judges each transaction as it is carried out. What is wrong is collected, since the product survives errors."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.approved: dict[str, dict[str, Approved]] = {}
        """By client: by request that a press has approved, and that may be carried out yet."""
        self.adopted: set[str] = set()
        """Teams that somebody had take every client."""
        self.world: Any = None

    def allowed(self, team: str = "") -> set[str]:
        """Every role that people have approved for some client (and this team), and that may still be assumed."""
        every = [one for requests in self.approved.values() for one in requests.values()]
        anyone = not team or team in self.adopted
        return {one.role for one in every if anyone or team in one.teams}

    def _apply(self, change: Change) -> None:
        moved = [one for one in change.requests if self._state(one.id) is not one.state]
        before = {one.id: self._state(one.id) for one in moved}
        super()._apply(change)
        for request in moved:
            self._judge(request, before[request.id])

    def _state(self, request_id: str) -> State | None:
        stored = self.stored_requests.get(request_id)
        return stored.state if stored else None

    def _judge(self, request: Request, before: State | None) -> None:
        approved = self.approved.setdefault(request.client_id, {})
        role = self.world.pages.role_arn(request.stack)
        if request.state is State.APPROVED and not request.kind.takes_away:
            approved[request.id] = Approved(role, request.teams)
        elif request.state is State.SUPERSEDED and before is State.APPROVED and request.attempt.number == 1:
            approved.pop(request.id, None)
        elif request.state is State.DONE:
            gone = {role, *(one.role for one in approved.values())}
            waiting = {one: there for one, there in approved.items() if self._state(one) is State.APPROVED}
            done = {} if request.kind.takes_away else {request.id: Approved(role, request.teams)}
            self.approved[request.client_id] = waiting | done
            self._judge_end(request, role, gone)

    def _judge_end(self, request: Request, role: str, had: set[str]) -> None:
        group = self.world.stacks.groups.get(request.client_id)
        documents = self.world.pages.documents
        for taken in had - self.allowed():
            self.wrong += [
                f"{request.id} is done and {name} lists {taken}" for name, on in documents.items() if taken in on
            ]
        if request.kind.takes_away:
            self.wrong += [f"{request.id} is done and there is a group"] if group else []
            return
        if not request.attempt.without_group and (group is None or group[0] != request.stack.role_name):
            self.wrong.append(f"{request.id} is done and its group is {group}")
        for team in request.teams:
            if role not in self.world.pages.lets_into(team):
                self.wrong.append(f"{request.id} is done and team {team} can't assume {role}")
