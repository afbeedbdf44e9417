"""One attempt at what was approved: what the message says while it does not get on, when it is given up, what it gave.

Nothing is given up that CloudFormation may be working on, nor what it was asked for in vain a moment ago: an outage,
however long, ends by itself, and only then is it known what there is to do. Given up is what nobody came to ask for.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.model import Client, Given
from bot.domain.request import LEASE, Request, touched
from bot.domain.vocabulary import Kind, State

TOLD_AFTER = timedelta(minutes=5)
"""So that what passes by itself makes no noise."""
MOST_GREEN = 20
"""How many messages are kept in mind that say the same of what is given."""
LONG = timedelta(minutes=30)
FORGOTTEN = (
    f"CloudFormation was not asked within {LONG.seconds // 60} minutes: the bot's provision function does not run or "
    "fails. Whoever runs Switchyard looks at its logs; after that, Retry works."
)
NOT_BEGUN = (
    "The bot's provision function was told to start this, and did not: it does not run or fails. Whoever runs "
    "Switchyard looks at its logs; after that it goes on by itself."
)
OTHER_FIRST = "Another change of this client is still under way. This one starts when that has ended."
_SLOW = (
    f"CloudFormation has been at it for more than {LONG.seconds // 60} minutes: stack {{}}. Its events in the "
    "CloudFormation console say what it waits for. When it ends there, well or not, it goes on here."
)


def unbegun(request: Request, now: datetime) -> Request:
    """The approval after it was handed over once more, though nobody came to begin it, nor to say why not."""
    heard = max(_since_when(request), request.attempt.tried_at or _since_when(request))
    if request.state is not State.APPROVED or now - heard < TOLD_AFTER:
        return request
    return _told(request, NOT_BEGUN, now)


def waiting(request: Request, why: str, now: datetime) -> Request:
    """The request after it was tried in vain."""
    tried = replace(request.attempt, tried_at=now, asking_until=None)
    return _told(replace(request, attempt=tried), why if _since(request, now) >= TOLD_AFTER else "", now)


def working(request: Request, stack_id: str | None, now: datetime) -> Request:
    """The request while CloudFormation works on it."""
    stack_id = stack_id or request.attempt.stack_id
    slow = _since(request, now) >= LONG
    attempt = replace(request.attempt, stack_id=stack_id)
    return _told(replace(request, attempt=attempt), _SLOW.format(stack_id) if slow else "", now)


def asking(request: Request, now: datetime) -> Request:
    """The request while somebody asks AWS for it, who may die at that or go on as long as a Lambda may run."""
    return replace(request, attempt=replace(request.attempt, asking_until=now + LEASE))


def overdue(request: Request, now: datetime) -> bool:
    """Whether it is no use to send anybody once more."""
    return now - max(request.updated_at, request.attempt.tried_at or request.updated_at) > LONG


def forgotten(request: Request, now: datetime) -> bool:
    """Whether nobody has come to ask CloudFormation for it, and nobody is at it who still might."""
    return overdue(request, now) and (request.attempt.asking_until is None or request.attempt.asking_until <= now)


def begun(request: Request, client: Client, now: datetime) -> Request:
    """The request as its work begins. A repair gives what the client has by then, whatever it was asked for."""
    if request.kind is Kind.REPAIR and client.grant is not None:
        request = replace(request, stack=request.stack.giving(client.grant))
    return touched(replace(request, state=State.PROVISIONING, previous=client.grant, reason=""), now)


def with_grant(client: Client, request: Request) -> Client:
    """The client after a success: it has what was asked, or nothing. A newer request was let in already."""
    if request.kind.takes_away:
        return replace(
            client,
            given=None,
            may_have_group=False,
            offboarded=client.current_request == request.id,
        )
    earlier = client.granted_by[1 - MOST_GREEN :] if client.grant == request.stack.grant else ()
    given = Given(request.stack, (*earlier, request.id))
    return replace(client, given=given, may_have_group=True, offboarded=False)


def _since(request: Request, now: datetime) -> timedelta:
    return now - _since_when(request)


def _since_when(request: Request) -> datetime:
    return request.decision.at if request.decision else request.updated_at


def _told(request: Request, why: str, now: datetime) -> Request:
    return touched(replace(request, reason=why), now) if why != request.reason else request
