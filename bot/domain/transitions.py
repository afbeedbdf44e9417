"""How a request moves.

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
from typing import assert_never

from bot.domain.vocabulary import State, Verb


class Step(StrEnum):
    """What happens to a request without a person pressing anything."""

    BEGIN = "begin"
    SUCCEED = "succeed"
    FAIL = "fail"
    EXPIRE = "expire"
    SUPERSEDE = "supersede"


def moves(state: State) -> dict[Verb | Step, State]:
    """Return what may happen to a request in this state, and where that leads."""
    match state:
        case State.PENDING:
            return {
                Verb.APPROVE: State.APPROVED,
                Verb.DENY: State.DENIED,
                Step.EXPIRE: State.EXPIRED,
                Step.SUPERSEDE: State.SUPERSEDED,
            }
        case State.APPROVED:
            return {Step.BEGIN: State.PROVISIONING, Step.SUPERSEDE: State.SUPERSEDED}
        case State.PROVISIONING:
            return {Step.SUCCEED: State.DONE, Step.FAIL: State.FAILED}
        case State.FAILED:
            return {Verb.RETRY: State.APPROVED, Step.SUPERSEDE: State.SUPERSEDED}
        case State.DENIED | State.EXPIRED:
            return {Verb.REOPEN: State.PENDING, Step.SUPERSEDE: State.SUPERSEDED}
        case State.DRIFTED:
            return {Verb.REPAIR: State.APPROVED, Step.SUPERSEDE: State.SUPERSEDED}
        case State.DONE | State.SUPERSEDED | State.REPORTED:
            return {}
    assert_never(state)


def target(state: State, move: Verb | Step) -> State | None:
    """Return the state after this move, or None when the state does not allow it."""
    return moves(state).get(move)


def buttons(state: State) -> tuple[Verb, ...]:
    """Return what a person may press in this state."""
    return tuple(move for move in moves(state) if isinstance(move, Verb))
