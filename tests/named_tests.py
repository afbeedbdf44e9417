"""Tests that a page of docs/ names, and whether they are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parent
DOCS = TESTS.parent / "docs"
Named = tuple[str, str]
"""A test's file name and its function's, or a test case's name."""


def named_on(page: str) -> list[Named]:
    """What the page calls `test_file.py::test_function`, in its order."""
    return re.findall(r"\b(?:tests/[\w/]+/)?(test_\w+\.py)::(test_\w+|Test\w+)", (DOCS / page).read_text())


def missing_on(page: str) -> list[Named]:
    """Which of them are not there."""
    return [(name, test) for name, test in named_on(page) if test not in found_in(name)]


def found_in(name: str, folder: Path = TESTS) -> set[str]:
    """The test functions of the modules of this name, and what else is collected as a test there."""
    trees = [ast.parse(path.read_text()) for path in folder.rglob(name)]
    functions = {node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)}
    cases = {
        target.id
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id.startswith("Test")
    }
    return {one for one in functions if one.startswith("test_")} | cases
