"""Whether the listed approvers can reach every approval that the settings ask for."""

from __future__ import annotations

from bot.domain.approvers import Approvers


def unreachable_quorum(approvers: Approvers) -> str:
    """Return why nobody could ever approve something; empty if everything can be approved.

    A user group can be joined, so with one listed any number can be reached. Nobody listed at all is another matter:
    such a deployment is allowed, with a warning.
    """
    people = len(set(approvers.users))
    if approvers.groups or not people:
        return ""
    for level, needed in approvers.needed:
        if needed > people:
            return (
                f"APPROVALS_NEEDED asks for {needed} people to approve {level}, but APPROVERS lists {_people(people)}."
                " List more, or a user group, or ask for fewer."
            )
    if approvers.two_people and people == 1:
        return (
            "REQUIRE_TWO_PEOPLE asks for another approver than the one who invited, but APPROVERS lists one person."
            " List another one, or a user group, or switch it off."
        )
    return ""


def _people(count: int) -> str:
    return "one person" if count == 1 else f"{count} different people"
