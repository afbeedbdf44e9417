"""Measures every step in rounds. A round runs each package once, one after the other, so that noise hits all alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bench.cgroup import held_to
from bench.container import Answered, Container, Run
from bench.packages import Package
from bench.story import Step
from bench.world import SIGNING_SECRET

MEASURED = {
    "/clients": "slack",
    "Approve": "slack",
    "CREATE_COMPLETE": "ingest",
    "show the request": "provision",
    "provision": "provision",
    "outcome": "outcome",
    "show the end": "provision",
    "sweep": "sweep",
}
"""The measured paths, and which function takes each."""
FLOOR = "floor"
FRAMES = 100
"""About so many frames of `runner.run` fill one piece of Python's call stack.

A call that just crosses into the next piece, again and again, has the kernel map it and unmap it each time: up to
30 ms of a cold start, by nothing but depth. So each round starts at another depth, the same for everything in it.
"""


@dataclass
class Series:
    """The runs of one step by one package, with its bytecode or without, a run for each round."""

    runs: list[Run] = field(default_factory=list)

    def cpu(self, which: Callable[[Run], Answered]) -> list[float]:
        return [which(one).cpu for one in self.runs]

    def wall(self, which: Callable[[Run], Answered]) -> list[float]:
        return [which(one).wall for one in self.runs]

    def middle(self, which: Callable[[Run], Answered]) -> Answered:
        """Return the answer with the median CPU."""
        return sorted(map(which, self.runs), key=lambda one: one.cpu)[len(self.runs) // 2]


Key = tuple[str, str, bool]
"""Step, package, with bytecode or without."""


@dataclass
class Bench:
    """`stories` holds the steps as each package played them; the floor, if there is one, plays what ours did."""

    container: Container
    packages: Sequence[Package]
    floor: Package | None
    stories: Mapping[str, Mapping[str, Step]]
    say: Callable[[str], None]
    series: dict[Key, Series] = field(default_factory=dict)

    def rounds(self, number: int, compiled: Sequence[bool] = (True, False)) -> None:
        """Run it all so many times."""
        cases = [(name, kind) for name in MEASURED for kind in compiled]
        plans = {case: self._plan(*case) for case in cases if self.floor is not None}
        for done in range(number):
            self.say(f"round {done + 1} of {number}")
            self.container = replace(self.container, depth=done * 37 % FRAMES)
            for name, kind in cases:
                for package in self.packages:
                    if step := self.stories[package.name].get(name):
                        self._note(name, package, kind, self._run(step, package, kind))
                if self.floor is not None:
                    more = {"BENCH_FLOOR": str(plans[name, kind])}
                    step = self.stories[self.packages[0].name][name]
                    self._note(name, self.floor, kind, self._run(step, self.floor, kind, more=more, module="floor"))

    def held(self, name: str, share: float, number: int) -> Series:
        """Run a step of ours so many times at this share of a processor. Nothing is run where that can't be."""
        step, ours = self.stories[self.packages[0].name][name], self.packages[0]
        with held_to(share) as prefix:
            return Series([self._run(step, ours, True, prefix=prefix) for _ in range(number if prefix else 0)])

    def once(self, step: Step) -> Run:
        """Run another step of ours, with bytecode."""
        return self._run(step, self.packages[0], True)

    def ours(self, name: str) -> Series:
        """Return what was measured of our package with bytecode."""
        return self.series[name, self.packages[0].name, True]

    def _note(self, name: str, package: Package, kind: bool, run: Run) -> None:
        self.series.setdefault((name, package.name, kind), Series()).runs.append(run)

    def _run(
        self,
        step: Step,
        package: Package,
        kind: bool,
        *,
        more: Mapping[str, str] | None = None,
        module: str = "",
        prefix: str = "",
    ) -> Run:
        self.container.server.world = step.world.copy()
        events = [make() for make in step.events]
        return self.container.run(package.folders[kind], module or step.module, events, more, prefix)

    def _plan(self, name: str, kind: bool) -> Path:
        """Write down for the floor what our package calls in this step."""
        ours = self.packages[0]
        step = self.stories[ours.name][name]
        run = self._run(step, ours, kind)
        path = self.container.scratch / f"plan-{name.strip('/')}-{kind}.json"
        path.write_text(json.dumps(plan_of(step, [one.calls for one in run.answered])))
        return path


def plan_of(step: Step, calls: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Return what `bench/floor.py` is to do for a step in which these calls were made, event by event."""
    made = [[(one.call.service, one.call.operation, one.call.asked) for one in of_event] for of_event in calls]
    services = {service: None for of_event in made for service, _, _ in of_event}
    return {
        "clients": [one for one in services if one not in ("slack", "sts")],
        "slack": "slack" in services,
        "bolt": SIGNING_SECRET if step.function == "slack" else "",
        "action": step.action,
        "session_token": "bench/222222222222/switchyard-access/session",
        "calls": made,
    }
