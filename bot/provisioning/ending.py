"""What the end of a piece of work changes: the request itself, what has been asked since, and the client. Pure.

Newer outranks older (decision 3): work that fails after something newer was asked can't be retried any more. Only a
removal outlives a newer onboarding that was denied or has expired, or its access would stay though nobody wants it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain import policy
from bot.domain.model import Client
from bot.domain.request import Request, touched
from bot.domain.superseding import superseded, why_superseded
from bot.domain.transitions import Step, buttons, target
from bot.domain.vocabulary import UNDER_WAY, Kind, State, Verb
from bot.ports import StackOutcome
from bot.provisioning.attempt import with_grant

_REMOVAL_COUNTS = (
    "{} while the client's access was being taken away. That removal has failed, so the access is still there: "
    "press Retry on it. To let the client in, invite it anew."
)


@dataclass(frozen=True)
class Ending:
    """What is to be saved."""

    client: Client
    finished: Request
    newest: Request | None
    """What was asked since, where the end changes it."""
    overruled: bool = False
    """Whether what was asked since counts no more."""

    @property
    def requests(self) -> tuple[Request, ...]:
        """Everything that changed."""
        told = () if self.newest is None else (self.newest,)
        return (self.finished, *told)


def ending(
    work: Request, newest: Request | None, client: Client, outcome: StackOutcome, now: datetime
) -> Ending | None:
    """The work is over: the client's slot is free again and its grant is what is given now.

    `newest` is the client's current request, which may be the work itself. None when the work isn't under way.
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
    told = _retold(newest, client, now)
    return Ending(_standing(client, told), finished, None if told is newest else told)


def _refused(newest: Request | None) -> str:
    """Return that an onboarding was asked for, and nobody said yes; empty where that is not so."""
    if newest is None or newest.kind is not Kind.ONBOARD or Verb.REOPEN not in buttons(newest.state):
        return ""
    return "This was denied" if newest.state is State.DENIED else "Nobody decided on this"


def _retold(asked: Request | None, client: Client, now: datetime) -> Request | None:
    """What is asked by now, in the light of what is given now. A press on what it was before does not count."""
    if asked is None or asked.kind.takes_away or target(asked.state, Step.SUPERSEDE) is None:
        return asked
    told = replace(asked, kind=Kind.UPDATE if client.grant else Kind.ONBOARD, previous=client.grant)
    if told == asked:
        return asked
    if told.kind is not asked.kind:
        told = replace(told, presses=asked.presses + 1, approvals=told.approvals if told.state in UNDER_WAY else ())
    return touched(told, now)


def _standing(client: Client, request: Request | None) -> Client:
    return replace(client, standing=policy.standing(client, request))
