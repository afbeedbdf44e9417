"""What `dataclass(frozen=True)` would make, and only once it is used.

For each class, `dataclass` writes and compiles six methods, which takes half a millisecond. A cold start imports some
ninety classes of records, and makes records of a third of them. Of a record only `__init__` is compiled, when the first
one is made; the other methods are shared.
"""

from __future__ import annotations

import threading
from dataclasses import Field, FrozenInstanceError, dataclass, field
from typing import Any, ClassVar, cast, dataclass_transform

_COMPILING = threading.RLock()
"""Held while a class is compiled: a second thread would find its fields before its `__init__`, and call for ever."""


class _Fields:
    """Makes a class a dataclass when its fields are first asked for."""

    def __get__(self, _record: object, kind: type) -> dict[str, Field[Any]]:
        """Return the fields of this class by their names, as `dataclass` finds them."""
        if kind is Record:
            raise AttributeError("only the classes below Record have fields")
        with _COMPILING:
            if "__dataclass_fields__" not in vars(kind):
                # Without one, where docstrings are left out, `dataclass` writes one.
                kind.__doc__ = kind.__doc__ or kind.__name__
                dataclass(eq=False, repr=False)(kind)
        found: dict[str, Field[Any]] = vars(kind)["__dataclass_fields__"]
        return found


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Record:
    """A frozen dataclass: each subclass names its fields. Records are equal if their class and all fields are."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]] = cast("dict[str, Field[Any]]", _Fields())

    def __init_subclass__(cls) -> None:
        """Raise TypeError for a record below another: it would find the other's fields, not its own."""
        if cls.__bases__ != (Record,):
            raise TypeError(f"{cls.__name__} must be a Record and nothing else")

    def __init__(self, *values: Any, **named: Any) -> None:
        """Compile the `__init__` of this class, which takes the place of this one, and call it."""
        with _COMPILING:
            _ = self.__dataclass_fields__
        type(self).__init__(self, *values, **named)

    def __setattr__(self, name: str, value: object) -> None:
        """Let `__init__` set each field once. Raise FrozenInstanceError for anything else."""
        values = self.__dict__
        if name in values or name not in self.__dataclass_fields__:
            raise FrozenInstanceError(f"cannot assign to field {name!r}")
        values[name] = value

    def __delattr__(self, name: str) -> None:
        """Raise FrozenInstanceError."""
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other) if type(self) is type(other) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(vars(self).values()))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__qualname__}({shown})"
