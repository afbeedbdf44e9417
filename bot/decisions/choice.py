"""Which teams an approver lets in, where there are several: what was chosen beside Approve counts, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.errors import ActionRefused, StalePress
from bot.domain.model import Audit
from bot.domain.page import Teams, teams_there_are
from bot.domain.request import Request


def offered(request: Request, teams: Teams) -> bool:
    """Return whether approving this request includes a choice of teams."""
    return request.kind.lets_in and len(teams.names) > 1


def with_choice(request: Request, chosen: Sequence[str] | None, teams: Teams) -> Request:
    """Return the request with the teams that were chosen. Approvals of another choice no longer count.

    Without a choice the request's own teams stay. Raises ActionRefused for no team, and for one that does not exist;
    StalePress for a choice of other teams where there is none to make any more.
    """
    if chosen is None or not request.kind.lets_in:
        return request
    if not offered(request, teams):
        if set(chosen) != set(request.teams):
            raise StalePress("The teams to choose from have changed. Look again at who will get in, then press again.")
        return request
    wanted = tuple(team for team in teams.names if team in chosen)
    if not wanted or not set(chosen) <= set(wanted):
        there_are = teams_there_are(teams.names)
        raise ActionRefused(f"Choose at least one team that exists, then press *Approve* again. {there_are}")
    return request if set(wanted) == set(request.teams) else replace(request.letting_in(wanted), approvals=())


def lapsed(before: Request, after: Request, actor: str, action: str) -> list[Audit]:
    """Return the audit of approvals that this person's other choice has ended."""
    if before.teams == after.teams:
        return []
    detail = f"{actor} chose other teams: {', '.join(after.teams)}"
    ended = (one.actor for one in before.approvals if one.actor != actor)
    return [Audit(after.updated_at, one, action, after.client_id, after.id, detail) for one in ended]
