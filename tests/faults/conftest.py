"""Says at the end of the run how many faults were injected."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator

import pytest

CASES: Counter[str] = Counter()


@pytest.fixture
def count_cases() -> Counter[str]:
    """How many faults were injected, by flow."""
    return CASES


@pytest.fixture(autouse=True)
def _quietly() -> Iterator[None]:
    """Thousands of warnings are expected here."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """In total, and by flow."""
    if CASES:
        each = ", ".join(f"{flow} {number}" for flow, number in CASES.items())
        terminalreporter.write_line(f"fault matrix: {CASES.total()} faults injected ({each})")
