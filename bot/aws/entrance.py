"""Words about client groups, for people. Only errors and differences here have others."""

from __future__ import annotations

from bot.domain.entrance import Entrance


def group_entrance(group: str) -> Entrance:
    """Return how people get into a client's role by the IAM group of this name."""
    thing = f"the IAM group `{group}`"
    return Entrance(
        people=f"members of {thing}",
        thing=thing,
        removal=f"removes all members from {thing} and deletes the group",
        renewal=f"creates {thing} again, without members; add them again by hand",
        renewed="The group was created again and has no members: add them again by hand.",
        joining=f"Members of {thing} may switch into this role. To add somebody:",
        command=f"aws iam add-user-to-group --group-name {group} --user-name USER_NAME",
    )
