"""What a listener knows of one press."""

from __future__ import annotations

from dataclasses import field

from bot.commands import Commands
from bot.domain.answers import Actor
from bot.domain.record import Record
from bot.settings import Settings
from bot.slack import ids
from bot.slack.inbound.payload import Body, part, text


class Press(Record):
    """A pressed button, who pressed it, and what it takes to answer. `mark` identifies the signed press."""

    action: Body
    actor: Actor
    workflow: Commands
    settings: Settings
    mark: str
    chosen: Body = field(default_factory=dict)
    """What is chosen in the pressed message, as Slack sends it along (`state.values`)."""
    private: bool = False
    """Whether the pressed message is one that only this person sees, so that an answer may replace it."""

    @property
    def name(self) -> str:
        """Return what was pressed, by its `action_id`."""
        return text(self.action, "action_id")

    @property
    def value(self) -> str:
        """Return what the button or the chosen option sends: an id, an invitation's hash, a search or a cursor."""
        return text(self.action, "value") or text(part(self.action, "selected_option"), "value")

    @property
    def row(self) -> str:
        """Return the id of its row of buttons, which says what the row was drawn for."""
        return text(self.action, "block_id")

    @property
    def drawn_after(self) -> int:
        """Return how many presses had counted when its row was drawn; less than none for a row that does not say."""
        return ids.drawn_after(self.row)
