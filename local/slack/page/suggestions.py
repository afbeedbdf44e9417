"""The commands that the page suggests while somebody types: those that the app's own help explains.

The help is read as text, so a command that is added there is suggested too. What the app fills in when it answers
("{{ levels }}") is unknown here: the explanation ends before it.
"""

import re
from functools import cache
from html import unescape
from pathlib import Path

HELP = Path(__file__).parents[3] / "bot" / "templates" / "help.mrkdwn.j2"
_BLOCK = re.compile(r"\{%.*?%\}")
_OTHER_NAME = re.compile(r"(?<=`) or `/[^`]+`")
_FILLED_IN = re.compile(r"\{\{ *(\w+) *\}\}")
_COMMAND = re.compile(r"(?:^|(?<=[.:;] ))`(/[^`]+)`([^`]*(?:`(?!/)[^`]*`[^`]*)*)", re.MULTILINE)
_SENTENCE = re.compile(r"[.;:](?=\s|$)")
_BEFORE_FILLED_IN = re.compile(r"[,:(]?[^,:(]*\{\{")


@cache
def suggestions() -> list[dict[str, str]]:
    """Return each command, with `<placeholders>`, and its meaning in a few words."""
    return suggested(HELP.read_text(encoding="utf-8"))


def suggested(help_text: str) -> list[dict[str, str]]:
    """Return the commands that a help text explains, in its order: spans of code that begin a line or a sentence."""
    found: dict[str, str] = {}
    for command, rest in _COMMAND.findall(_OTHER_NAME.sub("", _BLOCK.sub("", help_text))):
        found.setdefault(unescape(_FILLED_IN.sub(r"<\1>", command)), _in_short(unescape(rest)))
    return [{"line": line, "meaning": meaning} for line, meaning in found.items()]


def _in_short(text: str) -> str:
    first = _SENTENCE.split(text.strip().partition("\n")[0])[0]
    known = _BEFORE_FILLED_IN.split(first)[0] if "{{" in first else first
    return known.replace("`", "").replace("*", "").strip(" ,:")
