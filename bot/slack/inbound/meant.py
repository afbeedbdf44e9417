"""Guesses which command was meant by words that are none and find no client.

It may be misspelt, or stand after its client; of an invitation, `invite` may be missing.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.vocabulary import AccessLevel

_NEEDED: dict[str, list[str]] = {
    "help": [],
    "invitations": [],
    "kit": [],
    "invite": ["<company>"],
    "list": [],
    "team": ["<client> <team>"],
    "teams": [],
}
"""What must follow these commands. A client must follow all others."""
_LEVELS = {level.casefold() for level in AccessLevel}
"""They, and options, stand only in an invitation."""
_DASHES = ("--", "\N{EM DASH}", "\N{EN DASH}")
_RESEMBLANCE = 0.75
"""How near a word must come to a command, as difflib counts: two letters of eight may differ."""


def command_meant(words: Sequence[str], of_clients: Sequence[str]) -> str:
    """Return what should have been typed after `/clients`, empty where nothing is near.

    `of_clients` are the commands that a client follows.
    """
    from difflib import get_close_matches  # noqa: PLC0415  only a search needs it

    first, last = words[0].casefold(), words[-1].casefold()
    if words[1:] and last in of_clients:
        return " ".join([last, *words[:-1]])
    for near in get_close_matches(first, (*_NEEDED, *of_clients), n=1, cutoff=_RESEMBLANCE):
        return " ".join([near, *(words[1:] or _NEEDED.get(near, ["<client>"]))])
    if words[1:] and (last in _LEVELS or any(word.startswith(_DASHES) for word in words)):
        return " ".join(["invite", *words])
    return ""
