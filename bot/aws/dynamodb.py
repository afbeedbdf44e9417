"""The Store on one DynamoDB table. No Scan anywhere; every save is one `TransactWriteItems`.

| pk                    | sk                          | what it is                                  | listing (gsi1)             | attention (gsi2) |
|-----------------------|-----------------------------|---------------------------------------------|----------------------------|------------------|
| client#<id>           | client                      | Client                                      | clients, <created>#<id>    |                  |
| client#<id>           | name                        | the Client again, to be found by its name   | name#<key>, <created>#<id> |                  |
| client#<id>           | event#<timestamp>#<digest>  | Event                                       |                            |                  |
| client#<id>           | seen#<digest>               | "this event is stored", whatever its time   |                            |                  |
| messages#<client>     | <created>#<request>…        | Message, with `wanted` beside the record    |                            | due messages, <…>|
| client#<id>           | audit#<at>#<save>#<number>  | Audit; no condition ever lets it be changed |                            |                  |
| client#<id>           | asked#<at>#<save>#<number>  | Audit of what the client's own stack did    |                            |                  |
| request#<id>          | request                     | Request                                     |                            | due, <due_at>    |
| invitation#<hash>     | invitation                  | Invitation                                  | invitations, <created>#<…> |                  |
| refused#<account>     | invitation#<hash>           | RefusedAttempts, with their number `count`  | refused…, <last>#<account> |                  |
| refused#<client id>   | person#<Slack user id>      | RefusedPerson, with the number `count`      | refused#<client id>, <last>#<user> |          |
| command#<mark>        | command                     | "this signed command has come"              |                            |                  |
| stack#<StackId>       | claim                       | client_id found by this parent stack        |                            |                  |
| stack#<StackId>       | gone                        | GoneStack: this parent stack was deleted    |                            |                  |
| role#<account>#<role> | claim                       | client_id found by this access role         |                            |                  |
| role#<account>#<role> | holder#<client id>          | client_id that has claimed this role once   |                            |                  |
| account#<account>     | account                     | Account: who is in it, and who blocked it   |                            |                  |
| turn                  | turn                        | Turn: whose group the sweep compares next   |                            |                  |

The facts lie in the map `record` with the number of their form (`schema`), so that no field can be taken for a key, nor for the TTL attribute `expires_at`, which
only events, their `seen` entries (1 year after the event), refused attempts and commands (1 hour) carry. `digest` is the SHA-256 of the event's key. The
index `attention` is sparse: a request with nothing left to do has no place in it. Neither has an invitation that nobody
can use any more in `listing`. Refused attempts are listed under `refused`, those with an invitation of ours apart from them
under `refused#invited`, so that strangers can't push those out of what is read. They are forgotten 30 days after the last
one; `count` lies outside of `record`, so that it is counted up in place. People who were refused something are counted in the
same way, and kept for good. What a client's stack did is apart from what people decided, so that neither pushes the other out
of what is read.
"""  # noqa: E501

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError

from bot.aws import keys
from bot.aws.messages import claiming, keeping, message_of
from bot.aws.outages import answering, code_of
from bot.aws.records import Attributes, Record, RecordUnreadable
from bot.aws.writes import conflict_of, counted, counted_person, record, writes_of
from bot.domain.answers import AuditPage, ClientPage
from bot.domain.errors import Conflict, StoredByNewer, TryAgain
from bot.domain.invitation import Invitation, RefusedAttempts, RefusedPerson
from bot.domain.message import Message, stamp
from bot.domain.model import Account, Audit, Client, Event, GoneStack, Turn
from bot.domain.request import Request
from bot.ports.store import Change, Located

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

EVENTS_SHOWN = 100
_PAUSES = (0.05, 0.1, 0.2)
"""Seconds between attempts while another transaction holds the same record; after it, its result can be read."""
_APART = 0.05
_TABLE = "The table"
Found = TypeVar("Found")
_LAST = "~"
"""Sorts after every time."""
log = logging.getLogger(__name__)


class DynamoStore:
    """The Store on DynamoDB. An audit or event is written once; a record only over the version that was read."""

    def __init__(self, client: DynamoDBClient, table_name: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._table = table_name
        self._sleep = sleep

    def client(self, client_id: str) -> Client | None:
        return self._record(Client, keys.client_key(client_id))

    def locate(self, parent_stack_id: str, account_id: str, role_name: str) -> Located:
        wanted = keys.stack_key(parent_stack_id), keys.role_key(account_id, role_name), keys.account_key(account_id)
        by_stack, by_role, account = self._items(*wanted)
        stack_owner, role_owner = _owner(by_stack), _owner(by_role)
        found = stack_owner or role_owner
        return Located(
            client=self.client(found) if found else None,
            by_stack=stack_owner is not None,
            role_owner=role_owner,
            account=record(Account, account) if account else Account(account_id),
        )

    def account(self, account_id: str) -> Account:
        return self._record(Account, keys.account_key(account_id)) or Account(account_id)

    def role_holders(self, account_id: str, role_name: str) -> Sequence[str]:
        role = {":role": keys.role_key(account_id, role_name)["pk"]}
        items = self._query(KeyConditionExpression="pk = :role", ExpressionAttributeValues=role, ConsistentRead=True)
        return sorted({item["client_id"]["S"] for item in items})

    def gone(self, parent_stack_id: str) -> GoneStack | None:
        return self._record(GoneStack, keys.gone_key(parent_stack_id))

    def invitation(self, token_hash: str) -> Invitation | None:
        return self._record(Invitation, keys.invitation_key(token_hash))

    def invitations(self, since: datetime, limit: int) -> Sequence[Invitation]:
        return [record(Invitation, item) for item in self._newest(keys.INVITATIONS, since, limit)]

    def refused_attempts(self, since: datetime, limit: int, *, invited: bool) -> Sequence[RefusedAttempts]:
        found = self._newest(keys.REFUSED_INVITED if invited else keys.REFUSED, since, limit)
        return [replace(record(RefusedAttempts, item), count=int(item["count"]["N"])) for item in found]

    def count_refused(self, attempt: RefusedAttempts) -> None:
        with answering(_TABLE):
            self._client.update_item(TableName=self._table, **counted(attempt))

    def request(self, request_id: str) -> Request | None:
        return self._record(Request, keys.request_key(request_id))

    def events(self, client_id: str) -> Sequence[Event]:
        newest_first = self._entries(client_id, keys.EVENT_PREFIX, newest_first=True, limit=EVENTS_SHOWN)
        return [record(Event, item) for item in reversed(newest_first)]

    def clients(self, limit: int, cursor: str | None = None) -> ClientPage:
        start = keys.start_key(cursor)
        items = self._listed(
            "listing",
            "gsi1pk = :group",
            keys.texts(**{":group": keys.CLIENTS}),
            limit=limit + 1,
            ScanIndexForward=False,
            **({"ExclusiveStartKey": start} if start else {}),
        )
        page: tuple[Client, ...] = tuple(record(Client, item) for item in items[:limit])
        return ClientPage(clients=page, cursor=keys.cursor_after(page[-1]) if len(items) > limit else None)

    def namesakes(self, company: str, limit: int) -> Sequence[Client]:
        group = keys.texts(**{":group": keys.name_partition(company)})
        newest_first = self._listed("listing", "gsi1pk = :group", group, limit=limit, ScanIndexForward=False)
        return [record(Client, item) for item in newest_first]

    def turn(self) -> Turn:
        return self._record(Turn, keys.TURN) or Turn()

    def due(self, now: datetime) -> Sequence[Request]:
        until = keys.texts(**{":group": keys.DUE, ":now": stamp(now)})
        items = self._listed("attention", "gsi2pk = :group AND gsi2sk <= :now", until)
        return list(_readable(partial(record, Request), items))

    def message(self, owner: str, place: str) -> Message | None:
        item = self._item(keys.message_key(owner, place))
        return message_of(item) if item else None

    def messages(self, owner: str, limit: int) -> Sequence[Message]:
        items = self._query(
            limit=limit,
            KeyConditionExpression="pk = :owner",
            ExpressionAttributeValues=keys.texts(**{":owner": keys.messages_of(owner)}),
            ConsistentRead=True,
            ScanIndexForward=False,
        )
        return [message_of(item) for item in items]

    def due_messages(self, now: datetime) -> Sequence[Message]:
        until = keys.texts(**{":group": keys.DUE_MESSAGES, ":now": stamp(now)})
        items = self._listed("attention", "gsi2pk = :group AND gsi2sk <= :now", until)
        return list(_readable(message_of, items))

    def claim(self, message: Message, now: datetime, until: datetime) -> Message | None:
        before = self._update_if(claiming(message, now, until))
        return message_of(before) if before is not None else None

    def keep(self, message: Message, lease: datetime) -> bool:
        return self._update_if(keeping(message, lease)) is not None

    def audits(self, client_id: str, limit: int, cursor: str | None = None) -> AuditPage:
        """Return one page, by two bounded reads: what people decided, and what the client's stack did in that time."""
        after = keys.place_in_audit(client_id, cursor)
        found = self._audited(client_id, keys.AUDIT_PREFIX, limit, until=after)
        decided, more = found[:limit], len(found) > limit
        since = decided[-1]["sk"]["S"].removeprefix(keys.AUDIT_PREFIX) if more else ""
        asked = self._audited(client_id, keys.STACK_AUDIT_PREFIX, limit, since=since, until=after)
        lines = [record(Audit, item) for item in sorted([*decided, *asked[:limit]], key=_when, reverse=True)]
        older = keys.cursor_in_audit(client_id, decided[-1]) if more else None
        return AuditPage(tuple(lines), older, left_out=len(asked) > limit)

    def refused_people(self, client_id: str, limit: int) -> Sequence[RefusedPerson]:
        group = keys.texts(**{":group": keys.refused_people(client_id)})
        found = self._listed("listing", "gsi1pk = :group", group, limit=limit, ScanIndexForward=False)
        return [replace(record(RefusedPerson, item), count=int(item["count"]["N"])) for item in found]

    def count_refusal(self, refused: RefusedPerson) -> None:
        with answering(_TABLE):
            self._client.update_item(TableName=self._table, **counted_person(refused))

    def save(self, change: Change) -> None:
        writes = writes_of(change)
        if not writes:
            return
        for pause in (*_PAUSES, None):
            reasons = self._transact([write.part(self._table) for write in writes])
            if not reasons:
                return
            conflict = conflict_of(writes, reasons)
            if conflict is not None:
                if not conflict.duplicate:
                    self._sleep(random.uniform(0, _APART))  # noqa: S311  so that rivals don't meet again
                raise conflict
            if not any(reason.get("Code") == "TransactionConflict" for reason in reasons):
                raise TryAgain(f"{_TABLE} is too busy just now. Nothing was lost; try again in a minute.")
            if pause is not None:
                self._sleep(pause)
        raise Conflict

    def _transact(self, parts: list[Any]) -> list[Any]:
        """Empty when it went through, else why it was cancelled."""
        try:
            with answering(_TABLE):
                self._client.transact_write_items(TransactItems=parts)
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
                attributes: Attributes = answer.get("Attributes", {})
                return attributes
        raise TryAgain(f"{_TABLE} is too busy just now. Nothing was lost; try again in a minute.")

    def _record(self, kind: type[Record], key: Attributes) -> Record | None:
        item = self._item(key)
        return record(kind, item) if item else None

    def _items(self, *wanted: Attributes) -> list[Attributes | None]:
        """Return the items under these keys, in one call. One that the answer leaves out is not taken for missing."""
        read: Any = {self._table: {"Keys": wanted, "ConsistentRead": True}}
        with answering(_TABLE):
            answer: Any = self._client.batch_get_item(RequestItems=read)
        if answer.get("UnprocessedKeys"):
            raise TryAgain(f"{_TABLE} is too busy just now. Nothing was lost; try again in a minute.")
        found = {(item["pk"]["S"], item["sk"]["S"]): item for item in answer["Responses"].get(self._table, ())}
        return [found.get((key["pk"]["S"], key["sk"]["S"])) for key in wanted]

    def _item(self, key: Attributes) -> Attributes | None:
        with answering(_TABLE):
            answer: Any = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        item: Attributes | None = answer.get("Item")
        return item

    def _entries(self, client_id: str, prefix: str, *, newest_first: bool, limit: int) -> list[Attributes]:
        return self._query(
            limit=limit,
            KeyConditionExpression="pk = :client AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=keys.texts(**{":client": keys.partition_of(client_id), ":prefix": prefix}),
            ConsistentRead=True,
            ScanIndexForward=not newest_first,
        )

    def _audited(
        self, client_id: str, prefix: str, limit: int, *, since: str = "", until: str | None
    ) -> list[Attributes]:
        """Return one line more than the limit, which tells whether there are more; newest first."""
        bounds = {":low": f"{prefix}{since}", ":high": f"{prefix}{_LAST if until is None else until}"}
        items = self._query(
            limit=limit + 2,
            KeyConditionExpression="pk = :client AND sk BETWEEN :low AND :high",
            ExpressionAttributeValues=keys.texts(**{":client": keys.partition_of(client_id)}, **bounds),
            ConsistentRead=True,
            ScanIndexForward=False,
        )
        return [item for item in items if item["sk"]["S"] != bounds[":high"]][: limit + 1]

    def _listed(self, index: str, condition: str, values: Attributes, **query: Any) -> list[Attributes]:
        return self._query(IndexName=index, KeyConditionExpression=condition, ExpressionAttributeValues=values, **query)

    def _newest(self, group: str, since: datetime, limit: int) -> list[Attributes]:
        values = keys.texts(**{":group": group, ":since": stamp(since)})
        condition = "gsi1pk = :group AND gsi1sk >= :since"
        return self._listed("listing", condition, values, limit=limit, ScanIndexForward=False)

    def _query(self, *, limit: int | None = None, **query: Any) -> list[Attributes]:
        """Yield items page by page, since DynamoDB ends a page at 1 MB."""
        if limit is not None:
            query["Limit"] = limit
        items: list[Attributes] = []
        while True:
            with answering(_TABLE):
                answer: Any = self._client.query(TableName=self._table, **query)
            items += answer["Items"]
            if "LastEvaluatedKey" not in answer or (limit is not None and len(items) >= limit):
                return items[:limit]
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _owner(claim: Attributes | None) -> str | None:
    return claim["client_id"]["S"] if claim else None


def _when(item: Attributes) -> str:
    """Return the place of an Audit in time, whichever of the two kinds it is."""
    return str(item["sk"]["S"].partition("#")[2])


def _readable(read: Callable[[Attributes], Found], items: Iterable[Attributes]) -> Iterator[Found]:
    """Yield the records that can be read: one that can't must not keep the sweep from all the others."""
    for item in items:
        try:
            yield read(item)
        except (RecordUnreadable, StoredByNewer):
            log.exception("%s can't be read", item.get("pk"))
