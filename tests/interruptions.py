"""A table and a CloudFormation that let somebody else in at the worst moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.errors import Conflict
from bot.domain.message import Message
from bot.domain.request import Request
from bot.ports import Progress, Started
from bot.ports.store import Change
from tests.channel import Interruption
from tests.fakes import Stacks
from tests.memory_store import MemoryStore


class SharedStore(MemoryStore):
    """Lets somebody else in before or after the next save; `busy` means that somebody else is always faster."""

    def __init__(self) -> None:
        super().__init__()
        self.before_saving = Interruption()
        self.after_saving = Interruption()
        self.busy = False

    def save(self, change: Change) -> None:
        self.before_saving.let_in()
        if self.busy and (change.client or change.requests):
            raise Conflict
        super().save(change)
        self.after_saving.let_in()

    def keep(self, message: Message, lease: datetime) -> bool:
        self.before_saving.let_in()
        return not self.busy and super().keep(message, lease)


@dataclass
class SlowStacks(Stacks, Interruption):
    """Something else happens before CloudFormation's answer arrives."""

    def start(self, request: Request, leaving: Sequence[str] = ()) -> Started:
        started = super().start(request, leaving)
        self.let_in()
        return started

    def progress(self, request: Request) -> Progress:
        progress = super().progress(request)
        self.let_in()
        return progress
