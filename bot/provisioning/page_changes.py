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
    asked: list[tuple[str, str | None, int | None]] = []
    for team in dict.fromkeys([*wanted, *(place.team for place in client.places if place.team)]):
        *others, kept = [None, *(place.number for place in client.places if place.team == team)]
        asked += [(team, role_arn if team in wanted else None, kept)]
        asked += [(team, None, number) for number in others if number is not None]
    return tuple(
        PageChange(
            team=team,
            client_id=client.id,
            asked_at=now,
            role_arn=role,
            number=number,
            request_id=request.id,
            token=request.token,
            key=f"{team}.{place}",
            token_hash=client.token_hash,
            anew=request.kind is Kind.REPAIR,
        )
        for place, (team, role, number) in enumerate(asked)
    )


def waiting_for(request: Request, client: Client, changes: Sequence[PageChange]) -> tuple[Request, Client]:
    """Return both as they are while these changes are under way."""
    attempt = replace(request.attempt, waits_for=tuple(change.key for change in changes))
    teams = [Place(team) for team in request.teams if team not in {place.team for place in client.places}]
    return replace(request, attempt=attempt), replace(client, places=(*client.places, *teams))


def still_to_ask(change: PageChange, client: Client, now: datetime) -> PageChange | None:
    """Return what is to be asked once CloudFormation has carried out this change; None for nothing.

    A role that has moved is now taken off the page that it leaves. One whose page was not known may be on another page.
    """
    follow = replace(change, asked_at=now, role_arn=None, leaves=0, was=None)
    if change.leaves:
        return replace(follow, number=change.leaves)
    if change.role_arn is None and change.number and Place(change.team, 0) in client.places:
        return replace(follow, number=0)
    return None


def with_place(client: Client, change: PageChange) -> Client:
    """Return the client as it is on the team's pages after this change."""
    here, unknown = Place(change.team, change.number or 0), Place(change.team, 0)
    gone = {here, unknown} if change.role_arn is not None else {here}
    kept = tuple(place for place in client.places if place not in gone)
    return replace(client, places=kept if change.role_arn is None else (*kept, here))


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
