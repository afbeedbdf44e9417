"""Parses what somebody typed after `/clients`.

`/clients invite <company> [level]`: the last word is the level if it is one of the three, in any case; the rest is the
company. Quotes around the company, typed or "smart", are removed, so that a company may end in such a word; so is a
single one. Apostrophes stay, because names begin and end with them. `--accounts <n>` may stand anywhere, also with the
dash that Slack's apps make of two hyphens.

A last word that only resembles a level ("admin") belongs to the company. The parsed command then also carries what may
have been meant, and the answer asks.
"""

from __future__ import annotations

import re
from enum import StrEnum

from bot.domain.errors import BadCommand
from bot.domain.record import Record
from bot.domain.vocabulary import DEFAULT_LEVEL, AccessLevel
from bot.slack.inbound.payload import unescaped

_LEVELS = {level.casefold(): level for level in AccessLevel}
_QUOTES = {'"': '"”', "'": "'", "“": '”"', "„": "“”", "«": "»", "”": "”", "\u2018": "\u2019", "\u201a": "\u2018\u2019"}
_DOUBLE_QUOTES = '"“”„«»'
_RESEMBLING = {
    AccessLevel.ADMINISTRATOR: {"admin", "admins", "administrator", "administrators"},
    AccessLevel.POWER_USER: {"power", "poweruser", "powerusers"},
    AccessLevel.READ_ONLY: {"read", "readonly"},
}
_ACCOUNTS = re.compile("(?:--|\N{EM DASH}|\N{EN DASH})accounts(?:=(.*))?", re.IGNORECASE)
_MISSPELT = re.compile("[-\\N{EM DASH}\\N{EN DASH}\\N{NON-BREAKING HYPHEN}\\N{HYPHEN}]+accounts?\\b.*", re.IGNORECASE)
_LABELLED_LINK = re.compile(r"<[^<>|]*\|([^<>]*)>")
"""What Slack makes of an address that is typed."""


class Invite(Record):
    """`/clients invite …`."""

    company: str
    level: AccessLevel
    accounts: int = 1
    instead: Invite | None = None
    """The command that may have been meant, with the last word as its level. Its company may be empty."""


class ListInvitations(Record):
    """`/clients invitations [company]`."""

    company: str = ""


class ClientVerb(StrEnum):
    """What approvers may type before the name or id of a client."""

    HISTORY = "history"
    REVOKE = "revoke"
    BLOCK = "block"
    UNBLOCK = "unblock"


class OfClient(Record):
    """`/clients <verb> <client>`."""

    verb: ClientVerb
    client: str


class Open(StrEnum):
    """What everybody of the workspace may type, and as often as they like."""

    LIST = "list"
    HELP = "help"


Command = Invite | ListInvitations | OfClient | Open


def parse(text: str) -> Command:
    """Return the command. Raises BadCommand, whose sentence says what to write."""
    words = unescaped(_LABELLED_LINK.sub(r"\1", text)).split()
    verb, rest = (words[0].casefold(), words[1:]) if words else (Open.LIST, [])
    if verb in set(Open):
        return Open(verb)
    if verb == "invite":
        return _invite(rest)
    if verb == "invitations":
        return ListInvitations(_unquoted(" ".join(rest)))
    if verb in set(ClientVerb):
        return OfClient(ClientVerb(verb), _client(verb, rest))
    quotable = words[0][:40].replace("`", "'")
    raise BadCommand(f"`/clients {quotable}` is no command.")


def _client(verb: str, words: list[str]) -> str:
    if not words:
        raise BadCommand(f"Which client? Write `/clients {verb} <client>`, with its company or id.")
    return _unquoted(" ".join(words))


def _invite(words: list[str]) -> Invite:
    words, accounts = _accounts(words)
    level = _LEVELS.get(words[-1].casefold()) if words else None
    typed = " ".join(words[:-1] if level else words)
    company = _unquoted(typed)
    if not company:
        raise BadCommand("Which company? Write `/clients invite <company>`, and a level after it if you like.")
    instead = None if level or _is_quoted(typed) else _meant(company)
    return Invite(company, level or DEFAULT_LEVEL, accounts, instead)


def _accounts(words: list[str]) -> tuple[list[str], int]:
    """Return the other words, and the number of accounts. Raises BadCommand for an option that can't be read."""
    found = [(at, option) for at, word in enumerate(words) if (option := _ACCOUNTS.fullmatch(word))]
    unreadable = BadCommand("For how many accounts? Write `--accounts 20`, once, after the company.")
    if not found:
        if any(_MISSPELT.fullmatch(word) for word in words):
            raise unreadable
        return words, 1
    at, option = found[0]
    number, after = (option[1], at + 1) if option[1] is not None else ("".join(words[at + 1 : at + 2]), at + 2)
    if len(found) > 1 or not re.fullmatch(r"[0-9]{1,4}", number):
        raise unreadable
    return [*words[:at], *words[after:]], int(number)


def _meant(company: str) -> Invite | None:
    """Return the command with its last word, or last two ("power user"), read as a level; None where they are none."""
    words = company.split()
    for count in (2, 1):
        last = re.sub(r"\W|_", "", "".join(words[-count:]).casefold())
        for level, resembling in _RESEMBLING.items():
            if last in resembling:
                return Invite(_unquoted(" ".join(words[:-count])), level)
    return None


def _is_quoted(company: str) -> bool:
    return len(company) > 1 and company[-1] in _QUOTES.get(company[0], "")


def _unquoted(company: str) -> str:
    if _is_quoted(company):
        return company[1:-1].strip()
    alone = sum(char in _DOUBLE_QUOTES for char in company) == 1
    return company.strip(_DOUBLE_QUOTES).strip() if alone else company
