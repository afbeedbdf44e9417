"""Turns one Change into the parts of one `TransactWriteItems`, and reads from a cancelled one who came first."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Union

from bot.aws import keys, kits
from bot.aws.messages import NAMES, item_of, raising
from bot.aws.records import Attributes, to_stored
from bot.domain.errors import Conflict, Replayed
from bot.domain.invitation import Invitation, RefusedAttempts, RefusedPerson
from bot.domain.message import stamp
from bot.domain.model import Account, Audit, Client, Event, GoneStack
from bot.domain.page import Page, PageChange, Team
from bot.domain.request import Request
from bot.domain.spelling import company_key
from bot.ports.store import Change, Claim, Indexed, Turn

if TYPE_CHECKING:
    from bot.domain.bulk import Bulk

EVENTS_KEPT = timedelta(days=365)
ATTEMPTS_KEPT = timedelta(days=30)
COMMANDS_KEPT = timedelta(hours=1)
"""A signature counts for 5 minutes before and after its timestamp."""

Part = dict[str, Any]
"""One part of a transaction, still without its table."""
Versioned = Union[Account, "Bulk", Client, GoneStack, Invitation, Page, Request, Team, Turn]


def parts_of(change: Change) -> list[Part]:
    """Return everything that the change stores."""
    parts: list[Part] = []
    if change.command is not None:
        mark = keys.key("command", change.command.mark)
        parts.append(_put(mark | _expiry(change.command.at, COMMANDS_KEPT)))
    if change.event is not None:
        parts += _event(change.event, change.event_client_id)
    parts += [_request(request) for request in change.requests]
    for indexed in change.indexed:
        parts += _client(indexed.client)
        parts += _words(indexed)
    if change.account is not None:
        parts.append(_versioned(keys.key("account", change.account.id), change.account))
    parts += [_invitation(invitation) for invitation in change.invitations]
    if change.claim is not None:
        parts += _claim(change.claim)
    if change.turn is not None:
        parts.append(_versioned(keys.key("turn"), change.turn))
    if change.gone is not None:
        parts.append(_versioned(keys.key("stack", change.gone.parent_stack_id, sort="gone"), change.gone))
    parts += _audits(change.audits)
    parts += [_put(item_of(message)) for message in change.messages]
    parts += [{"Update": raising(one)} for one in change.raised]
    parts += [{"Update": kits.raising(one)} for one in change.kits]
    parts += [_team(team) for team in change.teams]
    parts += [_page(page) for page in change.pages]
    parts += [_asked(asked) for asked in change.asked]
    parts += [_no_longer(packed) for packed in change.packed]
    parts += [_bulk(bulk) for bulk in change.bulks]
    return parts


def conflict_of(parts: Sequence[Part], reasons: Sequence[dict[str, Any]]) -> Conflict | None:
    """Return who came first, when a condition failed; None when the transaction was cancelled for another reason.

    Raises Replayed when it was the command, whatever else failed.
    """
    answered = zip(parts, reasons, strict=True)
    failed = [part for part, reason in answered if reason.get("Code") == "ConditionalCheckFailed"]
    new = {part["Put"]["Item"]["sk"]["S"].partition("#")[0] for part in failed if "Put" in part}
    if "command" in new:
        raise Replayed("this signed command has come before")
    return Conflict(duplicate=bool(new & {"event", "seen"})) if failed else None


def counted(refused: RefusedAttempts | RefusedPerson) -> dict[str, Any]:
    """Return the `UpdateItem` that adds a refusal to earlier ones. A person's is kept for good, like an audit."""
    expiry: Attributes = {}
    if isinstance(refused, RefusedPerson):
        group, who = keys.partition("refused", refused.client_id), refused.actor
        key = keys.key("refused", refused.client_id, sort=f"person#{who}")
    else:
        group, who = keys.REFUSED_INVITED if refused.token_hash else keys.REFUSED, refused.account_id
        key = keys.key("refused", who, sort=f"invitation#{refused.token_hash}")
        expiry = _expiry(refused.last_at, ATTEMPTS_KEPT)
    facts = expiry | keys.texts(gsi1pk=group, gsi1sk=f"{stamp(refused.last_at)}#{who}") | {"record": to_stored(refused)}
    return {
        "Key": key,
        "UpdateExpression": f"SET {', '.join(f'#{name} = :{name}' for name in facts)} ADD #count :count",
        "ExpressionAttributeNames": {f"#{name}": name for name in (*facts, "count")},
        "ExpressionAttributeValues": {
            **{f":{name}": value for name, value in facts.items()},
            ":count": {"N": str(refused.count)},
        },
    }


def _put(item: Attributes, condition: str = "attribute_not_exists(pk)", **expression: Any) -> Part:
    """Return a Put that happens only if the condition holds; `expression` has its names and values."""
    return {"Put": {"Item": item, "ConditionExpression": condition, **expression}}


def _versioned(item: Attributes, of: Versioned) -> Part:
    item = item | {"record": to_stored(replace(of, version=of.version + 1))}
    if of.version == 0:
        return _put(item)
    read: Attributes = {":read": {"N": str(of.version)}}
    return _put(item, "#record.version = :read", ExpressionAttributeValues=read, ExpressionAttributeNames=NAMES)


def _expiry(since: datetime, kept: timedelta) -> Attributes:
    return {"expires_at": {"N": str(int(since.timestamp() + kept.total_seconds()))}}


def _event(event: Event, client_id: str) -> Iterator[Part]:
    if not client_id:
        raise ValueError("an event needs the client it belongs to")
    digest, expiry = keys.digest(event.key), _expiry(event.timestamp, EVENTS_KEPT)
    yield _put(keys.key("client", client_id, sort=f"seen#{digest}") | expiry)
    key = keys.key("client", client_id, sort=f"{keys.EVENT}{stamp(event.timestamp)}#{digest}")
    yield _put(key | expiry | {"record": to_stored(event)})


def _request(request: Request) -> Part:
    return _versioned(keys.key("request", request.id) | keys.place_in_time(keys.DUE, request.due_at), request)


def _client(client: Client) -> Iterator[Part]:
    """Yield the client twice, so that it is listed four times: among all, by name, by standing and by level."""
    name = keys.partition("name", company_key(client.company))
    yield _listed("client", client, keys.CLIENTS, keys.standing(client.standing))
    yield _listed("name", client, name, keys.level(client.gives.access_level))


def _listed(sort: str, client: Client, listing: str, attention: str) -> Part:
    place = keys.position(client)
    listed = keys.texts(gsi1pk=listing, gsi1sk=place, gsi2pk=attention, gsi2sk=place)
    return _versioned(keys.key("client", client.id, sort=sort) | listed, client)


def _words(indexed: Indexed) -> Iterator[Part]:
    """Yield the client's words as they change. They hold nothing that could be lost, so that no version guards them."""
    for word in indexed.added:
        yield {"Put": {"Item": keys.word_item(indexed.client, word)}}
    for word in indexed.gone:
        yield {"Delete": {"Key": keys.word(indexed.client.id, word)}}


def _invitation(invitation: Invitation) -> Part:
    item = keys.key("invitation", invitation.token_hash)
    if invitation.listed:
        place = f"{stamp(invitation.created_at)}#{invitation.token_hash}"
        item |= keys.texts(gsi1pk=keys.INVITATIONS, gsi1sk=place)
    return _versioned(item, invitation)


def _claim(claim: Claim) -> Iterator[Part]:
    owner, mine = keys.texts(client_id=claim.client_id), keys.values(mine=claim.client_id)
    free, role = "attribute_not_exists(pk) OR client_id = :mine", ("role", claim.account_id, claim.role_name)
    yield _put(keys.key("stack", claim.parent_stack_id, sort="claim") | owner, free, ExpressionAttributeValues=mine)
    yield _put(keys.key(*role, sort=f"holder#{claim.client_id}") | owner, free, ExpressionAttributeValues=mine)
    if claim.role_owner is not None:
        free, mine = f"{free} OR client_id = :owner", mine | keys.values(owner=claim.role_owner)
    yield _put(keys.key(*role, sort="claim") | owner, free, ExpressionAttributeValues=mine)


def _team(team: Team) -> Part:
    due = keys.place_in_time(keys.DUE_PAGES, team.due_at)
    return _versioned(keys.key("team", team.name, sort=keys.BOOK) | due, team)


def _page(page: Page) -> Part:
    return _versioned(keys.page(page.team, page.number) | keys.place_in_time(keys.DUE_PAGES, page.due_at), page)


def _bulk(bulk: Bulk) -> Part:
    return _versioned(keys.bulk(bulk.name) | keys.place_in_time(keys.DUE_PAGES, bulk.due_at), bulk)


def _asked(change: PageChange) -> Part:
    """Return the Put of a change that waits. Whoever records the end of a step again asks for the next one again."""
    due = keys.place_in_time(keys.DUE_CHANGES, change.due_at)
    return {"Put": {"Item": keys.waiting(change) | due | {"record": to_stored(change)}}}


def _no_longer(change: PageChange) -> Part:
    """Return the deletion of a change that waited; of two who pack it, one is in conflict."""
    return {"Delete": {"Key": keys.waiting(change), "ConditionExpression": "attribute_exists(pk)"}}


def _audits(audits: Sequence[Audit]) -> Iterator[Part]:
    save_id = secrets.token_hex(4)
    for number, audit in enumerate(audits):
        prefix = keys.STACK_AUDIT if audit.of_client else keys.AUDIT
        place = f"{prefix}{stamp(audit.at)}#{save_id}#{number:02}"
        yield _put(keys.key("client", audit.client_id, sort=place) | {"record": to_stored(audit)})
