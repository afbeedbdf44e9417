"""What one event changes about one client: what is asked of the team, what is superseded, what is only told.

Only events about the child stack itself drive anything; a resource's failure is a reason.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime

from bot import policy
from bot.deciding import Waiting
from bot.errors import TryAgain
from bot.model import Audit, Client, Event, Invitation
from bot.policy import Effect
from bot.ports import Store
from bot.request import LEASE, Request
from bot.superseding import STACK_CHANGED, STACK_DELETED, superseded
from bot.transitions import Step, target
from bot.vocabulary import UNDER_WAY, Kind, Standing, State

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


def new_id(prefix: str, length: int) -> str:
    """A random id that AWS allows in every name."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(length))


def touched(request: Request, now: datetime) -> Request:
    """The request with something new to show in Slack."""
    return replace(request, revision=request.revision + 1, updated_at=now, lease_until=now + LEASE)


def withdrawn(client: Client, superseded: Request) -> Client:
    """The client after that: what was superseded before its posting is never told, so nothing comes after it."""
    told = superseded.message_ts is not None or superseded.posting_until is not None
    return client if told or client.latest != superseded.id else replace(client, latest=superseded.follows)


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
    ) -> None:
        """`invitation` is the one that lets the event in, where it had to be asked."""
        self.client = client
        self.requests: list[Request] = []
        self.audits: list[Audit] = []
        self._event, self._now, self._store = event, now, store
        self._waiting, self._invitation = waiting, invitation
        self._current = store.request(client.current_request) if client.current_request else None
        self._report = store.request(client.open_report) if client.open_report else None
        self._working = store.request(client.provisioning) if client.provisioning else None

    def apply(self) -> None:
        """Work out what the event changes."""
        effect = policy.effect(self._event.status) if self._event.about_stack else Effect.NOTE
        gone = self._event.parent_stack_id in self.client.gone_stack_ids
        if gone and (effect is not Effect.REPORT or self.client.offboarded):
            effect = Effect.NOTE  # late news of a stack that is gone: only why it failed still matters
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

    def _note(self) -> None:
        """Something for the timeline. A new operation ends the report of the one before."""
        event, client, report = self._event, self.client, self._report
        starts = event.about_stack and policy.starts_operation(event.status)
        gone = client.gone_stack_ids
        if not client.may_have_group and client.parent_stack_id in gone and event.parent_stack_id not in gone:
            self.client = replace(client, parent_stack_id=event.parent_stack_id, child_stack_id=event.child_stack_id)
        if report is not None and starts and event.timestamp > report.event_at:
            self.client = replace(self.client, open_report=None)
        elif report is not None:
            self.requests.append(touched(report, self._now))
        late = self._current if self._current and event.timestamp <= self._current.event_at else None
        if late is not None and late.state is State.PENDING:
            self.requests.append(touched(late, self._now))

    def _ask(self) -> None:
        """A completed operation: the team decides, unless something newer has been decided upon already."""
        event, client = self._event, self.client
        if self._current is not None and self._current.outstanding:
            if self._invitation is None:
                return self._note()
            if self._current.revoking:
                raise TryAgain("The client's access is being taken away just now. Send the event again in a minute.")
        if self._stale():
            return self._note()
        granted = self._granted()
        self.client = replace(
            client,
            role_name=event.role_name,
            access_level=event.access_level,
            terms=event.terms,
            parent_stack_id=event.parent_stack_id,
            child_stack_id=event.child_stack_id,
            decided_by_event_at=event.timestamp,
            open_report=None,
        )
        recreated = granted and event.parent_stack_id != client.parent_stack_id
        self._supersede(STACK_CHANGED)
        held_until = client.asked_at[0] + policy.PER if policy.floods(client, self._now) else None
        return self._open(Kind.UPDATE if granted else Kind.ONBOARD, recreated=recreated, held_until=held_until)

    def _granted(self) -> bool:
        """Whether the client has a group once what is being worked on is done."""
        if self._working is not None:
            return self._working.kind is not Kind.OFFBOARD
        return self.client.grant is not None

    def _remove(self) -> None:
        """The child stack is gone for good. An older stack's end changes nothing for the one that replaced it."""
        event, client = self._event, self.client
        self.client = replace(client, gone_stack_ids=(*client.gone_stack_ids, event.parent_stack_id)[-20:])
        if self._report is not None:
            self.requests.append(touched(self._report, self._now))
        if self._current is not None and self._current.revoking:
            return
        if event.parent_stack_id != client.parent_stack_id and not self._leaves_a_dead_grant():
            return
        self._supersede(STACK_DELETED)
        if client.may_have_group:
            held_until = self._next_removal()
            if held_until is None:
                self.client = replace(self.client, removal_asked_at=self._now)
            self._open(Kind.OFFBOARD, held_until=held_until)
        else:
            self.client = replace(self.client, current_request=None)

    def _next_removal(self) -> datetime | None:
        """When a client that makes too many messages may say again that a stack is gone; None for at once."""
        last = self.client.removal_asked_at
        if last is None or not policy.floods(self.client, self._now):
            return None
        following = last + policy.BETWEEN_REMOVALS
        return following if following > self._now else None

    def _leaves_a_dead_grant(self) -> bool:
        """Whether the group grants the role of the stack that is gone, and nothing newer is on its way."""
        settled = self._current is None or self._current.state not in (State.PENDING, *UNDER_WAY)
        return settled and self._event.parent_stack_id == self.client.granted_stack_id

    def _tell(self) -> None:
        """A failed or rolled-back operation: one message, however many events tell of it."""
        if self._report is not None:
            self.requests.append(touched(self._report, self._now))
            return
        if self._stale() or policy.floods(self.client, self._now):
            self._note()
            return
        report = self._request(Kind.REPORT, State.REPORTED)
        self.requests.append(report)
        self.client = replace(self.client, open_report=report.id, latest=report.id, asked_at=self._asked())

    def _stale(self) -> bool:
        """Whether a newer operation has completed already."""
        newest = self.client.decided_by_event_at
        return newest is not None and self._event.timestamp < newest

    def _asked(self) -> tuple[datetime, ...]:
        return (*self.client.asked_at, self._now)[-policy.MOST_MESSAGES :]

    def _supersede(self, why: str) -> None:
        """Take the buttons off what was asked before."""
        if self._current is None or target(self._current.state, Step.SUPERSEDE) is None:
            return
        ended = superseded(self._current, why)
        self.client = withdrawn(self.client, ended)
        self.requests.append(touched(ended, self._now))
        self._audit("superseded", ended.id)

    def _open(self, kind: Kind, *, recreated: bool = False, held_until: datetime | None = None) -> None:
        request = self._waiting.from_now(self._request(kind, State.PENDING), self._now)
        request = replace(request, recreated=recreated, held_until=held_until)
        if kind is Kind.OFFBOARD and self.client.grant is not None:
            grant = self.client.grant
            request = replace(request, role_name=grant.role_name, access_level=grant.access_level, terms=grant.terms)
        self.requests.append(request)
        asked_at = self.client.asked_at if held_until else self._asked()
        self.client = replace(self.client, current_request=request.id, latest=request.id, asked_at=asked_at)
        self._audit(f"asked to {kind}", request.id)

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
            account_id=client.account_id,
            role_name=event.role_name,
            access_level=event.access_level,
            terms=event.terms,
            parent_stack_id=event.parent_stack_id,
            child_stack_id=event.child_stack_id or client.child_stack_id,
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
            follows=client.latest,
            lease_until=now + LEASE,
        )

    def _audit(self, action: str, request_id: str) -> None:
        event = self._event
        self.audits.append(
            Audit(self._now, f"account {event.account_id}", action, self.client.id, request_id, event.status)
        )
