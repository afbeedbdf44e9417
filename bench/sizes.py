"""Worlds with many clients: the one that the story onboarded, again and again under other names."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from statistics import median

from bench.measure import Bench
from bench.report import milliseconds, table
from bench.story import CLIENTS, Step
from bench.world import World

SIZES = (10, 1_000, 100_000)
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_LISTED = "gsi1pk"
"""An item with this key is listed by `/clients`."""


def with_clients(step: Step, number: int) -> Step:
    """Return the `/clients` step with so many clients in the table. Only what is listed of each is there."""
    return replace(step, name=f"{step.name}, {number:,} clients", world=crowded(step.world, number))


def crowded(world: World, number: int) -> World:
    """Return a copy of the world whose table lists so many clients, each like the one onboarded last."""
    company, account = list(CLIENTS.items())[-1]
    crowd = replace(world.copy(), listed={})
    listed = [one for one in world.table.items.values() if _LISTED in one and account in json.dumps(one)]
    client_id = listed[0]["pk"]["S"].partition("#")[2]
    text = json.dumps(listed)
    for one in range(number - len(CLIENTS)):
        other = text.replace(client_id, _id(one)).replace(account, f"{400000000000 + one}")
        other = other.replace(company, f"Company {one:06}").replace(company.lower(), f"company {one:06}")
        for item in json.loads(other):
            crowd.table.items[item["pk"]["S"], item["sk"]["S"]] = item
    return crowd


def _id(number: int) -> str:
    """Return a client id of the usual form, `c` and ten letters."""
    letters = ""
    for _ in range(10):
        number, digit = divmod(number, len(_LETTERS))
        letters += _LETTERS[digit]
    return f"c{letters}"


def sizes_table(bench: Bench, rounds: int) -> list[str]:
    """Return CPU, wall time, calls and the size of the answer of `/clients`, by the number of clients."""
    step, rows = bench.stories[bench.packages[0].name]["/clients"], []
    for number in SIZES:
        crowd = with_clients(step, number)
        bench.once(crowd)  # so that the table has found its answers before they are timed
        runs = [bench.once(crowd) for _ in range(rounds)]
        cold, warm = median(one.cold.cpu for one in runs), median(one.warm.cpu for one in runs)
        calls, answer = len(runs[0].cold.calls), runs[0].cold.answer["body"]
        rows.append([f"{number:,}", milliseconds(cold), f"{warm * 1000:.1f}", f"{calls}", f"{len(answer):,}"])
    return table(["clients", "cold CPU, ms", "warm CPU, ms", "calls, cold", "bytes of the answer"], rows)


def package_table(bench: Bench) -> list[str]:
    """Return each package's size."""
    rows = []
    for one in bench.packages:
        with zipfile.ZipFile(one.archive) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        rows.append([one.name, f"{one.archive.stat().st_size / 1e6:.2f}", f"{unpacked / 1e6:.2f}"])
    return table(["package with bytecode", "zip, MB", "unpacked, MB"], rows)
