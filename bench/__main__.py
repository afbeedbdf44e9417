"""`make bench`: measure, print the tables, and write them into docs/performance.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from bench import burst, costs, report, sizes, waits
from bench.container import Container
from bench.latency import P50
from bench.measure import Bench
from bench.packages import tree_of, workshop
from bench.server import serving
from bench.story import Story
from bench.tls import trusted
from deploy.errors import NotReady
from deploy.packaging import PROJECT

PAGE = PROJECT / "docs" / "performance.md"
THIS = "this commit"


def main() -> int:
    """Run it. Return the exit status."""
    reading = argparse.ArgumentParser(prog="make bench", description=__doc__)
    reading.add_argument("--rounds", type=int, default=9, help="how often each path is measured")
    reading.add_argument("--base", default="", help="another commit to measure beside this one")
    asked = reading.parse_args()
    try:
        text = measured(asked.rounds, asked.base)
    except NotReady as missing:
        print(missing, file=sys.stderr)
        return 1
    print(text)
    report.write(text, PAGE)
    print(f"\nWritten to {PAGE.relative_to(PROJECT)}.")
    return 0


def measured(rounds: int, base: str) -> str:
    """Measure this tree, and the base beside it. Return the tables."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(serving(P50))
        say("packaging")
        shop = workshop(folder)
        packages = [shop.package(THIS, PROJECT)]
        if base:
            packages.append(shop.package(base, stack.enter_context(tree_of(base, folder))))
        container = Container(shop.python, shop.runtime, folder, server)
        say("playing the story of two clients")
        stories = {one.name: Story(container, one.folders[True]).play() for one in packages}
        bench = Bench(container, packages, shop.floor(), stories, say)
        bench.rounds(rounds)
        say("the same over TLS")
        secured = replace(container, server=stack.enter_context(serving(P50, trusted(folder))))
        over_tls = Bench(secured, packages[:1], None, stories, say)
        over_tls.rounds(rounds, compiled=[True])
        say("many clients, a share of a processor, a burst")
        return "\n".join([*cpu(bench), *waiting(bench, over_tls, rounds), *load(bench, rounds), *money(over_tls)])


def cpu(bench: Bench) -> list[str]:
    """Return the tables of cold and warm CPU."""
    parts = [
        report.measured_on(bench),
        "\n### Cold start: CPU from a fresh process to the answer, in ms\n",
        "With bytecode, as `make deploy` packages where a Python 3.13 is at hand:\n",
        *report.cpu_table(bench, report.cold, compiled=True),
        "\nWithout bytecode, on both sides:\n",
        *report.cpu_table(bench, report.cold, compiled=False),
    ]
    if len(bench.packages) > 1:
        base = bench.packages[1].name
        parts += [f"\nThis commit with bytecode ÷ `{base}` without, which is how it was packaged:\n"]
        parts += report.as_packaged(bench)
    parts += ["\n### Warm: CPU of a second client's event in the same process, in ms\n"]
    return [*parts, *report.cpu_table(bench, report.warm, compiled=True)]


def waiting(bench: Bench, over_tls: Bench, rounds: int) -> list[str]:
    """Return the calls, and what a person waits."""
    return [
        "\n### Calls out\n",
        *waits.calls_table(bench),
        "\n### What a person waits\n",
        *waits.waits_table(over_tls, rounds),
    ]


def load(bench: Bench, rounds: int) -> list[str]:
    """Return what many clients, many events and the package weigh."""
    return [
        "\n### Looking for a client among many\n",
        *sizes.sizes_table(bench, rounds),
        "\n### A burst\n",
        *burst.burst_table(),
        "\n### The package\n",
        *sizes.package_table(bench),
    ]


def money(bench: Bench) -> list[str]:
    """Return each function's memory and what it all costs."""
    return [
        "\n### Memory: seconds and GB-seconds of each path at p50 latencies\n",
        *waits.memory_table(bench),
        "\n### Cost of an idle month, in US dollars\n",
        f"List prices of {costs.REGION}, looked up on {costs.LOOKED_UP} ({costs.SOURCES}), without free tiers.\n",
        *costs.month_table(bench),
        "\n### Cost of 1,000 onboardings, in US dollars\n",
        *costs.onboarding_table(bench, 1000),
    ]


def say(what: str) -> None:
    """Say what is being done."""
    print(f"bench: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
