"""Collects what one event changes about its client: the records that were read, and those to save."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property

from bot.domain import policy
from bot.domain.approvers import Waiting
from bot.domain.invitation import MOST_ACCOUNTS, NAMESAKES_READ, Invitation
from bot.domain.message import Message, Raise, message_about, raised, shared_messages
from bot.domain.model import Audit, Client, ClientStack, Event, GoneStack
from bot.domain.page import Teams
from bot.domain.request import Attempt, InvitedAs, Request, Warnings, new_request, touched
from bot.domain.spelling import claimed_name, same_company
from bot.domain.transitions import superseding
from bot.domain.vocabulary import Kind, Standing, State
from bot.ingest.together import home_for
from bot.ports.store import Store

UNCONFIRMED_FOR = timedelta(minutes=10)
"""How long a removal waits for the gate to confirm the deletion. After that it is asked anyway."""


@dataclass(eq=False, repr=False)
class Draft:
    """Collects records; `plan.py` and `deletion.py` decide which."""

    client: Client
    event: Event
    now: datetime
    store: Store
    waiting: Waiting
    teams: Teams
    invitation: Invitation | None
    """The one that admits the event, where it needs one."""
    known_gone: GoneStack | None
    """The stored deletion of the event's stack."""
    gone: GoneStack | None = None
    """The same as it is to be saved, where the event changes it."""
    requests: list[Request] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    raises: list[Raise] = field(default_factory=list)
    audits: list[Audit] = field(default_factory=list)

    def __post_init__(self) -> None:
        client, store = self.client, self.store
        if self.event.stack.account_id != client.stack.account_id:
            raise ValueError("an event changes only a client of its own account")
        self.current = store.request(client.current_request) if client.current_request else None
        self.report = store.request(client.open_report) if client.open_report else None
        self.working = store.request(client.provisioning) if client.provisioning else None
        self.reported_gone = None if self.known_gone is None or self.known_gone.refuted else self.known_gone

    @property
    def stale(self) -> bool:
        """Return whether a newer operation has completed already."""
        newest = self.client.decided_by_event_at
        return newest is not None and self.event.timestamp < newest

    @property
    def revoked(self) -> bool:
        """Return whether an approver has ended the client's access, or is about to."""
        return self.current is not None and self.current.revoked

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

    def change(self, request: Request, *, lazily: bool = False) -> None:
        """Save a stored request as it is now, and have its message show that."""
        self.requests.append(touched(request, self.now))
        self.raises.append(raised(request, self.now, lazily=lazily))

    def lengthen(self, request: Request) -> None:
        """Add a line to the timeline. It may be drawn a minute later, unless it is the first reason for a failure."""
        reason = "" if self.event.about_stack else self.event.reason
        if request.kind is Kind.REPORT and reason and not request.reason:
            self.change(replace(request, reason=reason))
        else:
            self.change(request, lazily=True)

    def supersede(self, why: str) -> None:
        """Supersede the earlier request, which takes its buttons away."""
        for ended in superseding(self.current, why, self.now):
            self.current = ended
            self.change(ended)
            self.audit("superseded", ended.id)

    def ask(self, kind: Kind, stack: ClientStack, warnings: Warnings, room_at: datetime | None) -> Request:
        """Ask the team, and return the request, which is now the client's current one. The caller audits it.

        `room_at` is when its client may cause the message, which counts from then; None for now. The message is held
        back until then, or longer where the deletion that it is about is not confirmed.
        """
        request = self.waiting.from_now(self._request(kind, State.PENDING, stack, warnings), self.now)
        confirmed_by = self.now + UNCONFIRMED_FOR if warnings.unconfirmed else None
        held_until = max(filter(None, (room_at, confirmed_by)), default=None)
        invited = self.invited_by
        if kind is Kind.ONBOARD and held_until is None and invited is not None and invited.seat_of:
            request = self._share(request, invited)
        else:
            self._post(request, held_until)
        self.client, self.current = policy.asked(self.client, room_at or self.now, self.now), request
        return request

    def tell(self, failed: Event) -> None:
        """Report a failed or rolled-back operation; `failed` is what says so."""
        report = self._request(Kind.REPORT, State.REPORTED, self.event.stack, Warnings())
        report = replace(report, stack_status=failed.status, event_at=failed.timestamp)
        self._post(report, None)
        self.client = replace(policy.asked(self.client, self.now, self.now), open_report=report.id)

    def audit(self, action: str, request_id: str) -> None:
        """Audit what the client's stack did."""
        event = self.event
        actor = f"account {event.stack.account_id}"
        self.audits.append(Audit(self.now, actor, action, self.client.id, request_id, event.status))

    @cached_property
    def invited_by(self) -> Invitation | None:
        """Return the invitation that the client depends on, where it is known."""
        return self.invitation or self.store.invitation(self.client.token_hash)

    def _share(self, request: Request, seat: Invitation) -> Request:
        """Ask it in a message with the other accounts of the invitation. Return the request, which says where."""
        home, new = home_for(self.store, seat)
        request = replace(request, invited=replace(request.invited, shared=home))
        self.requests.append(request)
        if new:
            self.messages += shared_messages(request, self.now)
        else:
            self.raises.append(Raise(home.owner, home.place, self.now, adds=(request.id,)))
        return request

    def _post(self, request: Request, held_until: datetime | None) -> None:
        self.requests.append(request)
        self.messages.append(message_about(request, self.now, held_until=held_until))

    def _request(self, kind: Kind, state: State, stack: ClientStack, warnings: Warnings) -> Request:
        event, client, invitation = self.event, self.client, self.invited_by
        level, by = (invitation.access_level, invitation.invited_by) if invitation else (None, "")
        claimed = "" if same_company(event.company, client.company) else claimed_name(event.company)
        others = {one.stack.account_id for one in self._namesakes() if one.standing is not Standing.OFFBOARDED}
        request = new_request(client, kind, state, stack, self.now)
        if not kind.takes_away:
            teams = self.teams.chosen(self._teams(request), invitation.teams if invitation else ())
            alone = bool(teams) and not (self.teams.client_groups or client.may_have_own_group)
            request = replace(request.letting_in(teams), attempt=Attempt(without_group=alone))
        return replace(
            request,
            stack_status=event.status,
            event_at=event.timestamp,
            invited=InvitedAs(level, by, claimed),
            previous=client.grant if self.granted else None,
            warnings=replace(warnings, namesakes=tuple(sorted(others - {client.stack.account_id}))),
        )

    def _namesakes(self) -> Iterable[Client]:
        """Return clients of the same name, but for those of the same invitation for several accounts."""
        seat = self.invited_by
        if seat is None or not seat.seat_of:
            return self.store.namesakes(self.client.company, NAMESAKES_READ)
        alike = self.store.namesakes(self.client.company, NAMESAKES_READ + MOST_ACCOUNTS)
        return [one for one in alike if one.came_by != seat.seat_of]

    def _teams(self, request: Request) -> tuple[str, ...]:
        """Return the teams that get in once the work in progress is done, for it may be changing them."""
        lets_in = self.working is not None and not self.working.kind.takes_away
        return self.working.teams if self.working is not None and lets_in else request.teams
