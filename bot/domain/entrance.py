"""Words about how people get into one client's role, and how that ends."""

from __future__ import annotations

from bot.domain.record import Record


class Entrance(Record):
    """The words of whatever grants the access, so that no other module knows what a grant is made of.

    The words fit into sentences as shown here; backticks mark names.
    """

    people: str
    """Approve lets … switch into the role."""
    thing: str
    """Revoking deletes …"""
    removal: str
    """Approve …, when access is taken away."""
    renewal: str
    """Repair …, when the grant was deleted."""
    renewed: str
    """A sentence: what somebody has to do after such a repair."""
    joining: str
    """A sentence: who may switch. The command that adds one more person follows it."""
    command: str
