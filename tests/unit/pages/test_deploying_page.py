"""docs/deploying.md: the errors that it lists are those that the code tells, and the steps that it names are there.

tests/local/test_deploying_page.py follows it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.unit.pages.commands import PROJECT

TEXT = (PROJECT / "docs" / "deploying.md").read_text(encoding="utf-8")
OTHERS = ("(from AWS)", "(from Slack)")
"""Rows with what others say: our code has no such words."""


def told() -> Iterator[str]:
    """Every string of the deployment's code, with … for what is filled in."""
    for module in sorted((PROJECT / "deploy").glob("*.py")):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def errors() -> list[str]:
    rows = TEXT.partition("## Errors people meet\n")[2].splitlines()
    said = [row.split("|")[1] for row in rows if row.startswith("| `")]
    return [re.findall(r"`([^`]+)`", one)[0] for one in said if not any(other in one for other in OTHERS)]


def test_there_are_errors_of_ours() -> None:
    assert len(errors()) >= 10


@pytest.mark.parametrize("error", errors())
def test_an_error_is_told_in_these_words(error: str) -> None:
    words = re.compile(".*".join(map(re.escape, error.split("…"))), re.DOTALL)
    assert [one for one in told() if words.search(one)]


def test_the_steps_that_it_names_are_there() -> None:
    steps = re.findall(r"(?m)^## (\d+)\. ", TEXT)
    assert steps == [str(number) for number in range(1, len(steps) + 1)]
    assert set(re.findall(r"\bstep\s(\d+)", TEXT)) <= set(steps)
