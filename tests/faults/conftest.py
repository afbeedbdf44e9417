"""Says at the end of the run how many faults were injected."""

from __future__ import annotations

import pytest

CASES: list[int] = []


@pytest.fixture
def count_cases() -> list[int]:
    """One entry for each injected fault."""
    return CASES


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line."""
    if CASES:
        terminalreporter.write_line(f"fault matrix: {len(CASES)} faults injected")
