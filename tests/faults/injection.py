"""Puts one fault into one outbound call: every port is called through a `Counting` proxy, which numbers the calls.

The adapters' own words for "not now" are raised (TryAgain, SlackUnavailable, Conflict), before the call took effect or
after it. A process that died makes no further call, not even from a `finally`, until the next invocation begins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from botocore.exceptions import ReadTimeoutError

from bot.errors import Conflict, SlackUnavailable, TryAgain

PURE = {"provisioner.client_id_of"}
"""Answered by the adapter itself; nothing goes out."""


class Fault(Enum):
    """What happens to the one call."""

    REFUSED = "refused before it took effect"
    OVERTAKEN = "a save is refused because the record is said to have changed"
    ANSWER_LOST = "took effect, but the answer was lost"
    DIED_BEFORE = "the process died before it took effect"
    DIED_AFTER = "the process died after it took effect"
    OTHERS_FIRST = "all other Lambdas ran just before it took effect, also on what had arrived before"


class ProcessDied(BaseException):
    """Nothing catches this, as nothing catches a killed Lambda."""


@dataclass
class Injector:
    """Counts calls, and lets the `at`th of them fail in the way of `fault`; with `fault` None it only counts."""

    fault: Fault | None = None
    at: int = 0
    meanwhile: Callable[[], None] = lambda: None
    """What the others do, for OTHERS_FIRST."""
    among: str = ""
    """Only calls whose name begins so count."""
    calls: list[str] = field(default_factory=list)
    """By number, counted from 1: port.method#which time."""
    injected: str = ""
    _times: Counter[str] = field(default_factory=Counter)
    _counting: bool = False
    _dead: bool = False

    def begin(self) -> None:
        """From here on calls are counted."""
        self._counting = True

    def fresh_process(self) -> None:
        """Another Lambda invocation begins."""
        self._dead = False

    def call(self, name: str, effect: Callable[[], Any]) -> Any:
        """One outbound call."""
        if self._dead:
            raise ProcessDied
        if not self._counting or name in PURE or not name.startswith(self.among):
            return effect()
        self._times[name] += 1
        self.calls.append(f"{name}#{self._times[name]}")
        if len(self.calls) != self.at or self.fault is None or not applies(self.fault, name):
            return effect()
        self.injected = self.calls[-1]
        return self._fail(name, effect)

    def _fail(self, name: str, effect: Callable[[], Any]) -> Any:
        if self.fault is Fault.OTHERS_FIRST:
            self.meanwhile()
            return effect()
        if self.fault in (Fault.ANSWER_LOST, Fault.DIED_AFTER):
            effect()
        if self.fault in (Fault.DIED_BEFORE, Fault.DIED_AFTER):
            self._dead = True
            raise ProcessDied
        raise Conflict if self.fault is Fault.OVERTAKEN else not_now(name)


class Counting:
    """A port, each method of which counts as an outbound call."""

    def __init__(self, name: str, port: object, injector: Injector) -> None:
        self._name, self._port, self._injector = name, port, injector

    def __getattr__(self, method: str) -> Callable[..., Any]:
        called = getattr(self._port, method)

        def call(*args: Any, **kwargs: Any) -> Any:
            return self._injector.call(f"{self._name}.{method}", lambda: called(*args, **kwargs))

        return call


def applies(fault: Fault, call: str) -> bool:
    """Whether this can happen to this call: only a conditional save is overtaken."""
    return fault is not Fault.OVERTAKEN or call.startswith("store.save")


def not_now(call: str) -> Exception:
    """How an adapter says that it got no answer; Slack's and AWS's clients say so themselves."""
    if call.startswith("aws."):
        return ReadTimeoutError(endpoint_url="https://aws.example")
    if call.startswith("slack."):
        return TimeoutError("no answer")
    return SlackUnavailable("no answer") if call.startswith("notifier.") else TryAgain("no answer")
