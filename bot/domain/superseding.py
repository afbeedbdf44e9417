"""Why a request is superseded: said by what took its place, never by what became of an attempt at it.

A request may have failed, or be waiting with a reason of its own, when something newer comes. Its message then says why
it counts no more; the failure is in the history.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.request import Request, touched
from bot.domain.transitions import Step, target
from bot.domain.vocabulary import State

STACK_CHANGED = "The client's stack has changed since: the newer request counts."
STACK_DELETED = "The client has deleted its stack since."
STACK_STANDS = "The client's stack was not deleted: it has completed an operation since. The newer request counts."
BLOCKED = "An approver has blocked the client's account since."
REVOKED = "An approver has revoked the client's access since."


def superseded(request: Request, why: str) -> Request:
    """Return the request as one that counts no more, for this reason instead of any that it had."""
    return replace(request, state=State.SUPERSEDED, reason=why)


def superseding(asked: Request | None, why: str, now: datetime) -> tuple[Request, ...]:
    """Return what was asked before as superseded for this reason; nothing where it can't be any more."""
    if asked is None or target(asked.state, Step.SUPERSEDE) is None:
        return ()
    return (touched(superseded(asked, why), now),)


def why_superseded(newer: Request | None) -> str:
    """Return the reason that the client's newest request gives; None says that its stack went before it had access."""
    if newer is None:
        return STACK_DELETED
    if newer.kind.takes_away:
        return REVOKED if newer.revoked else STACK_DELETED
    return STACK_STANDS if newer.warnings.contradicted else STACK_CHANGED
