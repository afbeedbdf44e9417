"""How a request moves, as one table.

    PENDING  ── approve ──▶ APPROVED ── begin ──▶ PROVISIONING ── succeed ──▶ DONE
       │                       ▲                      │
       │                       └── retry ── FAILED ◀──┘ fail
       ├─ deny ────▶ DENIED ───┐
       ├─ expire ──▶ EXPIRED ──┴─ reopen ──▶ PENDING
       └─ supersede ▶ SUPERSEDED    (also from APPROVED, which has not begun, and from FAILED, DENIED and EXPIRED)

    DRIFTED  ── repair ───▶ APPROVED      or, when something newer happens or nothing differs any more, SUPERSEDED

Retry leads back to APPROVED, not straight to PROVISIONING, so that it waits its turn like any other approval when the
client's one provisioning slot is taken. What has not begun when something newer arrives is superseded, approved or not:
an older approval must never be carried out after a newer one.
"""

from __future__ import annotations

from enum import StrEnum

from bot.domain.vocabulary import State, Verb


class Step(StrEnum):
    """What happens to a request without a person pressing anything."""

    BEGIN = "begin"
    SUCCEED = "succeed"
    FAIL = "fail"
    EXPIRE = "expire"
    SUPERSEDE = "supersede"


TABLE: dict[tuple[State, Verb | Step], State] = {
    (State.PENDING, Verb.APPROVE): State.APPROVED,
    (State.PENDING, Verb.DENY): State.DENIED,
    (State.PENDING, Step.EXPIRE): State.EXPIRED,
    (State.PENDING, Step.SUPERSEDE): State.SUPERSEDED,
    (State.APPROVED, Step.BEGIN): State.PROVISIONING,
    (State.APPROVED, Step.SUPERSEDE): State.SUPERSEDED,
    (State.PROVISIONING, Step.SUCCEED): State.DONE,
    (State.PROVISIONING, Step.FAIL): State.FAILED,
    (State.FAILED, Verb.RETRY): State.APPROVED,
    (State.FAILED, Step.SUPERSEDE): State.SUPERSEDED,
    (State.DENIED, Verb.REOPEN): State.PENDING,
    (State.DENIED, Step.SUPERSEDE): State.SUPERSEDED,
    (State.EXPIRED, Verb.REOPEN): State.PENDING,
    (State.EXPIRED, Step.SUPERSEDE): State.SUPERSEDED,
    (State.DRIFTED, Verb.REPAIR): State.APPROVED,
    (State.DRIFTED, Step.SUPERSEDE): State.SUPERSEDED,
}


def target(state: State, move: Verb | Step) -> State | None:
    """Where the move leads from here, or None when it isn't one."""
    return TABLE.get((state, move))


def buttons(state: State) -> tuple[Verb, ...]:
    """What a person may press in this state."""
    return tuple(move for (at, move) in TABLE if at is state and isinstance(move, Verb))
