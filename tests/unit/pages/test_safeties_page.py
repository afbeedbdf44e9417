"""Every safety that docs/safeties.md lists names the module it is in and a test that fails without it."""

from __future__ import annotations

import re

from tests.named_tests import DOCS, missing_on, named_on

PAGE = "safeties.md"
ROWS = re.findall(r"^\| (?!\*\*|safety |-)(.+?) \| (.+?) \| (.+?) \|$", (DOCS / PAGE).read_text(), re.MULTILINE)


def test_every_test_the_page_names_is_there() -> None:
    assert len(ROWS) > 50
    assert missing_on(PAGE) == []


def test_every_safety_names_its_test_and_where_it_is() -> None:
    assert [safety for safety, _, test in ROWS if not re.search(r"`test_\w+\.py::\w+`", test)] == []
    paths = [re.findall(r"`([\w/-]+\.(?:py|yml))`", where) for _, where, _ in ROWS]
    assert [row for row, found in zip(ROWS, paths, strict=True) if not found] == []
    assert [one for found in paths for one in found if not (DOCS.parent / one).exists()] == []


def test_as_many_tests_are_named_as_there_are_safeties() -> None:
    assert len(named_on(PAGE)) >= len(ROWS)
