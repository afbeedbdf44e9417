"""What people are told about client groups: the only words about them outside the errors and differences found here."""

from __future__ import annotations

from bot.domain.entrance import Entrance


def group_entrance(group: str) -> Entrance:
    """Return how people get into a client's role by the IAM group of this name."""
    thing = f"the IAM group `{group}`"
    return Entrance(
        people=f"members of {thing}",
        thing=thing,
        removal=f"takes all members out of {thing} and deletes it",
        renewal=f"makes {thing} anew, with nobody in it: whoever was in it has to be put there again",
        renewed="The group was made anew: nobody is in it until somebody puts them there.",
        joining=f"Whoever is in {thing} may switch. This puts somebody in:",
        command=f"aws iam add-user-to-group --group-name {group} --user-name USER_NAME",
    )
