"""Titles of requests, by kind and state, and what CloudFormation does for each kind. `{}` is the company."""

from __future__ import annotations

from typing import NamedTuple, assert_never

from bot.domain.request import Request
from bot.domain.vocabulary import Kind, State

_COMPANY = 100


class Titles(NamedTuple):
    """The words of one kind, which `title` puts together. A kind needs none for a state that it never has."""

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


def title(request: Request, outdated: Kind | None = None) -> str:
    """Return the header: plain text, with the company's name unchanged."""
    words = titles(request.kind)
    form = f"{words.whose} was {words.done}" if outdated else _form(request.state, words)
    return form.format(request.company[:_COMPANY])


def _form(state: State, words: Titles) -> str:
    """Return the header with a gap for the company's name."""
    match state:
        case State.PENDING | State.DRIFTED | State.REPORTED:
            return words.asked
        case State.APPROVED | State.PROVISIONING:
            return words.doing
        case State.DONE:
            return f"✅ {words.whose} is {words.done}"
        case State.FAILED:
            return f"{words.doing} failed"
        case State.DENIED:
            return f"{words.denied} was denied"
        case State.EXPIRED:
            return f"{words.asked} Nobody decided"
        case State.SUPERSEDED:
            return f"{words.asked}{'' if words.asked.endswith('?') else '.'} No longer open"
    assert_never(state)
