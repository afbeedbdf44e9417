"""Turns one Change into the parts of one `TransactWriteItems`, and reads from a cancelled one who came first."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Protocol

from bot.aws import keys
from bot.aws.messages import Raising, item_of
from bot.aws.records import Attributes, Record, from_stored, to_stored
from bot.domain.errors import Conflict, Replayed
from bot.domain.invitation import Invitation, RefusedAttempts, RefusedPerson
from bot.domain.message import stamp
from bot.domain.model import Account, Audit, Client, Event, GoneStack, Turn
from bot.domain.request import Request
from bot.ports.store import Change, Claim, Command

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

EVENTS_KEPT = timedelta(days=365)
ATTEMPTS_KEPT = timedelta(days=30)
COMMANDS_KEPT = timedelta(hours=1)
"""A signature counts for 5 minutes before and after its timestamp."""


class About(Enum):
    """What a part of the transaction concerns, to explain its failure."""

    COMMAND = auto()
    EVENT = auto()
    OTHER = auto()


@dataclass(frozen=True)
class Write:
    """A Put that happens only if `condition` holds."""

    item: Attributes
    condition: str = "attribute_not_exists(pk)"
    values: Attributes | None = None
    names: dict[str, str] | None = None
    about: About = About.OTHER

    def part(self, table: str) -> TransactWriteItemTypeDef:
        """Return the part of the transaction."""
        put: Any = {"TableName": table, "Item": self.item, "ConditionExpression": self.condition}
        if self.values:
            put["ExpressionAttributeValues"] = self.values
        if self.names:
            put["ExpressionAttributeNames"] = self.names
        return {"Put": put}


class Part(Protocol):
    """One part of a transaction."""

    def part(self, table: str) -> TransactWriteItemTypeDef: ...


def writes_of(change: Change) -> list[Part]:
    """Return everything that the change stores; what explains a conflict best comes first."""
    writes: list[Part] = []
    if change.command is not None:
        writes.append(_command(change.command))
    if change.event is not None:
        writes += _event(change.event, change.event_client_id)
    writes += [_request(request) for request in change.requests]
    for client in (change.client, *change.others):
        writes += _client(client) if client is not None else ()
    if change.account is not None:
        writes.append(_versioned(keys.account_key(change.account.id), change.account))
    writes += [_invitation(invitation) for invitation in change.invitations]
    if change.claim is not None:
        writes += _claim(change.claim)
    if change.turn is not None:
        writes.append(_versioned(keys.TURN, change.turn))
    if change.gone is not None:
        writes.append(_versioned(keys.gone_key(change.gone.parent_stack_id), change.gone))
    writes += _audits(change.audits)
    writes += [Write(item_of(message)) for message in change.messages]
    writes += [Raising(one) for one in change.raises]
    return writes


def conflict_of(writes: Sequence[Part], reasons: Sequence[dict[str, Any]]) -> Conflict | None:
    """Return who came first, when a condition failed; None when the transaction was cancelled for another reason."""
    answered = zip(writes, reasons, strict=True)
    failed = [write for write, reason in answered if reason.get("Code") == "ConditionalCheckFailed"]
    if not failed:
        return None
    about = [write.about for write in failed if isinstance(write, Write)]
    if About.COMMAND in about:
        raise Replayed("this signed command has come before")
    return Conflict(duplicate=About.EVENT in about)


def counted(attempt: RefusedAttempts) -> dict[str, Any]:
    """Return the `UpdateItem` arguments that add an attempt to earlier ones."""
    group = keys.REFUSED_INVITED if attempt.token_hash else keys.REFUSED
    expiry = int((attempt.last_at + ATTEMPTS_KEPT).timestamp())
    place = f"{stamp(attempt.last_at)}#{attempt.account_id}"
    update = _counted(attempt, keys.refused_key(attempt), group, place)
    update["UpdateExpression"] = update["UpdateExpression"].replace(" ADD ", ", expires_at = :expiry ADD ")
    update["ExpressionAttributeValues"][":expiry"] = {"N": str(expiry)}
    return update


def counted_person(refused: RefusedPerson) -> dict[str, Any]:
    """Return the `UpdateItem` arguments that add a refusal to earlier ones. It is kept for good, like an audit."""
    key = keys.refused_person_key(refused.client_id, refused.actor)
    place = f"{stamp(refused.last_at)}#{refused.actor}"
    return _counted(refused, key, keys.refused_people(refused.client_id), place)


def _counted(of: RefusedAttempts | RefusedPerson, key: Attributes, group: str, place: str) -> dict[str, Any]:
    return {
        "Key": key,
        "UpdateExpression": "SET #record = :record, gsi1pk = :group, gsi1sk = :place ADD #count :one",
        "ExpressionAttributeNames": {"#record": "record", "#count": "count"},
        "ExpressionAttributeValues": {
            ":record": to_stored(of),
            ":one": {"N": str(of.count)},
            **keys.texts(**{":group": group, ":place": place}),
        },
    }


def record(kind: type[Record], item: Attributes) -> Record:
    """Return the record in an item."""
    return from_stored(kind, item["record"]["M"])


def _recorded(of: Any) -> Attributes:
    return {"record": to_stored(of)}


def _versioned(item: Attributes, of: Account | Client | Request | Invitation | GoneStack | Turn) -> Write:
    item = item | _recorded(replace(of, version=of.version + 1))
    if of.version == 0:
        return Write(item)
    return Write(
        item,
        condition="#record.#version = :read",
        values={":read": {"N": str(of.version)}},
        names={"#record": "record", "#version": "version"},
    )


def _command(command: Command) -> Write:
    expiry: Attributes = {"expires_at": {"N": str(int((command.at + COMMANDS_KEPT).timestamp()))}}
    return Write(keys.command_key(command.mark) | expiry, about=About.COMMAND)


def _event(event: Event, client_id: str) -> Iterator[Write]:
    if not client_id:
        raise ValueError("an event needs the client it belongs to")
    expiry: Attributes = {"expires_at": {"N": str(int(event.timestamp.timestamp() + EVENTS_KEPT.total_seconds()))}}
    yield Write(keys.seen_key(client_id, event) | expiry, about=About.EVENT)
    yield Write(keys.event_key(client_id, event) | expiry | _recorded(event), about=About.EVENT)


def _request(request: Request) -> Write:
    item = keys.request_key(request.id)
    if request.due_at is not None:
        item |= keys.texts(gsi2pk=keys.DUE, gsi2sk=stamp(request.due_at))
    return _versioned(item, request)


def _client(client: Client) -> Iterator[Write]:
    place = keys.position(client)
    yield _versioned(keys.client_key(client.id) | keys.texts(gsi1pk=keys.CLIENTS, gsi1sk=place), client)
    group = keys.name_partition(client.company)
    yield _versioned(keys.name_key(client.id) | keys.texts(gsi1pk=group, gsi1sk=place), client)


def _invitation(invitation: Invitation) -> Write:
    item = keys.invitation_key(invitation.token_hash)
    if invitation.listed:
        place = f"{stamp(invitation.created_at)}#{invitation.token_hash}"
        item |= keys.texts(gsi1pk=keys.INVITATIONS, gsi1sk=place)
    return _versioned(item, invitation)


def _claim(claim: Claim) -> Iterator[Write]:
    mine: Attributes = {":mine": {"S": claim.client_id}}
    free = "attribute_not_exists(pk) OR client_id = :mine"
    owner = keys.texts(client_id=claim.client_id)
    yield Write(keys.stack_key(claim.parent_stack_id) | owner, condition=free, values=mine)
    if claim.role_owner is not None:
        free, mine = f"{free} OR client_id = :owner", mine | {":owner": {"S": claim.role_owner}}
    yield Write(keys.role_key(claim.account_id, claim.role_name) | owner, condition=free, values=mine)
    holder = keys.holder_key(claim.account_id, claim.role_name, claim.client_id)
    yield Write(
        holder | owner, condition="attribute_not_exists(pk) OR client_id = :mine", values={":mine": mine[":mine"]}
    )


def _audits(audits: Sequence[Audit]) -> Iterator[Write]:
    save_id = secrets.token_hex(4)
    for number, audit in enumerate(audits):
        yield Write(keys.audit_key(audit, f"{save_id}#{number:02}") | _recorded(audit))
