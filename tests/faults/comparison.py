"""What a flow has led to, as far as it matters: two runs that end alike compare equal, whatever their ids and times."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.model import Client, Request
from tests.faults.outside import Outside

REFUSED_AGAIN = "refused: "
"""A person who was told to press again leaves such a line, and does no harm."""


@dataclass
class End:
    """Each part under the name that a deviation is told by."""

    parts: dict[str, Any] = field(default_factory=dict)
    audit: set[tuple[str, str]] = field(default_factory=set)

    def deviations(self, other: End) -> list[str]:
        """How the other one differs from this one."""
        told = [
            f"{name}: {other.parts[name]} instead of {part}"
            for name, part in self.parts.items()
            if other.parts[name] != part
        ]
        missing = self.audit - other.audit
        more = {line for line in other.audit - self.audit if not line[1].startswith(REFUSED_AGAIN)}
        told += [f"audit lacks {line}" for line in sorted(missing)]
        return told + [f"audit has {line} besides" for line in sorted(more)]


def end_of(outside: Outside) -> End:
    """Everything that must not depend on one lost call."""
    board, store = outside.board, outside.store
    by_age = sorted(store.stored_requests.values(), key=lambda one: (one.created_at, one.event_at))
    stored = {one.id: one for one in by_age}
    parts: dict[str, Any] = {
        "clients": sorted(map(_client, store.stored_clients.values())),
        "groups": [(one.role, one.level.value, sorted(one.members)) for one in outside.stacks.groups.values()],
        "operations of CloudFormation": outside.stacks.operations,
        "still running": sorted(outside.stacks.running),
        "requests": list(map(_request, by_age)),
        "invitations": sorted(
            (one.spent_at is not None, one.account_id or "", one.client_id is not None, one.seats_taken)
            for one in store.stored_invitations.values()
        ),
        "events": sorted(one.status for one in store.stored_events.values()),
        "messages": [_message(one.request, one.timeline) for one in board.messages],
        "messages that show what is not stored": [
            one.request.state.value for one in board.messages if _told(one.request) != _told(stored[one.request.id])
        ],
        "cards": [
            (one.request.role_name, one.request.access_level.value, one.thread == stored[one.request.id].message_ts)
            for one in board.cards
        ],
        "reminders": [one.request.kind.value for one in board.reminders],
        "given up": outside.lost,
    }
    return End(parts, {(one.actor, one.action) for one in store.stored_audits})


def _client(one: Client) -> tuple[Any, ...]:
    grant = (one.grant.role_name, one.grant.access_level.value) if one.grant else None
    pending = (one.provisioning is not None, one.current_request is not None, one.open_report is not None)
    return one.standing.value, one.role_name, grant, one.may_have_group, one.offboarded, pending


def _told(one: Request) -> tuple[Any, ...]:
    """What the message makes of the stored request; a report's reason is worked out when it is shown."""
    decision = (one.decision.verb.value, one.decision.actor) if one.decision else None
    return one.state.value, one.role_name, one.access_level.value, decision, one.presses, one.removed_members


def _request(one: Request) -> tuple[Any, ...]:
    previous = (one.previous.role_name, one.previous.access_level.value) if one.previous else None
    shown = (one.undelivered, one.message_ts is not None, one.card_ts is not None, one.posting_until)
    return one.kind.value, *_told(one), one.reason, one.attempt, previous, shown


def _message(one: Request, timeline: tuple[str, ...]) -> tuple[Any, ...]:
    return one.kind.value, *_told(one), one.reason, timeline
