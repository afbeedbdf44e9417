"""What people ask of the operator's kit."""

from __future__ import annotations

from bot.domain.record import Record

CONFIG = "config"
"""The name of the file with the AWS CLI's profiles."""


class KitAsked(Record):
    """Somebody has asked for a kit, by one signed command."""

    user_id: str
    """Whose direct message it goes to."""
    team: str = ""
    """The team whose clients it holds; empty for all clients."""
    response_url: str = ""
    """Where Slack lets us answer the command for 30 minutes."""
    mark: str = ""
    """Identifies the command, so that its kit is sent once."""
