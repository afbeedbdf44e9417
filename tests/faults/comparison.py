"""What a flow has led to, as far as it matters: two runs that end alike compare equal, whatever their ids and times."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, cast

from bot.domain.ids import token_hash
from bot.domain.message import Message
from bot.domain.model import Client
from bot.domain.request import Request
from bot.domain.vocabulary import Kind
from bot.kit.entries import entry_of
from bot.kit.files import files
from bot.kit.reading import granted
from bot.ports.store import Store
from tests.faults.people import People
from tests.unit.slack.samples import SETTINGS


@dataclass
class End:
    """Each part under the name that a deviation is told by."""

    parts: dict[str, Any]
    audit: Counter[tuple[str, str]]
    noticed: list[str]

    def deviations(self, other: End, *, unnoticed: bool) -> list[str]:
        """How the other one differs from this one. `unnoticed`: it was nobody's to press or to send again."""
        told = [
            f"{name}: {other.parts[name]} instead of {part}"
            for name, part in self.parts.items()
            if other.parts[name] != part
        ]
        told += [f"audit lacks {line}" for line in sorted((self.audit - other.audit).elements())]
        more = (other.audit - self.audit).elements()
        told += [f"audit has {line} besides" for line in sorted(more) if not _may_repeat(line[1], unnoticed)]
        return told + [f"noticed by {one}" for one in other.noticed if unnoticed]


def _may_repeat(action: str, unnoticed: bool) -> bool:
    """Whether more lines of it do no harm: a removal announced again, or what somebody did again who got no answer.

    That is a press too many, which was refused, or an invitation nobody was shown, which `end_of` looks at.
    """
    again = action.startswith("refused: ") or action == "invited"
    return action == "removes members" or (again and not unnoticed)


def end_of(outside: People) -> End:
    """Everything that must not depend on one lost call."""
    store = outside.stored()
    by_age = sorted(store.stored_requests.values(), key=lambda one: (one.created_at, one.event_at))
    shown = {token_hash(token) for token in outside.shown}
    unseen = [one for one in store.stored_invitations.values() if not (one.seat_of or one.token_hash in shown)]
    parts: dict[str, Any] = {
        "clients": sorted(map(_client, store.stored_clients.values())),
        "requests": list(map(_request, by_age)),
        "messages": sorted(map(_message, store.stored_messages.values())),
        "invitations": sorted(
            (
                one.spent_at is not None,
                one.cancelled_at is not None,
                one.account_id or "",
                one.client_id is not None,
                one.seats_taken,
            )
            for one in store.stored_invitations.values()
            if one not in unseen
        ),
        "invitations nobody was shown, and somebody used": [one for one in unseen if one.account_id],
        "events": sorted(one.status for one in store.stored_events.values()),
        "kits": sorted((one.team, one.wanted > one.renewed) for one in store.stored_kits.values()),
        "kits as they lie in the bucket": outside.shelf.files,
        "kits that show something else": outdated_kits(outside),
        "given up": sorted(set(outside.lost)),
        **outside.channel.seen(),
        **outside.cloud.seen(),
    }
    return End(parts, Counter((one.actor, one.action) for one in store.written), outside.noticed)


def outdated_kits(outside: People) -> list[str]:
    """The files that are not what a kit of these clients is now."""
    store = outside.stored()
    return [
        f"{team}/{file.name}"
        for team in store.stored_kits
        for file in files([entry_of(one, SETTINGS) for one in granted(cast(Store, store), team)], SETTINGS)
        if outside.shelf.files.get((team, file.name)) != file.text
    ]


def _client(one: Client) -> tuple[Any, ...]:
    grant = (one.grant.role_name, one.grant.access_level.value, one.grant.terms) if one.grant else None
    pending = (one.provisioning is not None, one.current_request is not None, one.open_report is not None)
    teams = (sorted(one.given.teams) if one.given else [], sorted(place.team for place in one.places))
    return (
        teams,
        one.standing.value,
        one.stack.role_name,
        one.stack.terms,
        grant,
        one.may_have_group,
        one.offboarded,
        pending,
    )


def _message(one: Message) -> tuple[Any, ...]:
    return one.shows.value, one.unshown, one.ts is not None, one.lease_until is not None, one.refused


def _request(one: Request) -> tuple[Any, ...]:
    previous = (one.previous.role_name, one.previous.access_level.value, one.previous.terms) if one.previous else None
    decision = (one.decision.verb.value, one.decision.actor, one.decision.reason) if one.decision else None
    stack = one.stack
    asked = (one.kind.value, one.state.value, stack.role_name, stack.access_level.value, stack.terms, previous)
    reason = "" if one.kind is Kind.REPORT else one.reason  # drawn from its events, in whatever order they came
    return *asked, decision, one.presses, one.attempt.removed_members, reason, one.attempt.number
