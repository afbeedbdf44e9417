"""A table behind DynamoDB's own protocol, quick enough for thousands of runs: as much of it as the Store speaks.

Unlike moto it knows `ClientRequestToken`: a transaction that is sent again succeeds again and changes nothing
(docs.aws.amazon.com, "TransactWriteItems", Idempotency; ten minutes there, for ever here). What it does not understand,
it refuses. `tests/integration/test_store_contract.py` keeps it honest.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from threading import Lock
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
    one_at_a_time: Lock = field(default_factory=Lock)
    """As DynamoDB keeps writers of one item apart."""

    def copy(self) -> WireTable:
        """Return a table that goes its own way. Items are never changed in place."""
        return WireTable(dict(self.items), dict(self.done))

    def answer(self, operation: str, asked: dict[str, Any]) -> Answer:
        """HTTP status and body."""
        with self.one_at_a_time:
            return self._answer(operation, asked)

    def _answer(self, operation: str, asked: dict[str, Any]) -> Answer:
        match operation:
            case "GetItem":
                found = self.items.get(_place(asked["Key"]))
                return 200, {"Item": found} if found else {}
            case "BatchGetItem":
                [(table, wanted)] = asked["RequestItems"].items()
                places = [_place(key) for key in wanted["Keys"]]
                there = [self.items[place] for place in places if place in self.items]
                return 200, {"Responses": {table: there}, "UnprocessedKeys": {}}
            case "Query":
                return 200, self._query(asked)
            case "UpdateItem":
                return self._update(asked)
            case "TransactWriteItems":
                return self._transact(asked)
        return refusal("UnknownOperationException")

    def _transact(self, asked: dict[str, Any]) -> Answer:
        token, parts = asked["ClientRequestToken"], [next(iter(part.values())) for part in asked["TransactItems"]]
        if token in self.done:
            return (200, {}) if self.done[token] == parts else refusal("IdempotentParameterMismatchException")
        places = [_place(part.get("Item") or part["Key"]) for part in parts]
        if len(set(places)) < len(places) or len(places) > MOST_WRITES:
            return refusal("ValidationException", "Transaction request cannot include multiple operations on one item")
        reasons = [self._reason(part) for part in parts]
        if any(one["Code"] != "None" for one in reasons):
            return cancelled(*reasons)
        for place, part in zip(places, parts, strict=True):
            if "Item" in part:
                self.items[place] = part["Item"]
            elif "UpdateExpression" in part:
                self.items[place] = _updated(self.items.get(place) or part["Key"], part)
            else:
                self.items.pop(place, None)
        self.done[token] = parts
        return 200, {}

    def _reason(self, part: dict[str, Any]) -> dict[str, Any]:
        stored = self.items.get(_place(part.get("Item") or part["Key"]), {})
        if _allowed(part.get("ConditionExpression", ""), stored, part):
            return {"Code": "None"}
        shown = {"Item": stored} if part.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and stored else {}
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
        return {"Items": projected(page, asked), "Count": len(page), **last}

    def _update(self, asked: dict[str, Any]) -> Answer:
        before = self.items.get(_place(asked["Key"]), {})
        if not _allowed(asked.get("ConditionExpression", ""), before, asked):
            return refusal("ConditionalCheckFailedException", "The conditional request failed")
        self.items[_place(asked["Key"])] = _updated(before or asked["Key"], asked)
        return 200, {"Attributes": before} if asked.get("ReturnValues") == "ALL_OLD" else {}


def projected(items: list[Attributes], asked: dict[str, Any]) -> list[Attributes]:
    """The items with the one attribute that is asked for, or whole."""
    only = asked.get("ProjectionExpression")
    return [{only: item[only]} for item in items] if only else items


def _updated(item: Attributes, asked: dict[str, Any]) -> Attributes:
    """`SET path = :value | if_not_exists(name, :value) | list_append(path, :value), … REMOVE path, …, and ADD."""
    item, values = deepcopy(item), asked["ExpressionAttributeValues"]
    verbs = re.split(r" ?\b(SET|REMOVE|ADD) ", asked["UpdateExpression"])[1:]
    clauses = dict(zip(verbs[::2], verbs[1::2], strict=True))
    for path, value in (one.split(" = ") for one in re.split(r", (?=[#\w.]+ = )", clauses.get("SET", "")) if one):
        within, name = _inside(item, path, asked)
        default = re.fullmatch(r"if_not_exists\((#?\w+), (:\w+)\)", value)
        longer = re.fullmatch(rf"list_append\({re.escape(path)}, (:\w+)\)", value)
        if longer:
            within[name] = {"L": within[name]["L"] + values[longer[1]]["L"]}
        elif default:
            holding, kept = _inside(item, default[1], asked)
            within[name] = holding.get(kept, values[default[2]])
        else:
            within[name] = values[value]
    for path in filter(None, clauses.get("REMOVE", "").split(", ")):
        within, name = _inside(item, path, asked)
        within.pop(name, None)
    for path, value in (one.split() for one in filter(None, clauses.get("ADD", "").split(", "))):
        within, name = _inside(item, path, asked)
        within[name] = {"N": str(int(within.get(name, {"N": "0"})["N"]) + int(values[value]["N"]))}
    return item


def _inside(item: Attributes, path: str, asked: dict[str, Any]) -> tuple[Attributes, str]:
    """The map that holds the last step of the path, and that step's name."""
    names, within = asked.get("ExpressionAttributeNames", {}), item
    *steps, last = (names.get(step, step) for step in path.split("."))
    for step in steps:
        within = within[step]["M"]
    return within, last


def _place(item: Attributes) -> tuple[str, str]:
    return _text(item, "pk"), _text(item, "sk")


def _text(item: Attributes, name: str) -> str:
    return str(item[name]["S"])


def _allowed(condition: str, stored: Attributes, asked: dict[str, Any]) -> bool:
    """`term OR term`, or `term AND (term OR term)`."""
    groups = [one[1:-1] if one.startswith("(") else one for one in condition.split(" AND ") if one]
    return all(any(_holds(term, stored, asked) for term in group.split(" OR ")) for group in groups)


def _holds(term: str, stored: Attributes, asked: dict[str, Any]) -> bool:
    read = re.fullmatch(r"attribute_(not_)?exists\((.+)\)", term) or re.fullmatch(r"(.+) (=|<=) (:\w+)", term)
    if read is None:
        raise ValueError(f"not understood: {term}")
    path = read[2] if term.startswith("attribute_") else read[1].removeprefix("size(").removesuffix(")")
    names, found = asked.get("ExpressionAttributeNames", {}), dict[str, Any](M=stored)
    for step in str(path).split("."):
        found = found.get("M", {}).get(names.get(step, step), {})
    if term.startswith("attribute_"):
        return bool(found) is not bool(read[1])
    value = asked["ExpressionAttributeValues"][read[3]]
    if term.startswith("size("):
        return "L" in found and len(found["L"]) <= int(value["N"])
    return bool(found == value) if read[2] == "=" else bool(found) and _COMPARED["<="](found["S"], value["S"])


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
