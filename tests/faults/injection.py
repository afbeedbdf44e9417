"""Puts faults into outbound calls: every port is called through a `Counting` proxy, which numbers the calls.

The adapters' own words for "not now" are raised (TryAgain, SlackUnavailable, Conflict), before the call took effect or
after it; where calls go over a wire, the wire fails instead. A process that died makes no further call, not even from a
`finally`, until the next invocation begins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from botocore.exceptions import ReadTimeoutError

from bot.domain.errors import Conflict, SlackUnavailable, TryAgain
from bot.ports.store import Change

PURE = {"access.client_id_of", "access.entrance", "pages.role_arn", "pages.name_of"}
"""Answered by the adapter itself; nothing goes out."""


class Fault(Enum):
    """What happens to the one call."""

    REFUSED = "refused before it took effect"
    OVERTAKEN = "a save is refused because the record is said to have changed"
    ANSWER_LOST = "took effect, but the answer was lost"
    DIED_BEFORE = "the process died before it took effect"
    DIED_AFTER = "the process died after it took effect"
    OTHERS_FIRST = "all other Lambdas ran just before it took effect, also on what had arrived before"
    THROTTLED = "answered that there are too many calls"
    BROKEN = "answered 500"
    HICCUP = "took effect, but the answer was lost; the client asked again by itself, and was answered"


ON_PORTS = (
    Fault.REFUSED,
    Fault.OVERTAKEN,
    Fault.ANSWER_LOST,
    Fault.DIED_BEFORE,
    Fault.DIED_AFTER,
    Fault.OTHERS_FIRST,
)
OF_A_CLIENT = (Fault.REFUSED, Fault.ANSWER_LOST, Fault.DIED_BEFORE, Fault.DIED_AFTER)
"""What can happen to a call of Slack's or AWS's client that goes over no wire."""
DEADLY = (Fault.DIED_BEFORE, Fault.DIED_AFTER)


class ProcessDied(BaseException):
    """Nothing catches this, as nothing catches a killed Lambda."""


@dataclass
class Injector:
    """Counts calls, and lets some of them fail, each in its way; without `faults` it only counts."""

    faults: Mapping[int, Fault] = field(default_factory=dict)
    """By number of the call."""
    meanwhile: Callable[[], None] = lambda: None
    """What the others do, for OTHERS_FIRST."""
    among: tuple[str, ...] = ("",)
    """Only calls whose name begins so count."""
    calls: list[str] = field(default_factory=list)
    """By number, counted from 1: port.method#which time."""
    injected: list[str] = field(default_factory=list)
    _times: Counter[str] = field(default_factory=Counter)
    _counting: bool = False
    _dead: bool = False

    def begin(self) -> None:
        """From here on calls are counted."""
        self._counting = True

    def fresh_process(self) -> None:
        """Another Lambda invocation begins."""
        self._dead = False

    @property
    def next_fails(self) -> bool:
        """Whether the call that comes next is one of those."""
        return self._counting and len(self.calls) + 1 in self.faults

    def call(
        self, name: str, effect: Callable[[], Any], failing: Callable[[Fault], Callable[[], Any]] | None = None
    ) -> Any:
        """One outbound call. `failing` makes the call that fails in this way, where a wire can do that."""
        if self._dead:
            raise ProcessDied
        if not self._counting or name in PURE or not name.startswith(self.among):
            return effect()
        self._times[name] += 1
        self.calls.append(f"{name}#{self._times[name]}")
        fault = self.faults.get(len(self.calls))
        if fault is None or not applies(fault, name):
            return effect()
        self.injected.append(self.calls[-1])
        if failing is not None and fault not in DEADLY:
            return failing(fault)()
        return self._fail(fault, name, effect)

    def _fail(self, fault: Fault, name: str, effect: Callable[[], Any]) -> Any:
        if fault is Fault.OTHERS_FIRST:
            self.meanwhile()
            return effect()
        if fault in (Fault.ANSWER_LOST, Fault.DIED_AFTER):
            effect()
        if fault in DEADLY:
            self._dead = True
            raise ProcessDied
        raise Conflict if fault is Fault.OVERTAKEN else not_now(name)


class Counting:
    """A port, each method of which counts as an outbound call."""

    def __init__(self, name: str, port: object, injector: Injector) -> None:
        self._name, self._port, self._injector = name, port, injector

    def __getattr__(self, method: str) -> Callable[..., Any]:
        called = getattr(self._port, method)

        def call(*args: Any, **kwargs: Any) -> Any:
            name = f"{self._name}.{_told_apart(method, *args)}"
            return self._injector.call(name, lambda: called(*args, **kwargs))

        return call


def _told_apart(method: str, *args: Any) -> str:
    """A save that only adds what is new depends on nobody, so nobody can overtake it."""
    if method == "save" and isinstance(change := args[0], Change):
        people = change.client, *change.others, *change.requests, *change.invitations, *change.bulks
        records = *people, *change.teams, *change.pages
        if change.event is None and not change.packed and not any(one.version for one in records if one):
            return "add"
    return method


def applies(fault: Fault, call: str) -> bool:
    """Whether this can happen to this call: only a save on a condition is overtaken."""
    return fault is not Fault.OVERTAKEN or call.startswith("store.save")


def not_now(call: str) -> Exception:
    """How an adapter says that it got no answer; Slack's and AWS's clients say so themselves."""
    if call.startswith("aws."):
        return ReadTimeoutError(endpoint_url="https://aws.example")
    if call.startswith("slack."):
        return TimeoutError("no answer")
    return SlackUnavailable("no answer") if call.startswith(("channel.", "directory.")) else TryAgain("no answer")
