"""Collects what one event changes about its client: the records that were read, and those to save."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain import policy
from bot.domain.approvers import Waiting
from bot.domain.invitation import NAMESAKES_READ, Invitation
from bot.domain.message import Message, Raise, message_about, raised
from bot.domain.model import Audit, Client, ClientStack, Event, GoneStack
from bot.domain.request import NO_WARNINGS, InvitedAs, Request, Warnings, new_request, touched
from bot.domain.spelling import claimed_name, same_company
from bot.domain.superseding import superseding
from bot.domain.vocabulary import Kind, Standing, State
from bot.ports.store import Store


class Draft:
    """Collects records; `plan.py` and `deletion.py` decide which."""

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
        """`invitation` is the one that admits the event, where it needs one.

        `known_gone` is the stored deletion of the event's stack, `reported_gone` the same unless it was refuted.
        """
        if event.stack.account_id != client.stack.account_id:
            raise ValueError("an event changes only a client of its own account")
        self.client, self.event, self.now, self.store = client, event, now, store
        self.invitation, self.known_gone = invitation, known_gone
        self.current = store.request(client.current_request) if client.current_request else None
        self.report = store.request(client.open_report) if client.open_report else None
        self.working = store.request(client.provisioning) if client.provisioning else None
        self.requests: list[Request] = []
        self.messages: list[Message] = []
        self.audits: list[Audit] = []
        self.gone: GoneStack | None = None
        self.confirmed: dict[str, Raise] = {}
        self._lazily: set[str] = set()
        self._waiting = waiting
        self.reported_gone = known_gone if known_gone is not None and not known_gone.refuted else None

    @property
    def raises(self) -> tuple[Raise, ...]:
        """Return the stored messages that have something new to show."""
        stored = [one for one in self.requests if one.version > 0]
        found = [raised(one, self.now, lazily=one.id in self._lazily) for one in stored]
        return tuple(self.confirmed.get(one.place, one) for one in found)

    @property
    def stale(self) -> bool:
        """Return whether a newer operation has completed already."""
        newest = self.client.decided_by_event_at
        return newest is not None and self.event.timestamp < newest

    @property
    def full_until(self) -> datetime | None:
        """Return when the client may cause its next message; None for at once."""
        return policy.full_until(self.client, self.now)

    @property
    def granted(self) -> bool:
        """Return whether the client has a grant once the work in progress is done."""
        if self.working is not None:
            return not self.working.kind.takes_away
        return self.client.grant is not None

    def lengthen(self, request: Request) -> None:
        """Add a line to the timeline. It may be drawn a minute later, unless it is the first reason for a failure."""
        reason = "" if self.event.about_stack else self.event.reason
        if request.kind is Kind.REPORT and reason and not request.reason:
            self.requests.append(touched(replace(request, reason=reason), self.now))
            return
        self.requests.append(touched(request, self.now))
        self._lazily.add(request.id)

    def supersede(self, why: str) -> None:
        """Supersede the earlier request, which takes its buttons away."""
        for ended in superseding(self.current, why, self.now):
            self.requests.append(ended)
            self.audit("superseded", ended.id)

    def ask(
        self,
        kind: Kind,
        stack: ClientStack,
        warnings: Warnings,
        *,
        held_until: datetime | None,
        counts_from: datetime | None,
    ) -> Request:
        """Ask the team. The caller audits it.

        `counts_from` is when the message begins to count among the client's; None for now.
        """
        request = self._waiting.from_now(self._request(kind, State.PENDING, stack, warnings), self.now)
        self._post(request, held_until)
        self.client = replace(policy.asked(self.client, counts_from or self.now, self.now), current_request=request.id)
        return request

    def tell(self, failed: Event) -> None:
        """Report a failed or rolled-back operation; `failed` is what says so."""
        report = self._request(Kind.REPORT, State.REPORTED, self.event.stack, NO_WARNINGS)
        report = replace(report, stack_status=failed.status, event_at=failed.timestamp)
        self._post(report, None)
        self.client = replace(policy.asked(self.client, self.now, self.now), open_report=report.id)

    def audit(self, action: str, request_id: str) -> None:
        """Audit what the client's stack did."""
        event = self.event
        actor = f"account {event.stack.account_id}"
        self.audits.append(Audit(self.now, actor, action, self.client.id, request_id, event.status))

    def _post(self, request: Request, held_until: datetime | None) -> None:
        self.requests.append(request)
        self.messages.append(message_about(request, self.now, held_until=held_until))

    def _request(self, kind: Kind, state: State, stack: ClientStack, warnings: Warnings) -> Request:
        event, client = self.event, self.client
        invitation = self.invitation or self.store.invitation(client.token_hash)
        alike = self.store.namesakes(client.company, NAMESAKES_READ)
        others = {one.stack.account_id for one in alike if one.standing is not Standing.OFFBOARDED}
        return replace(
            new_request(client, kind, state, stack, self.now),
            stack_status=event.status,
            event_at=event.timestamp,
            invited=InvitedAs(
                invitation.access_level if invitation else None,
                invitation.invited_by if invitation else "",
                "" if same_company(event.company, client.company) else claimed_name(event.company),
            ),
            previous=client.grant if self.granted else None,
            warnings=replace(warnings, namesakes=tuple(sorted(others - {client.stack.account_id}))),
        )
