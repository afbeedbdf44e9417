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


def keeping(home: AppHome) -> dict[str, Any]:
    """Return the `UpdateItem` that stores it in place of whatever was known of this person's Home."""
    return {
        "Key": keys.app_home(home.user_id),
        "UpdateExpression": "SET #record = :record, expires_at = :expiry, gsi2pk = :group, gsi2sk = :due",
        "ExpressionAttributeNames": NAMES,
        "ExpressionAttributeValues": {":record": to_stored(home), **_place(home.seen_at)},
    }


def staying(user_id: str, now: datetime) -> dict[str, Any]:
    """Return the `UpdateItem` that stores that the person was there just now, where their Home is known."""
    return {
        "Key": keys.app_home(user_id),
        "UpdateExpression": "SET #record.seen_at = :now, expires_at = :expiry, gsi2pk = :group, "
        "gsi2sk = if_not_exists(gsi2sk, :due)",
        "ConditionExpression": "attribute_exists(pk)",
        "ExpressionAttributeNames": NAMES,
        "ExpressionAttributeValues": keys.values(now=stamp(now)) | _place(now),
    }


def claiming(user_id: str, now: datetime) -> dict[str, Any]:
    """Return the `UpdateItem` that puts off the refresh, if it is due. It answers the item as it was."""
    return {
        "Key": keys.app_home(user_id),
        "UpdateExpression": "SET gsi2sk = :due",
        "ConditionExpression": "gsi2sk <= :now",
        "ExpressionAttributeValues": keys.values(now=stamp(now), due=stamp(next_refresh(now))),
        "ReturnValues": "ALL_OLD",
    }


def renewing(home: AppHome, over: str) -> dict[str, Any]:
    """Return the `UpdateItem` that stores what a refresh has published, in place of what it was made from."""
    return {
        "Key": keys.app_home(home.user_id),
        "UpdateExpression": "SET #record.digest = :digest, #record.#hash = :hash",
        "ConditionExpression": "#record.#hash = :over",
        "ExpressionAttributeNames": NAMES | {"#hash": "hash"},
        "ExpressionAttributeValues": keys.values(digest=home.digest, hash=home.hash, over=over),
    }


def leaving(home: AppHome) -> dict[str, Any]:
    """Return the `UpdateItem` that takes it out of the index, as long as nobody was there again."""
    return {
        "Key": keys.app_home(home.user_id),
        "UpdateExpression": "REMOVE gsi2pk, gsi2sk",
        "ConditionExpression": "#record.#hash = :hash AND #record.seen_at = :seen_at",
        "ExpressionAttributeNames": NAMES | {"#hash": "hash"},
        "ExpressionAttributeValues": keys.values(hash=home.hash, seen_at=stamp(home.seen_at)),
    }


def _place(seen_at: datetime) -> dict[str, Any]:
    """Return when it may be refreshed for somebody who was there then, and when it is forgotten."""
    expiry = {":expiry": {"N": str(int((seen_at + KEPT).timestamp()))}}
    return expiry | keys.values(group=keys.DUE_HOMES, due=stamp(next_refresh(seen_at)))
