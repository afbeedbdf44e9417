"""docs/safeties.md says what the markers on the tests say, and each of them names a module that is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.safeties import PAGE, marked, page, report

SAFETIES = marked()


def test_the_page_says_what_the_tests_say() -> None:
    assert PAGE.read_text() == page(PAGE.read_text(), SAFETIES), (
        "Every row comes from a marker. Write it anew: make safeties"
    )


def test_every_safety_names_a_module_that_is_there() -> None:
    assert len(SAFETIES) > 500
    assert [module for module, _ in SAFETIES if not (PAGE.parents[1] / module).is_file()] == []


def test_no_row_needs_the_one_before_it() -> None:
    leaning = ("And ", "But ", "Also ", "So ", "Nor ", "Or ", "Unless ", "Otherwise ", "They ", "That is ", "It does ")
    assert [sentence for _, sentence in SAFETIES if sentence.startswith(leaning)] == []


def test_a_row_by_hand_goes() -> None:
    text = PAGE.read_text()
    assert page(text.replace("## Taken out", "| a row | `bot/sweep.py` | `test_a` |\n## Taken out"), SAFETIES) == text


def test_a_test_may_have_several_and_several_the_same(tmp_path: Path) -> None:
    marker = '@pytest.mark.safety("{}", "bot/sweep.py")\n'
    both = marker.format("Nothing waits") + marker.format("Nobody waits")
    (tmp_path / "test_one.py").write_text(f"{both}def test_a() -> None: ...\n")
    (tmp_path / "test_two.py").write_text(f"{marker.format('Nothing waits')}def test_b() -> None: ...\n")
    told = report(marked(tmp_path)).splitlines()
    assert told[-2:] == [
        "| Nobody waits | `bot/sweep.py` | `test_one.py::test_a` |",
        "| Nothing waits | `bot/sweep.py` | `test_one.py::test_a`, `test_two.py::test_b` |",
    ]


@pytest.mark.parametrize(
    "arguments", ['"Nothing waits"', '"Nothing waits", MODULE', '"Nothing waits", where="bot/sweep.py"']
)
def test_a_marker_that_cannot_be_read_is_named(tmp_path: Path, arguments: str) -> None:
    (tmp_path / "test_one.py").write_text(f"@pytest.mark.safety({arguments})\ndef test_a() -> None: ...\n")
    with pytest.raises(ValueError, match=r"test_one\.py:1: a safety is a sentence and a module's path"):
        marked(tmp_path)
