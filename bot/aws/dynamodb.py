"""The Store on one DynamoDB table, as `keys.py` describes it. No Scan; every save is one `TransactWriteItems`."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from botocore.exceptions import ClientError

from bot.aws import app_homes, keys, kits
from bot.aws.messages import claiming, keeping
from bot.aws.outages import answering, code_of
from bot.aws.records import Attributes, RecordUnreadable, Stored, record_in
from bot.aws.writes import Part, conflict_of, counted, parts_of
from bot.domain.answers import AuditPage, ClientPage
from bot.domain.app_home import AppHome
from bot.domain.errors import Conflict, StoredByNewer, TryAgain
from bot.domain.invitation import Invitation, RefusedAttempts, RefusedPerson
from bot.domain.message import Message, stamp
from bot.domain.model import Account, Audit, Client, Event, GoneStack
from bot.domain.page import Page, PageChange, Team
from bot.domain.request import Request, SharedIn
from bot.domain.spelling import company_key
from bot.domain.team_kit import TeamKit
from bot.domain.vocabulary import AccessLevel, Standing
from bot.ports.store import Change, Concerned, Located, Turn, WordHits

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from bot.domain.bulk import Bulk, BulkName

EVENTS_SHOWN = 100
DUE_AT_ONCE = 100
"""How many due messages are read in one query."""
_MOST_KEYS = 100
"""Of one BatchGetItem."""
_PAUSES = (0.05, 0.1, 0.2)
"""Seconds between attempts while another transaction holds the same record; after it, its result can be read."""
_APART = 0.05
_TABLE = "The table"
_BUSY = f"{_TABLE} is too busy just now. Nothing was lost; try again in a minute."
_FIRST, _LAST = "!", "~"
"""They sort before and after every sort key."""
_LAST_CHARACTER = "\U0010ffff"
log = logging.getLogger(__name__)
Due = TypeVar("Due")
Index = Literal["listing", "attention"]


class DynamoStore:
    """The Store on DynamoDB. An audit or event is written once; a record only over the version that was read."""

    def __init__(self, client: DynamoDBClient, table_name: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client, self._table, self._sleep = client, table_name, sleep

    def client(self, client_id: str) -> Client | None:
        return self._record(Client, keys.key("client", client_id))

    def locate(self, parent_stack_id: str, account_id: str, role_name: str) -> Located:
        *claims, account = self._items(
            keys.key("stack", parent_stack_id, sort="claim"),
            keys.key("role", account_id, role_name, sort="claim"),
            keys.key("account", account_id),
        )
        stack_owner, role_owner = (claim["client_id"]["S"] if claim else None for claim in claims)
        found = stack_owner or role_owner
        return Located(
            client=self.client(found) if found else None,
            by_stack=stack_owner is not None,
            role_owner=role_owner,
            account=record_in(Account, account) if account else Account(account_id),
        )

    def account(self, account_id: str) -> Account:
        return self._record(Account, keys.key("account", account_id)) or Account(account_id)

    def role_holders(self, account_id: str, role_name: str) -> Sequence[str]:
        return sorted({item["client_id"]["S"] for item in self._each(keys.partition("role", account_id, role_name))})

    def gone(self, parent_stack_id: str) -> GoneStack | None:
        return self._record(GoneStack, keys.key("stack", parent_stack_id, sort="gone"))

    def invitation(self, token_hash: str) -> Invitation | None:
        return self._record(Invitation, keys.key("invitation", token_hash))

    def invitations(self, since: datetime, limit: int) -> Sequence[Invitation]:
        return self._listed(Invitation, keys.INVITATIONS, limit, low=stamp(since))

    def refused_attempts(self, since: datetime, limit: int, *, invited: bool) -> Sequence[RefusedAttempts]:
        group = keys.REFUSED_INVITED if invited else keys.REFUSED
        return self._listed(RefusedAttempts, group, limit, low=stamp(since))

    def request(self, request_id: str) -> Request | None:
        return self._record(Request, keys.key("request", request_id))

    def requests(self, request_ids: Iterable[str]) -> Mapping[str, Request]:
        items = self._items(*(keys.key("request", one) for one in dict.fromkeys(request_ids)))
        return {one.id: one for one in (record_in(Request, item) for item in items if item)}

    def bulk(self, name: BulkName) -> Bulk | None:
        return self._record(_bulks(), keys.bulk(name))

    def bulks(self, home: SharedIn) -> Sequence[Bulk]:
        of_message = f"{home.place}#", f"{home.place}#{_LAST}"
        items = self._each(keys.partition("bulks", home.owner), *of_message, newest_first=False)
        return [record_in(_bulks(), item) for item in items]

    def events(self, client_id: str) -> Sequence[Event]:
        entries = keys.EVENT, f"{keys.EVENT}{_LAST}"
        newest_first = self._query(keys.partition("client", client_id), *entries, limit=EVENTS_SHOWN)
        return [record_in(Event, item) for item in reversed(newest_first)]

    def clients(
        self,
        limit: int,
        cursor: str | None = None,
        *,
        standing: Standing | None = None,
        level: AccessLevel | None = None,
    ) -> ClientPage:
        group = keys.standing(standing) if standing else keys.level(level) if level else keys.CLIENTS
        index: Index = "listing" if group == keys.CLIENTS else "attention"
        items = self._query(group, limit=limit + 1, index=index, after=keys.start_key(group, cursor))
        page = tuple(record_in(Client, item) for item in items[:limit])
        more = len(items) > limit
        return ClientPage(page, keys.cursor_to(group, keys.position(page[-1])) if more else None)

    def clients_by_id(self, ids: Sequence[str]) -> Sequence[Client]:
        items = self._items(*(keys.key("client", one) for one in ids))
        return [record_in(Client, item) for item in items if item is not None]

    def with_word(self, beginning: str, limit: int) -> WordHits:
        words = keys.words_beginning(beginning[0]), beginning, beginning + _LAST_CHARACTER
        items = self._query(*words, limit=limit + 1, index="listing", newest_first=False, only="pk")
        ids = dict.fromkeys(item["pk"]["S"].partition("#")[2] for item in items[:limit])
        return WordHits(tuple(ids), more=len(items) > limit)

    def namesakes(self, company: str, limit: int) -> Sequence[Client]:
        return self._listed(Client, keys.partition("name", company_key(company)), limit)

    def turn(self) -> Turn:
        return self._record(Turn, keys.key("turn")) or Turn()

    def due(self, now: datetime, limit: int, *, newest_first: bool = False) -> Sequence[Request]:
        return list(
            islice(self._due(partial(record_in, Request), keys.DUE, now, limit, newest_first=newest_first), limit)
        )

    def message(self, owner: str, place: str) -> Message | None:
        return self._record(Message, keys.key("messages", owner, sort=place))

    def messages(self, owner: str, limit: int) -> Sequence[Message]:
        return [record_in(Message, item) for item in self._query(keys.partition("messages", owner), limit=limit)]

    def due_messages(self, now: datetime) -> Iterator[Message]:
        return self._due(partial(record_in, Message), keys.DUE_MESSAGES, now, DUE_AT_ONCE)

    def claim(self, message: Message, now: datetime, until: datetime) -> Message | None:
        before = self._update_if(claiming(message, now, until))
        return record_in(Message, before) if before is not None else None

    def keep(self, message: Message, lease: datetime) -> bool:
        return self._update_if(keeping(message, lease)) is not None

    def asked_of(self, team: str, limit: int) -> tuple[Team, Sequence[PageChange]]:
        group = keys.partition("team", team), keys.BOOK, f"{keys.CHANGE}{_LAST}"
        items = list(islice(self._each(*group, at_once=limit + 1, newest_first=False), limit + 1))
        book = items.pop(0) if items and items[0]["sk"]["S"] == keys.BOOK else None
        waiting = [record_in(PageChange, item) for item in items[:limit]]
        return record_in(Team, book) if book else Team(team), waiting

    def pages(self, team: str, numbers: Iterable[int]) -> Mapping[int, Page]:
        items = self._items(*(keys.page(team, number) for number in sorted(set(numbers))))
        return {page.number: page for page in (record_in(Page, item) for item in items if item)}

    def concerned(self, changes: Iterable[PageChange]) -> Concerned:
        wanted = [*changes]
        ids = {
            "request": {one.request_id for one in wanted},
            "client": {one.client_id for one in wanted},
            "invitation": {one.token_hash for one in wanted},
        }
        items = self._items(*(keys.key(kind, of) for kind, all_of in ids.items() for of in sorted(all_of)))

        def found(kind: type[Stored], sort: str) -> list[Stored]:
            return [record_in(kind, item) for item in items if item and item["sk"]["S"] == sort]

        return Concerned(
            {one.id: one for one in found(Request, "request")},
            {one.id: one for one in found(Client, "client")},
            {one.token_hash: one for one in found(Invitation, "invitation")},
        )

    def due_work(self, now: datetime, limit: int) -> Sequence[Page | PageChange | Team | Bulk]:
        groups = keys.DUE_PAGES, keys.DUE_CHANGES
        return [due for group in groups for due in islice(self._due(_at_work, group, now, limit), limit)]

    def kit(self, team: str) -> TeamKit:
        return self._record(TeamKit, keys.kit(team)) or TeamKit(team)

    def claim_kit(self, team: str, now: datetime, until: datetime) -> TeamKit | None:
        before = self._update_if(kits.claiming(team, now, until))
        return record_in(TeamKit, before) if before is not None else None

    def keep_kit(self, kit: TeamKit, lease: datetime) -> bool:
        return self._update_if(kits.keeping(kit, lease)) is not None

    def due_kits(self, now: datetime, limit: int) -> Sequence[str]:
        return [kit.team for kit in islice(self._due(partial(record_in, TeamKit), keys.DUE_KITS, now, limit), limit)]

    def keep_app_home(self, home: AppHome) -> None:
        self._update_if(app_homes.keeping(home))

    def stay_at_home(self, user_id: str, now: datetime) -> None:
        self._update_if(app_homes.staying(user_id, now))

    def due_app_homes(self, now: datetime, limit: int) -> Sequence[str]:
        found = self._due(partial(record_in, AppHome), keys.DUE_HOMES, now, limit)
        return [home.user_id for home in islice(found, limit)]

    def claim_app_home(self, user_id: str, now: datetime) -> AppHome | None:
        before = self._update_if(app_homes.claiming(user_id, now))
        return record_in(AppHome, before) if before is not None else None

    def renew_app_home(self, home: AppHome, over: str) -> bool:
        return self._update_if(app_homes.renewing(home, over)) is not None

    def leave_home(self, home: AppHome) -> bool:
        return self._update_if(app_homes.leaving(home)) is not None

    def audits(self, client_id: str, limit: int, cursor: str | None = None) -> AuditPage:
        """Return one page, by two bounded reads: what people decided, and what the client's stack did in that time."""
        until = keys.place_of(client_id, cursor) or _LAST
        found = self._audited(client_id, keys.AUDIT, limit, until=until)
        decided, more = found[:limit], len(found) > limit
        since = decided[-1]["sk"]["S"].removeprefix(keys.AUDIT) if more else ""
        asked = self._audited(client_id, keys.STACK_AUDIT, limit, since=since, until=until)
        by_time = sorted([*decided, *asked[:limit]], key=lambda item: item["sk"]["S"].partition("#")[2], reverse=True)
        older = keys.cursor_to(client_id, since) if more else None
        return AuditPage(tuple(record_in(Audit, item) for item in by_time), older, left_out=len(asked) > limit)

    def refused_people(self, client_id: str, limit: int) -> Sequence[RefusedPerson]:
        return self._listed(RefusedPerson, keys.partition("refused", client_id), limit)

    def count_refused(self, refused: RefusedAttempts | RefusedPerson) -> None:
        self._update_if(counted(refused))

    def save(self, change: Change) -> None:
        parts = parts_of(change)
        if not parts:
            return
        for pause in (*_PAUSES, None):
            reasons = self._transact(parts)
            if not reasons:
                return
            conflict = conflict_of(parts, reasons)
            if conflict is not None:
                if not conflict.duplicate:
                    self._sleep(random.uniform(0, _APART))  # noqa: S311  so that rivals don't meet again
                raise conflict
            if not any(reason.get("Code") == "TransactionConflict" for reason in reasons):
                raise TryAgain(_BUSY)
            if pause is not None:
                self._sleep(pause)
        raise Conflict

    def _transact(self, parts: Iterable[Part]) -> list[Any]:
        """Empty when it went through, else why it was cancelled."""
        table: Any = {"TableName": self._table}
        placed: Any = [{verb: table | asked for verb, asked in part.items()} for part in parts]
        try:
            with answering(_TABLE):
                self._client.transact_write_items(TransactItems=placed)
        except ClientError as error:
            reasons: list[Any] = list(error.response.get("CancellationReasons", []))
            faults = {"ValidationError", "ItemCollectionSizeLimitExceeded"} & {one.get("Code") for one in reasons}
            if code_of(error) != "TransactionCanceledException" or not reasons or faults:
                raise
            return reasons
        return []

    def _update_if(self, update: dict[str, Any]) -> Attributes | None:
        """Return what `UpdateItem` returns; None when its condition does not hold. Waits for another transaction."""
        for pause in (*_PAUSES, None):
            try:
                with answering(_TABLE):
                    answer: Any = self._client.update_item(TableName=self._table, **update)
            except ClientError as error:
                if code_of(error) == "ConditionalCheckFailedException":
                    return None
                if code_of(error) != "TransactionConflictException":
                    raise
                if pause is not None:
                    self._sleep(pause)
            else:
                return dict(answer.get("Attributes", {}))
        raise TryAgain(_BUSY)

    def _record(self, kind: type[Stored], key: Attributes) -> Stored | None:
        with answering(_TABLE):
            answer: Any = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return record_in(kind, answer["Item"]) if "Item" in answer else None

    def _items(self, *wanted: Attributes) -> list[Attributes | None]:
        """Return the items under these keys, of which no two are the same, in as few calls as possible."""
        batches = (wanted[first : first + _MOST_KEYS] for first in range(0, len(wanted), _MOST_KEYS))
        items = (item for batch in batches for item in self._batch(batch))
        found = {(item["pk"]["S"], item["sk"]["S"]): item for item in items}
        return [found.get((key["pk"]["S"], key["sk"]["S"])) for key in wanted]

    def _batch(self, left: Sequence[Attributes]) -> Iterator[Attributes]:
        """Yield what there is under these keys. What an answer leaves out is asked for again, not taken for missing."""
        for pause in (*_PAUSES, None):
            read: Any = {self._table: {"Keys": left, "ConsistentRead": True}}
            with answering(_TABLE):
                answer: Any = self._client.batch_get_item(RequestItems=read)
            yield from answer["Responses"].get(self._table, ())
            left = answer.get("UnprocessedKeys", {}).get(self._table, {}).get("Keys", ())
            if not left:
                return
            if pause is not None:
                self._sleep(pause)
        raise TryAgain(_BUSY)

    def _audited(self, client_id: str, prefix: str, limit: int, *, since: str = "", until: str) -> list[Attributes]:
        """Return one line more than the limit, which tells whether there are more; newest first."""
        low, high = f"{prefix}{since}", f"{prefix}{until}"
        items = self._query(keys.partition("client", client_id), low, high, limit=limit + 2)
        return [item for item in items if item["sk"]["S"] != high][: limit + 1]

    def _listed(self, kind: type[Stored], group: str, limit: int, **query: Any) -> list[Stored]:
        """Return the newest records of a group in the listing."""
        return [record_in(kind, item) for item in self._query(group, limit=limit, index="listing", **query)]

    def _due(
        self, read: Callable[[Attributes], Due], group: str, now: datetime, at_once: int, *, newest_first: bool = False
    ) -> Iterator[Due]:
        """Yield what is due and can be read: one that can't must not keep the sweep from all the others."""
        high = stamp(now)
        for item in self._each(group, high=high, at_once=at_once, index="attention", newest_first=newest_first):
            try:
                yield read(item)
            except (RecordUnreadable, StoredByNewer):
                log.exception("%s can't be read", item.get("pk"))

    def _query(self, *group_and_range: str, limit: int, **query: Any) -> list[Attributes]:
        """Return so many of one partition's items, newest first."""
        return list(islice(self._each(*group_and_range, at_once=limit, **query), limit))

    def _each(
        self,
        group: str,
        low: str = _FIRST,
        high: str = _LAST,
        *,
        at_once: int | None = None,
        index: Index | None = None,
        after: Attributes | None = None,
        newest_first: bool = True,
        only: str = "",
    ) -> Iterator[Attributes]:
        """Yield one partition's items between two sort keys, reading so many at once, and on when asked for more.

        DynamoDB ends a page at 1 MB. Reads are strongly consistent where that is possible.
        """
        of = {None: "", "listing": "gsi1", "attention": "gsi2"}[index]
        query: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": f"{of}pk = :group AND {of}sk BETWEEN :low AND :high",
            "ExpressionAttributeValues": keys.values(group=group, low=low, high=high),
            "ScanIndexForward": not newest_first,
            "ConsistentRead": index is None,
        }
        query |= {"IndexName": index} if index is not None else {}
        query |= {"Limit": at_once} if at_once is not None else {}
        query |= {"ProjectionExpression": only} if only else {}
        while True:
            query |= {"ExclusiveStartKey": after} if after else {}
            with answering(_TABLE):
                answer: Any = self._client.query(**query)
            yield from answer["Items"]
            after = answer.get("LastEvaluatedKey")
            if after is None:
                return


def _at_work(item: Attributes) -> Page | PageChange | Team | Bulk:
    """Return what is due: a page, a team with a task, a change that waits, or a press on several requests."""
    if item["pk"]["S"].startswith(keys.partition("bulks", "")):
        return record_in(_bulks(), item)
    sort = item["sk"]["S"]
    if sort == keys.BOOK:
        return record_in(Team, item)
    return record_in(Page, item) if sort == "page" else record_in(PageChange, item)


def _bulks() -> type[Bulk]:
    """Return the record of a press on several requests."""
    from bot.domain.bulk import Bulk  # noqa: PLC0415  most Lambdas never read one

    return Bulk
