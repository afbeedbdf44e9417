"""App Homes in the table: each is overwritten by whoever opens it, and by a refresh only over what it was made from."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.aws import keys
from bot.aws.messages import NAMES
from bot.aws.records import to_stored
from bot.domain.app_home import AppHome, next_refresh
from bot.domain.message import stamp

KEPT = timedelta(hours=1)
"""Time after which DynamoDB may delete the record, counted from when the person was there."""


def keeping(home: AppHome, due: datetime | None, over: str | None) -> dict[str, Any]:
    """Return the `UpdateItem` that stores it; with `over`, only in place of the record with this `hash`."""
    values = {":record": to_stored(home), ":expiry": _expiry(home.seen_at)}
    values |= keys.values(group=keys.DUE_HOMES, due=stamp(due)) if due else {}
    values |= keys.values(over=over) if over is not None else {}
    place = ", gsi2pk = :group, gsi2sk = :due" if due else " REMOVE gsi2pk, gsi2sk"
    return {
        "Key": keys.app_home(home.user_id),
        "UpdateExpression": f"SET #record = :record, expires_at = :expiry{place}",
        "ExpressionAttributeNames": NAMES | ({"#hash": "hash"} if over is not None else {}),
        "ExpressionAttributeValues": values,
        **({"ConditionExpression": "#record.#hash = :over"} if over is not None else {}),
    }


def staying(user_id: str, now: datetime) -> dict[str, Any]:
    """Return the `UpdateItem` that stores that the person was there just now, where their Home is known."""
    texts = keys.values(now=stamp(now), group=keys.DUE_HOMES, due=stamp(next_refresh(now)))
    return {
        "Key": keys.app_home(user_id),
        "UpdateExpression": "SET #record.seen_at = :now, expires_at = :expiry, gsi2pk = :group, "
        "gsi2sk = if_not_exists(gsi2sk, :due)",
        "ConditionExpression": "attribute_exists(pk)",
        "ExpressionAttributeNames": NAMES,
        "ExpressionAttributeValues": texts | {":expiry": _expiry(now)},
    }


def claiming(user_id: str, now: datetime, due: datetime) -> dict[str, Any]:
    """Return the `UpdateItem` that puts off the refresh, if it is due. It answers the item as it was."""
    return {
        "Key": keys.app_home(user_id),
        "UpdateExpression": "SET gsi2sk = :due",
        "ConditionExpression": "gsi2sk <= :now",
        "ExpressionAttributeValues": keys.values(now=stamp(now), due=stamp(due)),
        "ReturnValues": "ALL_OLD",
    }


def _expiry(seen_at: datetime) -> dict[str, str]:
    return {"N": str(int((seen_at + KEPT).timestamp()))}
