"""What a person waits: the model of Lambda's share of a processor and of the network, and a cgroup beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from statistics import median
from typing import Any

import yaml

from bench.container import Answered
from bench.figures import gb_seconds, share_of, waited, waited_for
from bench.latency import P50, P99, Latency
from bench.measure import MEASURED, Bench
from bench.report import Which, cold, table, warm
from deploy.packaging import PROJECT

MOST_CALLS = {"/clients": 2, "Approve": 6, "CREATE_COMPLETE": 9, "provision": 12, "outcome": 14}
"""How many calls a path may make when cold. A warm Approve may make 4."""
MEMORIES = (512, 1024, 1769)
DRAWN = "slack chat.update"
STAGES: tuple[tuple[str, Which], ...] = (("cold", cold), ("warm", warm))


def memory_of(function: str) -> int:
    """Return the function's memory in serverless.yml, in MB."""
    return int(_deployed()["functions"][function]["memorySize"])


@cache
def _deployed() -> Any:
    text = (PROJECT / "serverless.yml").read_text()
    return yaml.safe_load(re.sub(r"!(GetAtt|Ref|Sub) ", "", text))  # CloudFormation's own tags are unknown to YAML


@dataclass(frozen=True)
class Wait:
    """Somebody waits until the first function has answered, or until the second has drawn what it was handed."""

    name: str
    path: str
    which: Which
    then: str = ""

    def seconds(self, bench: Bench, latency: Latency) -> float:
        first = bench.ours(self.path).middle(self.which)
        memory = memory_of(MEASURED[self.path])
        if not self.then:
            return waited(first.cpu, first.calls, memory, latency)
        drawn = waited_for(DRAWN, first.calls, memory, latency)
        if drawn is not None:
            return drawn
        handed = waited_for("lambda Invoke", first.calls, memory, latency)
        second = bench.ours(self.then).middle(self.which)
        later = waited_for(DRAWN, second.calls, memory_of(MEASURED[self.then]), latency)
        if handed is None or later is None:
            raise RuntimeError(f"nobody drew after {self.path}")
        return handed + later


WAITS = (
    Wait("/clients, cold", "/clients", cold),
    Wait("/clients, warm", "/clients", warm),
    Wait("Approve, cold", "Approve", cold),
    Wait("Approve, warm", "Approve", warm),
    Wait("Approve until the message is redrawn, both cold", "Approve", cold, "provision"),
    Wait("Approve until the message is redrawn, both warm", "Approve", warm, "provision"),
)


def waits_table(bench: Bench, rounds: int) -> list[str]:
    """Return the seconds that a person waits, at both latencies, and as measured in a cgroup."""
    rows = []
    for wait in WAITS:
        held = "–" if wait.then else _held(bench, wait, rounds)  # noqa: RUF001
        rows.append([wait.name, f"{wait.seconds(bench, P50):.2f}", f"{wait.seconds(bench, P99):.2f}", held])
    return table(["somebody waits for", "p50, s", "p99, s", "in a cgroup at p50, s"], rows)


def _held(bench: Bench, wait: Wait, rounds: int) -> str:
    runs = bench.held(wait.path, share_of(memory_of(MEASURED[wait.path])), rounds)
    return f"{median(runs.wall(wait.which)):.2f}" if runs.runs else "not possible here"


def memory_table(bench: Bench) -> list[str]:
    """Return seconds and GB-seconds of each path at each memory, cold and warm, at p50 latencies."""
    cases = [f"{stage} at {memory}" for stage, _ in STAGES for memory in MEMORIES]
    heads = ["path (function, now)", "peak, MB", *cases]
    return table(heads, [_memory_row(bench, path, function) for path, function in MEASURED.items()])


def _memory_row(bench: Bench, path: str, function: str) -> list[str]:
    cells = [f"{max(one.peak_mb for one in bench.ours(path).runs):.0f}"]
    for _, which in STAGES:
        answer = bench.ours(path).middle(which)
        for memory in MEMORIES:
            seconds = waited(answer.cpu, answer.calls, memory, P50)
            cells.append(f"{seconds:.2f} s, {gb_seconds(seconds, memory):.2f}")
    return [f"{path} ({function}, {memory_of(function)})", *cells]


def calls_table(bench: Bench) -> list[str]:
    """Return how many calls each path makes, by package, and which ours are."""
    names = [one.name for one in bench.packages]
    heads = ["path", *(f"{name}: cold, warm" for name in names), "at most, cold", "cold, in order"]
    rows = []
    for path in MEASURED:
        counts = [_counted(bench, path, name) for name in names]
        rows.append([path, *counts, str(MOST_CALLS.get(path, "")), _named(bench.ours(path).runs[0].cold)])
    return table(heads, rows)


def _counted(bench: Bench, path: str, name: str) -> str:
    series = bench.series.get((path, name, True))
    return f"{len(series.runs[0].cold.calls)}, {len(series.runs[0].warm.calls)}" if series else "–"  # noqa: RUF001


def _named(answer: Answered) -> str:
    return ", ".join(f"`{one.call.name}`" for one in answer.calls)
