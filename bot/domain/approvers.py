"""Pure rules for decisions: whose people are ours, who may decide, how many it takes, how long a request waits."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.errors import SettingsInvalid
from bot.domain.record import Record
from bot.domain.request import EXPIRE_AFTER, Deadlines, Request
from bot.domain.vocabulary import AccessLevel, State

SELDOM = timedelta(hours=1)
"""How soon the second reminder may come; the first one of a failure comes at once."""


class Approvers(Record):
    """Who may decide: Slack users by id, and everybody in Slack user groups by id. Empty means nobody."""

    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    two_people: bool = False
    """Whether the inviter of a client may not be the only one to approve Administrator access."""
    needed: tuple[tuple[AccessLevel, int], ...] = ()
    """How many different people have to approve, by access level; one for a level that is not listed."""

    def approvals_for(self, request: Request) -> int:
        """Return how many different people have to approve this request. A removal takes one."""
        return dict(self.needed).get(request.stack.access_level, 1) if request.kind.lets_in else 1

    def one_suffices(self, level: AccessLevel) -> bool:
        """Return whether one approver alone may let people in at this level, whoever invited the client."""
        return dict(self.needed).get(level, 1) == 1 and not (self.two_people and level is AccessLevel.ADMINISTRATOR)

    def need_two_people(self, request: Request) -> bool:
        """Return whether the inviter may not approve alone: for Administrator access where two people are required."""
        return self.two_people and grants_administrator(request)

    @classmethod
    def parse(cls, text: str, *, two_people: bool = False, needed: str = "") -> Approvers:
        """Read a comma-separated list. Raises SettingsInvalid for anything but user (U…, W…) and group (S…) ids."""
        ids = _listed(text)
        for one in ids:
            if not re.fullmatch(r"[UWS][A-Z0-9]{2,}", one):
                raise SettingsInvalid(f"APPROVERS holds {one!r}, which is no Slack user (U…) or user group (S…) id.")
        return cls(
            users=tuple(one for one in ids if one[0] in "UW"),
            groups=tuple(one for one in ids if one[0] == "S"),
            two_people=two_people,
            needed=_approvals_needed(needed),
        )


class Workspaces(Record):
    """Whose people are ours: those of Slack workspaces (`teams`), or of one Enterprise Grid organization.

    Neither is set: then the workspace counts in which Slack says the app is.
    """

    teams: frozenset[str] = frozenset()
    organization: str = ""

    @classmethod
    def parse(cls, text: str) -> Workspaces:
        """From comma-separated ids. Raise SettingsInvalid for anything but workspaces (T…) or one organization (E…)."""
        ids = _listed(text)
        if all(re.fullmatch(r"T[A-Z0-9]{2,}", one) for one in ids):
            return cls(teams=frozenset(ids))
        if len(ids) == 1 and re.fullmatch(r"E[A-Z0-9]{2,}", ids[0]):
            return cls(organization=ids[0])
        raise SettingsInvalid(
            f"SLACK_TEAM_ID is {text.strip()!r}. It must be one or more Slack workspace ids (T…), divided by commas, "
            "or one Enterprise Grid organization id (E…). Set it and deploy again."
        )


class Waiting(Record):
    """How long a request waits for a decision: until the next reminder, and until it expires."""

    first_reminder: timedelta = timedelta(hours=4)
    expiry: timedelta = EXPIRE_AFTER

    def from_now(self, request: Request, now: datetime) -> Request:
        """Return the request, waiting from now on."""
        deadlines = Deadlines(now, remind_at=now + self.first_reminder, expires_at=now + self.expiry)
        return replace(request, deadlines=deadlines)


def reminded(request: Request, now: datetime) -> Request:
    """Return the request with a reminder to post; the next one comes when it has waited twice as long."""
    deadlines = request.deadlines
    if deadlines.remind_at is None:
        return request
    since = deadlines.asked_at if request.state is State.PENDING or not request.decision else request.decision.at
    waited = max(2 * (deadlines.remind_at - since), SELDOM)
    while since + waited <= now:
        waited *= 2
    return replace(request, deadlines=replace(deadlines, remind_at=since + waited, reminded_of=deadlines.remind_at))


def grants_administrator(request: Request) -> bool:
    """Return whether the request asks for Administrator access, which needs a confirmation, or a second person."""
    return request.kind.lets_in and request.stack.access_level is AccessLevel.ADMINISTRATOR


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _approvals_needed(text: str) -> tuple[tuple[AccessLevel, int], ...]:
    """Read `Administrator=2,PowerUser=1`. Raises SettingsInvalid for anything else."""
    needed = {}
    for part in _listed(text):
        found = re.fullmatch(rf"({'|'.join(AccessLevel)})=([1-9])", part)
        if not found:
            raise SettingsInvalid(
                f"APPROVALS_NEEDED holds {part!r}. It must be a level and a number of people, such as Administrator=2."
            )
        needed[AccessLevel(found[1])] = int(found[2])
    return tuple(needed.items())
