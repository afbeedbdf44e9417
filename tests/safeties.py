"""`make safeties`: write docs/safeties.md from the markers on the tests.

A test that fails without a safety says so: `@pytest.mark.safety("what holds, as a sentence", "bot/the_module.py")`. A
test may have several of them, and several tests the same one. The page's text before the report is written by hand.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
PAGE = TESTS.parent / "docs" / "safeties.md"
HEAD = ("| safety | where | the test that fails without it |", "|---|---|---|")
BEGIN = "<!-- From here on `make safeties` writes. -->"
Safeties = dict[tuple[str, str], list[str]]
"""By module and sentence: the tests."""


def marked(tests: Path = TESTS) -> Safeties:
    """Read every marker. Raise ValueError where one is no two plain strings, since nothing is imported here."""
    found: Safeties = {}
    for path in sorted(tests.rglob("test_*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef):
                for sentence, module in _markers(node, path):
                    found.setdefault((module, sentence), []).append(f"{path.name}::{node.name}")
    return found


def _markers(test: ast.FunctionDef, path: Path) -> Iterator[tuple[str, str]]:
    for one in test.decorator_list:
        if isinstance(one, ast.Call) and ast.unparse(one.func) == "pytest.mark.safety":
            words = [part.value for part in one.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
            if len(words) != 2 or len(one.args) != 2 or one.keywords:
                raise ValueError(f"{path}:{one.lineno}: a safety is a sentence and a module's path")
            yield words[0], words[1]


def report(safeties: Safeties) -> str:
    """Return a table for each folder of the code, its rows in the order of modules and sentences."""
    lines, last = [], None
    for (module, sentence), tests in sorted(safeties.items()):
        folder = module.rpartition("/")[0]
        if folder != last:
            lines += ["", f"## `{folder or '.'}/`", "", *HEAD]
            last = folder
        lines.append(f"| {sentence} | `{module}` | {', '.join(f'`{test}`' for test in sorted(tests))} |")
    return "\n".join(lines)


def page(text: str, safeties: Safeties) -> str:
    """Return the page's text with the report made anew; a row that stands anywhere else goes."""
    by_hand = text.partition(BEGIN)[0].splitlines(keepends=True)
    before = "".join(line for line in by_hand if not line.startswith("|"))
    return f"{before}{BEGIN}\n{report(safeties)}\n"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(), marked()))
