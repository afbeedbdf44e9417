"""Records behave as frozen dataclasses do, and all frozen dataclasses of the Lambdas are records."""

from __future__ import annotations

import copy
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

import bot
from bot.domain import record
from bot.domain.record import Record


class Point(Record):
    x: int
    y: int = 0


class Other(Record):
    x: int
    y: int = 0


@dataclass(frozen=True)
class Frozen:
    x: int
    y: int = 0


def test_no_field_of_a_record_changes() -> None:
    point = Point(1)
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'x'"):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'z'"):
        point.z = 2
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'y'"):
        del point.y
    with pytest.raises(FrozenInstanceError):
        point.__init__(3)  # type: ignore[misc]
    assert point == Point(1, 0)


def test_records_are_equal_when_their_class_and_all_fields_are() -> None:
    assert Point(1) == Point(1, 0)
    assert hash(Point(1)) == hash(Point(1, 0)) == hash(Frozen(1))
    assert Point(1) != Point(1, 1)
    assert Point(1) != Other(1)
    assert Point(1).__eq__((1, 0)) is NotImplemented


def test_a_record_is_made_copied_and_shown_like_a_dataclass() -> None:
    assert repr(Point(1)) == repr(Frozen(1)).replace("Frozen", "Point")
    assert replace(Point(1), y=2) == Point(1, 2)
    assert copy.deepcopy(Point(1)) == pickle.loads(pickle.dumps(Point(1))) == Point(1)
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
        Point()  # type: ignore[call-arg]


def test_a_record_is_compiled_when_it_is_first_used() -> None:
    class Made(Record):
        x: int
        many: list[int] = field(default_factory=list)

    class Looked(Record):
        x: int
        y: int = 2

    assert {"__init__", "__dataclass_fields__"}.isdisjoint([*vars(Made), *vars(Looked)])
    assert [one.name for one in fields(Looked)] == ["x", "y"]
    assert Looked(1) == Looked(1, 2)
    assert Made(1).many == Made(1).many == []
    assert Made(1).many is not Made(1).many
    assert "__init__" in vars(Made)
    assert is_dataclass(Point)
    assert not is_dataclass(Record)


def test_of_threads_that_use_a_record_first_one_compiles_it(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a class, and a compilation that waits for a second thread to come into it
    class Shared(Record):
        x: int

    inside, met, compiled = 0, threading.Event(), dataclass

    def slow(**options: Any) -> Any:
        nonlocal inside
        inside += 1
        if inside > 1:
            met.set()
        met.wait(0.2)
        return compiled(**options)

    monkeypatch.setattr(record, "dataclass", slow)

    # When
    with ThreadPoolExecutor(3) as threads:
        made = [each.result() for each in [threads.submit(Shared, number) for number in range(3)]]

    # Then
    assert inside == 1
    assert [one.x for one in made] == [0, 1, 2]


def test_a_record_is_below_no_other_record() -> None:
    with pytest.raises(TypeError, match="Nearer must be a Record and nothing else"):

        class Nearer(Point):
            z: int = 0


def test_the_lambdas_make_no_frozen_dataclass_at_full_price() -> None:
    sources = Path(bot.__file__).parent.rglob("*.py")
    assert [one.name for one in sources if "@dataclass(frozen=True" in one.read_text()] == []
