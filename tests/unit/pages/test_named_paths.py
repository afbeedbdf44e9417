"""Every path and every link that a page names leads to something."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.unit.pages.commands import YOURS

PROJECT = Path(__file__).parents[3]
PAGES = [*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md")]
FOLDERS = "bot|handlers|local|deploy|tests|client-templates|stages|docs|locks"
PATH = re.compile(rf"(?<![\w./-])(?:{FOLDERS})/[\w./*<>-]*[\w/*>]")
MODULE = re.compile(r"(?<![\w/.*-])\w+\.py\b")
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)")
FENCED = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)


def missing(page: Path) -> list[str]:
    """Return what the page names that is not there. A name in <…> stands for any."""
    text = page.read_text()
    paths = {path for path in PATH.findall(text) if "<" not in path} - {*YOURS}
    modules = {f"**/{module}" for module in MODULE.findall(text)}
    links = {link for link in LINK.findall(text) if "://" not in link[0]}
    return [
        *sorted(path for path in paths if not any(PROJECT.glob(path))),
        *sorted(
            module for module in modules if not any(any((PROJECT / one).glob(module)) for one in FOLDERS.split("|"))
        ),
        *sorted(
            f"{link}#{part}".rstrip("#")
            for link, part in links
            if not leads(page.parent / link if link else page, part)
        ),
    ]


def leads(target: Path, part: str) -> bool:
    """Tell whether a link's target is there, and in it the heading that the link names."""
    return target.exists() and (not part or part in headings(target))


def headings(page: Path) -> set[str]:
    """Return what GitHub calls a page's headings in links: lower case, hyphens for spaces, without other marks."""
    titles = re.findall(r"^#+ (.+)$", FENCED.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_all_that_a_page_names_is_there(page: Path) -> None:
    assert missing(page) == []


def test_what_is_not_there_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "`bot/plan.py`, `forgotten.py`, bot/domain/, tests/unit/*/test_*.py and [a link](gone.md#part)\n"
        "## A part, `there`\n[there](#a-part-there) and [not](#a-part) and [not either](page.md#part)"
    )
    assert missing(page) == ["bot/plan.py", "**/forgotten.py", "#a-part", "gone.md#part", "page.md#part"]
