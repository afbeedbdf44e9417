"""Makes text safe for Slack, and defines the type of safe text. No other module does.

Clients choose company names, role names and CloudFormation reasons, so any of these may try to mention the whole
channel, to hide a link behind the word "Approve", or to fake a line of ours. Text in Slack's markup is therefore a
`Mrkdwn`, and blocks take nothing else (`blocks.py` checks it at run time too). Foreign text becomes one in three ways:

    literal(text)       reads as typed, on one line, with no formatting, emoji, mention or link
    code(text)          the same as inline code, exact and fit to be copied
    preformatted(text)  a code block, the only one that keeps its lines

and `Mrkdwn.format` and `Mrkdwn.join` pass any other value through `literal`. `Mrkdwn(...)` itself is only for our own
words, written out in the source; a test checks that.

Slack escapes nothing but `& < >` (docs.slack.dev, "Formatting message text"). What else formats (`*bold*`, backticks,
`:emoji:`) is replaced by a character that looks the same: Slack documents no way to escape it, and zero-width
characters inside a word would be copied along unseen.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

from bot.domain.spelling import JOINERS, one_line

# Slack takes 3,000 characters in a section; these leave room for the words around them.
SECTION_LIMIT = 2900
SENTENCE_LIMIT = 2000
PREFORMATTED_LIMIT = 2800
HEADER_LIMIT = 150
LITERAL_LIMIT = 300
_ELLIPSIS = "…"
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_BACKTICK = "\N{MODIFIER LETTER GRAVE ACCENT}"
_LOOKALIKES = str.maketrans({"*": "\N{ASTERISK OPERATOR}", "~": "\N{TILDE OPERATOR}", "`": _BACKTICK})
_LEFT, _RIGHT = "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}", "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
_UNDERSCORE_THAT_FORMATS = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_COLON_OF_EMOJI = re.compile(r":(?=\S*:)")
_BRACKETS = str.maketrans({"<": _LEFT, ">": _RIGHT})
_JOINERS = "".join(JOINERS)
_SIGNS = {"U": "@", "W": "@", "S": "!subteam^", "C": "#", "G": "#"}
"""What Slack mentions, by the first letter of its id: people, user groups, channels."""


class Mrkdwn(str):
    """Text in Slack's markup with nothing foreign left unescaped."""

    __slots__ = ()

    def format(self, *args: object, **kwargs: object) -> Mrkdwn:
        """Fill in values; those that are no Mrkdwn become `literal`."""
        return Mrkdwn(str.format(self, *map(_safe, args), **{name: _safe(value) for name, value in kwargs.items()}))

    def around(self, value: object) -> Mrkdwn:
        """Fill in the value; empty where there is none."""
        return self.format(value) if value else Mrkdwn("")

    def join(self, parts: Iterable[Any], /) -> Mrkdwn:
        """Join parts; those that are no Mrkdwn become `literal`."""
        return Mrkdwn(str.join(self, map(_safe, parts)))


def _safe(value: object) -> Mrkdwn:
    return value if isinstance(value, Mrkdwn) else literal(str(value))


def literal(text: str, limit: int = LITERAL_LIMIT) -> Mrkdwn:
    """Return foreign text that reads exactly as typed, cut with "…" to at most `limit` characters in Slack."""
    shown = one_line(text).translate(_LOOKALIKES)
    shown = _UNDERSCORE_THAT_FORMATS.sub("\N{MODIFIER LETTER LOW MACRON}", shown)
    shown = _COLON_OF_EMOJI.sub("\N{MODIFIER LETTER COLON}", shown)
    if shown.startswith(">"):
        shown = _RIGHT + shown[1:]
    return Mrkdwn(_cut(shown, limit))


def code(text: str, limit: int = LITERAL_LIMIT) -> Mrkdwn:
    """Return foreign text as inline code. Everything but backticks stays exact."""
    inside = _cut(one_line(text).replace("`", _BACKTICK), limit - 2)
    return Mrkdwn(f"`{inside}`") if inside else Mrkdwn("-")


def preformatted(text: str, limit: int = PREFORMATTED_LIMIT) -> Mrkdwn:
    """Return lines as a code block. Everything but backticks stays exact."""
    lines = "\n".join(_visible_line(line) for line in text.replace("`", _BACKTICK).strip("\n").split("\n"))
    return Mrkdwn(f"```{_cut(lines, limit - 6)}```")


def preformatted_parts(text: str) -> list[Mrkdwn]:
    """Return lines as code blocks that Slack takes whole: one, or several divided between paragraphs."""
    paragraphs = [Mrkdwn(preformatted(one)[3:-3]) for one in text.strip("\n").split("\n\n")]
    return [Mrkdwn(f"```{part}```") for part in packed(paragraphs, Mrkdwn("\n\n"), PREFORMATTED_LIMIT - 6)]


def packed(parts: Iterable[Mrkdwn], between: Mrkdwn, limit: int) -> list[Mrkdwn]:
    """Join parts into as few texts as possible, each as long as the limit allows."""
    texts: list[Mrkdwn] = []
    for part in parts:
        longer = between.join([*texts[-1:], part])
        texts[-1:] = [longer] if len(longer) <= limit else [*texts[-1:], part]
    return texts


def divided(text: Mrkdwn, limit: int = SECTION_LIMIT) -> list[Mrkdwn]:
    """Divide markup between its lines into as few texts as possible, each as long as the limit allows.

    A code block that opens in one line and closes in another stays whole.
    """
    lines: list[Mrkdwn] = []
    for line in text.split("\n"):
        open_block = bool(lines) and lines[-1].count("```") % 2
        lines[-1:] = [Mrkdwn(f"{lines[-1]}\n{line}")] if open_block else [*lines[-1:], Mrkdwn(line)]
    return packed(lines, Mrkdwn("\n"), limit)


def plain(text: str, limit: int = HEADER_LIMIT) -> str:
    """Return foreign text for a plain_text object, where Slack reads no markup; only angle brackets are replaced."""
    shown = one_line(text).translate(_BRACKETS)
    return shown if len(shown) <= limit else shown[: limit - 1].rstrip(_JOINERS) + _ELLIPSIS


def sentence(text: str) -> Mrkdwn:
    """Return a sentence of ours, such as an error's: escaped, but its backticks still format inline code."""
    return Mrkdwn(_cut(one_line(text), SENTENCE_LIMIT))


def listed(items: Sequence[Mrkdwn], most: int) -> Mrkdwn:
    """Return the items divided by commas, and how many there are beyond the most."""
    named, more = Mrkdwn(", ").join(items[:most]), len(items) - most
    return Mrkdwn("{} and {} more").format(named, more) if more > 0 else named


def mention(slack_id: str) -> Mrkdwn:
    """Mention a person or a user group, who are notified, or a channel. What is no Slack id is shown as it is."""
    sign = _SIGNS.get(slack_id[:1], "")
    return Mrkdwn(f"<{sign}{slack_id}>") if sign and re.fullmatch(r"[A-Z0-9]{2,}", slack_id) else code(slack_id)


def is_address(url: str) -> bool:
    """Return whether this can be linked to."""
    return bool(re.fullmatch(r"https?://[^\s<>|`\"]+", url))


def link(url: str, label: Mrkdwn | None = None) -> Mrkdwn:
    """Return a link of ours; without a label it shows its address.

    The address comes from us or from Slack, and its parts are percent-encoded. Raises ValueError for anything else.
    """
    if not is_address(url):
        raise ValueError(f"no address to link to: {url!r}")
    shown = Mrkdwn("|{}").around(label)
    return Mrkdwn(f"<{url.replace('&', '&amp;')}{shown}>")


def moment(at: datetime) -> Mrkdwn:
    """Return a date and time in the reader's own time zone."""
    return _date(at, "{date_short_pretty} at {time}", "%Y-%m-%d %H:%M UTC")


def second(at: datetime) -> Mrkdwn:
    """Return a time to the second in the reader's own time zone, as in a log."""
    return _date(at, "{date_short} {time_secs}", "%Y-%m-%d %H:%M:%S UTC")


def day(at: datetime) -> Mrkdwn:
    """Return a date in the reader's own time zone."""
    return _date(at, "{date_short_pretty}", "%Y-%m-%d")


def _date(at: datetime, shown: str, fallback: str) -> Mrkdwn:
    return Mrkdwn(f"<!date^{int(at.timestamp())}^{shown}|{at.astimezone(UTC).strftime(fallback)}>")


def _visible_line(line: str) -> str:
    indent = len(line) - len(line.lstrip(" "))
    return " " * indent + one_line(line)


def _cut(text: str, limit: int) -> str:
    """Escape, and cut between two characters, so that no entity is cut in half. Slack counts what is escaped."""
    escaped = [_ESCAPED.get(char, char) for char in text]
    ends = list(accumulate(map(len, escaped)))
    if not ends or ends[-1] <= limit:
        return "".join(escaped)
    return "".join(escaped[: bisect(ends, limit - len(_ELLIPSIS))]).rstrip(_JOINERS) + _ELLIPSIS
