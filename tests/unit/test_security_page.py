"""What docs/security.md says is tested is tested, and what attacks the proof is in its table."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "security.md").read_text()
NAMED = re.findall(r"\b(?:tests/[\w/]+/)?(test_\w+\.py)::(test_\w+)", PAGE)
ATTACKS = ("test_proof_attacks.py", "test_proof_scalars.py", "test_proof_answers.py", "test_proof_replay.py")


def _found_in(name: str, folder: Path = TESTS) -> set[str]:
    """The test functions of the modules of this name."""
    trees = [ast.parse(path.read_text()) for path in folder.rglob(name)]
    return {
        node.name
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_every_test_the_page_names_is_there() -> None:
    assert len(NAMED) > 50
    assert [f"{name}::{test}" for name, test in NAMED if test not in _found_in(name)] == []


def test_every_attack_on_the_proof_or_the_event_is_in_the_table() -> None:
    attacks = {
        (name, test) for name in (*ATTACKS, "test_event_attacks.py") for test in _found_in(name, TESTS / "scenarios")
    }
    assert attacks <= set(NAMED)
