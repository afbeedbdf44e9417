"""The Store in memory, for the workflow's unit tests.

`tests/integration/test_store_contract.py` keeps it honest: the same tests run against it and against DynamoDB.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from threading import Lock
from typing import Any

from bot.domain.answers import AuditPage, ClientPage
from bot.domain.app_home import AppHome, next_refresh
from bot.domain.bulk import Bulk, BulkName
from bot.domain.errors import Conflict, Replayed
from bot.domain.invitation import Invitation, RefusedAttempts, RefusedPerson
from bot.domain.message import MOST_SHARED, Message, Raise
from bot.domain.model import Account, Audit, Client, Event, GoneStack
from bot.domain.page import Page, PageChange, Team
from bot.domain.request import Request, SharedIn
from bot.domain.spelling import company_key
from bot.domain.team_kit import KitChange, TeamKit
from bot.domain.vocabulary import AccessLevel, Standing
from bot.ports.store import MOST_WRITES, Change, Claim, Command, Concerned, Located, Turn, WordHits

EVENTS_SHOWN = 100
LONGEST_KEY = 2048
"""In bytes: DynamoDB refuses a longer partition key as a mistake (Developer Guide, "Constraints"); moto takes any."""
_key_of = cache(company_key)
_Versioned = Account | Bulk | Client | GoneStack | Invitation | Page | Request | Team | Turn
_Waiting = tuple[str, datetime, str, str]
"""By which a team's changes that wait are known, in their order."""


class MemoryStore:
    """Keeps to `ports.Store` exactly. The dicts are open, so that a test can look at what was stored."""

    def __init__(self) -> None:
        self.stored_clients: dict[str, Client] = {}
        self.stored_words: defaultdict[str, set[str]] = defaultdict(set)
        """By client id, the words under which the index lists it."""
        self.stored_requests: dict[str, Request] = {}
        self.stored_invitations: dict[str, Invitation] = {}
        self.stored_events: dict[tuple[str, str], Event] = {}
        self._events_of: defaultdict[str, list[Event]] = defaultdict(list)
        self.stored_refused: dict[tuple[str, str], RefusedAttempts] = {}
        self.stored_refusals: dict[tuple[str, str], RefusedPerson] = {}
        self.stored_audits: list[Audit] = []
        self.stored_messages: dict[tuple[str, str], Message] = {}
        self._message_due: dict[tuple[str, str], datetime] = {}
        self.stored_turn: Turn | None = None
        self.stored_accounts: dict[str, Account] = {}
        self.stored_gone: dict[str, GoneStack] = {}
        self.stored_commands: dict[str, Command] = {}
        self.stored_teams: dict[str, Team] = {}
        self.stored_pages: dict[tuple[str, int], Page] = {}
        self.stored_asked: dict[_Waiting, PageChange] = {}
        self.stored_kits: dict[str, TeamKit] = {}
        self._kit_due: dict[str, datetime] = {}
        self.stored_homes: dict[str, AppHome] = {}
        self.home_due: dict[str, datetime] = {}
        """When they may be refreshed next, of those who count as being there."""
        self.stored_bulks: dict[BulkName, Bulk] = {}
        self._stack_owners: dict[str, str] = {}
        self._role_owners: dict[tuple[str, str], str] = {}
        self._role_holders: dict[tuple[str, str], set[str]] = {}
        self._lock = Lock()
        # Lists are read from copies, since other threads write meanwhile.

    def client(self, client_id: str) -> Client | None:
        _check_key("client", client_id)
        return self.stored_clients.get(client_id)

    def locate(self, parent_stack_id: str, account_id: str, role_name: str) -> Located:
        with self._lock:
            stack_owner = self._stack_owners.get(parent_stack_id)
            role_owner = self._role_owners.get((account_id, role_name))
            found = stack_owner or role_owner
            return Located(
                client=self.stored_clients.get(found) if found else None,
                by_stack=stack_owner is not None,
                role_owner=role_owner,
                account=self.account(account_id),
            )

    def account(self, account_id: str) -> Account:
        return self.stored_accounts.get(account_id) or Account(account_id)

    def role_holders(self, account_id: str, role_name: str) -> Sequence[str]:
        return sorted(self._role_holders.get((account_id, role_name), ()))

    def gone(self, parent_stack_id: str) -> GoneStack | None:
        return self.stored_gone.get(parent_stack_id)

    def invitation(self, token_hash: str) -> Invitation | None:
        _check_key("invitation", token_hash)
        return self.stored_invitations.get(token_hash)

    def invitations(self, since: datetime, limit: int) -> Sequence[Invitation]:
        found = [one for one in list(self.stored_invitations.values()) if one.listed and one.created_at >= since]
        return sorted(found, key=lambda one: (one.created_at, one.token_hash), reverse=True)[:limit]

    def refused_attempts(self, since: datetime, limit: int, *, invited: bool) -> Sequence[RefusedAttempts]:
        asked = [one for one in list(self.stored_refused.values()) if bool(one.token_hash) is invited]
        found = [one for one in asked if one.last_at >= since]
        return sorted(found, key=lambda one: (one.last_at, one.account_id), reverse=True)[:limit]

    def request(self, request_id: str) -> Request | None:
        _check_key("request", request_id)
        return self.stored_requests.get(request_id)

    def requests(self, request_ids: Iterable[str]) -> Mapping[str, Request]:
        return {one: found for one in request_ids if (found := self.request(one))}

    def bulk(self, name: BulkName) -> Bulk | None:
        return self.stored_bulks.get(name)

    def bulks(self, home: SharedIn) -> Sequence[Bulk]:
        found = [one for one in list(self.stored_bulks.values()) if one.home == home]
        return sorted(found, key=lambda one: one.number)

    def events(self, client_id: str) -> Sequence[Event]:
        return sorted(self._events_of[client_id], key=lambda event: event.timestamp)[-EVENTS_SHOWN:]

    def clients(
        self,
        limit: int,
        cursor: str | None = None,
        *,
        standing: Standing | None = None,
        level: AccessLevel | None = None,
    ) -> ClientPage:
        group = f"{standing or level or 'clients'}"
        newest = [one for one in self._by_age() if _belongs(one, standing, level)]
        places = [f"{group} after {one.id}" for one in newest]
        rest = newest[places.index(cursor) + 1 :] if cursor in places else newest
        page = rest[:limit]
        return ClientPage(tuple(page), f"{group} after {page[-1].id}" if len(rest) > limit else None)

    def clients_by_id(self, ids: Sequence[str]) -> Sequence[Client]:
        if len(ids) > len(set(ids)):
            raise ValueError("Provided list of item keys contains duplicates")
        return [found for one in ids if (found := self.stored_clients.get(one))]

    def with_word(self, beginning: str, limit: int) -> WordHits:
        ages = [(-one.created_at.timestamp(), one.id) for one in self._by_age()]
        found = sorted((word[1:], word[0], *age) for age in ages for word in list(self.stored_words[age[1]]))
        hits = [client_id for word, *_, client_id in found if word.startswith(beginning)]
        return WordHits(tuple(dict.fromkeys(hits[:limit])), more=len(hits) > limit)

    def _by_age(self) -> list[Client]:
        return sorted(self.stored_clients.copy().values(), key=lambda one: (one.created_at, one.id), reverse=True)

    def namesakes(self, company: str, limit: int) -> Sequence[Client]:
        key = company_key(company)
        _check_key("name", key)
        same = [one for one in list(self.stored_clients.values()) if _key_of(one.company) == key]
        return sorted(same, key=lambda one: (one.created_at, one.id), reverse=True)[:limit]

    def turn(self) -> Turn:
        return self.stored_turn or Turn()

    def due(self, now: datetime, limit: int, *, newest_first: bool = False) -> Sequence[Request]:
        timed = [(one.due_at, one) for one in list(self.stored_requests.values()) if one.due_at is not None]
        in_order = sorted(timed, key=lambda pair: pair[0], reverse=newest_first)
        return [one for at, one in in_order if at <= now][:limit]

    @property
    def unshown(self) -> list[Message]:
        """What Slack does not show yet."""
        return [one for one in list(self.stored_messages.values()) if one.unshown]

    def message(self, owner: str, place: str) -> Message | None:
        return self.stored_messages.get((owner, place))

    def messages(self, owner: str, limit: int) -> Sequence[Message]:
        own = [one for one in list(self.stored_messages.values()) if one.owner == owner]
        return sorted(own, key=lambda one: one.place, reverse=True)[:limit]

    def due_messages(self, now: datetime) -> Sequence[Message]:
        timed = [
            (self._message_due[key], one) for key, one in list(self.stored_messages.items()) if key in self._message_due
        ]
        return [one for at, one in sorted(timed, key=lambda pair: (pair[0], pair[1].owner, pair[1].place)) if at <= now]

    def claim(self, message: Message, now: datetime, until: datetime) -> Message | None:
        with self._lock:
            key = message.owner, message.place
            before = self.stored_messages.get(key)
            if before is None or (before.lease_until is not None and before.lease_until > now):
                return None
            self.stored_messages[key] = replace(before, lease_until=until)
            self._message_due[key] = until
            return before

    def keep(self, message: Message, lease: datetime) -> bool:
        with self._lock:
            key = message.owner, message.place
            stored = self.stored_messages.get(key)
            if stored is None or (stored.lease_until, stored.wanted) != (lease, message.wanted):
                return False
            self.place_message(message)
            return True

    def asked_of(self, team: str, limit: int) -> tuple[Team, Sequence[PageChange]]:
        with self._lock:
            waiting = sorted(place for place in self.stored_asked if place[0] == team)
            stored = self.stored_teams.get(team) or Team(team)
            return stored, [self.stored_asked[place] for place in waiting[:limit]]

    def pages(self, team: str, numbers: Iterable[int]) -> Mapping[int, Page]:
        found = [self.stored_pages.get((team, number)) for number in sorted(set(numbers))]
        return {page.number: page for page in found if page is not None}

    def concerned(self, changes: Iterable[PageChange]) -> Concerned:
        wanted = [*changes]
        requests = [self.request(one) for one in {change.request_id for change in wanted}]
        clients = [self.client(one) for one in {change.client_id for change in wanted}]
        invitations = [self.invitation(one) for one in {change.token_hash for change in wanted}]
        return Concerned(
            {one.id: one for one in requests if one},
            {one.id: one for one in clients if one},
            {one.token_hash: one for one in invitations if one},
        )

    def due_work(self, now: datetime, limit: int) -> Sequence[Page | PageChange | Team | Bulk]:
        pages = list[Page | PageChange | Team | Bulk]()
        pages += [*self.stored_pages.values(), *self.stored_teams.values(), *self.stored_bulks.values()]
        found = list[Page | PageChange | Team | Bulk]()
        for group in (pages, list(self.stored_asked.values())):
            timed = [(one.due_at, one) for one in group if one.due_at is not None]
            found += [one for at, one in sorted(timed, key=lambda pair: pair[0]) if at <= now][:limit]
        return found

    def kit(self, team: str) -> TeamKit:
        return self.stored_kits.get(team) or TeamKit(team)

    def claim_kit(self, team: str, now: datetime, until: datetime) -> TeamKit | None:
        with self._lock:
            before = self.kit(team)
            leased = before.lease_until is not None and before.lease_until > now
            if leased or before.renewed >= before.wanted:
                return None
            self.stored_kits[team] = replace(before, lease_until=until)
            self._kit_due[team] = until
            return before

    def keep_kit(self, kit: TeamKit, lease: datetime) -> bool:
        with self._lock:
            stored = self.kit(kit.team)
            if (stored.lease_until, stored.wanted) != (lease, kit.wanted):
                return False
            self.stored_kits[kit.team] = kit
            self._kit_due.pop(kit.team, None)
            return True

    def due_kits(self, now: datetime, limit: int) -> Sequence[str]:
        timed = sorted((at, team) for team, at in list(self._kit_due.items()))
        return [team for at, team in timed if at <= now][:limit]

    def keep_app_home(self, home: AppHome) -> None:
        with self._lock:
            self.stored_homes[home.user_id] = home
            self.home_due[home.user_id] = next_refresh(home.seen_at)

    def stay_at_home(self, user_id: str, now: datetime) -> None:
        with self._lock:
            stored = self.stored_homes.get(user_id)
            if stored is not None:
                self.stored_homes[user_id] = replace(stored, seen_at=now)
                self.home_due.setdefault(user_id, next_refresh(now))

    def due_app_homes(self, now: datetime, limit: int) -> Sequence[str]:
        timed = sorted((at, user_id) for user_id, at in list(self.home_due.items()))
        return [user_id for at, user_id in timed if at <= now][:limit]

    def claim_app_home(self, user_id: str, now: datetime) -> AppHome | None:
        with self._lock:
            if user_id not in self.home_due or self.home_due[user_id] > now:
                return None
            self.home_due[user_id] = next_refresh(now)
            return self.stored_homes[user_id]

    def renew_app_home(self, home: AppHome, over: str) -> bool:
        with self._lock:
            stored = self.stored_homes.get(home.user_id)
            if stored is None or stored.hash != over:
                return False
            self.stored_homes[home.user_id] = replace(stored, digest=home.digest, hash=home.hash)
            return True

    def leave_home(self, home: AppHome) -> bool:
        with self._lock:
            stored = self.stored_homes.get(home.user_id)
            if stored is None or (stored.hash, stored.seen_at) != (home.hash, home.seen_at):
                return False
            self.home_due.pop(home.user_id, None)
            return True

    @property
    def kits_due(self) -> list[datetime]:
        """When kits are due that are not renewed."""
        return list(self._kit_due.values())

    def audits(self, client_id: str, limit: int, cursor: str | None = None) -> AuditPage:
        own = [(one.at, place) for place, one in enumerate(list(self.stored_audits)) if one.client_id == client_id]
        until = next((one for one in own if cursor == f"{client_id} after {one[1]}"), None)
        newest = [one for one in sorted(own, reverse=True) if until is None or one < until]
        decided = [one for one in newest if not self.stored_audits[one[1]].of_client]
        more = len(decided) > limit
        asked = [one for one in newest if self.stored_audits[one[1]].of_client]
        asked = [one for one in asked if not more or one > decided[limit - 1]]
        lines = sorted([*decided[:limit], *asked[:limit]], reverse=True)
        return AuditPage(
            tuple(self.stored_audits[place] for _, place in lines),
            f"{client_id} after {decided[limit - 1][1]}" if more else None,
            left_out=len(asked) > limit,
        )

    def refused_people(self, client_id: str, limit: int) -> Sequence[RefusedPerson]:
        found = [one for one in list(self.stored_refusals.values()) if one.client_id == client_id]
        return sorted(found, key=lambda one: (one.last_at, one.actor), reverse=True)[:limit]

    def count_refused(self, refused: RefusedAttempts | RefusedPerson) -> None:
        with self._lock:
            if isinstance(refused, RefusedPerson):
                counts: dict[tuple[str, str], Any] = self.stored_refusals
                of = refused.client_id, refused.actor
            else:
                counts, of = self.stored_refused, (refused.account_id, refused.token_hash)
            counts[of] = replace(refused, count=refused.count + (counts[of].count if of in counts else 0))

    def trail(self, client_id: str) -> Sequence[Audit]:
        """For tests to look at: all that was written down about a client, oldest first, and who was refused last."""
        return [one for one in self.written if one.client_id == client_id]

    @property
    def written(self) -> list[Audit]:
        """The audit of everything, oldest first, with a line for each person who was refused something."""
        refused = [
            Audit(one.last_at, one.actor, f"refused: {one.action}", one.client_id, one.request_id, one.detail)
            for one in list(self.stored_refusals.values())
        ]
        return sorted([*self.stored_audits, *refused], key=lambda one: one.at)

    def save(self, change: Change) -> None:
        _check_form(change)
        with self._lock:
            self._check(change)
            self._apply(change)

    def _check(self, change: Change) -> None:
        if change.command is not None and change.command.mark in self.stored_commands:
            raise Replayed("this signed command has come before")
        stale = [one for one in change.requests if _moved(self.stored_requests.get(one.id), one)]
        duplicate = change.event is not None and (change.event_client_id, change.event.key) in self.stored_events
        clients = change.clients
        account = change.account
        if (
            stale
            or duplicate
            or any(_moved(self.stored_clients.get(one.id), one) for one in clients)
            or (account is not None and _moved(self.stored_accounts.get(account.id), account))
            or any(_moved(self.stored_invitations.get(one.token_hash), one) for one in change.invitations)
            or (change.turn is not None and _moved(self.stored_turn, change.turn))
            or (change.claim is not None and self._taken(change.claim))
            or any((one.owner, one.place) in self.stored_messages for one in change.messages)
            or any(not self._may_raise(one) for one in change.raised)
            or any(_moved(self.stored_bulks.get(one.name), one) for one in change.bulks)
            or any(_moved(self.stored_teams.get(one.name), one) for one in change.teams)
            or any(_moved(self.stored_pages.get((one.team, one.number)), one) for one in change.pages)
            or any(_waiting(one) not in self.stored_asked for one in change.packed)
            or (change.gone is not None and _moved(self.stored_gone.get(change.gone.parent_stack_id), change.gone))
        ):
            raise Conflict(duplicate=duplicate)

    def _may_raise(self, asked: Raise) -> bool:
        stored = self.stored_messages.get((asked.owner, asked.place))
        room = MOST_SHARED if asked.adds else LONGEST_KEY
        return stored is not None and len(stored.request_ids) + len(asked.adds) <= room

    def _taken(self, claim: Claim) -> bool:
        stack_owner = self._stack_owners.get(claim.parent_stack_id)
        role_owner = self._role_owners.get((claim.account_id, claim.role_name))
        return stack_owner not in (None, claim.client_id) or role_owner not in (None, claim.role_owner, claim.client_id)

    def _apply(self, change: Change) -> None:
        if change.command:
            self.stored_commands[change.command.mark] = change.command
        for one in change.indexed:
            client = one.client
            self.stored_clients[client.id] = replace(client, version=client.version + 1)
            changed = {word[1:] for word in (*one.added, *one.gone)}
            kept = {word for word in self.stored_words[client.id] if word[1:] not in changed}
            self.stored_words[client.id] = kept.union(one.added)
        if change.account:
            self.stored_accounts[change.account.id] = replace(change.account, version=change.account.version + 1)
        for request in change.requests:
            self.stored_requests[request.id] = replace(request, version=request.version + 1)
        for invitation in change.invitations:
            self.stored_invitations[invitation.token_hash] = replace(invitation, version=invitation.version + 1)
        if change.event:
            self.stored_events[change.event_client_id, change.event.key] = change.event
            self._events_of[change.event_client_id].append(change.event)
        if change.claim:
            self._stack_owners[change.claim.parent_stack_id] = change.claim.client_id
            role = change.claim.account_id, change.claim.role_name
            self._role_owners[role] = change.claim.client_id
            self._role_holders.setdefault(role, set()).add(change.claim.client_id)
        if change.gone:
            self.stored_gone[change.gone.parent_stack_id] = replace(change.gone, version=change.gone.version + 1)
        if change.turn:
            self.stored_turn = replace(change.turn, version=change.turn.version + 1)
        self.stored_audits.extend(change.audits)
        for message in change.messages:
            self.place_message(message)
        for asked in change.raised:
            self._raise(asked)
        self._apply_pages(change)

    def _apply_pages(self, change: Change) -> None:
        for changed in change.kits:
            self._change_kit(changed)
        for team in change.teams:
            self.stored_teams[team.name] = replace(team, version=team.version + 1)
        for page in change.pages:
            self.stored_pages[page.team, page.number] = replace(page, version=page.version + 1)
        for asked in change.asked:
            self.stored_asked[_waiting(asked)] = asked
        for bulk in change.bulks:
            self.stored_bulks[bulk.name] = replace(bulk, version=bulk.version + 1)
        for packed in change.packed:
            del self.stored_asked[_waiting(packed)]

    def _change_kit(self, changed: KitChange) -> None:
        before = self.kit(changed.team)
        self.stored_kits[changed.team] = replace(before, wanted=before.wanted + 1)
        self._kit_due.setdefault(changed.team, changed.due_at)

    def place_message(self, message: Message) -> None:
        key = message.owner, message.place
        self.stored_messages[key] = message
        self._message_due.pop(key, None)
        if message.due_at is not None:
            self._message_due[key] = message.due_at

    def _raise(self, asked: Raise) -> None:
        key = asked.owner, asked.place
        before = self.stored_messages[key]
        held_until = asked.held_until if asked.at_once else asked.held_until or before.held_until
        retry_at = None if asked.at_once else before.retry_at
        self.stored_messages[key] = replace(
            before,
            wanted=before.wanted + 1,
            wanted_at=asked.at,
            held_until=held_until,
            retry_at=retry_at,
            request_ids=(*before.request_ids, *asked.adds),
        )
        if asked.at_once or key not in self._message_due:
            self._message_due[key] = asked.due_at


def _belongs(client: Client, standing: Standing | None, level: AccessLevel | None) -> bool:
    if standing is not None:
        return client.standing is standing
    return level is None or client.gives.access_level is level


def _check_key(kind: str, name: str) -> None:
    if len(f"{kind}#{name}".encode()) > LONGEST_KEY:
        raise ValueError("Size of hashkey has exceeded the maximum size limit")


def _moved(stored: _Versioned | None, record: _Versioned) -> bool:
    return (stored.version if stored else 0) != record.version


def _waiting(change: PageChange) -> _Waiting:
    return change.team, change.asked_at, change.client_id, change.key


def _check_form(change: Change) -> None:
    """What the table would refuse as a mistake of ours."""
    ids = [request.id for request in change.requests]
    if len(ids) != len(set(ids)) or change.holds_twice:
        raise ValueError("one change holds the same record twice")
    places = [(one.owner, one.place) for one in change.messages] + [(one.owner, one.place) for one in change.raised]
    if len(places) != len(set(places)):
        raise ValueError("one change holds the same message twice")
    waiting = [_waiting(one) for one in (*change.asked, *change.packed)]
    if len(waiting) != len(set(waiting)):
        raise ValueError("one change holds the same change of a page twice")
    if len({one.team for one in change.kits}) < len(change.kits):
        raise ValueError("one change holds the same kit twice")
    if change.records + sum(len(one.added) + len(one.gone) for one in change.indexed) > MOST_WRITES:
        raise ValueError("one change writes more than a transaction may")
    if change.event is not None and not change.event_client_id:
        raise ValueError("an event needs the client it belongs to")
