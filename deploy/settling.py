"""Makes an old table harmless: nothing that it remembers gives anybody access that AWS does not give already.

An old table remembers what has ended since: approvals that were carried out or taken back, clients that were revoked,
pages that list them. Left alone, the next change of a page would write all that it remembers. So, while nothing runs:

| in the table                           | becomes                                                                    |
|----------------------------------------|----------------------------------------------------------------------------|
| a request approved and not carried out | failed: whoever approves presses Retry, if it is still meant               |
| a change that waits for a page         | nothing; its request has failed                                            |
| a press on several, a task for a team  | ended, with what it has not reached                                        |
| a page                                 | what it lists both here and in AWS, with a revision after AWS's last one   |
| a client's grant                       | what AWS gives of it; with nothing left, the client is removed             |
| a request that waits for a decision    | drawn anew, as its message may show what came later                        |
| an approval of what waits, or failed   | gone: who gave it may have thought better of it                            |
| the request that can be pressed next   | numbered on: CloudFormation knows what it was asked for by its number      |

What AWS gives and the table does not know is reported. Each step is a transaction, and all of it may run again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.domain import policy
from bot.domain.bulk import Bulk
from bot.domain.message import raised
from bot.domain.model import Audit, Client
from bot.domain.page import Page
from bot.domain.request import Request
from bot.domain.team_kit import kit_changes
from bot.domain.transitions import buttons, superseding
from bot.domain.vocabulary import UNDER_WAY, State, Verb
from bot.ports import StackOutcome
from bot.ports.store import Change, Store
from bot.provisioning.ending import ending
from deploy.actual_access import ActualAccess, ActualPage
from deploy.inventory import clients_of, open_requests

_EVER = timedelta(days=3650)
_MOST = 1_000_000
_AT_ONCE = 90
_BY = "restore"
SKIPPED = 1_000
"""Attempts that a request may have seen since the backup; each is a press of somebody's."""


@dataclass
class Settled:
    """What was done, for whoever restores."""

    failed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    narrowed: list[str] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)
    unknown_groups: list[str] = field(default_factory=list)
    unknown_roles: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Settling:
    """One table, and what AWS gives. `partition` is AWS's, for the ARNs of roles; `why` is shown in Slack."""

    store: Store
    actual: ActualAccess
    partition: str
    why: str
    settled: Settled = field(default_factory=Settled)

    def run(self) -> Settled:
        """Do all of it, and return what was done."""
        self._end_work()
        for request in open_requests(self.store):
            if request.state in UNDER_WAY:
                self._fail(request)
        for team in self._teams():
            self._settle_team(team)
        for client in clients_of(self.store):
            self._number_on(client)
            self._settle_client(client.id)
        self._report_unknown()
        return self.settled

    def _end_work(self) -> None:
        """End presses on several requests, tasks of teams, and changes that wait for a page."""
        for work in self.store.due_work(_now() + _EVER, _MOST):
            if isinstance(work, Bulk):
                self.store.save(Change(bulks=(replace(work, refused=self.why),)))

    def _fail(self, request: Request) -> None:
        client, newest = self.store.client(request.client_id), None
        if client is None:
            return
        if client.current_request is not None:
            newest = self.store.request(client.current_request)
        begun = replace(request, state=State.PROVISIONING)
        end = ending(begun, newest, client, StackOutcome(succeeded=False, reason=self.why), _now())
        if end is not None:
            raises = tuple(raised(one, _now()) for one in end.requests)
            audit = Audit(_now(), _BY, f"{request.kind} failed", client.id, request.id, self.why)
            self.store.save(Change(end.client, end.requests, audits=(audit,), raises=raises))
            self.settled.failed.append(f"{client.company} ({client.stack.account_id}): {request.kind}")

    def _teams(self) -> Sequence[str]:
        """Return all teams that the table or AWS has pages of, or a client on."""
        teams = {page.name.team for page in self.actual.pages}
        for client in clients_of(self.store):
            teams |= {*client.teams, *(place.team for place in client.places if place.team)}
        return sorted(teams)

    def _settle_team(self, name: str) -> None:
        team, waiting = self.store.asked_of(name, _MOST)
        for at in range(0, len(waiting), _AT_ONCE):
            self.store.save(Change(packed=tuple(waiting[at : at + _AT_ONCE])))
        there = {page.name.number: page for page in self.actual.pages if page.name.team == name}
        numbers = range(1, max([*there, len(team.filled)], default=0) + 1)
        stored = self.store.pages(name, numbers)
        team = replace(team, task=None)
        for number in numbers:
            page = self._page(stored.get(number) or Page(name, number), there.get(number))
            team = team.after(page)
            self.store.save(Change(teams=(team,), pages=(page,), kits=kit_changes([name], _now())))
            team = replace(team, version=team.version + 1)
        if not numbers and team.version:
            self.store.save(Change(teams=(team,)))

    def _page(self, stored: Page, actual: ActualPage | None) -> Page:
        """Return the page with what both list. What AWS alone lists goes with the next change of the page."""
        roles = actual.roles if actual else frozenset[str]()
        kept = tuple(entry for entry in stored.entries if entry.role_arn in roles)
        known = {entry.role_arn for entry in kept}
        self.settled.unknown_roles += [f"{stored.team} {stored.number}: {role}" for role in sorted(roles - known)]
        self.settled.unlisted += [one.role_arn for one in stored.entries if one not in kept]
        return replace(
            stored,
            entries=kept,
            batch=(),
            owed=(),
            again=False,
            sent_at=None,
            revision=max(stored.revision, actual.revision if actual else 0),
            stack_id=actual.stack_id if actual else None,
            changed_at=_now(),
        )

    def _number_on(self, client: Client) -> None:
        """Have the next attempt at what can be pressed bear a number that none before it bore; draw it anew.

        An approval of it counts no more: whoever gave it may have denied, or taken it back, since.
        """
        request = self.store.request(client.current_request) if client.current_request else None
        verbs = buttons(request.state) if request else ()
        if request is not None and verbs:
            later = replace(request.attempt, number=request.attempt.number + SKIPPED)
            approvals = () if {Verb.APPROVE, Verb.RETRY} & {*verbs} else request.approvals
            new = replace(request, attempt=later, approvals=approvals)
            self.store.save(Change(requests=(new,), raises=(raised(request, _now()),)))

    def _settle_client(self, client_id: str) -> None:
        """Leave a client what AWS gives of its grant."""
        client = self.store.client(client_id)
        if client is None or client.given is None:
            return
        stack = client.given.stack
        role_arn = f"arn:{self.partition}:iam::{stack.account_id}:role/{stack.role_name}"
        teams = tuple(team for team in client.given.teams if self.actual.lists(team, role_arn))
        by_group = client.given.by_group and client.id in self.actual.groups
        given = replace(client.given, teams=teams, by_group=by_group)
        if given == client.given:
            return
        told = f"{client.company} ({stack.account_id})"
        if teams or by_group:
            self.settled.narrowed.append(told)
            self._save(client, replace(client, given=given), ())
        elif client.id not in self.actual.groups:
            self.settled.removed.append(told)
            current = self.store.request(client.current_request) if client.current_request else None
            gone = superseding(current, self.why, _now())
            removed = replace(client, given=None, may_have_group=False, places=(), offboarded=True)
            self._save(client, replace(removed, standing=policy.standing(removed, next(iter(gone), current))), gone)

    def _save(self, before: Client, after: Client, gone: tuple[Request, ...]) -> None:
        raises = [raised(one, _now()) for one in gone]
        shown = {one.id for one in gone}
        raises += [raised(one, _now()) for one in self._granting(before) if one.id not in shown]
        audit = Audit(_now(), _BY, "access not found in AWS", before.id, before.current_request or "", self.why)
        kits = kit_changes(before.teams, _now())
        self.store.save(Change(after, gone, audits=(audit,), raises=tuple(raises), kits=kits))

    def _granting(self, client: Client) -> Iterator[Request]:
        yield from filter(None, map(self.store.request, client.granted_by))

    def _report_unknown(self) -> None:
        giving = {client.id for client in clients_of(self.store) if client.may_have_group}
        self.settled.unknown_groups += sorted(self.actual.groups - giving)


def _now() -> datetime:
    return datetime.now(UTC)
