"""The symbol of each standing, wherever a client is named with it."""

from __future__ import annotations

from typing import assert_never

from bot.domain.vocabulary import Standing


def symbol(standing: Standing) -> str:
    """Return the emoji that stands before the client's name."""
    match standing:
        case Standing.ARRIVING:
            return "⏳"
        case Standing.WAITING | Standing.UPDATE_WAITING | Standing.LEAVING:
            return "🟡"
        case Standing.PROVISIONING:
            return "🔵"
        case Standing.ONBOARDED:
            return "✅"
        case Standing.DRIFTED | Standing.KEPT:
            return "🟠"
        case Standing.DENIED:
            return "⛔"
        case Standing.STACK_FAILED | Standing.FAILED | Standing.REMOVAL_FAILED:
            return "🔴"
        case Standing.EXPIRED:
            return "⌛"
        case Standing.WITHDRAWN | Standing.OFFBOARDED:
            return "⚪"
        case Standing.BLOCKED:
            return "🚫"
    assert_never(standing)
