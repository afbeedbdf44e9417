"""What each kind of request is called in titles, and what CloudFormation does for it. `{}` is the company."""

from __future__ import annotations

from typing import NamedTuple, assert_never

from bot.domain.vocabulary import Kind


class Titles(NamedTuple):
    """The words of one kind, which `states.py` puts together. A kind needs none for a state that it never has."""

    asked: str
    doing: str = "{}"
    whose: str = "{}"
    done: str = ""
    denied: str = "{}"
    working: str = ""


def titles(kind: Kind) -> Titles:
    """Return the words of this kind."""
    match kind:
        case Kind.ONBOARD:
            return Titles("Onboard {}?", "Onboarding {}", "{}", "onboarded", "{}", "granting the access")
        case Kind.UPDATE:
            return Titles("Update {}?", "Updating {}", "{}", "updated", "Update of {}", "changing the access")
        case Kind.OFFBOARD:
            return Titles("Remove {}?", "Removing {}", "{}", "removed", "Removal of {}", "removing the access")
        case Kind.REPAIR:
            asked, doing, whose = "{}: access changed by hand", "Repairing the access of {}", "The access of {}"
            return Titles(asked, doing, whose, "repaired", working="restoring the access as it was approved")
        case Kind.REPORT:
            return Titles("{}: client stack failed")
    assert_never(kind)
