"""Every page in docs/decisions/ has the same short form and its row in the index."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "docs" / "decisions"
PAGES = sorted(FOLDER.glob("[0-9]*.md"))
FORM = re.compile(
    r"# (?P<number>\d+)\. (?P<title>[^\n]+)\n\n"
    r"Status: (?P<status>accepted|superseded by decision \d+)\. Date: (?P<date>20\d\d-\d\d-\d\d)\.\n\n"
    r"\*\*Context\.\*\*.+\n\n\*\*Decision\.\*\*.+\n\n\*\*Consequences\.\*\*.+",
    re.DOTALL,
)


def test_no_two_decisions_have_one_number_and_none_is_left_out() -> None:
    assert [int(page.name[:4]) for page in PAGES] == list(range(1, len(PAGES) + 1))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_decision_has_its_form_and_its_row_in_the_index(page: Path) -> None:
    found = FORM.fullmatch(page.read_text())
    assert found is not None, "Number and title, Status and Date, Context, Decision, Consequences: see decision 1."
    assert int(found["number"]) == int(page.name[:4])
    row = f"| {found['number']} | [{found['title']}]({page.name}) | {found['status']} | {found['date']} |"
    assert row in (FOLDER / "README.md").read_text().splitlines()
