"""Who may decide, and what a press does; of several presses one wins. Fails closed, and writes refusals down."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from bot.decisions.belonging import Belonging
from bot.decisions.membership import Membership
from bot.decisions.quorum import Quorum
from bot.domain import policy
from bot.domain.answers import Actor
from bot.domain.approvers import Approvers, Waiting
from bot.domain.errors import (
    ActionRefused,
    AlreadyDecided,
    ApproversUnknown,
    NotAllowed,
    PersonUnknown,
    StalePress,
    TwoPeopleNeeded,
    UnknownRequest,
    WrongWorkspace,
)
from bot.domain.invitation import RefusedPerson
from bot.domain.message import raised
from bot.domain.model import Audit, Client
from bot.domain.request import Decision, Request, touched
from bot.domain.transitions import target
from bot.domain.verbs import words
from bot.domain.vocabulary import State, Verb
from bot.domain.workspaces import Workspaces
from bot.ports import Clock, Directory
from bot.ports.store import Change, Store, saved

DETAIL_LENGTH = 100
REASON_LENGTH = 500
"""Most characters of a reason; also what Slack lets anybody type."""
NO_CLIENT = "invitation"
"""The client id under which is audited what is about no client yet, or about none that was found."""
LAPSED = "approval lapsed"
"""The audit's action for an approval of somebody who was no approver any more when approvals were counted."""
_ACTIONS: dict[str, str] = {
    **{verb: words(verb).may for verb in Verb},
    "block": "block clients",
    "unblock": "unblock clients",
    "history": "read histories",
    "invite": "invite clients",
    "list invitations": "see invitations",
    "cancel": "cancel invitations",
}
"""What somebody who is no approver is told that only approvers may."""


@dataclass(frozen=True)
class Press:
    """Who pressed what, and the reason where it is Deny."""

    verb: Verb
    actor: Actor
    membership: Membership
    drawn_after: int | None
    """How many presses had counted when the button was drawn, where that is known."""
    reason: str


@dataclass(frozen=True)
class Approval:
    """The approvers, and the rules of pressing."""

    store: Store
    directory: Directory
    clock: Clock
    approvers: Approvers
    waiting: Waiting
    workspaces: Workspaces

    def require(
        self,
        actor: Actor,
        action: str,
        client_id: str,
        request_id: str = "",
        detail: str = "",
        *,
        membership: Membership | None = None,
    ) -> None:
        """One of our people, listed or in a listed user group.

        Else raise WrongWorkspace or NotAllowed, or PersonUnknown or ApproversUnknown where Slack does not say.
        `membership` holds the user groups that were read already.
        """
        try:
            self.belonging(actor).require(actor)
            if (membership or self._membership()).has(actor.user_id):
                return
        except WrongWorkspace:
            where = detail or f"from workspace {actor.team_id or 'unknown'}"
            self.refuse(actor, action, client_id, request_id, where[:DETAIL_LENGTH])
            raise
        except (PersonUnknown, ApproversUnknown):
            self.refuse(actor, action, client_id, request_id, detail[:DETAIL_LENGTH])
            raise
        self.refuse(actor, action, client_id, request_id, detail[:DETAIL_LENGTH])
        raise NotAllowed(f"Only approvers may {_ACTIONS.get(action, 'do this')}.")

    def decide(
        self, request_id: str, verb: Verb, actor: Actor, drawn_after: int | None = None, reason: str = ""
    ) -> Request:
        """The request with the press stored. Raises UnknownRequest, and what `require` and `pressed` raise."""
        membership = self._membership()
        self.require(actor, verb, self._existing(request_id).client_id, request_id, membership=membership)
        press = Press(verb, actor, membership, drawn_after, reason[:REASON_LENGTH] if verb is Verb.DENY else "")
        busy = "This request keeps changing. Press the button again."
        return saved(self.store, lambda: self._decided(request_id, press), busy).requests[0]

    def _decided(self, request_id: str, press: Press) -> Change:
        """Plan what the press changes."""
        request = self._existing(request_id)
        client = self._client_of(request)
        decided = self._pressed(request, client, press)
        if decided.state is State.APPROVED:
            client = replace(client, may_have_group=True)
        client = replace(client, standing=policy.standing(client, decided))
        now = self.clock.now()
        gone = [one for one in decided.lapsed if one not in request.lapsed]
        audits = [Audit(now, one.actor, LAPSED, client.id, request.id) for one in gone]
        audits.append(Audit(now, press.actor.user_id, press.verb, client.id, request.id, press.reason))
        return Change(client, (decided,), audits=tuple(audits), raises=(raised(decided, now),))

    def _pressed(self, request: Request, client: Client, press: Press) -> Request:
        """Return the request after the press.

        Raises StalePress for a button drawn before the last press that counted, AlreadyDecided for a press that comes
        too late, TwoPeopleNeeded.
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
            raise AlreadyDecided(f"This request is {request.state.lower()} already, so nothing was changed.", request)
        if press.drawn_after not in (None, request.presses):
            self.refuse(actor, verb, request.client_id, request.id, "stale")
            raise StalePress(
                "Your press was on an older state of this request. Look at it as it is now, and press again."
            )
        now = self.clock.now()
        decision = Decision(verb, actor.user_id, now, press.reason, actor.team_id)
        match verb:
            case Verb.APPROVE | Verb.RETRY:
                request, enough = self._counted(request, client, press, decision)
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

    def _counted(self, request: Request, client: Client, press: Press, decision: Decision) -> tuple[Request, bool]:
        """The request with this approval or Retry counted, and whether that is enough to go on."""
        quorum = Quorum(self.approvers, press.membership, self.belonging(press.actor))
        inviter = self._inviter(request, client) if quorum.needs_inviter(request) else ""
        try:
            with_press = quorum.with_retry if press.verb is Verb.RETRY else quorum.with_approval
            counted = with_press(request, decision, inviter)
        except (TwoPeopleNeeded, ApproversUnknown, PersonUnknown) as error:
            self.refuse(press.actor, press.verb, request.client_id, request.id, str(error)[:DETAIL_LENGTH])
            raise
        return counted, quorum.reached(counted) or (press.verb is Verb.RETRY and not quorum.several(request))

    def _existing(self, request_id: str) -> Request:
        request = self.store.request(request_id) if policy.may_be_request_id(request_id) else None
        if request is None:
            raise UnknownRequest("This request is not known here. It may belong to another stage of Switchyard.")
        return request

    def _client_of(self, request: Request) -> Client:
        client = self.store.client(request.client_id)
        if client is None:
            raise ActionRefused("The client of this request is not stored any more.")
        return client

    def _inviter(self, request: Request, client: Client) -> str:
        """Who invited: the request says it, or else the client's invitation. Empty when neither does."""
        invitation = None if request.invited.by else self.store.invitation(client.token_hash)
        return request.invited.by or (invitation.invited_by if invitation else "")

    def belonging(self, actor: Actor) -> Belonging:
        """Whose people are ours, for one press or command of this person."""
        return Belonging(self.workspaces, self.directory, actor.home_team_id)

    def _membership(self) -> Membership:
        return Membership(self.approvers, self.directory)

    def refuse(self, actor: Actor, action: str, client_id: str, request_id: str, detail: str) -> None:
        """Write down that somebody was refused something."""
        refused = RefusedPerson(client_id, actor.user_id, action, self.clock.now(), request_id, detail)
        self.store.count_refusal(refused)
