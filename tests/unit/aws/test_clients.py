"""What is made when it is first used is made once, and a fault in making it is the fault that is told."""

import pytest

from bot.aws.clients import Later


def test_it_is_made_once() -> None:
    made: list[str] = []

    def make() -> list[str]:
        made.append("made")
        return made

    later = Later(make)
    assert not made
    assert (later.count("made"), later.copy()) == (1, ["made"])


def test_a_fault_in_making_it_is_met_once_and_not_hidden() -> None:
    tries: list[str] = []

    def fails() -> None:
        tries.append("made")
        raise AttributeError("an SDK that is older than we think")

    with pytest.raises(AttributeError, match="older than we think"):
        _ = Later(fails).verify
    assert tries == ["made"]
