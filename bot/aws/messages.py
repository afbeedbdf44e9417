"""Messages in the table: raised without a condition, delivered by the Lambda that holds the lease.

`wanted` lies beside the map `record`, so that a transaction can add to it while Slack's confirmation is stored.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.aws import keys
from bot.aws.records import Attributes, to_stored
from bot.domain.message import MOST_SHARED, Message, Raise, stamp

NAMES = {"#record": "record"}
"""For expressions: `record` is one of DynamoDB's reserved words."""


def item_of(message: Message) -> Attributes:
    """Return the item of a new message."""
    due = keys.place_in_time(keys.DUE_MESSAGES, message.due_at)
    return keys.key("messages", message.owner, sort=message.place) | _facts(message) | due


def raising(asked: Raise) -> dict[str, Any]:
    """Return the `Update` that adds one to the wanted revision of a message, whatever its delivery is doing.

    What it adds to the requests that the message shows is refused where there would be more than fit.
    """
    values = keys.values(at=stamp(asked.at), group=keys.DUE_MESSAGES, due=stamp(asked.due_at))
    due, sets, removes, there = "if_not_exists(gsi2sk, :due)", "", "", "attribute_exists(pk)"
    if asked.held_until is not None:
        sets = ", #record.held_until = :held"
        values |= keys.values(held=stamp(asked.held_until))
    if asked.at_once:
        due, removes = ":due", " REMOVE #record.retry_at" + ("" if sets else ", #record.held_until")
    if asked.adds:
        sets += ", #record.request_ids = list_append(#record.request_ids, :adds)"
        there += " AND size(#record.request_ids) <= :room"
        room = MOST_SHARED - len(asked.adds)
        values |= {":adds": {"L": [{"S": one} for one in asked.adds]}, ":room": {"N": str(room)}}
    return _update(
        asked,
        f"SET #record.wanted_at = :at, gsi2pk = :group, gsi2sk = {due}{sets}{removes} ADD wanted :one",
        there,
        values | {":one": {"N": "1"}},
    )


def claiming(message: Message, now: datetime, until: datetime) -> dict[str, Any]:
    """Return the `UpdateItem` that takes the lease, if nobody has it, and answers the item as it was."""
    free = "attribute_not_exists(#record.lease_until) OR #record.lease_until <= :now"
    update = _update(
        message,
        "SET #record.lease_until = :until, gsi2pk = :group, gsi2sk = :until",
        f"attribute_exists(pk) AND ({free})",
        keys.values(until=stamp(until), now=stamp(now), group=keys.DUE_MESSAGES),
    )
    return update | {"ReturnValues": "ALL_OLD"}


def keeping(message: Message, lease: datetime) -> dict[str, Any]:
    """Return the `UpdateItem` that stores how far it is shown, if the lease is ours and nothing new is wanted."""
    facts, due = _facts(message), " REMOVE gsi2pk, gsi2sk"
    values = {":record": facts["record"], ":wanted": facts["wanted"], **keys.values(lease=stamp(lease))}
    if message.due_at is not None:
        due = ", gsi2pk = :group, gsi2sk = :due"
        values |= keys.values(group=keys.DUE_MESSAGES, due=stamp(message.due_at))
    return _update(message, f"SET #record = :record{due}", "#record.lease_until = :lease AND wanted = :wanted", values)


def _update(of: Message | Raise, expression: str, condition: str, values: Attributes) -> dict[str, Any]:
    return {
        "Key": keys.key("messages", of.owner, sort=of.place),
        "UpdateExpression": expression,
        "ConditionExpression": condition,
        "ExpressionAttributeNames": NAMES,
        "ExpressionAttributeValues": values,
    }


def _facts(message: Message) -> Attributes:
    stored = to_stored(message)
    return {"wanted": stored["M"].pop("wanted"), "record": stored}
