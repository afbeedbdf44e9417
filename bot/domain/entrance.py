"""Words about how people get into one client's role, and how that ends."""

from __future__ import annotations

from bot.domain.record import Record


class Joining(Record):
    """How one more person gets in: a sentence about who may switch, and the command that follows it."""

    who: str
    command: str


class Entrance(Record):
    """The words of whatever grants the access, so that no other module knows what a grant is made of.

    The words fit into sentences as shown here; backticks mark names.
    """

    people: str
    """Approve lets … switch into the role."""
    removed: str
    """The access is removed: …."""
    missing: str
    """There was no access to remove: …."""
    removal: str
    """Approve …, when access is taken away."""
    renewal: str
    """Repair …, when the grant was deleted."""
    renewed: str
    """A sentence: what somebody has to do after such a repair."""
    joining: tuple[Joining, ...]
    lack: str = ""
    """A sentence: what this client should have and does not get; empty for nothing."""
    federated: str = ""
    """People with … get in from IAM Identity Center; empty where nobody can."""
