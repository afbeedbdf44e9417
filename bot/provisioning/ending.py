"""Works out what changes when an attempt ends: its request, a newer request, and the client. Pure.

Newer outranks older (decision 3): an attempt that fails after a newer request can't be retried. The exception is a
removal whose newer onboarding was denied or has expired: without Retry, access would stay that nobody wants.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain import policy
from bot.domain.model import Client
from bot.domain.record import Record
from bot.domain.request import Request, touched
from bot.domain.transitions import Step, buttons, superseded, target, why_superseded
from bot.domain.vocabulary import UNDER_WAY, Kind, State, Verb
from bot.ports import StackOutcome
from bot.provisioning.attempt import with_grant

_REMOVAL_COUNTS = (
    "{} while the client's access was being removed. That removal has failed, so the access still exists: press Retry "
    "on the removal. To give the client access again, invite it again."
)


class Ending(Record):
    """The records to save."""

    client: Client
    finished: Request
    newest: Request | None
    """The newer request, where the end changes it."""
    overruled: bool = False
    """Whether the newer request no longer counts."""

    @property
    def requests(self) -> tuple[Request, ...]:
        """Return the requests that changed."""
        newest = () if self.newest is None else (self.newest,)
        return (self.finished, *newest)


def ending(
    work: Request, newest: Request | None, client: Client, outcome: StackOutcome, now: datetime
) -> Ending | None:
    """Return the records after this outcome: the client can be worked on again, and has its new grant.

    `newest` is the client's current request, which may be the work itself. Returns None when the work isn't under way.
    """
    state = target(work.state, Step.SUCCEED if outcome.succeeded else Step.FAIL)
    if state is None:
        return None
    client = replace(client, provisioning=None)
    if outcome.succeeded:
        client = with_grant(client, work)
    finished = touched(replace(work, state=state, reason=outcome.reason), now)
    if state is State.FAILED:
        deadlines = replace(finished.deadlines, remind_at=now, reminded_of=None)
        finished = replace(finished, deadlines=deadlines)
    if newest is not None and newest.id == work.id:
        return Ending(_standing(client, finished), finished, None)
    refused = _refused(newest)
    if newest is not None and refused and state is State.FAILED and work.kind.takes_away:
        overruled = touched(superseded(newest, _REMOVAL_COUNTS.format(refused)), now)
        client = replace(client, current_request=finished.id)
        return Ending(_standing(client, finished), finished, overruled, overruled=True)
    if target(state, Step.SUPERSEDE):
        finished = superseded(finished, why_superseded(newest))
    rewritten = _rewritten(newest, client, now)
    return Ending(_standing(client, rewritten), finished, None if rewritten is newest else rewritten)


def _refused(newest: Request | None) -> str:
    """Return how a newer onboarding ended without an approval; empty where that is not so."""
    if newest is None or newest.kind is not Kind.ONBOARD or Verb.REOPEN not in buttons(newest.state):
        return ""
    return "This was denied" if newest.state is State.DENIED else "Nobody decided on this"


def _rewritten(asked: Request | None, client: Client, now: datetime) -> Request | None:
    """Return the pending request rewritten for the client's current grant. Presses on the old one don't count."""
    if asked is None or asked.kind.takes_away or target(asked.state, Step.SUPERSEDE) is None:
        return asked
    new = replace(asked, kind=Kind.UPDATE if client.grant else Kind.ONBOARD, previous=client.grant)
    if new == asked:
        return asked
    if new.kind is not asked.kind:
        new = replace(new, presses=asked.presses + 1, approvals=new.approvals if new.state in UNDER_WAY else ())
    return touched(new, now)


def _standing(client: Client, request: Request | None) -> Client:
    return replace(client, standing=policy.standing(client, request))
