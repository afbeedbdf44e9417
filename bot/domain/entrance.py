"""How people get into one client's role, and how that ends, in words for people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entrance:
    """What a grant gives, as whoever grants says it, so that nobody else knows what it is made of.

    The words fit into sentences as shown here; backticks mark names.
    """

    people: str
    """Approve lets … switch into the role."""
    thing: str
    """Revoking deletes …"""
    removal: str
    """Approve …, when access is taken away."""
    renewal: str
    """Repair …, when what was given is gone."""
    renewed: str
    """A sentence: what somebody has to do after that."""
    joining: str
    """A sentence: who may switch. A command that lets one more person in follows it."""
    command: str
