"""Parses what somebody typed after `/clients`.

`/clients invite <company> [level]`: the last word is the level if it is one of the three, in any case; the rest is the
company. Quotes around the company, typed or "smart", are removed, so that a company may end in such a word; so is a
single one. Apostrophes stay, because names begin and end with them. Options are taken out first (`options.py`).

A last word that only resembles a level ("admin") belongs to the company. The parsed command then also carries what may
have been meant, and the answer asks.

What is no command is searched for, so `/clients acme` finds Acme. Where that finds nothing and the words resemble a
command, the answer asks whether that was meant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from bot.domain.errors import BadCommand
from bot.domain.page import teams_there_are
from bot.domain.record import Record
from bot.domain.vocabulary import DEFAULT_LEVEL, AccessLevel, TeamVerb
from bot.slack.inbound.meant import command_meant
from bot.slack.inbound.options import without_options
from bot.slack.inbound.payload import unescaped

_LEVELS = {level.casefold(): level for level in AccessLevel}
_QUOTES = {'"': '"”', "'": "'", "“": '”"', "„": "“”", "«": "»", "”": "”", "\u2018": "\u2019", "\u201a": "\u2018\u2019"}
_DOUBLE_QUOTES = '"“”„«»'
_RESEMBLING = {
    AccessLevel.ADMINISTRATOR: {"admin", "admins", "administrator", "administrators"},
    AccessLevel.POWER_USER: {"power", "poweruser", "powerusers"},
    AccessLevel.READ_ONLY: {"read", "readonly"},
}
_ALL_ITS_TEAMS = "Write `/clients team <client> <team>`, and name every team that is to get in."
_FIND = ("list", "find", "search")
_LABELLED_LINK = re.compile(r"<[^<>|]*\|([^<>]*)>")
"""What Slack makes of an address that is typed."""


class Invite(Record):
    """`/clients invite …`."""

    company: str
    level: AccessLevel
    accounts: int = 1
    instead: Invite | None = None
    """The command that may have been meant, with the last word as its level. Its company may be empty."""
    teams: tuple[str, ...] = ()


class ListInvitations(Record):
    """`/clients invitations [company]`."""

    company: str = ""


class AskForKit(Record):
    """`/clients kit [team]`."""

    team: str = ""
    """Empty for all clients."""


class Find(Record):
    """`/clients <words>`: what is no command, or follows `list` or `find`."""

    words: str
    meant: str = ""
    """The command that may have been meant, where nothing is found; empty for none."""


class ClientVerb(StrEnum):
    """What may be typed before the name or id of a client. Everybody may show one and see its card."""

    SHOW = "show"
    CARD = "card"
    HISTORY = "history"
    REVOKE = "revoke"
    BLOCK = "block"
    UNBLOCK = "unblock"


class OfClient(Record):
    """`/clients <verb> <client>`."""

    verb: ClientVerb
    client: str


class OfTeam(Record):
    """`/clients teams <verb> <team>`."""

    verb: TeamVerb
    team: str


class ListTeams(Record):
    """`/clients teams`."""


class ChooseTeams(Record):
    """`/clients team <client> <team…>`. The teams are the last words that are one; who knows the teams can tell."""

    words: tuple[str, ...]

    def parted(self, known: Sequence[str]) -> tuple[str, tuple[str, ...]]:
        """Return the client's name and the teams. Raises BadCommand where the last word is no team."""
        teams: list[str] = []
        words = list(self.words)
        while words[1:] and words[-1].strip(",").casefold() in known:
            teams.insert(0, words.pop().strip(",").casefold())
        if not teams:
            last = self.words[-1]
            wrong = "Which client?" if last.casefold() in known else f"`{_quotable(last)}` is no team."
            raise BadCommand(f"{wrong} {_ALL_ITS_TEAMS} {teams_there_are(known)}")
        return _unquoted(" ".join(words)), tuple(dict.fromkeys(teams))


class Open(StrEnum):
    """What everybody of the workspace may type, and as often as they like."""

    LIST = "list"
    HELP = "help"


Direct = Invite | ListInvitations | OfClient | OfTeam | ListTeams | ChooseTeams
"""Commands whose answer is all that comes of them in Slack, but for messages in the channel. Each counts only once."""
Command = Direct | AskForKit | Find | Open


def parse(text: str) -> Command:
    """Return the command. Raises BadCommand, whose sentence says what to write."""
    words = unescaped(_LABELLED_LINK.sub(r"\1", text)).split()
    verb, rest = (words[0].casefold(), words[1:]) if words else (Open.LIST, [])
    if verb in _FIND:
        return _find(rest) if rest else Open.LIST
    if verb == Open.HELP:
        return Open.HELP
    if verb == "invite":
        return _invite(rest)
    if verb == "invitations":
        return ListInvitations(_unquoted(" ".join(rest)))
    if verb == "kit":
        return _kit(rest)
    if verb == "teams":
        return _teams(rest)
    if verb == "team":
        return _chosen(rest)
    if verb in set(ClientVerb):
        return OfClient(ClientVerb(verb), _client(verb, rest))
    return _find(words, "" if _is_quoted(" ".join(words)) else command_meant(words, tuple(ClientVerb)))


def asks_to_be_asked(text: str) -> bool:
    """Return whether it is `/clients invite` without words, which opens the window that asks for them."""
    return [word.casefold() for word in text.split()] == ["invite"]


def _find(words: list[str], meant: str = "") -> Find:
    return Find(_unquoted(" ".join(words)), meant)


def _quotable(word: str) -> str:
    return word[:40].replace("`", "'")


def _client(verb: str, words: list[str]) -> str:
    if not words:
        raise BadCommand(f"Which client? Write `/clients {verb} <client>`, with its company, account or id.")
    return _unquoted(" ".join(words))


def _kit(words: list[str]) -> AskForKit:
    if words[1:]:
        raise BadCommand("Which team? Write `/clients kit <team>`, or `/clients kit` for all clients.")
    return AskForKit(*(word.casefold() for word in words))


def _teams(words: list[str]) -> OfTeam | ListTeams:
    if not words:
        return ListTeams()
    verb, *named = (word.casefold() for word in words)
    if verb not in set(TeamVerb):
        raise BadCommand(f"`/clients teams {_quotable(words[0])}` is no command. `/clients teams` lists all teams.")
    if len(named) != 1:
        raise BadCommand(f"Which team? Write `/clients teams {verb} <team>`. `/clients teams` lists the teams.")
    return OfTeam(TeamVerb(verb), named[0])


def _chosen(words: list[str]) -> ChooseTeams:
    if not words:
        raise BadCommand(f"Which client, and which teams? {_ALL_ITS_TEAMS}")
    return ChooseTeams(tuple(words))


def _invite(words: list[str]) -> Invite:
    options = without_options(words)
    words = options.words
    level = _LEVELS.get(words[-1].casefold()) if words else None
    typed = " ".join(words[:-1] if level else words)
    company = _unquoted(typed)
    if not company:
        raise BadCommand("Which company? Write `/clients invite <company>`, and a level after it if you like.")
    instead = None if level or _is_quoted(typed) else _meant(company)
    return Invite(company, level or DEFAULT_LEVEL, options.accounts, instead, options.teams)


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
