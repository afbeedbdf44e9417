"""Takes the options out of what somebody typed: `--accounts 20` and `--team data`, anywhere among the other words.

Slack's apps make one dash of two hyphens, so that counts too. A word that looks like an option and is none is refused:
taken for a part of the company, it would leave the team or the number of accounts unsaid.
"""

from __future__ import annotations

import re

from bot.domain.errors import BadCommand
from bot.domain.record import Record

_DASH = "(?:--|\N{EM DASH}|\N{EN DASH})"
# Compiled when they are used: only invitations need them, and that takes 2 ms of each cold start.
_OPTION = f"{_DASH}(accounts|team)(?:=(.*))?"
_DASHES = "[-\\N{EM DASH}\\N{EN DASH}\\N{NON-BREAKING HYPHEN}\\N{HYPHEN}]+"
_MISSPELT_ACCOUNTS = rf"{_DASHES}accounts?\b.*"
_MISSPELT_TEAM = rf"{_DASHES}teams?\b.*"
_UNKNOWN = rf"{_DASH}[a-z][a-z-]*(?:=.*)?"
_HOW_MANY = "For how many accounts? Write `--accounts 20`, once, after the company."
_WHICH_TEAM = "Which team? Write `--team data`, once for each team. `/clients teams` lists the teams."


class Options(Record):
    """What was asked for beside the other words."""

    words: list[str]
    """The words that belong to no option."""
    accounts: int = 1
    teams: tuple[str, ...] = ()


def without_options(words: list[str]) -> Options:
    """Return the options, and the other words. Raises BadCommand for an option that can't be read or does not exist."""
    rest: list[str] = []
    accounts: list[str] = []
    teams: list[str] = []
    left = iter(words)
    for word in left:
        option = re.fullmatch(_OPTION, word, re.IGNORECASE)
        if option is None:
            _require_no_option(word)
            rest.append(word)
            continue
        value = next(left, "") if option[2] is None else option[2]
        (accounts if option[1].casefold() == "accounts" else teams).append(value)
    if len(accounts) > 1 or any(not re.fullmatch(r"[0-9]{1,4}", one) for one in accounts):
        raise BadCommand(_HOW_MANY)
    named = [one.casefold() for one in teams]
    if any(not re.fullmatch(r"[\w-]{1,40}", one) for one in named):
        raise BadCommand(_WHICH_TEAM)
    return Options(rest, int(accounts[0]) if accounts else 1, tuple(dict.fromkeys(named)))


def _require_no_option(word: str) -> None:
    """Raise BadCommand for a word that is meant as an option."""
    if re.fullmatch(_MISSPELT_ACCOUNTS, word, re.IGNORECASE):
        raise BadCommand(_HOW_MANY)
    if re.fullmatch(_MISSPELT_TEAM, word, re.IGNORECASE):
        raise BadCommand(_WHICH_TEAM)
    if re.fullmatch(_UNKNOWN, word, re.IGNORECASE):
        quoted = word[:40].replace("`", "'")
        raise BadCommand(f"There is no option `{quoted}`. The options are `--accounts 20` and `--team data`.")
