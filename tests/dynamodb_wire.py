"""A table behind DynamoDB's own protocol, quick enough for thousands of runs: as much of it as the Store speaks.

Unlike moto it knows `ClientRequestToken`: a transaction that is sent again succeeds again and changes nothing
(docs.aws.amazon.com, "TransactWriteItems", Idempotency; ten minutes there, for ever here). What it does not understand,
it refuses. `tests/integration/test_store_contract.py` keeps it honest.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Attributes = dict[str, Any]
Answer = tuple[int, dict[str, Any]]
MOST_WRITES = 100
_RANGE = {None: "sk", "listing": "gsi1sk", "attention": "gsi2sk"}
_HASH = {None: "pk", "listing": "gsi1pk", "attention": "gsi2pk"}
_BETWEEN = re.compile(r"(\w+) BETWEEN (:\w+) AND (:\w+)")
_TERM = re.compile(r"(?P<key>\w+) (?P<how>=|>=|<=) (?P<value>:\w+)|begins_with\((?P<begun>\w+), (?P<prefix>:\w+)\)")
_COMPARED: dict[str, Callable[[str, str], bool]] = {"=": operator.eq, ">=": operator.ge, "<=": operator.le}


def refusal(code: str, message: str = "", status: int = 400, **more: Any) -> Answer:
    """An error as DynamoDB puts it."""
    return status, {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": message or code, **more}


def cancelled(*codes: str | dict[str, Any]) -> Answer:
    """A transaction that did not happen, with a reason for each of its parts."""
    reasons = [one if isinstance(one, dict) else {"Code": one} for one in codes]
    return refusal("TransactionCanceledException", "Transaction cancelled", CancellationReasons=reasons)


@dataclass
class WireTable:
    """The items by (pk, sk), and the transactions by token."""

    items: dict[tuple[str, str], Attributes] = field(default_factory=dict)
    done: dict[str, Any] = field(default_factory=dict)

    def answer(self, operation: str, asked: dict[str, Any]) -> Answer:
        """HTTP status and body."""
        match operation:
            case "GetItem":
                found = self.items.get(_place(asked["Key"]))
                return 200, {"Item": found} if found else {}
            case "Query":
                return 200, self._query(asked)
            case "UpdateItem":
                return 200, self._update(asked)
            case "TransactWriteItems":
                return self._transact(asked)
        return refusal("UnknownOperationException")

    def _transact(self, asked: dict[str, Any]) -> Answer:
        token, parts = asked["ClientRequestToken"], [part["Put"] for part in asked["TransactItems"]]
        if token in self.done:
            return (200, {}) if self.done[token] == parts else refusal("IdempotentParameterMismatchException")
        places = [_place(put["Item"]) for put in parts]
        if len(set(places)) < len(places) or len(places) > MOST_WRITES:
            return refusal("ValidationException", "Transaction request cannot include multiple operations on one item")
        reasons = [self._reason(put) for put in parts]
        if any(one["Code"] != "None" for one in reasons):
            return cancelled(*reasons)
        self.items.update(zip(places, (put["Item"] for put in parts), strict=True))
        self.done[token] = parts
        return 200, {}

    def _reason(self, put: dict[str, Any]) -> dict[str, Any]:
        stored = self.items.get(_place(put["Item"]), {})
        if any(_holds(term, stored, put) for term in put["ConditionExpression"].split(" OR ")):
            return {"Code": "None"}
        shown = {"Item": stored} if put.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and stored else {}
        return {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed", **shown}

    def _query(self, asked: dict[str, Any]) -> dict[str, Any]:
        index = asked.get("IndexName")
        ranged, terms = (
            _RANGE[index],
            _BETWEEN.sub(r"\1 >= \2 AND \1 <= \3", asked["KeyConditionExpression"]).split(" AND "),
        )
        found = [one for one in self.items.values() if _HASH[index] in one and _matches(one, terms, asked)]
        backwards = not asked.get("ScanIndexForward", True)

        def order(item: Attributes) -> tuple[str, str, str]:
            return _text(item, ranged), *_place(item)

        found.sort(key=order, reverse=backwards)
        if after := asked.get("ExclusiveStartKey"):
            beyond = operator.lt if backwards else operator.gt
            found = [one for one in found if beyond(order(one), order(after))]
        page = found[: asked.get("Limit")]
        names = ("pk", "sk", _HASH[index], ranged)
        last = {"LastEvaluatedKey": {name: page[-1][name] for name in names}} if len(page) < len(found) else {}
        return {"Items": page, "Count": len(page), **last}

    def _update(self, asked: dict[str, Any]) -> dict[str, Any]:
        """`SET name = :value, … ADD name :number`."""
        names, values = asked.get("ExpressionAttributeNames", {}), asked["ExpressionAttributeValues"]
        setting, _, adding = asked["UpdateExpression"].removeprefix("SET ").partition(" ADD ")
        item = dict(self.items.get(_place(asked["Key"]), asked["Key"]))
        for name, value in (one.split(" = ") for one in setting.split(", ")):
            item[names.get(name, name)] = values[value]
        name, value = adding.split()
        counted = int(item.get(names.get(name, name), {"N": "0"})["N"]) + int(values[value]["N"])
        item[names.get(name, name)] = {"N": str(counted)}
        self.items[_place(asked["Key"])] = item
        return {}


def _place(item: Attributes) -> tuple[str, str]:
    return _text(item, "pk"), _text(item, "sk")


def _text(item: Attributes, name: str) -> str:
    return str(item[name]["S"])


def _holds(term: str, stored: Attributes, put: dict[str, Any]) -> bool:
    if term == "attribute_not_exists(pk)":
        return not stored
    path, value = term.split(" = ")
    names, found = put.get("ExpressionAttributeNames", {}), {"M": stored}
    for step in path.split("."):
        found = found.get("M", {}).get(names.get(step, step), {})
    return bool(found == put["ExpressionAttributeValues"][value])


def _matches(item: Attributes, terms: list[str], asked: dict[str, Any]) -> bool:
    values = asked["ExpressionAttributeValues"]
    for term in terms:
        read = _TERM.fullmatch(term)
        if read is None:
            raise ValueError(f"not understood: {term}")
        if read["begun"]:
            held = _text(item, read["begun"]).startswith(values[read["prefix"]]["S"])
        else:
            held = _COMPARED[read["how"]](_text(item, read["key"]), values[read["value"]]["S"])
        if not held:
            return False
    return True
