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
an older approval must never be carried out after a newer one. Its reason names what replaced it, also where it had
failed, or waited with a reason of its own: the failure is in the history.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from bot.domain.request import Request, touched
from bot.domain.vocabulary import State, Verb

STACK_CHANGED = "The client's stack has changed since. A newer request has replaced this one."
STACK_DELETED = "The client has deleted its stack since."
STACK_STANDS = (
    "The client's stack was not deleted: it has completed an operation since. A newer request has replaced this one."
)
BLOCKED = "An approver has blocked the client's account since."
REGROUPED = "An approver has changed since which teams get in."
REVOKED = "An approver has revoked the client's access since."


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


def superseded(request: Request, why: str) -> Request:
    """Return the request as superseded; this reason replaces any that it had."""
    return replace(request, state=State.SUPERSEDED, reason=why)


def superseding(asked: Request | None, why: str, now: datetime) -> tuple[Request, ...]:
    """Return the earlier request as superseded for this reason; empty where its state does not allow that."""
    if asked is None or target(asked.state, Step.SUPERSEDE) is None:
        return ()
    return (touched(superseded(asked, why), now),)


def why_superseded(newer: Request | None) -> str:
    """Return the reason for the client's newest request; None means that its stack went before it had access."""
    if newer is None:
        return STACK_DELETED
    if newer.kind.takes_away:
        return REVOKED if newer.revoked else STACK_DELETED
    return STACK_STANDS if newer.warnings.contradicted else STACK_CHANGED
