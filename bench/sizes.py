"""What it takes to list and to find clients among few and among many, and what a package weighs."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from statistics import median

from bench.container import Answered, Run
from bench.crowd import crowded
from bench.figures import paired
from bench.measure import Bench
from bench.report import cold, milliseconds, table, warm
from bench.story import CLIENTS, command

FEW, MANY = 10, 100_000
SOUGHT = [*CLIENTS][-1]
"""The company whose client is looked for."""
TYPED = {
    "/clients": "the first page",
    f"/clients {SOUGHT}": "a search; the only client that matches is shown",
    "/clients company 00000": "a search that finds eight",
    f"/clients show {SOUGHT}": "",
    f"/clients card {SOUGHT}": "",
    "/clients company": "a search that finds 8, and more than 200",
}


def sizes_table(bench: Bench, rounds: int) -> list[str]:
    """Return CPU, wall time and calls of each command by the number of clients, with the ratios of the same rounds."""
    step = bench.stories[bench.packages[0].name]["/clients"]
    worlds = [crowded(step.world, number, SOUGHT) for number in (FEW, MANY)]
    rows = []
    for typed, said in TYPED.items():
        text = typed.removeprefix("/clients").strip()
        steps = [replace(step, events=(partial(command, text),) * 2, world=world) for world in worlds]
        runs = [[bench.once(one) for one in steps] for _ in range(rounds)]
        few, many = ([pair[place] for pair in runs] for place in (0, 1))
        calls = " and ".join(f"{len(one[0].warm.calls)}" for one in (few, many))
        figures = [_compared(few, many, which, fact) for which in (cold, warm) for fact in (_cpu, _wall)]
        rows.append([f"`{typed}`{said and f': {said}'}", calls, *figures])
    heads = [f"{when} {what}, ms" for when in ("cold", "warm") for what in ("CPU", "wall")]
    return table([f"with {FEW} and with {MANY:,} clients", "calls, warm", *heads], rows)


def _cpu(answered: Answered) -> float:
    return answered.cpu


def _wall(answered: Answered) -> float:
    return answered.wall


def _compared(
    few: Sequence[Run], many: Sequence[Run], which: Callable[[Run], Answered], fact: Callable[[Answered], float]
) -> str:
    """Return both medians, and the median of the ratios."""
    less, more = [fact(which(one)) for one in few], [fact(which(one)) for one in many]
    return f"{milliseconds(median(less))}, {milliseconds(median(more))} ({paired(more, less):.2f})"


def package_table(bench: Bench) -> list[str]:
    """Return each package's size."""
    rows = []
    for one in bench.packages:
        with zipfile.ZipFile(one.archive) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        rows.append([one.name, f"{one.archive.stat().st_size / 1e6:.2f}", f"{unpacked / 1e6:.2f}"])
    return table(["package with bytecode", "zip, MB", "unpacked, MB"], rows)
