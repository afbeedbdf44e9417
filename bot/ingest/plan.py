"""What one event changes about one client: what is asked of the team, what is superseded, what is only told.

Only events about the child stack itself drive anything; a resource's failure is a reason.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain import policy, sharing
from bot.domain.approvers import Waiting
from bot.domain.errors import TryAgain
from bot.domain.ids import new_id
from bot.domain.message import Message, Raise, message_about, raised
from bot.domain.model import Audit, Client, Event, GoneStack, Invitation, RoleHolder
from bot.domain.policy import Effect
from bot.domain.request import Request, touched
from bot.domain.superseding import STACK_CHANGED, STACK_DELETED, STACK_STANDS, superseding
from bot.domain.transitions import Step, target
from bot.domain.vocabulary import UNDER_WAY, Kind, Standing, State
from bot.ingest import gone
from bot.ports import Store


class Plan:
    """One event applied to one client: collects the records to save."""

    def __init__(
        self,
        client: Client,
        event: Event,
        now: datetime,
        store: Store,
        waiting: Waiting,
        *,
        invitation: Invitation | None = None,
        known_gone: GoneStack | None = None,
    ) -> None:
        """`invitation` is the one that lets the event in, where it had to be asked.

        `known_gone` is what was told before of the deletion of the event's stack.
        """
        if event.stack.account_id != client.stack.account_id:
            raise ValueError("an event changes only a client of its own account")
        self.client = client
        self.requests: list[Request] = []
        self.messages: list[Message] = []
        self._lazily: set[str] = set()
        self._confirmed: dict[str, Raise] = {}
        self.audits: list[Audit] = []
        self.gone: GoneStack | None = None
        self._known_gone = known_gone
        self._event, self._now, self._store = event, now, store
        self._waiting, self._invitation = waiting, invitation
        self._current = store.request(client.current_request) if client.current_request else None
        self._report = store.request(client.open_report) if client.open_report else None
        self._working = store.request(client.provisioning) if client.provisioning else None
        self._deleted = known_gone if known_gone is not None and not known_gone.refuted else None
        self._stands = self._deleted is not None and self._denies(self._deleted)

    @property
    def raises(self) -> tuple[Raise, ...]:
        """The stored messages that have something new to show."""
        stored = [one for one in self.requests if one.version > 0]
        found = [raised(one, self._now, lazily=one.id in self._lazily) for one in stored]
        return tuple(self._confirmed.get(one.place, one) for one in found)

    def apply(self) -> None:
        """Work out what the event changes."""
        effect = policy.effect(self._event.status) if self._event.about_stack else Effect.NOTE
        if self._deleted is not None and not self._stands:
            effect = self._late(effect, self._deleted)
        if effect is Effect.ASK:
            self._ask()
        elif effect is Effect.REMOVE:
            self._remove()
        elif effect is Effect.REPORT:
            self._tell()
        else:
            self._note()
        request = next((r for r in self.requests if r.id == self.client.current_request), None)
        current = request or (self._current if self.client.current_request else None)
        self.client = replace(self.client, standing=policy.standing(self.client, current))

    def _denies(self, deleted: GoneStack) -> bool:
        """Whether the event shows that the stack was not deleted. A revocation counts all the same."""
        revoked = self._current is not None and self._current.revoked and self._invitation is None
        return gone.refutes(self._event, deleted) and not revoked and not self._stale()

    def _late(self, effect: Effect, deleted: GoneStack) -> Effect:
        """What late news of a stack that is gone still asks for. The gate may confirm it; failures give a reason."""
        if effect is Effect.REMOVE and self._event.by_the_gate and not deleted.confirmed:
            if not self._asked_about(deleted):
                return Effect.REMOVE
            self._confirm(deleted)
        return effect if effect is Effect.REPORT and not self.client.offboarded else Effect.NOTE

    def _asked_about(self, deleted: GoneStack) -> bool:
        """Whether the removal that a notification asked for still waits, is under way or done.

        What people denied, or nobody decided, was a deletion that the gate had not confirmed: they are asked again.
        """
        removal, client = self._current, self.client
        about_it = removal is not None and removal.parent_stack_id == deleted.parent_stack_id
        if removal is not None and about_it and removal.kind.takes_away:
            return removal.state not in (State.DENIED, State.EXPIRED)
        return not client.may_have_group

    def _confirm(self, deleted: GoneStack) -> None:
        """The gate says what a notification said before: what that asked is asked at once, without its mark."""
        self.gone = replace(deleted, confirmed=True)
        removal = self._current
        marked = removal is not None and removal.unconfirmed
        if removal is not None and marked and removal.parent_stack_id == deleted.parent_stack_id:
            self._current = touched(replace(removal, unconfirmed=False), self._now)
            self.requests.append(self._current)
            asked = raised(removal, self._now)
            held_until = gone.confirmed_until(removal, self.client, self._now)
            self._confirmed[asked.place] = replace(asked, at_once=True, held_until=held_until)
            self._audit("deletion confirmed by the gate", removal.id)

    def _note(self) -> None:
        """Something for the timeline. A new operation ends the report of the one before.

        The deletion of a stack that was never completed belongs to the creation that failed.
        """
        event, client, report = self._event, self.client, self._report
        undone = client.decided_by_event_at is None and event.status == "DELETE_IN_PROGRESS"
        starts = event.about_stack and policy.starts_operation(event.status) and not undone
        if not client.may_have_group and client.stack_gone and self._deleted is None:
            newest = replace(client.stack, parent_stack_id=event.parent_stack_id)
            self.client = replace(client, stack=newest, stack_gone=False)
        if report is not None and starts and event.timestamp > report.event_at:
            self.client = replace(self.client, open_report=None)
        elif report is not None:
            self._lengthen(report)
        late = self._current if self._current and event.timestamp <= self._current.event_at else None
        if late is not None and late.state is State.PENDING and late not in self.requests:
            self._lengthen(late)

    def _lengthen(self, request: Request) -> None:
        """One more line of the timeline. It may wait a minute, but for the first resource that says why it failed."""
        reason = "" if self._event.about_stack else self._event.reason
        if request.kind is Kind.REPORT and reason and not request.reason:
            self.requests.append(touched(replace(request, reason=reason), self._now))
            return
        self.requests.append(touched(request, self._now))
        self._lazily.add(request.id)

    def _ask(self) -> None:
        """A completed operation: the team decides, unless something newer has been decided upon already."""
        event, client = self._event, self.client
        if self._current is not None and self._current.outstanding:
            if self._invitation is None and not self._stands:
                return self._note()
            if self._current.revoking:
                raise TryAgain("The client's access is being taken away just now. Send the event again in a minute.")
        if self._stale():
            return self._note()
        granted = self._granted()
        self.client = replace(
            client,
            stack=event.stack,
            decided_by_event_at=min(event.timestamp, self._now + policy.CLOCK_SKEW),
            open_report=None,
            offboarded=client.offboarded and not self._stands,
            stack_gone=False,
        )
        recreated = granted and event.parent_stack_id != client.parent_stack_id
        contradicted = self._contradicted()
        self._supersede(STACK_STANDS if self._stands else STACK_CHANGED)
        held_until = policy.full_until(client, self._now)
        kind = Kind.UPDATE if granted else Kind.ONBOARD
        return self._open(kind, recreated=recreated, contradicted=contradicted, held_until=held_until)

    def _contradicted(self) -> bool:
        """Whether what is asked now must say that the stack was told to be deleted, or was so asked before."""
        deleted, current = self._deleted, self._current
        if deleted is not None and self._stands:
            self.gone = replace(deleted, refuted=True)
            self._audit("reopened: its stack was not deleted", current.id if current else "")
            return True
        undecided = current is not None and target(current.state, Step.SUPERSEDE) is not None
        return current is not None and undecided and current.contradicted

    def _granted(self) -> bool:
        """Whether the client has a group once what is being worked on is done."""
        if self._working is not None:
            return not self._working.kind.takes_away
        return self.client.grant is not None

    def _remove(self) -> None:
        """The child stack is gone for good. An older stack's end changes nothing for the one that replaced it."""
        event, client = self._event, self.client
        if gone.refuted_already(event, client):
            self._audit("told a deletion that never was", "")
            return self._note()
        self.gone = gone.told(event, client, self._known_gone, self._now)
        self.client = replace(client, stack_gone=client.stack_gone or event.parent_stack_id == client.parent_stack_id)
        if self._report is not None:
            self.requests.append(touched(self._report, self._now))
        if self._current is not None and self._current.revoking:
            return None
        if event.parent_stack_id != client.parent_stack_id and not self._leaves_a_dead_grant():
            return None
        self._supersede(STACK_DELETED)
        if not client.may_have_group:
            revoked = self._current is not None and self._current.revoked
            self.client = replace(self.client, current_request=client.current_request if revoked else None)
            return self._tell_why_it_went()
        held_until = gone.next_removal(self.client, self._now)
        if held_until is None:
            self.client = replace(self.client, removal_asked_at=self._now)
        return self._open(Kind.OFFBOARD, held_until=held_until)

    def _leaves_a_dead_grant(self) -> bool:
        """Whether the group grants the role of the stack that is gone, and nothing newer is on its way."""
        settled = self._current is None or self._current.state not in (State.PENDING, *UNDER_WAY)
        return settled and self._event.parent_stack_id == self.client.granted_stack_id

    def _tell(self) -> None:
        """A failed or rolled-back operation: one message, however many events tell of it."""
        if self._report is not None:
            self._lengthen(self._report)
            return
        if self._stale() or self._full:
            self._note()
            return
        report = self._request(Kind.REPORT, State.REPORTED)
        self.requests.append(report)
        self.messages.append(message_about(report, self._now))
        self.client = replace(policy.asked(self.client, self._now, self._now), open_report=report.id)

    def _tell_why_it_went(self) -> None:
        """Report a first operation that failed, if its own end was lost because the forwarder went with the stack."""
        event, client = self._event, self.client
        if self._report is not None or client.decided_by_event_at is not None or self._full:
            return
        own = [one for one in self._store.events(client.id) if one.parent_stack_id == event.parent_stack_id]
        failed = next((one for one in own if not one.about_stack and one.status.endswith("_FAILED")), None)
        if failed is None:
            return
        report = self._request(Kind.REPORT, State.REPORTED)
        report = replace(report, stack_status=failed.status, event_at=failed.timestamp)
        self.requests.append(report)
        self.messages.append(message_about(report, self._now))
        self.client = replace(policy.asked(self.client, self._now, self._now), open_report=report.id)

    def _stale(self) -> bool:
        """Whether a newer operation has completed already."""
        newest = self.client.decided_by_event_at
        return newest is not None and self._event.timestamp < newest

    @property
    def _full(self) -> bool:
        """Whether the client has made enough messages for now."""
        return policy.full_until(self.client, self._now) is not None

    def _supersede(self, why: str) -> None:
        """Take the buttons off what was asked before."""
        for ended in superseding(self._current, why, self._now):
            self.requests.append(ended)
            self._audit("superseded", ended.id)

    def _open(
        self,
        kind: Kind,
        *,
        held_until: datetime | None = None,
        recreated: bool = False,
        contradicted: bool = False,
    ) -> None:
        request = self._waiting.from_now(self._request(kind, State.PENDING), self._now)
        request = replace(request, recreated=recreated, contradicted=contradicted)
        held_back = held_until
        if kind.takes_away and not self._event.by_the_gate:
            request, held_back = replace(request, unconfirmed=True), gone.unconfirmed_until(held_until, self._now)
        if kind.takes_away and self.client.grant is not None:
            request = replace(request, stack=request.stack.giving(self.client.grant))
        request = self._shared(request)
        self.requests.append(request)
        self.messages.append(message_about(request, self._now, held_until=held_back))
        asking = policy.asked(self.client, held_until or self._now, self._now)
        self.client = replace(asking, current_request=request.id)
        self._audit(f"asked to {kind}", request.id)

    def _shared(self, request: Request) -> Request:
        """The request with the other clients that have its role. A takeover stands in both histories, once."""
        client, current = self.client, self._current
        if request.kind.takes_away:
            granting = sharing.others_granting(self._store, client, request.role_name)
            return replace(request, shared_with=granting)
        others = sharing.others_with(self._store, client, request.role_name)
        known = current.shared_with if current is not None and current.role_name == request.role_name else ()
        taker = RoleHolder(client.id, client.company, grants=False)
        for other in others:
            if other.client_id not in [one.client_id for one in known]:
                self._audit_takeover(request, other)
                self._warn(other, request.role_name, taker)
        return replace(request, shared_with=others)

    def _audit_takeover(self, request: Request, other: RoleHolder) -> None:
        role, client, actor = request.role_name, self.client, f"account {self._event.account_id}"
        mine = f"{role}, which {other.company} ({other.client_id}) has too"
        theirs = f"{role}, by {client.company} ({client.id})"
        self.audits.append(Audit(self._now, actor, "takes over a role", client.id, request.id, mine))
        self.audits.append(Audit(self._now, actor, "its role is taken over", other.client_id, request.id, theirs))

    def _warn(self, other: RoleHolder, role_name: str, taker: RoleHolder) -> None:
        """Say so on the other one's open request too, which may be approved after this one."""
        client = self._store.client(other.client_id)
        asked = self._store.request(client.current_request) if client and client.current_request else None
        marked = sharing.warned(asked, role_name, taker)
        if marked is not None:
            self.requests.append(touched(marked, self._now))

    def _request(self, kind: Kind, state: State) -> Request:
        event, client, now = self._event, self.client, self._now
        invitation = self._invitation or self._store.invitation(client.token_hash)
        alike = self._store.namesakes(client.company, policy.NAMESAKES_READ)
        others = [one for one in alike if one.standing is not Standing.OFFBOARDED]
        claims_other = policy.company_key(event.company) != policy.company_key(client.company)
        return Request(
            id=new_id("r", 16),
            client_id=client.id,
            kind=kind,
            state=state,
            company=client.company,
            stack=event.stack,
            stack_status=event.status,
            event_at=event.timestamp,
            created_at=now,
            updated_at=now,
            asked_at=now,
            claimed_company=policy.claimed_name(event.company) if claims_other else "",
            invited_level=invitation.access_level if invitation else None,
            invited_by=invitation.invited_by if invitation else "",
            previous=client.grant if self._granted() else None,
            namesakes=tuple(sorted({one.account_id for one in others} - {client.account_id})),
        )

    def _audit(self, action: str, request_id: str) -> None:
        event = self._event
        self.audits.append(
            Audit(self._now, f"account {event.account_id}", action, self.client.id, request_id, event.status)
        )
