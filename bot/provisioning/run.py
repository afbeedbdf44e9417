"""Carries out what was approved: takes the client's one slot, starts CloudFormation, records the outcome.

`run`, `settle` and the Lambdas that call them may die at any line and be started again: the request stays PROVISIONING
with the same token, CloudFormation is asked for that token, and starting twice is starting once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from bot.domain.errors import ProvisioningFailed, TryAgain
from bot.domain.invitation import Invitation
from bot.domain.limits import near
from bot.domain.message import Raise, Shows, cards_again, message_about, raised, shared_card
from bot.domain.model import Audit, Client
from bot.domain.page import PageChange, PageName, Teams
from bot.domain.request import Request, about, taking_all
from bot.domain.transitions import Step, target
from bot.domain.vocabulary import UNDER_WAY, Counted, Kind, Measure, Remedy, State
from bot.ports import Access, Clock, Handoff, Meter, NoMeter, PageStacks, StackOutcome
from bot.ports.store import Change, Store, saved
from bot.provisioning.attempt import (
    FORGOTTEN,
    OTHER_FIRST,
    asking,
    begun,
    forgotten,
    overdue,
    unbegun,
    waiting,
    working,
)
from bot.provisioning.ending import Ending, ending
from bot.provisioning.page_changes import groups_first, page_changes, waiting_for, with_own_group
from bot.provisioning.page_looks import page_differences

log = logging.getLogger(__name__)
AUDITED_AT_ONCE = 100
"""User names in one audit line, so that no line exceeds the limit of an item."""
_BUSY = "request {} keeps changing"
_NOBODY = (
    "Nobody would get in: the teams of this request no longer exist (TEAMS), and clients get no groups of their own "
    "(CLIENT_GROUPS=off). Ask whoever runs Switchyard to change one of the two, then press Retry. Or have the client "
    "update its stack, which asks anew, for a team that exists."
)
Fit = Callable[[Request, datetime], bool]


class Settled(NamedTuple):
    """What has to be done next: CloudFormation asked to start, or these teams' pages worked on."""

    start: bool = False
    teams: tuple[str, ...] = ()


@dataclass(eq=False, repr=False)
class Provisioning:
    """Carries one approved request through CloudFormation."""

    store: Store
    access: Access
    pages: PageStacks
    handoff: Handoff
    clock: Clock
    meter: Meter = field(default_factory=NoMeter)
    teams: Teams = field(default_factory=Teams)

    def hand_over(self, request: Request) -> None:
        """Have the provision Lambda run and show it. What can't be handed over now waits for the sweep."""
        try:
            self.handoff.provision(request.id)
        except TryAgain as error:
            log.warning("request %s waits for the sweep: %s", request.id, error, extra=about(request))
            self._wait(request, str(error))
        else:
            if unbegun(request, self.clock.now()) != request:
                self._update(request, lambda now: unbegun(now, self.clock.now()))

    def run(self, request_id: str) -> tuple[str, ...]:
        """Start what was approved, if it is this request's turn. Return the teams whose pages have to be worked on.

        Raises TryAgain when CloudFormation can't be asked.
        """
        request = self._begin(request_id)
        if request is None:
            return ()
        try:
            if request.kind is Kind.REPAIR:
                self._require_mendable_pages(request)
            if self._lets_nobody_in(request):
                raise ProvisioningFailed(_NOBODY)  # noqa: TRY301
            if request.attempt.waits_for:
                return request.attempt.waits_for
            leaving = self.access.leaving(request)
            if leaving:
                self._record_leaving(request, leaving)
            started = self.access.start(request, leaving)
        except ProvisioningFailed as error:
            self._finish(request, StackOutcome(succeeded=False, reason=str(error)))
            return ()
        except TryAgain as error:
            self._wait(request, str(error))
            raise
        if started.finished:
            return self._finish(request, StackOutcome(succeeded=True))
        self._update(request, lambda now: working(now, started.stack_id, self.clock.now()))
        return ()

    def _require_mendable_pages(self, repair: Request) -> None:
        """Raise ProvisioningFailed while something about pages has to be undone by hand: green would not be true."""
        client = self.store.client(repair.client_id)
        found = page_differences(self.store, self.pages, client) if client else []
        left = [one.told for one in found if one.remedy is Remedy.BY_HAND]
        if left:
            raise ProvisioningFailed(" ".join(left))

    def working_on(self, stack_id: str) -> Request | None:
        """Return the request that this stack is being worked on for, if any."""
        client_id = self.access.client_id_of(stack_id)
        client = self.store.client(client_id) if client_id else None
        request = self.store.request(client.provisioning) if client and client.provisioning else None
        if request is None or request.attempt.stack_id is not None:
            return request
        return replace(request, attempt=replace(request.attempt, stack_id=stack_id))

    def settle(self, request: Request) -> Settled:
        """Record the outcome once CloudFormation is done. Return what has to be done next."""
        if request.attempt.waits_for:
            self._update(request, lambda now: working(now, None, self.clock.now()))
            return Settled()
        try:
            progress = self.access.progress(request)
        except TryAgain as error:
            self._wait(request, str(error))
            raise
        if progress.outcome is not None:
            return Settled(teams=self._finish(request, progress.outcome))
        if progress.begun:
            self._update(request, lambda now: working(now, request.attempt.stack_id, self.clock.now()))
        elif overdue(request, self.clock.now()):
            self._finish(request, StackOutcome(succeeded=False, reason=FORGOTTEN), forgotten)
        else:
            return Settled(start=True)
        return Settled()

    def _begin(self, request_id: str) -> Request | None:
        """Return the request in PROVISIONING and holding the client's slot, or None when there is nothing to do now.

        It is leased while AWS is being called, on the condition that nobody has given it up in the meantime.
        """
        change = saved(self.store, lambda: self._beginning(request_id), _BUSY.format(request_id))
        return replace(change.requests[0], version=change.requests[0].version + 1) if change else None

    def _beginning(self, request_id: str) -> Change | None:
        request = self.store.request(request_id)
        client = self.store.client(request.client_id) if request else None
        if request is None or client is None:
            return None
        now = self.clock.now()
        asked = asking(request, now)
        if request.state is State.PROVISIONING and client.provisioning == request.id:
            return Change(requests=(asked,))
        if target(request.state, Step.BEGIN) is None or client.current_request != request.id:
            return None
        if client.provisioning is not None:
            self._wait(request, OTHER_FIRST)
            return None
        work = self._with_ways_in(begun(asked, client, now), client)
        client = replace(client, provisioning=request.id, may_have_group=True)
        if not work.kind.takes_away and not work.attempt.without_group:
            client = with_own_group(client)
        changes = () if groups_first(work) or self._lets_nobody_in(work) else self._page_changes(work, client)
        work, client = waiting_for(work, client, changes)
        return Change(client, (work,), raises=self._beginning_shown(work, now), asked=changes)

    def _beginning_shown(self, work: Request, now: datetime) -> tuple[Raise, ...]:
        """Return that the work has begun, for its message; nothing where others share that.

        A hundred that begin at once would all write that message. It shows how they stand when the first of them ends.
        """
        home = work.invited.shared
        together = self.store.message(home.owner, home.place) if home is not None else None
        return () if together is not None and together.request_ids[1:] else (raised(work, now),)

    def _with_ways_in(self, work: Request, client: Client) -> Request:
        """Return the request with the teams that still exist, and whether the client has a group of its own."""
        if work.kind.takes_away:
            return taking_all(work, client)
        if work.kind is Kind.REPAIR and client.given is not None:
            teams, alone = client.given.teams, not client.given.by_group
        else:
            teams = self._with_existing_teams(work).teams
            makes_none = not client.may_have_own_group and not self._makes_groups()
            if not client.may_have_own_group:
                work = self._minding_limits(work)
            alone = work.attempt.without_group if work.regrouping else makes_none
            # Without a team, an account that is nearly full makes a group all the same; CLIENT_GROUPS=off never does.
            # Then the request keeps its teams, though none exists, so that Retry works once one does.
            alone = alone and bool(teams or not self.teams.client_groups)
            teams = teams or (work.teams if alone else ())
        return replace(work.letting_in(teams), attempt=replace(work.attempt, without_group=alone))

    def _with_existing_teams(self, work: Request) -> Request:
        """Return the request without teams that a deployment has dropped since it began; a repair keeps its own."""
        if work.kind is Kind.REPAIR:
            return work
        return work.letting_in(tuple(team for team in work.teams if team in self.teams.names))

    def _lets_nobody_in(self, work: Request) -> bool:
        exists = any(team in self.teams.names for team in work.teams)
        return work.kind.lets_in and work.attempt.without_group and not exists

    def _makes_groups(self) -> bool:
        return self.teams.client_groups and self.access.has_room_for_groups()

    def _minding_limits(self, work: Request) -> Request:
        """Return the request with the limits that the account is near; measures how much of each is used."""
        limits = self.access.limits()
        for one in limits:
            self.meter.percent(Measure.QUOTA_USED, one.percent, one.kind)
        told = (one for one in limits if near(one.used, one.quota))
        if not self.teams.client_groups:
            told = (one for one in told if one.kind is not Counted.GROUPS)
        return replace(work, attempt=replace(work.attempt, near_limits=tuple(told)))

    def _page_changes(self, work: Request, client: Client) -> tuple[PageChange, ...]:
        return page_changes(work, client, self.pages.role_arn(work.stack), self.teams.names, self.clock.now())

    def _record_leaving(self, request: Request, members: Sequence[str]) -> None:
        """Record who is about to be removed, before it happens."""
        audits = [
            self._audit("removes members", request, ", ".join(members[at : at + AUDITED_AT_ONCE]))
            for at in range(0, len(members), AUDITED_AT_ONCE)
        ]
        removed = tuple(sorted({*request.attempt.removed_members, *members}))
        self._update(request, lambda now: replace(now, attempt=replace(now.attempt, removed_members=removed)), audits)

    def _wait(self, request: Request, why: str) -> None:
        """Keep why it could not go on, if the table takes that now."""
        with suppress(TryAgain):
            self._update(request, lambda now: waiting(now, why, self.clock.now()))

    def _update(self, request: Request, change: Callable[[Request], Request], audits: Sequence[Audit] = ()) -> None:
        """Keep what is known of an attempt; nothing when the attempt is over, or when there is nothing new."""

        def plan() -> Change | None:
            now = self.store.request(request.id)
            if now is None or now.state not in UNDER_WAY or now.token != request.token:
                return None
            kept = change(now)
            if kept == now and not audits:
                return None
            raises = (raised(kept, self.clock.now()),) if kept.updated_at != now.updated_at else ()
            return Change(requests=(kept,), audits=tuple(audits), raises=raises)

        saved(self.store, plan, _BUSY.format(request.id))

    def _finish(self, request: Request, outcome: StackOutcome, only_if: Fit | None = None) -> tuple[str, ...]:
        """Record DONE or FAILED, once, and only if the stored request still allows it.

        Where pages come next, store instead what is asked of them, and return their teams.
        """

        def plan() -> Change | None:
            current, client = self.store.request(request.id), self.store.client(request.client_id)
            if current is None or client is None or current.token != request.token:
                return None
            if current.attempt.waits_for != request.attempt.waits_for:  # somebody has asked pages since
                return None
            if only_if is not None and not only_if(current, self.clock.now()):
                return None
            gives = outcome.succeeded and not current.kind.takes_away
            if current.state is State.PROVISIONING and gives and not current.attempt.paged:
                current = self._with_existing_teams(current)
                changes = self._page_changes(current, client)
                if changes:
                    current, client = waiting_for(current, client, changes)
                    return Change(client, (current,), asked=changes)
            return self.end_of(current, client, outcome)

        change = saved(self.store, plan, _BUSY.format(request.id))
        if change is None:
            return ()
        self.measure(change)
        return change.requests[0].attempt.waits_for

    def end_of(
        self,
        current: Request,
        client: Client,
        outcome: StackOutcome,
        invitations: Mapping[str, Invitation] | None = None,
    ) -> Change | None:
        """Return what the end of this request's attempt changes; the request comes first. None where it has ended.

        `invitations` holds the client's, where it was read already.
        """
        newest: Request | None = current
        if client.current_request != current.id:
            newest = self.store.request(client.current_request) if client.current_request else None
        end = ending(current, newest, client, outcome, self.clock.now())
        if end is None:
            return None
        spent = self._spent(end.client, invitations) if outcome.succeeded and end.client.grant else ()
        return replace(self._closing(end, client), invitations=spent, audits=self._audits(end, outcome))

    def measure(self, change: Change) -> None:
        """Measure how long those who were approved had to wait, where this change is the end of that."""
        for one in change.requests:
            if one.state is State.DONE and not one.kind.takes_away and one.decision:
                self.meter.seconds(Measure.APPROVAL_TO_ACCESS, (one.updated_at - one.decision.at).total_seconds())

    def hand_over_pages(self, teams: Sequence[str], pages: Sequence[PageName]) -> None:
        """Have the provision Lambda work on these, if there are any. What can't be handed over waits for the sweep."""
        try:
            if teams or pages:
                self.handoff.pages(teams, pages)
        except TryAgain as error:
            log.warning("pages wait for the sweep: %s", error)

    def _closing(self, end: Ending, before: Client) -> Change:
        """Return the change that stores the end, with a card for a grant; raises every message that now differs."""
        now, finished = self.clock.now(), end.finished
        raises = [news for one in end.requests for news in (raised(one, now), *shared_card(one, now))]
        changed, other_teams = end.client.grant != before.grant, end.client.teams != before.teams
        outdated = [one for one in before.granted_by if other_teams or (changed and one not in end.client.granted_by)]
        for one in filter(None, map(self.store.request, outdated)):
            raises.append(raised(one, now))
            if one.brings_card:
                raises.append(raised(one, now, Shows.CARD))
            raises.extend(cards_again(one, now))
        own_card = finished.state is State.DONE and finished.brings_card and finished.invited.shared is None
        messages = (message_about(finished, now, Shows.CARD),) if own_card else ()
        return Change(end.client, end.requests, messages=messages, raises=tuple(raises))

    def _audits(self, end: Ending, outcome: StackOutcome) -> tuple[Audit, ...]:
        finished = end.finished
        how = State.DONE if outcome.succeeded else State.FAILED
        audits = [self._audit(f"{finished.kind} {how.lower()}", finished, outcome.reason)]
        if finished.state is State.SUPERSEDED:
            audits.append(self._audit("superseded", finished, finished.reason))
        if end.overruled and end.newest is not None:
            audits.append(self._audit("superseded", end.newest, f"removal {finished.id} failed"))
        return tuple(audits)

    def _spent(self, client: Client, known: Mapping[str, Invitation] | None) -> tuple[Invitation, ...]:
        """Return the client's invitation, used up by the first success."""
        read = self.store.invitation if known is None else known.get
        invitation = read(client.token_hash)
        if invitation is None or invitation.spent_at is not None:
            return ()
        return (replace(invitation, spent_at=self.clock.now()),)

    def _audit(self, action: str, request: Request, detail: str = "") -> Audit:
        return Audit(self.clock.now(), "switchyard", action, request.client_id, request.id, detail)
