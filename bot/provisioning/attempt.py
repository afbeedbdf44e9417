"""One attempt at what was approved: what the message says while it is delayed, when it is given up, what it granted.

An attempt is given up only when nobody has asked CloudFormation for it. It is never given up while CloudFormation may
be working on it, nor soon after a call that failed: an outage ends by itself, and only then is it clear what to do.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.model import Client, Given
from bot.domain.request import LEASE, Request, touched
from bot.domain.vocabulary import Kind, State

TOLD_AFTER = timedelta(minutes=5)
"""Shorter delays are not shown."""
MOST_GREEN = 20
"""Most messages remembered that show the current grant as done."""
LONG = timedelta(minutes=30)
FORGOTTEN = (
    f"Switchyard's provision function has not called CloudFormation within {LONG.seconds // 60} minutes: it does not "
    "run, or it fails. Ask whoever runs Switchyard to check the function's logs, then press Retry."
)
NOT_BEGUN = (
    "Switchyard's provision function was asked to start this and did not: it does not run, or it fails. Ask whoever "
    "runs Switchyard to check the function's logs. This continues by itself afterwards."
)
OTHER_FIRST = "Another change of this client is still in progress. This one starts when that has ended."
_SLOW = (
    f"CloudFormation has been working for more than {LONG.seconds // 60} minutes on the stack {{}}. The stack's events "
    "in the CloudFormation console say what it waits for. This message changes when CloudFormation ends."
)
_PAGES_SLOW = (
    f"The pages of the teams have not changed for {LONG.seconds // 60} minutes: CloudFormation still works on them, or "
    "Switchyard's provision function does not run. Ask whoever runs Switchyard to check both. This continues by itself "
    "afterwards."
)


def unbegun(request: Request, now: datetime) -> Request:
    """Return the request with a note that the provision Lambda has not started, once that has lasted 5 minutes."""
    heard = max(_since_when(request), request.attempt.tried_at or _since_when(request))
    if request.state is not State.APPROVED or now - heard < TOLD_AFTER:
        return request
    return _with_reason(request, NOT_BEGUN, now)


def waiting(request: Request, why: str, now: datetime) -> Request:
    """Return the request after a call that failed, with the reason once it has been delayed for 5 minutes."""
    tried = replace(request.attempt, tried_at=now, asking_until=None)
    return _with_reason(replace(request, attempt=tried), why if _since(request, now) >= TOLD_AFTER else "", now)


def working(request: Request, stack_id: str | None, now: datetime) -> Request:
    """Return the request while CloudFormation works on it, with a note once that has taken 30 minutes."""
    stack_id = stack_id or request.attempt.stack_id
    slow = _PAGES_SLOW if request.attempt.waits_for else _SLOW.format(stack_id)
    attempt = replace(request.attempt, stack_id=stack_id)
    return _with_reason(replace(request, attempt=attempt), slow if _since(request, now) >= LONG else "", now)


def asking(request: Request, now: datetime) -> Request:
    """Return the request leased to the Lambda that is calling AWS, for at most one Lambda timeout."""
    return replace(request, attempt=replace(request.attempt, asking_until=now + LEASE))


def overdue(request: Request, now: datetime) -> bool:
    """Return whether the request has had no progress for 30 minutes."""
    return now - max(request.updated_at, request.attempt.tried_at or request.updated_at) > LONG


def forgotten(request: Request, now: datetime) -> bool:
    """Return whether the request is overdue and no Lambda holds a lease on it."""
    return overdue(request, now) and (request.attempt.asking_until is None or request.attempt.asking_until <= now)


def begun(request: Request, client: Client, now: datetime) -> Request:
    """Return the request as its work begins. A repair grants what the client has by then, whatever was asked."""
    if request.kind is Kind.REPAIR and client.grant is not None:
        request = replace(request, stack=request.stack.giving(client.grant))
    return touched(replace(request, state=State.PROVISIONING, previous=client.grant, reason=""), now)


def with_grant(client: Client, request: Request) -> Client:
    """Return the client after a success: with the grant that was asked, or with none after a removal."""
    if request.kind.takes_away:
        return replace(
            client,
            given=None,
            may_have_group=False,
            places=(),
            offboarded=client.current_request == request.id,
        )
    earlier = client.granted_by[1 - MOST_GREEN :] if client.grant == request.stack.grant else ()
    by_group = not request.attempt.without_group
    given = Given(request.stack, (*earlier, request.id), teams=request.teams, by_group=by_group)
    return replace(client, given=given, may_have_group=True, offboarded=False)


def _since(request: Request, now: datetime) -> timedelta:
    return now - _since_when(request)


def _since_when(request: Request) -> datetime:
    return request.decision.at if request.decision else request.updated_at


def _with_reason(request: Request, why: str, now: datetime) -> Request:
    return touched(replace(request, reason=why), now) if why != request.reason else request
