"""Judges IAM policy documents as AWS does, as far as the examples in docs/examples need it.

IAM User Guide, "Policy evaluation logic" and "IAM JSON policy elements: Condition operators": an explicit Deny wins;
several operators must all hold; a negated operator with several values holds when none of them matches; an operator on
a key that the request lacks does not hold, unless it is negated or ends in IfExists.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

Statement = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """One request: what is done to what, and what AWS knows about it."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


def denied(statements: list[Statement], asked: Asked) -> bool:
    """Whether a Deny stands in the way."""
    return any(one["Effect"] == "Deny" and _applies(one, asked) for one in statements)


def allowed(statements: list[Statement], asked: Asked) -> bool:
    """Whether an Allow lets it through, and no Deny stands in the way."""
    lets = any(one["Effect"] == "Allow" and _applies(one, asked) for one in statements)
    return lets and not denied(statements, asked)


def listed(value: Any) -> list[Any]:
    """One or several, as policies may have it."""
    return value if isinstance(value, list) else [value]


def _applies(statement: Statement, asked: Asked) -> bool:
    assert set(statement) <= {"Sid", "Effect", "Action", "Resource", "Condition"}, "this judge knows no other element"
    acts = any(fnmatchcase(asked.action.lower(), one.lower()) for one in listed(statement["Action"]))
    about = any(fnmatchcase(asked.resource, one) for one in listed(statement["Resource"]))
    conditions = statement.get("Condition", {}).items()
    return acts and about and all(_holds(operator, keys, asked.context) for operator, keys in conditions)


def _holds(operator: str, keys: Mapping[str, Any], context: Mapping[str, str]) -> bool:
    return all(_holds_for(operator, context.get(key), listed(values)) for key, values in keys.items())


def _holds_for(operator: str, found: str | None, values: list[str]) -> bool:
    match operator:
        case "ArnLike":
            return found is not None and any(fnmatchcase(found, one) for one in values)
        case "ArnNotLike":
            return found is None or not any(fnmatchcase(found, one) for one in values)
        case "ArnNotEquals":
            return found is None or found not in values
        case "StringEquals":
            return found in values
        case "StringNotEquals":
            return found is None or found not in values
        case "Bool":
            return found in values
        case "BoolIfExists":
            return found is None or found in values
    raise AssertionError(f"this judge does not know {operator}")
