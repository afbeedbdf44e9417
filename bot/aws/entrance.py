"""Words about client groups and teams, for people. Only errors and differences here have others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.entrance import Entrance, Joining
from bot.domain.model import OWN_GROUP, Place
from bot.domain.page import PAGES_IN_A_GROUP, PageName
from bot.settings import Settings

_ADD = "aws iam add-user-to-group --group-name {} --user-name USER_NAME"
_ALONE = "Members of the IAM group `{}` may switch as well. To add somebody to this client alone:"
_LACK = (
    "The client got no IAM group of its own: the AWS account had nearly as many groups as IAM allows, or "
    "`CLIENT_GROUPS` was `off`. Ask whoever runs Switchyard to check both."
)


def entrance_by(settings: Settings, client_id: str, places: Sequence[Place]) -> Entrance:
    """Return how people get into a client's role by these places; by its own group where there are none."""
    group = settings.group_name(client_id)
    by_group = _by_group(group)
    pages = [place for place in places if place.team]
    if not pages:
        return by_group
    by_teams = _by_teams(settings, pages)
    if OWN_GROUP not in places:
        return replace(by_teams, lack=_LACK if settings.client_groups else "")
    return replace(
        by_teams,
        people=f"{by_teams.people}{', and' if pages[1:] else ' and'} {by_group.people}",
        removed=f"{by_teams.removed}, and {by_group.removed}",
        missing=f"{by_teams.missing}, and {by_group.missing}",
        removal=f"{by_teams.removal}, {by_group.removal}",
        joining=(*by_teams.joining, Joining(_ALONE.format(group), _ADD.format(group))),
    )


def _by_group(group: str) -> Entrance:
    thing = f"the IAM group `{group}`"
    return Entrance(
        people=f"members of {thing}",
        removed=f"{thing} is deleted",
        missing=f"{thing} does not exist",
        removal=f"removes all members from {thing} and deletes the group",
        renewal=f"creates {thing} again, without members; add them again by hand",
        renewed="The group was created again and has no members: add them again by hand.",
        joining=(Joining(f"Members of {thing} may switch into this role. To add somebody:", _ADD.format(group)),),
    )


def _by_teams(settings: Settings, pages: Sequence[Place]) -> Entrance:
    names = [f"`{page.team}`" for page in pages]
    teams = f"the teams {', '.join(names[:-1])} and {names[-1]}" if names[1:] else f"the team {names[0]}"
    return Entrance(
        people=teams,
        removed=f"the role is off the pages of {teams}",
        missing=f"no page of {teams} lists the role",
        removal=f"takes the role off the pages of {teams}",
        renewal="creates again what was deleted, a group without its members; add them again by hand",
        renewed="A group that was deleted was created again and has no members: add them again by hand.",
        joining=tuple(_joining(settings, page) for page in pages),
        federated=f"a permission set that names the pages of {teams} ({_where(settings, pages)})",
    )


def _where(settings: Settings, pages: Sequence[Place]) -> str:
    """Return where a permission set finds the pages, and which of them list the client, as far as that is known."""
    names = [settings.page_policy_name(PageName(page.team, page.number)) for page in pages if page.number]
    listing = f"; today this client is on {' and '.join(f'`{name}`' for name in names)}" if names else ""
    return f"policies at the path `{settings.team_path}`{listing}"


def _joining(settings: Settings, page: Place) -> Joining:
    number = PageName(page.team, page.number or 1).group
    last = number * PAGES_IN_A_GROUP
    pages = f" on the team's pages {last - PAGES_IN_A_GROUP + 1} to {last}; this one is on page {page.number}"
    reach = f"once for all clients{pages if number > 1 else ''}"
    who = f"People of the team `{page.team}` may switch into this role. An administrator adds somebody, {reach}:"
    return Joining(who, _ADD.format(settings.team_group_name(page.team, number)))
