"""What an approved request asks of teams' pages, and what the end of that changes. Pure.

Granting comes to the pages after the client's own group, taking away before it. Each change has a key, and the request
waits until none is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.model import OWN_GROUP, Client, Place
from bot.domain.page import PageChange
from bot.domain.request import Request
from bot.domain.vocabulary import Kind


def groups_first(request: Request) -> bool:
    """Return whether the client's own group comes before the pages."""
    return not request.kind.takes_away and not request.attempt.without_group


def page_changes(request: Request, client: Client, role_arn: str, now: datetime) -> tuple[PageChange, ...]:
    """Return what the request asks of pages: its teams' list the role, no other page does."""
    wanted = () if request.kind.takes_away else request.teams
    places = {place.team: place.number for place in client.places if place.team}
    return tuple(
        PageChange(
            team=team,
            client_id=client.id,
            asked_at=now,
            role_arn=role_arn if team in wanted else None,
            number=places.get(team),
            request_id=request.id,
            token=request.token,
            token_hash=client.token_hash,
            anew=request.kind is Kind.REPAIR,
        )
        for team in dict.fromkeys([*wanted, *places])
    )


def waiting_for(request: Request, client: Client, changes: Sequence[PageChange]) -> tuple[Request, Client]:
    """Return both as they are while these changes are under way."""
    attempt = replace(request.attempt, waits_for=tuple(change.team for change in changes))
    teams = [Place(team) for team in request.teams if team not in {place.team for place in client.places}]
    return replace(request, attempt=attempt), replace(client, places=(*client.places, *teams))


def with_place(client: Client, step: PageChange) -> Client:
    """Return the client with the page that lists it since this step; without the team once no page lists it."""
    if step.more if step.role_arn is None else step.takes_off:
        return client
    others = tuple(place for place in client.places if place.team != step.team)
    here = () if step.role_arn is None else (Place(step.team, step.number or 0),)
    return replace(client, places=(*others, *here))


def with_team(client: Client, change: PageChange) -> Client:
    """Return the client, granted already, after a change that no request waits for: its team is let in, or no more."""
    if client.given is None:
        return client
    teams = [team for team in client.given.teams if team != change.team]
    teams += [] if change.role_arn is None else [change.team]
    return replace(client, given=replace(client.given, teams=tuple(teams)))


def with_own_group(client: Client) -> Client:
    """Return the client once a group of its own may exist."""
    return client if OWN_GROUP in client.places else replace(client, places=(OWN_GROUP, *client.places))
