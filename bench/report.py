"""The tables of docs/performance.md, in Markdown."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench.container import Answered, Run
from bench.figures import paired
from bench.measure import FLOOR, MEASURED, Bench, Key

BEGIN, END = "<!-- written by make bench -->", "<!-- end of what make bench writes -->"
Which = Callable[[Run], Answered]


def cold(run: Run) -> Answered:
    return run.cold


def warm(run: Run) -> Answered:
    return run.warm


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a Markdown table; all columns but the first hold figures."""
    rule = ["---", *["---:"] * (len(heads) - 1)]
    return [f"| {' | '.join(one)} |" for one in (heads, rule, *rows)]


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f}"


def machine() -> str:
    """Say on what this was measured."""
    info = Path("/proc/cpuinfo")
    models = [one for one in info.read_text().splitlines() if one.startswith("model name")] if info.exists() else []
    name = models[0].partition(":")[2].strip() if models else platform.processor()
    load = Path("/proc/loadavg").read_text().split()[0] if Path("/proc/loadavg").exists() else "unknown"
    return f"{len(models) or '?'} x {name}, {platform.system()} {platform.release()}, load average {load} at the end"


def measured_on(bench: Bench) -> str:
    """Say when, on what, how often."""
    rounds = len(next(iter(bench.series.values())).runs)
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"Measured on {when}: {machine()}; {rounds} rounds, medians."


def cpu_table(bench: Bench, which: Which, *, compiled: bool) -> list[str]:
    """Return CPU and wall milliseconds of each path by package, each with its ratio to the floor of the same rounds."""
    names = [one.name for one in bench.packages]
    heads = ["path", "÷ floor, at most", "floor"]
    for name in names:
        heads += [name, "÷ floor", "wall"]
    if len(names) > 1:
        heads.append(f"{names[0]} ÷ {names[1]}")
    return table(heads, [_cpu_row(bench, path, which, compiled, names) for path in MEASURED])


def _cpu_row(bench: Bench, path: str, which: Which, compiled: bool, names: list[str]) -> list[str]:
    floor = bench.series[path, FLOOR, compiled].cpu(which)
    row = [f"{path} ({MEASURED[path]})", aim_of(path, which, compiled=compiled), milliseconds(median(floor))]
    for name in names:
        if (path, name, compiled) not in bench.series:
            row += ["–"] * 3  # noqa: RUF001
            continue
        series = bench.series[path, name, compiled]
        row += [milliseconds(median(series.cpu(which))), f"{paired(series.cpu(which), floor):.2f}"]
        row.append(milliseconds(median(series.wall(which))))
    if len(names) > 1:
        row.append(_ratio(bench, (path, names[0], compiled), (path, names[1], compiled), which))
    return row


def aim_of(path: str, which: Which, *, compiled: bool) -> str:
    """Return what the ratio to the floor shall be at most when cold; empty where nothing is asked."""
    if which is warm:
        return ""
    if not compiled:
        return "1.15" if path == "/clients" else ""
    return "1.10" if MEASURED[path] == "slack" else "1.25"


def _ratio(bench: Bench, ours: Key, theirs: Key, which: Which) -> str:
    if theirs not in bench.series:
        return "–"  # noqa: RUF001
    return f"{paired(bench.series[ours].cpu(which), bench.series[theirs].cpu(which)):.2f}"


def as_packaged(bench: Bench) -> list[str]:
    """Return our package with bytecode against the base without: how each was deployed, if the base had none."""
    ours, base = (one.name for one in bench.packages)
    rows = [
        [path, _ratio(bench, (path, ours, True), (path, base, False), cold)]
        for path in MEASURED
        if (path, base, False) in bench.series
    ]
    return table(["path", "ratio"], rows)


def write(text: str, page: Path) -> None:
    """Put the tables between their marks in the page. Raise ValueError where it has none."""
    before, begun, rest = page.read_text().partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (begun and ended):
        raise ValueError(f"{page} has no place for the tables: {BEGIN} … {END}")
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")
