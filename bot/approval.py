"""Who may decide, and what a press does; of several presses one wins. Fails closed, and writes refusals down."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from bot import policy
from bot.deciding import Approvers, Waiting, grants_administrator
from bot.errors import (
    ActionRefused,
    AlreadyDecided,
    ApproversUnknown,
    Conflict,
    NotAllowed,
    SlackUnavailable,
    StalePress,
    TryAgain,
    TwoPeopleNeeded,
    UnknownRequest,
)
from bot.model import Audit, Client
from bot.plan import touched
from bot.ports import ATTEMPTS, Actor, Change, Clock, Notifier, Store
from bot.request import Decision, Request
from bot.transitions import target
from bot.vocabulary import State, Verb

DETAIL_LENGTH = 100
REASON_LENGTH = 500
"""Most characters of a reason; also what Slack lets anybody type."""
NO_CLIENT = "invitation"
"""The client id under which is audited what is about no client yet, or about none that was found."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Approval:
    """The approvers, and the rules of pressing."""

    store: Store
    notifier: Notifier
    clock: Clock
    approvers: Approvers
    waiting: Waiting

    def require(self, actor: Actor, action: str, client_id: str, request_id: str = "", detail: str = "") -> None:
        """A person of this very workspace, listed or in a listed user group, or else NotAllowed or ApproversUnknown."""
        at_home = bool(actor.user_id) and bool(actor.team_id) and actor.team_id == actor.home_team_id
        unread: list[str] = []
        if at_home and (actor.user_id in self.approvers.users or self._in_a_group(actor.user_id, unread)):
            return
        self._refused(actor, action, client_id, request_id, detail[:DETAIL_LENGTH])
        if unread:
            raise ApproversUnknown("Slack did not say who the approvers are, so nothing was changed.", tuple(unread))
        raise NotAllowed("Only approvers may do this.")

    def decide(
        self, request_id: str, verb: Verb, actor: Actor, drawn_after: int | None = None, reason: str = ""
    ) -> Request:
        """The request with the press stored. Raises UnknownRequest, and what `require` and `pressed` raise."""
        self.require(actor, verb, self._existing(request_id).client_id, request_id)
        for _ in range(ATTEMPTS):
            request = self._existing(request_id)
            client = self._client_of(request)
            decided = self.pressed(request, client, verb, actor, drawn_after, reason=reason)
            if decided.state is State.APPROVED:
                client = replace(client, may_have_group=True)
            client = replace(client, standing=policy.standing(client, decided))
            why = decided.decision.reason if decided.decision and verb is Verb.DENY else ""
            audit = Audit(self.clock.now(), actor.user_id, verb, client.id, request.id, why)
            try:
                self.store.save(Change(client=client, requests=(decided,), audits=(audit,)))
            except Conflict:
                continue
            return decided
        raise TryAgain("This request keeps changing. Press the button again.")

    def pressed(
        self,
        request: Request,
        client: Client,
        verb: Verb,
        actor: Actor,
        drawn_after: int | None = None,
        *,
        reason: str = "",
    ) -> Request:
        """The request after the press, with the reason of a denial.

        `drawn_after` is how many presses had counted when the button was drawn, where that is known. Raises StalePress
        for a button drawn before the last of them, AlreadyDecided for a press that comes too late, TwoPeopleNeeded.
        """
        state = target(request.state, verb)
        if state is None or client.current_request != request.id:
            self._refused(actor, verb, request.client_id, request.id, request.state)
            raise AlreadyDecided(f"This request is {request.state.lower()} already, so nothing was changed.", request)
        if drawn_after not in (None, request.presses):
            self._refused(actor, verb, request.client_id, request.id, "stale")
            raise StalePress(
                "Your press was on an older state of this request. Look at it as it is now, and press again."
            )
        now = self.clock.now()
        decision = Decision(verb, actor.user_id, now, reason[:REASON_LENGTH] if verb is Verb.DENY else "")
        if verb is Verb.APPROVE:
            self._require_different_people(request, client, actor)
            request = replace(request, approvals=(*request.approvals, decision), presses=request.presses + 1)
            if len(request.approvals) < self.approvers.approvals_for(request):
                return touched(request, now)
        else:
            approvals = request.approvals if verb is Verb.RETRY else ()
            request = replace(request, approvals=approvals, presses=request.presses + 1)
        pressed = replace(request, state=state, decision=decision, reason="")
        if verb in (Verb.APPROVE, Verb.RETRY):
            pressed = replace(pressed, attempt=request.attempt + 1, stack_id=None)
        elif verb is Verb.REOPEN:
            pressed = self.waiting.from_now(pressed, now)
        return touched(pressed, now)

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

    def _require_different_people(self, request: Request, client: Client, actor: Actor) -> None:
        """Nobody approves twice, and whoever invited does not approve Administrator access alone.

        Who that was, the request says, or else the client's invitation. Unknown, nobody may approve.
        """
        if actor.user_id in [one.actor for one in request.approvals]:
            self._refused(actor, Verb.APPROVE, request.client_id, request.id, "approved already")
            raise TwoPeopleNeeded("You have approved this already; somebody else has to as well.")
        if not (self.approvers.two_people and grants_administrator(request)):
            return
        alone = not request.approvals and self.approvers.approvals_for(request) == 1
        invitation = None if request.invited_by else self.store.invitation(client.token_hash)
        inviter = request.invited_by or (invitation.invited_by if invitation else "")
        if inviter and (inviter != actor.user_id or not alone):
            return
        self._refused(actor, Verb.APPROVE, request.client_id, request.id, "own invitation")
        if not inviter:
            raise TwoPeopleNeeded(f"It is not known who invited {request.company}. Deny this and invite it again.")
        raise TwoPeopleNeeded(
            f"You invited {request.company}, so somebody else has to approve {request.access_level} access."
        )

    def _in_a_group(self, user_id: str, unread: list[str]) -> bool:
        """Whether Slack says so of any group; those that can't be read are added to `unread` and let nobody in."""
        for group in self.approvers.groups:
            try:
                if user_id in self.notifier.group_members(group):
                    return True
            except SlackUnavailable as error:
                log.warning("user group %s can't be read, so it lets nobody decide: %s", group, error)
                unread.append(group)
        return False

    def _refused(self, actor: Actor, action: str, client_id: str, request_id: str, detail: str) -> None:
        audit = Audit(self.clock.now(), actor.user_id, f"refused: {action}", client_id, request_id, detail)
        self.store.save(Change(audits=(audit,)))
