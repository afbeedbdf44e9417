"""The arithmetic: medians of rounds, ratios of pairs, and what a person waits at Lambda's share of a processor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from bench.latency import Latency
from bench.server import Noted

WHOLE_CPU_MB = 1769
"""With so much memory a function has one whole processor (AWS Lambda Developer Guide, "Configure function memory")."""


def share_of(memory_mb: int) -> float:
    """Return the share of a processor that one thread gets at this memory."""
    return min(memory_mb / WHOLE_CPU_MB, 1.0)


def paired(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of the ratios, round by round. Both were measured in the same rounds."""
    return median(one / other for one, other in zip(ours, theirs, strict=True))


def network(calls: Iterable[Noted], latency: Latency) -> float:
    """Return the seconds that these calls take one after the other, with their new connections."""
    return sum(latency.of(one.call.service) + one.connected * latency.connect for one in calls)


def waited(cpu: float, calls: Iterable[Noted], memory_mb: int, latency: Latency) -> float:
    """Return the seconds from the event to its answer: CPU seconds at the share of this memory, then the calls."""
    return cpu / share_of(memory_mb) + network(calls, latency)


def waited_for(operation: str, calls: Sequence[Noted], memory_mb: int, latency: Latency) -> float | None:
    """Return the seconds until the first such call was answered; None where there was none."""
    for number, one in enumerate(calls, 1):
        if one.call.name == operation:
            return waited(one.cpu, calls[:number], memory_mb, latency)
    return None


def gb_seconds(seconds: float, memory_mb: int) -> float:
    """Return what Lambda bills for this: memory in GB times the time."""
    return seconds * memory_mb / 1024
