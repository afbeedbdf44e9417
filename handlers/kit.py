"""Asynchronously invoked: `{"send": {…}}` sends somebody the kit that was asked for, by the fields of `KitAsked`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot import bootstrap
from bot.domain.kit import KitAsked
from bot.kit.sending import KitSending

bootstrap.prepare(bootstrap.kit_sending, bootstrap.secrets)


def create_handler(sending: Callable[[], KitSending]) -> Callable[[dict[str, Any], object], None]:
    """Return the handler on this use case."""

    def handle(event: dict[str, Any], context: object) -> None:
        bootstrap.trace(context)
        sending().send(KitAsked(**{name: str(value) for name, value in event["send"].items()}))

    return handle


handler = create_handler(bootstrap.kit_sending)
