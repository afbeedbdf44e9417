"""What somebody typed after `/clients`, understood.

`/clients invite <company> [level]`: the last word is the level if it is one of the three, in any case; the rest is the
company. Quotes around the company, typed or "smart", are taken off, so that a company may end in such a word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.errors import BadCommand
from bot.vocabulary import DEFAULT_LEVEL, AccessLevel

_LEVELS = {level.casefold(): level for level in AccessLevel}
_QUOTES = {'"': '"', "'": "'", "“": "”", "„": "“”", "«": "»", "”": "”", "\u2018": "\u2019", "\u201a": "\u2018\u2019"}
_LABELLED_LINK = re.compile(r"<[^<>|]*\|([^<>]*)>")


@dataclass(frozen=True)
class Invite:
    """`/clients invite …`."""

    company: str
    level: AccessLevel


@dataclass(frozen=True)
class ListClients:
    """`/clients`."""


@dataclass(frozen=True)
class Help:
    """`/clients help`."""


def parse(text: str) -> Invite | ListClients | Help:
    """Raise BadCommand, saying what was not understood."""
    words = _as_typed(text).split()
    if not words:
        return ListClients()
    verb, rest = words[0].casefold(), words[1:]
    if verb == "help":
        return Help()
    if verb == "invite":
        return _invite(rest)
    raise BadCommand(f"`/clients {_quotable(words[0])}` is not something I know.")


def _invite(words: list[str]) -> Invite:
    level = _LEVELS.get(words[-1].casefold()) if words else None
    company = _unquoted(" ".join(words[:-1] if level else words))
    if not company:
        raise BadCommand("Which company? Write `/clients invite <company>`, and a level after it if you like.")
    return Invite(company, level or DEFAULT_LEVEL)


def _unquoted(company: str) -> str:
    if len(company) > 1 and company[-1] in _QUOTES.get(company[0], ""):
        return company[1:-1].strip()
    return company


def _quotable(word: str) -> str:
    return word[:40].replace("`", "'")


def _as_typed(text: str) -> str:
    """Undo what Slack makes of typed text: addresses become links, `& < >` entities."""
    plain = _LABELLED_LINK.sub(r"\1", text)
    return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
