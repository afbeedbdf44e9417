"""What most accounts of a shared message have in common is told once. The line of an account says what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

from bot.domain.model import Terms
from bot.domain.record import Record
from bot.domain.request import Request
from bot.domain.vocabulary import AccessLevel, State
from bot.ports import Batched
from bot.slack.render import terms
from bot.slack.render.text import Mrkdwn, code, literal

ROLE = 70
_LABEL = 40
_COMPANY = 40
IN_THE_LINES = Mrkdwn("Where an account differs, its line says so.")
Value = TypeVar("Value")


class Usual(Record):
    """The company of the first account, and level, role and terms of most; `exceptions` where some have others."""

    company: str
    level: AccessLevel
    role: str
    terms: Terms | None
    exceptions: bool


def usual(batch: Sequence[Batched]) -> Usual:
    """Return what most accounts have in common."""
    levels = Counter(one.request.stack.access_level for one in batch)
    roles = Counter(one.request.stack.role_name for one in batch)
    known = Counter(one.request.stack.terms for one in batch)
    companies = Counter(one.request.company for one in batch)
    exceptions = any(len(counted) > 1 for counted in (companies, levels, roles, known))
    return Usual(batch[0].request.company, _most(levels), _most(roles), _most(known), exceptions)


def differences(request: Request, most: Usual) -> list[Mrkdwn]:
    """Return what this account does not have in common with most others."""
    stack = request.stack
    asks_for_other = request.state is State.PENDING and request.invited.level not in (None, stack.access_level)
    return [
        *([literal(request.company, _COMPANY)] if request.company != most.company else []),
        *([literal(stack.access_level)] if stack.access_level is not most.level and not asks_for_other else []),
        *([code(stack.role_name, ROLE)] if stack.role_name != most.role else []),
        *([_in_short(stack.terms)] if stack.terms != most.terms else []),
    ]


def labelled(one: Batched) -> list[Mrkdwn]:
    """Return the label that approvers have given the client, if any."""
    label = one.client.label if one.client else ""
    return [Mrkdwn("({})").format(literal(label, _LABEL))] if label else []


def _in_short(known: Terms | None) -> Mrkdwn:
    return terms.in_short(known) if known else Mrkdwn("MFA unknown")


def _most(counted: Counter[Value]) -> Value:
    return counted.most_common(1)[0][0]
