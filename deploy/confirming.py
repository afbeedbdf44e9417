"""Asking for the stage's name before something that can't be taken back."""

from __future__ import annotations

from collections.abc import Callable

from deploy.errors import NotReady


def confirm(stage: str, given: str, ask: Callable[[str], str], what: str) -> None:
    """Have the stage's name typed, unless it was given. Raise NotReady for anything else, and where nobody is there."""
    try:
        answer = given or ask(f"\nType the stage's name to {what} ({stage}): ").strip()
    except EOFError as error:
        raise NotReady(f"Nobody is there to confirm. In a script, say YES={stage}.") from error
    if answer != stage:
        raise NotReady(f"{answer!r} is not {stage}. Nothing was changed.")
