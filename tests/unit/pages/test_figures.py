"""Every figure of a page comes from the code, from a measurement, or from a page of AWS's: see figures.py."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from tests.unit.pages.figures import EXAMPLES, MEASURED, figures
from tests.unit.pages.sources import PROJECT, decision_kinds

FIGURES = figures()
NUMBER = re.compile(r"(?<![\w#./:-])\d[\d,.]*\d?(?![\w])")
NOT_PROSE = (
    re.compile(r"^ *```.*?^ *```|^    \S[^\n]*$", re.DOTALL | re.MULTILINE),  # blocks of code and drawings
    re.compile(r"`[^`]*`|\]\([^)]*\)|<img [^>]*>"),  # code, where a link leads, and how wide a picture is
    re.compile(r"^(?:#+ )? *\d+\. ", re.MULTILINE),  # the number of a step
    re.compile(r"\bstep\s\d+"),  # a step of the same page: test_deploying_page.py
    re.compile(r"\b[Dd]ecision \d+"),  # its page is there: test_decisions.py
    re.compile(
        r"^.*`test_\w+\.py::.*$", re.MULTILINE
    ),  # a row that names the test which holds it: test_security_page.py
)


def without(text: str, sentences: Sequence[str]) -> str:
    """Return a text with blanks for all digits that are no prose, or stand in these sentences."""
    for pattern in NOT_PROSE:
        text = pattern.sub(lambda found: re.sub(r"\d", " ", found[0]), text)
    for sentence in sentences:
        text = _as_wrapped(sentence).sub(lambda found: re.sub(r"\d", " ", found[0]), text)
    return text


def _as_wrapped(sentence: str) -> re.Pattern[str]:
    """Return what finds a sentence also where its lines are broken."""
    return re.compile(r"\s+".join(map(re.escape, sentence.split(" "))))


def test_no_page_is_left_out() -> None:
    """docs/performance.md is written by make bench, docs/safeties.md by make safeties."""
    pages = {str(page.relative_to(PROJECT)) for page in (*PROJECT.glob("*.md"), *PROJECT.glob("docs/*.md"))}
    assert pages - {"CHANGELOG.md", "docs/performance.md", "docs/safeties.md"} == set(FIGURES)


@pytest.mark.parametrize("page", FIGURES)
def test_what_the_code_says_stands_on_the_page(page: str) -> None:
    text = (PROJECT / page).read_text(encoding="utf-8")
    told = [*FIGURES[page], *MEASURED.get(page, ())[1:], *EXAMPLES.get(page, ())]
    assert [sentence for sentence in told if not _as_wrapped(sentence).search(text)] == []


@pytest.mark.parametrize("page", FIGURES)
def test_every_figure_has_its_source(page: str) -> None:
    text = (PROJECT / page).read_text(encoding="utf-8")
    rest = without(text, [*FIGURES[page], *MEASURED.get(page, ())[1:], *EXAMPLES.get(page, ())])
    lines = text.splitlines()
    unsourced = {number for number, line in enumerate(rest.splitlines()) if NUMBER.search(line)}
    assert [lines[number] for number in sorted(unsourced)] == [], "Say in figures.py where it comes from."


def test_what_measures_is_a_command_of_ours() -> None:
    targets = re.findall(r"^(\w+):", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    assert {command.removeprefix("make ") for command, *_ in MEASURED.values()} <= set(targets)


def test_operating_names_every_kind_of_decision() -> None:
    row = re.search(r"^\| `Decisions` .*$", (PROJECT / "docs/operating.md").read_text(), re.MULTILINE)
    assert row and set(re.findall(r"`([a-z ]+)`", row[0])) - {"kind"} == decision_kinds()
