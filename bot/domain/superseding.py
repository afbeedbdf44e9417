"""Supersedes a request, with the reason why. The reason names what replaced it, not how an attempt at it ended.

A request may have failed, or be waiting with a reason of its own, when something newer comes. Its message then says why
it no longer counts; the failure is in the history.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.request import Request, touched
from bot.domain.transitions import Step, target
from bot.domain.vocabulary import State

STACK_CHANGED = "The client's stack has changed since. A newer request has replaced this one."
STACK_DELETED = "The client has deleted its stack since."
STACK_STANDS = (
    "The client's stack was not deleted: it has completed an operation since. A newer request has replaced this one."
)
BLOCKED = "An approver has blocked the client's account since."
REVOKED = "An approver has revoked the client's access since."


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
