"""Has teams' kits renewed."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from bot.domain.errors import TryAgain
from bot.ports import Handoff

log = logging.getLogger(__name__)


def have_renewed(handoff: Handoff, teams: Iterable[str]) -> None:
    """Have the kits of these teams written anew, if there are any. What can't be handed over now the sweep finds."""
    named = sorted(set(teams))
    try:
        if named:
            handoff.renew(named)
    except TryAgain as error:
        log.warning("the kits of %s wait for the sweep: %s", ", ".join(named), error)
