"""What an approved request asks of teams' pages, and what the end of that changes. Pure.

Granting comes to the pages after the client's own group, taking away before it. There is one change for each team, and
the request waits for all of them.
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


def page_changes(
    request: Request, client: Client, role_arn: str, all_teams: Sequence[str], now: datetime
) -> tuple[PageChange, ...]:
    """Return what the request asks of pages: its teams' list the role, no other page does.

    Where anything may have been given so far, every team is asked, wherever the client is known to be: what was asked
    of a whole team may wait for its page, and this comes after it.
    """
    wanted = () if request.kind.takes_away else request.teams
    new = request.kind is Kind.ONBOARD and client.given is None
    places = {} if new else dict.fromkeys(all_teams, 0)
    places |= {place.team: place.number for place in client.places if place.team}
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


def expecting(client: Client, change: PageChange) -> Client:
    """Return the client as it is once the change is asked: from then on the role may be on the page."""
    if change.role_arn is None or client.on_team(change.team):
        return client
    return replace(client, places=(*client.places, Place(change.team)))


def with_place(client: Client, step: PageChange) -> Client:
    """Return the client with the page that lists it since this step; without the team once no page lists it."""
    if step.more if step.role_arn is None else step.takes_off:
        return client
    others = tuple(place for place in client.places if place.team != step.team)
    here = () if step.role_arn is None else (Place(step.team, step.number or 0),)
    return replace(client, places=(*others, *here))


def restoring(
    refused: PageChange, request: Request, client: Client, given_arn: str, now: datetime
) -> tuple[PageChange, ...]:
    """Return what brings the teams' pages back to what is given, after CloudFormation has refused this step.

    Other pages may have taken what the request asked, or take it soon. A page keeps what it listed before an addition
    that was refused, so that nothing is asked of that team.
    """
    given = client.given.teams if client.given else ()
    teams = dict.fromkeys([*given, *request.teams, *(place.team for place in client.places if place.team)])
    return tuple(
        PageChange(
            team=team,
            client_id=client.id,
            asked_at=now,
            role_arn=given_arn if team in given else None,
            number=0,
            token_hash=client.token_hash,
        )
        for team in teams
        if not (refused.adds and team == refused.team)
    )


def with_team(client: Client, change: PageChange) -> Client:
    """Return the client, granted already, after a change that no request waits for: its team is let in, or no more.

    What a request has asked lets nobody in once that request has failed.
    """
    if change.role_arn is None:
        return without_team(client, change.team)
    if client.given is None or change.request_id or change.team in client.given.teams:
        return client
    return replace(client, given=replace(client.given, teams=(*client.given.teams, change.team)))


def without_team(client: Client, team: str) -> Client:
    """Return the client with a grant that lets this team in no more."""
    if client.given is None:
        return client
    teams = tuple(one for one in client.given.teams if one != team)
    return replace(client, given=replace(client.given, teams=teams))


def with_own_group(client: Client) -> Client:
    """Return the client once a group of its own may exist."""
    return client if OWN_GROUP in client.places else replace(client, places=(OWN_GROUP, *client.places))
