"""A kit's sending, killed at any moment: Lambda may deliver the same invocation again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from bot.domain.kit import KitAsked
from bot.kit.files import KitFile
from bot.kit.sending import KitSending
from tests.fakes import TurnableClock
from tests.memory_store import MemoryStore
from tests.unit.kit.samples import client
from tests.unit.slack.samples import SETTINGS

ASKED = KitAsked("U0ADA", mark="0" * 64)


class Killed(BaseException):
    """Nothing of ours runs after it."""


@dataclass
class DyingCourier:
    """The Courier: dies where it is told to, before the mark, after it, or not at all."""

    dies: str = ""
    sent: list[KitAsked] = field(default_factory=list)

    def deliver(self, asked: KitAsked, _kit: Sequence[KitFile], _clients: int, first: Callable[[], None]) -> None:
        self._die("before the mark")
        first()
        self._die("after the mark")
        self.sent.append(asked)

    def excuse(self, asked: KitAsked, *, empty: bool) -> None:
        raise AssertionError(asked, empty)

    def _die(self, where: str) -> None:
        if self.dies == where:
            self.dies = ""
            raise Killed


@pytest.mark.safety("The kit of one command is sent once", "bot/kit/sending.py")
@pytest.mark.parametrize(("dies", "sent"), [("before the mark", 1), ("after the mark", 0), ("", 1)])
def test_however_it_dies_a_kit_is_never_sent_twice(dies: str, sent: int) -> None:
    store, courier = MemoryStore(), DyingCourier(dies)
    store.stored_clients["c1"] = client(1)
    sending = KitSending(store, courier, SETTINGS, TurnableClock())
    for _ in range(3):
        try:
            sending.send(ASKED)
        except Killed:
            assert dies
    assert len(courier.sent) == sent
