"""Messages in the table: raised without a condition, delivered by the Lambda that holds the lease.

`wanted` lies beside the map `record`, so that a transaction can add to it while Slack's confirmation is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.aws import keys
from bot.aws.records import Attributes, from_stored, to_stored
from bot.domain.message import Message, Raise, stamp

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_NAMES = {"#record": "record"}
_HOLDS = {"#held": "held_until", "#retry": "retry_at"}


def message_of(item: Attributes) -> Message:
    """Return the record in an item."""
    return from_stored(Message, item["record"]["M"] | {"wanted": item["wanted"]})


def item_of(message: Message) -> Attributes:
    """Return the item of a new message."""
    return keys.message_key(message.owner, message.place) | _facts(message) | _due(message.due_at)


@dataclass(frozen=True)
class Raising:
    """Adds one to the wanted revision of a message, whatever its delivery is doing."""

    asked: Raise

    def part(self, table: str) -> TransactWriteItemTypeDef:
        """Return the part of the transaction."""
        asked, held = self.asked, self.asked.held_until
        texts = {":at": stamp(asked.at), ":group": keys.DUE_MESSAGES, ":due": stamp(asked.due_at)}
        due, hold = "if_not_exists(gsi2sk, :due)", ""
        if asked.at_once:
            gone = "#record.#retry" if held is not None else "#record.#held, #record.#retry"
            due, hold = ":due", f"{'' if held is None else ', #record.#held = :held'} REMOVE {gone}"
            texts |= {":held": stamp(held)} if held is not None else {}
        update: Any = {
            "TableName": table,
            "Key": keys.message_key(asked.owner, asked.place),
            "UpdateExpression": f"SET #record.#at = :at, gsi2pk = :group, gsi2sk = {due}{hold} ADD wanted :one",
            "ConditionExpression": "attribute_exists(pk)",
            "ExpressionAttributeNames": _NAMES
            | {"#at": "wanted_at"}
            | ({"#held": "held_until", "#retry": "retry_at"} if hold else {}),
            "ExpressionAttributeValues": {":one": {"N": "1"}, **keys.texts(**texts)},
        }
        return {"Update": update}


def claiming(message: Message, now: datetime, until: datetime) -> dict[str, Any]:
    """Arguments of the `UpdateItem` that takes the lease, if nobody has it, and answers the item as it was."""
    return {
        "Key": keys.message_key(message.owner, message.place),
        "UpdateExpression": "SET #record.#lease = :until, gsi2pk = :group, gsi2sk = :until",
        "ConditionExpression": (
            "attribute_exists(pk) AND (attribute_not_exists(#record.#lease) OR #record.#lease <= :now)"
        ),
        "ExpressionAttributeNames": _NAMES | {"#lease": "lease_until"},
        "ExpressionAttributeValues": keys.texts(
            **{":until": stamp(until), ":now": stamp(now), ":group": keys.DUE_MESSAGES}
        ),
        "ReturnValues": "ALL_OLD",
    }


def keeping(message: Message, lease: datetime) -> dict[str, Any]:
    """Arguments of the `UpdateItem` that stores how far it is shown, if the lease is ours and nothing new is wanted."""
    due = _due(message.due_at)
    place = ", gsi2pk = :group, gsi2sk = :due" if due else " REMOVE gsi2pk, gsi2sk"
    values: Attributes = {
        ":record": _facts(message)["record"],
        ":wanted": {"N": str(message.wanted)},
        ":lease": {"S": stamp(lease)},
    }
    if due:
        values |= {":group": due["gsi2pk"], ":due": due["gsi2sk"]}
    return {
        "Key": keys.message_key(message.owner, message.place),
        "UpdateExpression": f"SET #record = :record{place}",
        "ConditionExpression": "#record.#lease = :lease AND wanted = :wanted",
        "ExpressionAttributeNames": _NAMES | {"#lease": "lease_until"},
        "ExpressionAttributeValues": values,
    }


def _facts(message: Message) -> Attributes:
    stored = to_stored(message)
    return {"wanted": stored["M"].pop("wanted"), "record": stored}


def _due(at: datetime | None) -> Attributes:
    return keys.texts(gsi2pk=keys.DUE_MESSAGES, gsi2sk=stamp(at)) if at is not None else {}
