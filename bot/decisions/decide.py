"""Checks who may decide, and stores what a press does. Of several presses one wins. Fails closed; counts refusals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from bot.decisions import choice
from bot.decisions.people import People
from bot.decisions.quorum import Quorum
from bot.domain import policy
from bot.domain.answers import Actor
from bot.domain.approvers import Approvers, Waiting, Workspaces
from bot.domain.errors import ActionRefused, AlreadyDecided, NotAllowed, StalePress, UnknownRequest, WrongWorkspace
from bot.domain.ids import REQUEST, is_id
from bot.domain.invitation import RefusedPerson
from bot.domain.message import raised, shared_card
from bot.domain.model import Audit, Client
from bot.domain.page import Teams
from bot.domain.record import Record
from bot.domain.request import Decision, Request, touched
from bot.domain.transitions import target
from bot.domain.vocabulary import State, TeamVerb, Verb
from bot.ports import Clock, Directory
from bot.ports.store import Change, Store, saved

DETAIL_LENGTH = 100
REASON_LENGTH = 500
"""Most characters of a reason, also in Slack's window."""
BUSY = "This {} is changing too fast at the moment. Try again in a minute."
UNKNOWN = "This {} is unknown here. It may belong to another stage of Switchyard."
NO_CLIENT = "invitation"
"""The client id in audits that concern no client yet, or none that was found."""
LAPSED = "approval lapsed"
"""The audit's action for an approval by somebody who was no longer an approver when approvals were counted."""
_ACTIONS: dict[str, str] = {
    **{verb: verb.words.may for verb in Verb},
    "block": "block clients",
    "unblock": "unblock clients",
    "history": "read histories",
    "rename": "rename clients",
    "card": "post cards for everybody",
    "label": "label clients",
    "review": "review requests",
    "text for client": "see what clients can be told",
    "invite": "invite clients",
    "list invitations": "see invitations",
    "cancel": "cancel invitations",
    "teams": "choose which teams get in",
    **{f"team {verb}": "change whole teams" for verb in TeamVerb},
}
"""Each action as it reads in "Only approvers may …"."""


class Press(Record):
    """Who pressed what, and the reason where it is Deny."""

    verb: Verb
    actor: Actor
    people: People
    drawn_after: int | None
    """How many presses had counted when the button was drawn, where that is known."""
    reason: str
    teams: tuple[str, ...] | None
    """The teams that were chosen beside Approve; None where no choice came with the press."""
    tells_client: bool = False
    """Whether the client may read the reason."""


@dataclass(eq=False, repr=False)
class Approval:
    """The approvers, and the rules for their presses."""

    store: Store
    directory: Directory
    clock: Clock
    approvers: Approvers
    waiting: Waiting
    workspaces: Workspaces
    teams: Teams

    def require(self, actor: Actor, action: str, client_id: str, request_id: str = "", detail: str = "") -> People:
        """Require an approver of our own workspace; count the refusal of anybody else. Return what Slack has answered.

        Raises WrongWorkspace or NotAllowed; PersonUnknown or ApproversUnknown when Slack does not answer.
        """
        people = self.belonging(actor)
        try:
            people.require(actor)
            if not people.approve(actor.user_id):
                raise NotAllowed(f"Only approvers may {_ACTIONS.get(action, 'do this')}.")
        except ActionRefused as error:
            if isinstance(error, WrongWorkspace):
                detail = detail or f"from workspace {actor.team_id or 'unknown'}"
            self.refuse(actor, action, client_id, request_id, detail[:DETAIL_LENGTH])
            raise
        return people

    def decide(
        self,
        request_id: str,
        verb: Verb,
        actor: Actor,
        drawn_after: int | None = None,
        reason: str = "",
        *,
        teams: tuple[str, ...] | None = None,
        tells_client: bool = False,
    ) -> Request:
        """Store the press and return the request. Raises UnknownRequest, and what `require` and `_pressed` raise."""
        people = self.require(actor, verb, self.request(request_id).client_id, request_id)
        reason = reason[:REASON_LENGTH] if verb is Verb.DENY else ""
        press = Press(verb, actor, people, drawn_after, reason, teams if verb is Verb.APPROVE else None, tells_client)
        return saved(self.store, lambda: self.planned(request_id, press), BUSY.format("request")).requests[0]

    def planned(self, request_id: str, press: Press) -> Change:
        """Return what the press changes. Raises what `_pressed` raises."""
        request = self.request(request_id)
        client = self.client(request.client_id)
        decided = self._pressed(request, client, press)
        if decided.state is State.APPROVED:
            client = replace(client, may_have_group=True)
        client = replace(client, standing=policy.standing(client, decided))
        now = self.clock.now()
        gone = [one for one in decided.lapsed if one not in request.lapsed]
        audits = [Audit(now, one.actor, LAPSED, client.id, request.id) for one in gone]
        audits += choice.lapsed(request, decided, press.actor.user_id, LAPSED)
        lets_in = f"lets in {', '.join(decided.teams)}" if press.teams is not None else ""
        audits.append(Audit(now, press.actor.user_id, press.verb, client.id, request.id, press.reason or lets_in))
        return Change(
            client, (decided,), audits=tuple(audits), raises=(raised(decided, now), *shared_card(decided, now))
        )

    def _pressed(self, request: Request, client: Client, press: Press) -> Request:
        """Return the request after the press.

        Raises StalePress for a button drawn before the last press that counted, AlreadyDecided for a press that comes
        too late, and what the count of approvals raises.
        """
        verb, actor = press.verb, press.actor
        if client.blocked:
            self.refuse(actor, verb, request.client_id, request.id, "blocked")
            raise ActionRefused(
                f"The account {client.stack.account_id} is blocked, so nothing was changed. "
                f"`/clients unblock {client.stack.account_id}` ends that."
            )
        state = target(request.state, verb)
        if state is None or client.current_request != request.id:
            self.refuse(actor, verb, request.client_id, request.id, request.state)
            raise AlreadyDecided(f"This request is already {request.state.lower()}, so nothing was changed.", request)
        if press.drawn_after not in (None, request.presses):
            self.refuse(actor, verb, request.client_id, request.id, "stale")
            raise StalePress(
                "This request has changed since your button was drawn. Look at it again, then press again."
            )
        now = self.clock.now()
        decision = Decision(
            verb, actor.user_id, now, press.reason, actor.team_id, press.tells_client and bool(press.reason)
        )
        match verb:
            case Verb.APPROVE | Verb.RETRY:
                request, enough = self._counted(request, press, decision)
            case Verb.DENY | Verb.REOPEN | Verb.REPAIR | Verb.REVOKE:
                request, enough = replace(request, approvals=(), lapsed=()), True
            case _:
                assert_never(verb)
        request = replace(request, presses=request.presses + 1)
        if not enough:
            return touched(request, now)
        pressed = replace(request, state=state, decision=decision, reason="")
        if state is State.APPROVED:
            pressed = replace(pressed, attempt=request.attempt.next())
        elif state is State.PENDING:
            pressed = self.waiting.from_now(pressed, now)
        return touched(pressed, now)

    def _counted(self, request: Request, press: Press, decision: Decision) -> tuple[Request, bool]:
        """Count this approval or Retry. Return the request, and whether the approvals are enough."""
        quorum = Quorum(self.approvers, press.people)
        try:
            request = choice.with_choice(request, press.teams, self.teams)
            with_press = quorum.with_retry if press.verb is Verb.RETRY else quorum.with_approval
            counted = with_press(request, decision)
        except ActionRefused as error:
            self.refuse(press.actor, press.verb, request.client_id, request.id, str(error)[:DETAIL_LENGTH])
            raise
        return counted, quorum.reached(counted) or (press.verb is Verb.RETRY and not quorum.several(request))

    def request(self, request_id: str) -> Request:
        """Return the stored request. Raises UnknownRequest."""
        request = self.store.request(request_id) if is_id(REQUEST, request_id) else None
        if request is None:
            raise UnknownRequest(UNKNOWN.format("request"))
        return request

    def client(self, client_id: str) -> Client:
        """Return the stored client. Raises ActionRefused."""
        client = self.store.client(client_id)
        if client is None:
            raise ActionRefused(UNKNOWN.format("client"))
        return client

    def belonging(self, actor: Actor) -> People:
        """Return who counts during one press or command of this person."""
        return People(self.approvers, self.workspaces, self.directory, actor.home_team_id)

    def refuse(self, actor: Actor, action: str, client_id: str, request_id: str, detail: str) -> None:
        """Count that this person was refused."""
        refused = RefusedPerson(client_id, actor.user_id, action, self.clock.now(), request_id, detail)
        self.store.count_refused(refused)
