"""Threads that really meet, and a table for them to meet at."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.integration.conftest import in_moto, table

__all__ = ["in_moto", "table"]


@pytest.fixture
def threads_take_turns_often() -> Iterator[None]:
    """Also between a read and a save."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)
