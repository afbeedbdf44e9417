"""What a company may be called: which characters are visible, and which invisible ones its script or emoji needs.

Two joiners print as nothing and are still part of how people write: U+200C keeps two letters apart that a cursive
script would join (Persian); U+200D asks for a joined form (Sinhala, Bengali) and makes one emoji of several. They are
accepted only there. The rules for scripts are those of RFC 5892, appendix A, and UAX #31, section 2.3; the rule for
emoji is GB11 of UAX #29. Python has no table of joining types, so a cursive script is recognised by its name.
"""

from __future__ import annotations

import re
import unicodedata

from bot.domain.errors import BadCommand

COMPANY_LENGTH = 64
BLANK_NAME = "(blank)"
"""Shown for a claimed company name that has no visible character."""
NON_JOINER, JOINER = "\u200c", "\u200d"
JOINERS = frozenset((NON_JOINER, JOINER))
BLANKS = frozenset("\u2800\u115f\u1160\u3164\uffa0\U0001d159")
"""Letters and signs that print as nothing: Braille blank, the Hangul fillers, and the null notehead."""
_VIRAMA = 9
"""Canonical combining class of the signs that take a letter's vowel away."""
_CURSIVE = (
    *("ADLAM", "ARABIC", "CHORASMIAN", "HANIFI", "MANDAIC", "MANICHAEAN", "MONGOLIAN", "NKO"),
    *("OLD SOGDIAN", "OLD UYGHUR", "PHAGS-PA", "PSALTER", "SOGDIAN", "SYRIAC"),
)
_PICTURE = re.compile(
    "[\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001f3fa\U0001f400-\U0001faff]"
)
_PICTURE_MODIFIERS = "\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
_COMBINING_IN_A_ROW = 3
_SELECTORS = re.compile("[\u034f\u17b4\u17b5\U00016fe4\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Marks that print as nothing themselves; at most they choose how the character before them is drawn."""


def company_name(text: str) -> str:
    """Return a company name as stored. Raises BadCommand when it is empty, too long or has invisible characters."""
    name = " ".join(text.split())
    if not name:
        raise BadCommand("Which company? Write `/clients invite <company> [Administrator|PowerUser|ReadOnly]`.")
    if len(name) > COMPANY_LENGTH:
        raise BadCommand(f"A company name has at most {COMPANY_LENGTH} characters; this one has {len(name)}.")
    if not is_plain(name):
        raise BadCommand("The company name holds characters that can't be seen. Type it instead of pasting it.")
    return name


def claimed_name(name: str) -> str:
    """Return a company name as its client claims it, never empty: one of blanks is called that."""
    return name if can_be_seen(name) else BLANK_NAME


def one_line(text: str) -> str:
    """Return foreign text as one line on which nothing is hidden.

    Line breaks and tabs become spaces. What would reorder, hide or blank out text (bidi and zero-width controls,
    unassigned and private characters) becomes a visible replacement character. A joiner stays where its script or its
    emoji needs it.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    shown: list[str] = []
    combining = 0
    for index, char in enumerate(text):
        category = unicodedata.category(char)
        if char not in JOINERS:
            combining = combining + 1 if category in ("Mn", "Me") else 0
        if combining > _COMBINING_IN_A_ROW:
            continue
        if category in ("Cc", "Zs", "Zl", "Zp"):
            shown.append(" ")
        elif is_hidden(text, index):
            shown.append("\N{REPLACEMENT CHARACTER}")
        else:
            shown.append(char)
    return " ".join("".join(shown).split())


def company_key(name: str) -> str:
    """Return what two names must share to count as the same company; marks that print as nothing don't count."""
    return unicodedata.normalize("NFKC", without_unseen_marks(name)).casefold().strip()


def same_company(name: str, other: str) -> bool:
    """Return whether two names count as the same company."""
    return company_key(name) == company_key(other)


def is_plain(text: str) -> bool:
    """Return whether something of the text prints, and nothing in it is hidden."""
    return can_be_seen(text) and not any(is_hidden(text, index) for index in range(len(text)))


def is_hidden(text: str, index: int) -> bool:
    """Return whether the character there prints as nothing, or reorders text, without its script needing it."""
    char = text[index]
    if char in JOINERS:
        return not joiner_has_place(text, index)
    return unicodedata.category(char)[0] == "C" or char in BLANKS


def joiner_has_place(text: str, index: int) -> bool:
    """Return whether the joiner there has an effect by the rules of its script or of emoji."""
    before, after = text[:index], text[index + 1 :]
    if _shapes_a_conjunct(before, after):
        return True
    if text[index] == NON_JOINER:
        return _keeps_cursive_letters_apart(before, after)
    picture = before.rstrip(_PICTURE_MODIFIERS)[-1:]
    return bool(_PICTURE.fullmatch(picture) and _PICTURE.fullmatch(after[:1]))


def without_unseen_marks(text: str) -> str:
    """Return the text without joiners, variation selectors and blanks: what is left where two names look alike."""
    kept = "".join(char for char in text if char not in JOINERS and char not in BLANKS)
    return _SELECTORS.sub("", kept)


def can_be_seen(text: str) -> bool:
    """Return whether anything of the text prints."""
    return any(unicodedata.category(char)[0] not in "CZ" for char in without_unseen_marks(text))


def _shapes_a_conjunct(before: str, after: str) -> bool:
    """Return whether it stands between a letter with a virama and what follows, or between a letter and its virama."""
    if before and unicodedata.combining(before[-1]) == _VIRAMA:
        letter = _last_letter(before)
        return _script(letter) == _script(before[-1])
    if after and unicodedata.combining(after[0]) == _VIRAMA:
        return _script(_last_letter(before)) == _script(after[0])
    return False


def _keeps_cursive_letters_apart(before: str, after: str) -> bool:
    """Return whether it stands between two letters of one cursive script, also after one that never joins."""
    script = _script(_last_letter(before))
    following = next((char for char in after if not _is_mark(char)), "")
    return script in _CURSIVE and _script(_last_letter(following)) == script


def _last_letter(text: str) -> str:
    """Return the letter that the marks at the end of the text belong to, or nothing."""
    last = next((char for char in reversed(text) if not _is_mark(char)), "")
    return last if last and unicodedata.category(last)[0] == "L" else ""


def _is_mark(char: str) -> bool:
    return unicodedata.category(char)[0] == "M"


def _script(char: str) -> str:
    """Return the script by the character's own name, such as ARABIC or DEVANAGARI."""
    name = unicodedata.name(char, "") if char else ""
    return next((one for one in _CURSIVE if name.startswith(f"{one} ")), name.partition(" ")[0])
