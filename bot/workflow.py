"""THE FILE TO READ: what happens when an event, a command, a click, an outcome or a minute arrives.

Each step stores first (one transaction, on the condition that nobody was faster) and speaks to Slack, CloudFormation or
the next Lambda afterwards. Whatever a crash leaves between the two is found by `sweep`.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from dataclasses import dataclass, replace

from bot import policy
from bot.delivery import ATTEMPTS, Delivery
from bot.errors import (
    ActionRefused,
    AlreadyDecided,
    Conflict,
    NotAllowed,
    ProofRefused,
    SwitchyardError,
    TryAgain,
    UnknownRequest,
)
from bot.events import parse
from bot.intake import Intake, token_hash
from bot.model import AccessLevel, Audit, Client, Decision, Invitation, Request, State, Verb
from bot.plan import touched
from bot.policy import Approvers
from bot.ports import (
    Actor,
    Change,
    ClientPage,
    Clock,
    Handoff,
    Invited,
    Notifier,
    Proof,
    Store,
    Verifier,
)
from bot.provisioning import Provisioning
from bot.transitions import Step, target

PAGE = 10
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Workflow:
    """The use cases, on ports. `bootstrap` builds it for the Lambdas, tests build it on fakes."""

    store: Store
    verifier: Verifier
    notifier: Notifier
    handoff: Handoff
    provisioning: Provisioning
    clock: Clock
    approvers: Approvers
    partition: str

    @property
    def delivery(self) -> Delivery:
        """Shows requests in Slack."""
        return Delivery(self.store, self.notifier, self.clock)

    def receive_event(self, body: bytes, proof: Proof) -> None:
        """Take one event of a client's stack: prove the account, store it, ask the team what it asks for.

        Taking the same event again changes nothing. Raises EventRefused, or TryAgain.
        """
        incoming = parse(body, self.partition)
        event = incoming.event
        identity = self.verifier.verify(proof, hashlib.sha256(body).hexdigest())
        if (identity.account_id, identity.role_name) != (event.account_id, event.role_name):
            raise ProofRefused("The proof is of another account or role than the event claims.")
        if not policy.counts(event):
            return
        for _ in range(ATTEMPTS):
            change = Intake(self.store, self.clock).plan(incoming)
            try:
                self.store.save(change)
            except Conflict as conflict:
                if conflict.duplicate:
                    return
                continue
            for request in change.requests:
                self.delivery.show(request.id)
            return
        raise TryAgain("Too much is happening to this client at once. Send the event again.")

    def invite(self, company: str, level: AccessLevel, actor: Actor) -> Invited:
        """Make an invitation; only its hash is kept. Raises NotAllowed, BadCommand."""
        self._require_approver(actor, f"invite {company}", "invitation")
        company = policy.company_name(company)
        token, now = secrets.token_urlsafe(24), self.clock.now()
        invitation = Invitation(
            token_hash=token_hash(token),
            company=company,
            access_level=level,
            invited_by=actor.user_id,
            created_at=now,
            expires_at=now + policy.INVITATION_LIFETIME,
        )
        audit = Audit(now, actor.user_id, "invited", "invitation", detail=f"{company}, {level}")
        self.store.save(Change(invitation=invitation, audits=(audit,)))
        return Invited(invitation, token, tuple(self.store.namesakes(company)))

    def list_clients(self, cursor: str | None = None) -> ClientPage:
        """One page of clients, newest first."""
        return self.store.clients(PAGE, cursor)

    def decide(self, request_id: str, verb: Verb, actor: Actor) -> Request:
        """Record who pressed what, hand an approval over, show it. Exactly one of several clicks wins.

        Raises NotAllowed, AlreadyDecided (with the winner), UnknownRequest.
        """
        request = self._existing(request_id)
        self._require_approver(actor, verb, request.client_id, request_id)
        for _ in range(ATTEMPTS):
            request = self._existing(request_id)
            client = self._client_of(request)
            decided = self._decided(request, client, verb, actor)
            client = _with_standing(client, decided, approved=verb is Verb.APPROVE)
            audit = self._audit(actor.user_id, verb, decided)
            try:
                self.store.save(Change(client=client, requests=(decided,), audits=(audit,)))
            except Conflict:
                continue
            self._hand_over(decided)
            self.delivery.show(request_id)
            return decided
        raise TryAgain("This request keeps changing. Press the button again.")

    def provision(self, request_id: str) -> None:
        """Do what was approved, unless it is done already or not its turn. Raises TryAgain."""
        try:
            self.provisioning.run(request_id)
        finally:
            self.delivery.show(request_id)

    def record_outcome(self, stack_id: str) -> None:
        """CloudFormation moved one of our stacks: see what became of it."""
        request = self.provisioning.working_on(stack_id)
        if request is not None:
            self.provisioning.settle(request)
            self.delivery.show(request.id)

    def sweep(self) -> None:
        """Heal what was left half-done, remind, expire. One request's trouble does not keep the others waiting."""
        for request in self.store.due(self.clock.now()):
            try:
                self._heal(request)
            except Conflict:
                log.info("request %s is being worked on", request.id)
            except SwitchyardError as error:
                log.warning("request %s could not be healed: %s", request.id, error)
            except Exception:
                log.exception("request %s could not be healed", request.id)

    def _heal(self, request: Request) -> None:
        now = self.clock.now()
        if request.undelivered and (request.lease_until is None or request.lease_until <= now):
            self.delivery.recover(request)
            request = self._existing(request.id)
        if request.state is State.PENDING:
            self._chase(request)
        elif request.state is State.APPROVED:
            self._hand_over(request)
        elif request.state is State.PROVISIONING:
            if not self.provisioning.settle(request):
                self._hand_over(request)
            self.delivery.show(request.id)

    def _chase(self, request: Request) -> None:
        """Remind once, and expire what nobody decides."""
        now = self.clock.now()
        if request.due_at is None or request.due_at > now or request.undelivered:
            return
        client = self._client_of(request)
        if request.reminded_at is None:
            self.store.save(Change(requests=(replace(request, reminded_at=now),)))
            self.notifier.remind(request)
            return
        expired = touched(replace(request, state=State.EXPIRED), now)
        audit = self._audit("switchyard", Step.EXPIRE, request)
        self.store.save(Change(client=_with_standing(client, expired), requests=(expired,), audits=(audit,)))
        self.delivery.show(request.id)

    def _decided(self, request: Request, client: Client, verb: Verb, actor: Actor) -> Request:
        """The request after the press, or the refusal of a press that comes too late."""
        state = target(request.state, verb)
        if state is None or client.current_request != request.id:
            self.store.save(Change(audits=(self._audit(actor.user_id, f"refused: {verb}", request, request.state),)))
            raise AlreadyDecided(f"This request is {request.state.lower()} already, so nothing was changed.", request)
        now = self.clock.now()
        pressed = replace(request, state=state, decision=Decision(verb, actor.user_id, now), reason="")
        if verb in (Verb.APPROVE, Verb.RETRY):
            pressed = replace(pressed, attempt=request.attempt + 1, stack_id=None)
        elif verb is Verb.REOPEN:
            pressed = replace(pressed, asked_at=now, reminded_at=None)
        return touched(pressed, now)

    def _hand_over(self, request: Request) -> None:
        """Start provisioning; what can't be handed over now waits for the sweep."""
        if request.state not in (State.APPROVED, State.PROVISIONING):
            return
        try:
            self.handoff.provision(request.id)
        except TryAgain as error:
            log.warning("request %s waits for the sweep: %s", request.id, error)

    def _require_approver(self, actor: Actor, action: str, client_id: str, request_id: str = "") -> None:
        """Fail closed: a person of this very workspace, listed or in a listed user group."""
        at_home = bool(actor.user_id) and bool(actor.team_id) and actor.team_id == actor.home_team_id
        if at_home and (actor.user_id in self.approvers.users or self._in_approvers_group(actor.user_id)):
            return
        audit = Audit(self.clock.now(), actor.user_id, f"refused: {action}", client_id, request_id, "no approver")
        self.store.save(Change(audits=(audit,)))
        raise NotAllowed("Only approvers may do this.")

    def _in_approvers_group(self, user_id: str) -> bool:
        return any(user_id in self.notifier.group_members(group) for group in self.approvers.groups)

    def _existing(self, request_id: str) -> Request:
        request = self.store.request(request_id)
        if request is None:
            raise UnknownRequest("This request is not known here. It may belong to another stage of Switchyard.")
        return request

    def _client_of(self, request: Request) -> Client:
        client = self.store.client(request.client_id)
        if client is None:
            raise ActionRefused("The client of this request is not stored any more.")
        return client

    def _audit(self, actor: str, action: str, request: Request, detail: str = "") -> Audit:
        return Audit(self.clock.now(), actor, action, request.client_id, request.id, detail)


def _with_standing(client: Client, request: Request, *, approved: bool = False) -> Client:
    """The client as its request now makes it stand. With an approval it may have a group, before anything exists."""
    client = replace(client, may_have_group=client.may_have_group or approved)
    return replace(client, standing=policy.standing(client, request))
