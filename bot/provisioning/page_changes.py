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


def teams_of(request: Request) -> tuple[str, ...]:
    """Return the teams whose pages the request waits for."""
    return tuple(dict.fromkeys(key.partition(".")[0] for key in request.attempt.waits_for))


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
            key=f"{team}.0",
            token_hash=client.token_hash,
            anew=request.kind is Kind.REPAIR,
        )
        for team in dict.fromkeys([*wanted, *places])
    )


def waiting_for(request: Request, client: Client, changes: Sequence[PageChange]) -> tuple[Request, Client]:
    """Return both as they are while these changes are under way."""
    attempt = replace(request.attempt, waits_for=tuple(change.key for change in changes))
    teams = [Place(team) for team in request.teams if team not in {place.team for place in client.places}]
    return replace(request, attempt=attempt), replace(client, places=(*client.places, *teams))


def with_place(client: Client, step: PageChange) -> Client:
    """Return the client as it is on the team's pages after this step. While there is more to do, none is forgotten."""
    elsewhere = tuple(place for place in client.places if place.team != step.team)
    known = tuple(place for place in client.places if place.team == step.team)
    here, unknown = Place(step.team, step.number or 0), Place(step.team)
    if step.role_arn is None and not step.more:
        known = ()
    elif step.lists is not None:
        known = (*(place for place in known if step.more and place != here), here)
    elif not step.more:
        known = tuple(place for place in known if place not in {here, unknown}) or (unknown,)
    return replace(client, places=(*elsewhere, *known))


def with_team(client: Client, change: PageChange) -> Client:
    """Return the client, granted already, after a change that no request waits for: its team is let in, or no more."""
    if client.given is None or (change.role_arn is None and any(one.team == change.team for one in client.places)):
        return client
    teams = [team for team in client.given.teams if team != change.team]
    teams += [] if change.role_arn is None else [change.team]
    return replace(client, given=replace(client.given, teams=tuple(teams)))


def with_own_group(client: Client) -> Client:
    """Return the client once a group of its own may exist."""
    return client if OWN_GROUP in client.places else replace(client, places=(OWN_GROUP, *client.places))
