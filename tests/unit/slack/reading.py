"""Slack's markup, read by its documentation alone (docs.slack.dev, "Formatting message text"), knowing nothing of ours.

`&`, `<` and `>` are control characters. What stands between `<` and `>` is a mention, a link or a date; `&amp;`, `&lt;`
and `&gt;` are the three characters themselves; nothing else may be left of them. `*`, `_`, `~`, backticks and `:name:`
format, except in code.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_EMOJI = re.compile(r":[^\s:]+:")
_ITALICS = re.compile(r"(?<!\w)_[^_\n]+_(?!\w)")
_ENTITIES = ("amp;", "lt;", "gt;")


@dataclass(frozen=True)
class Reading:
    """What a text does, apart from what it says."""

    sequences: tuple[str, ...]
    """What stands between `<` and `>`, in order; a link to switch roles, or to stacks, without its parameters."""
    lines: int
    formats: tuple[tuple[str, int], ...]
    """How often each formatting character stands outside of code, and how many spans of code there are."""


def read(text: str) -> Reading:
    """Raise AssertionError for a control character that Slack could take for more than a character."""
    sequences, rest, at = [], "", 0
    while at < len(text):
        char = text[at]
        if char == "<":
            end = text.index(">", at)
            inside = text[at + 1 : end]
            assert "<" not in inside, "one sequence begins inside another"
            sequences.append(_without_parameters(inside))
            at = end
        else:
            assert char != ">", "a > that closes nothing quotes, or closes what should stay open"
            assert char != "&" or text.startswith(_ENTITIES, at + 1), "an & that escapes nothing"
            rest += char
        at += 1
    return Reading(tuple(sequences), text.count("\n") + 1, _formats(rest))


def hidden(text: str) -> list[str]:
    """Characters that print as nothing or change what is around them, other than our own line breaks.

    A joiner right after a letter, mark or picture of a script that has joiners is how that script is written.
    """
    unseen = [(at, char) for at, char in enumerate(text) if unicodedata.category(char)[0] == "C" and char != "\n"]
    return [char for at, char in unseen if char not in "\u200c\u200d" or not _takes_joiners(text[:at][-1:])]


def _takes_joiners(char: str) -> bool:
    return char > "\u05ff" and unicodedata.category(char) in ("Lo", "Lu", "Ll", "Lm", "Mn", "Mc", "So", "Sm", "Sk")


def _formats(text: str) -> tuple[tuple[str, int], ...]:
    prose = _CODE.sub("", text)
    found = Counter(char for char in prose if char in "*~`")
    found["code"] = len(_CODE.findall(text))
    found["emoji"] = len(_EMOJI.findall(prose))
    found["italics"] = len(_ITALICS.findall(prose))
    return tuple(sorted((name, count) for name, count in found.items() if count))


def _without_parameters(sequence: str) -> str:
    url, _, label = html.unescape(sequence).partition("|")
    if is_stack_page(url):
        return f"stacks, {label}"
    return sequence if switch_role(url) is None else "switch role"


def is_stack_page(url: str) -> bool:
    """Whether this is a page of CloudFormation's console that shows a stack, or stacks of one name."""
    parts = urlsplit(url)
    where = (parts.scheme, parts.netloc, parts.path) == (
        "https",
        "eu-central-1.console.aws.amazon.com",
        "/cloudformation/home",
    )
    shows = re.fullmatch(
        r"/stacks(\?filteringText=[\w-]+|/stackinfo\?stackId=(?:[\w.~-]|%[0-9A-F]{2})+)", parts.fragment
    )
    return where and bool(re.fullmatch(r"region=[\w-]+", parts.query)) and shows is not None


def switch_role(url: str) -> dict[str, list[str]] | None:
    """The parameters of a link to AWS's switch-role page; None for any other address."""
    parts = urlsplit(url)
    if (parts.scheme, parts.netloc, parts.path, parts.fragment) != (
        "https",
        "signin.aws.amazon.com",
        "/switchrole",
        "",
    ):
        return None
    return parse_qs(parts.query, strict_parsing=True)
