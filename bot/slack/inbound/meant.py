"""Guesses which command was meant by words that are none and find no client.

It may be misspelt, cut short, or another word for it, or stand after its client; `invite` may be missing.
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
_OTHER_WORDS = {
    **dict.fromkeys(("approve", "deny", "reopen", "rename", "label"), "show"),
    **dict.fromkeys(("delete", "end", "offboard", "remove", "terminate"), "revoke"),
    **dict.fromkeys(("bookmarks", "config", "export", "profile", "profiles"), "kit"),
    **dict.fromkeys(("audit", "log"), "history"),
    **dict.fromkeys(("add", "onboard"), "invite"),
}
"""What people type instead. Showing a client gives an approver the buttons that decide about it and rename it."""
_LEAST = 3
"""Fewest letters that a command can be cut short to."""
_LEVELS = {level.casefold() for level in AccessLevel}
"""They, and options, stand only in an invitation."""
_DASHES = ("--", "\N{EM DASH}", "\N{EN DASH}")
_RESEMBLANCE = 0.75
"""How near a word must come to a command, as difflib counts: two letters of eight may differ."""


def command_meant(words: Sequence[str], of_clients: Sequence[str]) -> str:
    """Return what should have been typed after `/clients`, empty where nothing is near.

    `of_clients` are the commands that a client follows.
    """
    first, last = words[0].casefold(), words[-1].casefold()
    if words[1:] and last in of_clients:
        return " ".join([last, *words[:-1]])
    if near := _near(first, (*_NEEDED, *of_clients)):
        follows = [] if _NEEDED.get(near) == [] and first in _OTHER_WORDS else words[1:]
        return " ".join([near, *(follows or _NEEDED.get(near, ["<client>"]))])
    if words[1:] and (last in _LEVELS or any(word.startswith(_DASHES) for word in words)):
        return " ".join(["invite", *words])
    return ""


def _near(word: str, commands: Sequence[str]) -> str:
    """Return the command that this word is another word for, is the beginning of, or resembles; empty for none."""
    from difflib import get_close_matches  # noqa: PLC0415  only a search needs it

    begun = [one for one in commands if len(word) >= _LEAST and one.startswith(word)]
    resembling = begun if len(begun) == 1 else get_close_matches(word, commands, n=1, cutoff=_RESEMBLANCE)
    return _OTHER_WORDS.get(word) or next(iter(resembling), "")
