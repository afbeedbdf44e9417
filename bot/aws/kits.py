"""Teams' kits in the table: raised without a condition, renewed by the Lambda that holds the lease.

`wanted` lies beside the map `record`, so that a transaction can add to it while somebody renews.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.aws import keys
from bot.aws.messages import NAMES
from bot.aws.records import Attributes, to_stored
from bot.domain.message import stamp
from bot.domain.team_kit import KitChange, TeamKit


def raising(changed: KitChange) -> dict[str, Any]:
    """Return the `Update` that adds one to what is wanted of a kit, whether or not there is one, whoever renews it."""
    facts = _facts(TeamKit(changed.team))
    values = {":record": facts["record"], ":one": {"N": "1"}}
    values |= keys.values(group=keys.DUE_KITS, due=stamp(changed.due_at))
    return {
        "Key": keys.kit(changed.team),
        "UpdateExpression": "SET #record = if_not_exists(#record, :record), gsi2pk = :group, "
        "gsi2sk = if_not_exists(gsi2sk, :due) ADD wanted :one",
        "ExpressionAttributeNames": NAMES,
        "ExpressionAttributeValues": values,
    }


def claiming(team: str, now: datetime, until: datetime) -> dict[str, Any]:
    """Return the `UpdateItem` that takes the lease, if nobody has it and there is something to renew.

    What is to be renewed has a place in the index. It answers the item as it was.
    """
    free = "attribute_not_exists(#record.lease_until) OR #record.lease_until <= :now"
    return {
        "Key": keys.kit(team),
        "UpdateExpression": "SET #record.lease_until = :until, gsi2pk = :group, gsi2sk = :until",
        "ConditionExpression": f"attribute_exists(gsi2pk) AND ({free})",
        "ExpressionAttributeNames": NAMES,
        "ExpressionAttributeValues": keys.values(until=stamp(until), now=stamp(now), group=keys.DUE_KITS),
        "ReturnValues": "ALL_OLD",
    }


def keeping(kit: TeamKit, lease: datetime) -> dict[str, Any]:
    """Return the `UpdateItem` that stores it as renewed, if the lease is ours and nothing new is wanted."""
    facts = _facts(kit)
    values = {":record": facts["record"], ":wanted": facts["wanted"], **keys.values(lease=stamp(lease))}
    return {
        "Key": keys.kit(kit.team),
        "UpdateExpression": "SET #record = :record REMOVE gsi2pk, gsi2sk",
        "ConditionExpression": "#record.lease_until = :lease AND wanted = :wanted",
        "ExpressionAttributeNames": NAMES,
        "ExpressionAttributeValues": values,
    }


def _facts(kit: TeamKit) -> Attributes:
    stored = to_stored(kit)
    return {"wanted": stored["M"].pop("wanted"), "record": stored}
