"""Speaking to whoever is at the terminal: counts, what others have typed, and the question for the stage's name."""

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


def counted(number: int, what: str) -> str:
    """Return how many there are of something, whose first word takes the plural's s."""
    first, _, rest = what.partition(" ")
    return f"{number:,} {first}{'s' * (number != 1)}" + (f" {rest}" if rest else "")


def printable(text: str) -> str:
    """Return a text for a terminal, in which what can't be seen is written as its code: it would be obeyed."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)
