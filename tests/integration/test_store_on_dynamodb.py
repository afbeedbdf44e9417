"""What the contract can't say of DynamoDB: what lies in the table, which calls are made, how cancellations are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from bot.aws import keys
from bot.aws.clients import AwsClients
from bot.aws.dynamodb import DynamoStore
from bot.aws.records import SCHEMA
from bot.domain.bulk import Bulk
from bot.domain.errors import Conflict, StoredByNewer, TryAgain
from bot.domain.invitation import RefusedAttempts
from bot.domain.page import Entry, Page, PageChange, Team
from bot.domain.request import Warnings
from bot.domain.vocabulary import State
from bot.ports.store import Change, Claim, Command
from tests.changed import changed
from tests.integration.records import (
    NOW,
    PARENT,
    a_client,
    a_full_client,
    a_full_page,
    a_full_page_change,
    a_full_request,
    a_page,
    a_page_change,
    a_request,
    a_team,
    an_app_home,
    an_audit,
    an_event,
    an_invitation,
)

EVERYTHING = Change(
    client=a_full_client(),
    requests=(a_full_request(), a_request(id="r2")),
    invitations=(an_invitation(),),
    event=an_event(),
    event_client_id="caaaaaaaaaa",
    claim=Claim("caaaaaaaaaa", PARENT, "222222222222", "switchyard-access", None),
    audits=(an_audit(), an_audit(action="second")),
)


@dataclass
class Wire:
    """The store, every operation it called, and answers put in place of the table's."""

    aws: AwsClients
    table: str
    operations: list[str] = field(default_factory=list)
    answers: list[Exception] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = DynamoStore(self.aws.dynamodb, self.table, sleep=self.slept.append)
        self.aws.dynamodb.meta.events.register("before-call", self._note)

    def _note(self, model: Any, **_: Any) -> None:
        self.operations.append(model.name)
        if self.answers:
            raise self.answers.pop(0)

    def items(self) -> list[dict[str, Any]]:
        return [dict(item) for item in self.aws.dynamodb.scan(TableName=self.table)["Items"]]


@pytest.fixture
def wire(aws: AwsClients, table: str) -> Wire:
    return Wire(aws, table)


def cancelled(*codes: str) -> ClientError:
    reasons = [{"Code": code} for code in codes]
    answer: Any = {
        "Error": {"Code": "TransactionCanceledException", "Message": "cancelled"},
        "CancellationReasons": reasons,
        "ResponseMetadata": {"HTTPStatusCode": 400},
    }
    return ClientError(answer, "TransactWriteItems")


def error(code: str, status: int = 400) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "Operation")


# What lies in the table


def test_a_step_is_one_transaction_without_reads(wire: Wire) -> None:
    wire.store.save(EVERYTHING)
    assert wire.operations == ["TransactWriteItems"]


@pytest.mark.safety("A block that could not be read lets nobody in", "bot/aws/dynamodb.py")
def test_what_the_table_has_no_time_to_read_is_not_taken_for_absent(wire: Wire) -> None:
    """A block that was not read would let a blocked account in."""
    left = {wire.table: {"Keys": [keys.key("account", "222222222222")]}}
    wire.aws.dynamodb.meta.events.register(
        "after-call.dynamodb.BatchGetItem", lambda parsed, **_: parsed.update(UnprocessedKeys=left)
    )
    with pytest.raises(TryAgain):
        wire.store.locate(PARENT, "222222222222", "switchyard-access")


def test_nothing_is_ever_scanned(wire: Wire) -> None:
    wire.store.save(EVERYTHING)
    wire.store.locate(PARENT, "222222222222", "switchyard-access")
    wire.store.invitation("a" * 64)
    wire.store.request("r1")
    wire.store.events("caaaaaaaaaa")
    wire.store.clients(5)
    wire.store.namesakes("Acme", 5)
    wire.store.due(NOW, 100)
    wire.store.audits("caaaaaaaaaa", 5)
    wire.store.refused_people("caaaaaaaaaa", 5)
    wire.store.invitations(NOW, 5)
    wire.store.refused_attempts(NOW, 5, invited=True)
    wire.store.asked_of("operators", 5)
    wire.store.pages("operators", [1])
    wire.store.due_work(NOW, 5)
    assert set(wire.operations) == {"TransactWriteItems", "BatchGetItem", "GetItem", "Query"}


def test_only_events_expire(wire: Wire) -> None:
    wire.store.save(EVERYTHING)
    expiring = {item["sk"]["S"].partition("#")[0]: item["expires_at"] for item in wire.items() if "expires_at" in item}
    a_year_on = {"N": str(int(NOW.timestamp()) + 365 * 24 * 3600)}
    assert expiring == {"event": a_year_on, "seen": a_year_on}


def test_only_what_has_to_be_listed_or_looked_after_is_in_an_index(wire: Wire) -> None:
    wire.store.save(EVERYTHING)
    wire.store.save(Change(requests=(a_request(id="r3", state=State.DENIED),)))
    listed = {item["sk"]["S"] for item in wire.items() if "gsi1pk" in item}
    due = {item["pk"]["S"] for item in wire.items() if "gsi2pk" in item}
    assert listed == {"client", "name", "invitation"}
    assert due == {"request#r1", "request#r2", "client#caaaaaaaaaa"}


def test_an_invitation_that_nobody_can_use_any_more_leaves_the_index(wire: Wire) -> None:
    for closed in ({"spent_at": NOW}, {"cancelled_at": NOW}, {"seat_of": "b" * 64}):
        wire.store.save(Change(invitations=(an_invitation(token_hash=str(len(wire.items())) * 64, **closed),)))
    assert [item for item in wire.items() if "gsi1pk" in item] == []


def test_refused_attempts_are_forgotten_after_a_month(wire: Wire) -> None:
    wire.store.count_refused(RefusedAttempts("333333333333", "", "no", NOW))
    [item] = wire.items()
    assert item["expires_at"] == {"N": str(int(NOW.timestamp()) + 30 * 24 * 3600)}


def test_a_command_is_forgotten_when_its_signature_counts_no_more(wire: Wire) -> None:
    wire.store.save(Change(command=Command("0" * 64, NOW)))
    [item] = wire.items()
    assert item["pk"] == {"S": f"command#{'0' * 64}"}
    assert item["expires_at"] == {"N": str(int(NOW.timestamp()) + 3600)}


def test_an_app_home_is_forgotten_an_hour_after_its_person_was_there(wire: Wire) -> None:
    wire.store.keep_app_home(an_app_home())
    wire.store.stay_at_home("U0ADA", NOW + timedelta(minutes=5))
    [item] = wire.items()
    assert item["expires_at"] == {"N": str(int(NOW.timestamp()) + 65 * 60)}
    assert wire.operations == ["UpdateItem", "UpdateItem", "Scan"]


def test_an_audit_is_never_written_over(wire: Wire) -> None:
    wire.store.save(Change(audits=(an_audit(),)))
    [audit] = wire.items()
    put: Any = {"TableName": wire.table, "Item": audit}
    seen: list[Any] = []
    wire.aws.dynamodb.meta.events.register("provide-client-params", lambda params, **_: seen.append(params))
    wire.store.save(Change(audits=(an_audit(action="another"),)))
    [part] = seen[0]["TransactItems"]
    put |= {key: part["Put"][key] for key in ("ConditionExpression",)}
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        wire.aws.dynamodb.put_item(**put)


def test_old_items_are_read_with_todays_defaults(wire: Wire) -> None:
    wire.store.save(Change(requests=(a_full_request(),)))
    [item] = wire.items()
    record = item["record"]["M"]
    for gone in ("presses", "decision", "warnings"):
        del record[gone]
    del record["attempt"]["M"]["removed_members"], record["deadlines"]["M"]["reminded_of"]
    item["record"]["M"]["of_yesterday"] = {"S": "unknown today"}
    wire.aws.dynamodb.put_item(TableName=wire.table, Item=item)
    expected = changed(a_full_request(), removed_members=(), presses=0, reminded_of=None, decision=None, version=1)
    expected = replace(expected, warnings=Warnings())
    assert wire.store.request("r1") == expected


@pytest.mark.safety("One unreadable record hides no others", "bot/aws/dynamodb.py")
def test_one_unreadable_request_does_not_hide_the_others_that_are_due(wire: Wire) -> None:
    wire.store.save(Change(requests=(a_request(id="r1"), a_request(id="r2"))))
    item = next(item for item in wire.items() if item["pk"]["S"] == "request#r1")
    item["record"]["M"]["state"] = {"S": "OF_TOMORROW"}
    wire.aws.dynamodb.put_item(TableName=wire.table, Item=item)
    assert [request.id for request in wire.store.due(NOW + timedelta(days=30), 100)] == ["r2"]


# Pages of teams


def test_a_team_and_what_waits_for_it_are_read_by_one_consistent_query(wire: Wire) -> None:
    wire.store.save(Change(teams=(a_team(),), asked=tuple(a_page_change(key=str(number)) for number in range(9))))
    wire.operations.clear()
    seen: list[Any] = []
    wire.aws.dynamodb.meta.events.register("provide-client-params", lambda params, **_: seen.append(params))
    assert len(wire.store.asked_of("operators", 9)[1]) == 9
    assert wire.operations == ["Query"]
    assert (seen[0]["ConsistentRead"], seen[0]["Limit"]) == (True, 10)


def test_a_hundred_pages_are_read_by_one_consistent_call_and_what_they_concern_by_few(wire: Wire) -> None:
    seen: list[Any] = []
    wire.aws.dynamodb.meta.events.register("provide-client-params", lambda params, **_: seen.append(params))
    wire.store.pages("operators", range(1, 101))
    assert wire.operations == ["BatchGetItem"]
    wire.store.pages("operators", range(1, 102))
    assert wire.operations == ["BatchGetItem"] * 3
    of_batch = [a_full_page_change(client_id=f"c{one}", request_id=f"r{one}", token_hash=f"{one}") for one in range(90)]
    wire.store.concerned(of_batch)
    assert wire.operations == ["BatchGetItem"] * 6
    assert {params["RequestItems"][wire.table]["ConsistentRead"] for params in seen} == {True}


@pytest.mark.safety("A page or record that was not read is not taken for missing", "bot/aws/dynamodb.py")
def test_what_a_batch_leaves_out_is_asked_for_again_until_it_takes_too_long(wire: Wire) -> None:
    """A page taken for missing would be made anew, without anybody on it."""
    wire.store.save(Change(pages=tuple(a_page(number=number) for number in (1, 2, 3)), client=a_client()))
    asked: list[Any] = []
    patience = 2

    def leave_out(params: Any, **_: Any) -> None:
        asked.append(params["RequestItems"][wire.table]["Keys"])

    def left_out(parsed: Any, **_: Any) -> None:
        """Answer with the first item alone, as long as the patience lasts."""
        if len(asked) <= patience:
            parsed["Responses"][wire.table] = parsed["Responses"][wire.table][:1]
            parsed["UnprocessedKeys"] = {wire.table: {"Keys": asked[-1][1:], "ConsistentRead": True}}

    wire.aws.dynamodb.meta.events.register("provide-client-params.dynamodb.BatchGetItem", leave_out)
    wire.aws.dynamodb.meta.events.register("after-call.dynamodb.BatchGetItem", left_out)
    assert wire.store.pages("operators", [1, 2, 3]).keys() == {1, 2, 3}
    assert [len(keys) for keys in asked] == [3, 2, 1]
    assert wire.slept == [0.05, 0.1]
    asked.clear()
    patience = 99
    with pytest.raises(TryAgain, match="Nothing was lost"):
        wire.store.pages("operators", range(1, 10))
    asked.clear()
    with pytest.raises(TryAgain):
        wire.store.concerned([a_full_page_change(client_id=f"c{one}") for one in range(9)])


def team_of(found: PageChange | Team) -> str:
    return found.name if isinstance(found, Team) else found.team


@pytest.mark.safety("One unreadable record hides no others", "bot/aws/dynamodb.py")
@pytest.mark.parametrize("hidden", ["page#operators#1", "team#operators"])
def test_one_unreadable_page_or_change_does_not_hide_the_others_that_are_due(wire: Wire, hidden: str) -> None:
    pages = tuple(a_page(number=number).sent(NOW) for number in (1, 2))
    wire.store.save(Change(pages=pages, asked=(a_page_change(), a_page_change(team="auditors"))))
    [item] = [item for item in wire.items() if item["pk"]["S"] == hidden]
    item["record"]["M"]["team"] = {"N": "7"}
    wire.aws.dynamodb.put_item(TableName=wire.table, Item=item)
    found = wire.store.due_work(NOW + timedelta(days=30), 100)
    assert not any(isinstance(one, Bulk) for one in found)
    names = [
        f"page#{one.team}#{one.number}" if isinstance(one, Page) else f"team#{team_of(one)}"
        for one in found
        if not isinstance(one, Bulk)
    ]
    assert {hidden, *names} == {"page#operators#1", "page#operators#2", "team#operators", "team#auditors"}
    assert len(names) == 3


@pytest.mark.safety("What is asked later does not overtake what can't be read", "bot/aws/dynamodb.py")
def test_a_change_that_can_not_be_read_is_not_overtaken(wire: Wire) -> None:
    """A later removal would be undone by it."""
    wire.store.save(Change(asked=(a_page_change(), a_page_change(asked_at=NOW + timedelta(seconds=1)))))
    item = wire.items()[0]
    item["record"]["M"]["schema"] = {"N": str(SCHEMA + 1)}
    wire.aws.dynamodb.put_item(TableName=wire.table, Item=item)
    with pytest.raises(StoredByNewer):
        wire.store.asked_of("operators", 9)


def test_a_full_page_with_as_many_changes_is_far_from_what_an_item_may_weigh(wire: Wire) -> None:
    """DynamoDB takes 400 KB (Developer Guide, "Constraints"). Here is the longest of everything."""
    role_arn = f"arn:aws:iam::222222222222:role/{'r' * 64}"
    ids = {"team": "t" * 20, "key": "t" * 20, "client_id": "c" * 11, "request_id": "r" * 17, "token": "r" * 20}
    change = a_full_page_change(**ids, role_arn=role_arn, was=role_arn, number=100, leaves=100)
    entries = (Entry(change.client_id, role_arn),) * 117
    page = a_full_page(team=change.team, batch=(change,) * 117, entries=entries, owed=entries)
    wire.store.save(Change(pages=(page,), asked=(change,)))
    weights = {item["sk"]["S"].partition("#")[0]: weight_of({"M": item}) for item in wire.items()}
    assert weights["change"] < 1024
    assert weights["page"] < 100 * 1024


def weight_of(attribute: dict[str, Any]) -> int:
    """Return the bytes of a value (Developer Guide, "DynamoDB item sizes and formats"), rounded up."""
    [(kind, value)] = attribute.items()
    if kind == "M":
        return 3 + sum(len(name) + 1 + weight_of(one) for name, one in value.items())
    if kind == "L":
        return 3 + sum(1 + weight_of(one) for one in value)
    return 1 if kind == "BOOL" else len(value.encode())


# Cancelled transactions


def test_a_record_another_transaction_holds_is_waited_for(wire: Wire) -> None:
    wire.answers = [cancelled("TransactionConflict"), cancelled("TransactionConflict")]
    wire.store.save(Change(requests=(a_request(),)))
    assert wire.store.request("r1") == a_request(version=1)
    assert len(wire.slept) == 2


def test_after_the_wait_the_winner_is_to_be_read(wire: Wire) -> None:
    wire.store.save(Change(requests=(a_request(),)))
    won = a_request(state=State.APPROVED, version=1)
    wire.store.save(Change(requests=(won,)))
    wire.answers = [cancelled("TransactionConflict")]
    with pytest.raises(Conflict):
        wire.store.save(Change(requests=(a_request(state=State.DENIED, version=1),)))
    assert wire.store.request("r1") == replace(won, version=2)


@pytest.mark.safety("Waiting for another transaction on the same record has an end", "bot/aws/dynamodb.py")
def test_the_wait_has_an_end(wire: Wire) -> None:
    wire.answers = [cancelled("None", "TransactionConflict")] * 10
    with pytest.raises(Conflict):
        wire.store.save(Change(requests=(a_request(),), audits=(an_audit(),)))
    assert wire.operations == ["TransactWriteItems"] * 4
    assert sum(wire.slept) < 1


def test_a_failed_condition_counts_before_a_held_record(wire: Wire) -> None:
    wire.answers = [cancelled("ConditionalCheckFailed", "None", "TransactionConflict")]
    with pytest.raises(Conflict) as caught:
        wire.store.save(Change(event=an_event(), event_client_id="caaaaaaaaaa", audits=(an_audit(),)))
    assert caught.value.duplicate
    assert not wire.slept


@pytest.mark.safety("A throttled transaction is for later", "bot/aws/dynamodb.py")
@pytest.mark.parametrize("code", ["ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_throttled_transaction_is_for_later(wire: Wire, code: str) -> None:
    wire.answers = [cancelled(code)]
    with pytest.raises(TryAgain):
        wire.store.save(Change(audits=(an_audit(),)))


@pytest.mark.safety("A mistake of ours is not taken for a conflict", "bot/aws/dynamodb.py")
@pytest.mark.parametrize("code", ["ValidationError", "ItemCollectionSizeLimitExceeded"])
def test_a_mistake_of_ours_is_not_hidden(wire: Wire, code: str) -> None:
    wire.answers = [cancelled(code)]
    with pytest.raises(ClientError):
        wire.store.save(Change(audits=(an_audit(),)))


OUTAGES = [
    error("ThrottlingException"),
    error("ProvisionedThroughputExceededException"),
    error("RequestLimitExceeded"),
    error("TransactionInProgressException"),
    error("InternalServerError", 500),
    error("ServiceUnavailable", 503),
    ConnectTimeoutError(endpoint_url="https://dynamodb"),
    ReadTimeoutError(endpoint_url="https://dynamodb"),
]


@pytest.mark.parametrize("outage", OUTAGES, ids=lambda one: str(one)[:60])
def test_an_outage_is_told_as_one_whatever_is_asked(wire: Wire, outage: Exception) -> None:
    asked: list[Callable[[], object]] = [
        lambda: wire.store.save(Change(audits=(an_audit(),))),
        lambda: wire.store.client("caaaaaaaaaa"),
        lambda: wire.store.locate(PARENT, "222222222222", "r"),
        lambda: wire.store.events("caaaaaaaaaa"),
        lambda: wire.store.due(NOW, 100),
        lambda: wire.store.clients(5),
        lambda: wire.store.asked_of("operators", 5),
        lambda: wire.store.pages("operators", [1]),
        lambda: wire.store.concerned([a_full_page_change()]),
        lambda: wire.store.due_work(NOW, 5),
    ]
    for ask in asked:
        wire.answers = [outage]
        with pytest.raises(TryAgain, match="Nothing was lost"):
            ask()


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException", "ValidationException"])
def test_a_wrong_deployment_is_no_outage(wire: Wire, code: str) -> None:
    wire.answers = [error(code)]
    with pytest.raises(ClientError, match=code):
        wire.store.client("caaaaaaaaaa")


@pytest.mark.safety("Reads before a decision are consistent", "bot/aws/dynamodb.py")
@pytest.mark.safety("Reads of events and audits are consistent", "bot/aws/dynamodb.py")
def test_reads_before_a_decision_are_consistent(wire: Wire) -> None:
    seen: list[Any] = []
    wire.aws.dynamodb.meta.events.register("provide-client-params", lambda params, **_: seen.append(params))
    wire.store.locate(PARENT, "222222222222", "r")
    wire.store.client("caaaaaaaaaa")
    wire.store.request("r1")
    wire.store.invitation("a" * 64)
    wire.store.events("caaaaaaaaaa")
    wire.store.audits("caaaaaaaaaa", 5)
    claims, *others = seen
    assert claims["RequestItems"][wire.table]["ConsistentRead"] is True
    assert [params["ConsistentRead"] for params in others] == [True] * 6


def test_a_stack_id_may_be_as_long_as_cloudformation_makes_it(wire: Wire) -> None:
    long = PARENT.replace("switchyard-access", "s" * 128)
    client = a_client(parent_stack_id=long)
    wire.store.save(Change(client=client, claim=Claim(client.id, long, "222222222222", "r" * 64, None)))
    assert wire.store.locate(long, "x", "y").client == replace(client, version=1)
