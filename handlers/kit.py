"""Asynchronously invoked: `{"send": {…}}` sends somebody the kit that was asked for, by the fields of `KitAsked`.

`{"renew": [team, …]}` writes the kits of these teams anew, in their bucket.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot import bootstrap
from bot.domain.kit import KitAsked
from bot.kit.renewing import KitRenewal
from bot.kit.sending import KitSending

bootstrap.prepare(bootstrap.kit_sending, bootstrap.secrets)


def create_handler(
    sending: Callable[[], KitSending], renewal: Callable[[], KitRenewal]
) -> Callable[[dict[str, Any], object], None]:
    """Return the handler on these use cases."""

    def handle(event: dict[str, Any], context: object) -> None:
        bootstrap.trace(context)
        if "renew" in event:
            renewal().renew([str(team) for team in event["renew"]])
        else:
            sending().send(KitAsked(**{name: str(value) for name, value in event["send"].items()}))

    return handle


handler = create_handler(bootstrap.kit_sending, bootstrap.kit_renewal)
