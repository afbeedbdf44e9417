"""Who may decide, and what a press does to a request. Fails closed, and writes refusals down."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.errors import AlreadyDecided, NotAllowed
from bot.model import Audit, Client, Decision, Request
from bot.plan import touched
from bot.policy import Approvers
from bot.ports import Actor, Change, Clock, Notifier, Store
from bot.transitions import target
from bot.vocabulary import Verb

DETAIL_LENGTH = 100


@dataclass(frozen=True)
class Approval:
    """The approvers, and the rules of pressing."""

    store: Store
    notifier: Notifier
    clock: Clock
    approvers: Approvers

    def require(self, actor: Actor, action: str, client_id: str, request_id: str = "", detail: str = "") -> None:
        """A person of this very workspace, listed or in a listed user group, or else NotAllowed."""
        at_home = bool(actor.user_id) and bool(actor.team_id) and actor.team_id == actor.home_team_id
        if at_home and (actor.user_id in self.approvers.users or self._in_a_group(actor.user_id)):
            return
        self._refused(actor, action, client_id, request_id, detail[:DETAIL_LENGTH])
        raise NotAllowed("Only approvers may do this.")

    def pressed(self, request: Request, client: Client, verb: Verb, actor: Actor) -> Request:
        """The request after the press. Raises AlreadyDecided for a press that comes too late."""
        state = target(request.state, verb)
        if state is None or client.current_request != request.id:
            self._refused(actor, verb, request.client_id, request.id, request.state)
            raise AlreadyDecided(f"This request is {request.state.lower()} already, so nothing was changed.", request)
        now = self.clock.now()
        pressed = replace(request, state=state, decision=Decision(verb, actor.user_id, now), reason="")
        if verb in (Verb.APPROVE, Verb.RETRY):
            pressed = replace(pressed, attempt=request.attempt + 1, stack_id=None)
        elif verb is Verb.REOPEN:
            pressed = replace(pressed, asked_at=now, reminded_at=None)
        return touched(pressed, now)

    def _in_a_group(self, user_id: str) -> bool:
        return any(user_id in self.notifier.group_members(group) for group in self.approvers.groups)

    def _refused(self, actor: Actor, action: str, client_id: str, request_id: str, detail: str) -> None:
        audit = Audit(self.clock.now(), actor.user_id, f"refused: {action}", client_id, request_id, detail)
        self.store.save(Change(audits=(audit,)))
