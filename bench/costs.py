"""What it costs: an idle month, and a thousand onboardings, at AWS's list prices and without any free tier."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from bench.container import Answered
from bench.figures import gb_seconds, waited
from bench.latency import P50
from bench.measure import MEASURED, Bench
from bench.report import cold, table, warm
from bench.waits import memory_of
from deploy.packaging import PROJECT

REGION, LOOKED_UP = "us-east-1", "2026-11-26"
MONTH_MINUTES = 30 * 24 * 60
WARM_EVERY_MINUTES = 4
PLATFORM_LOG_BYTES = 450
"""What Lambda itself writes into the log for one invocation: START, END and REPORT."""
RESOURCE_EVENTS = 4
"""What a client's stack tells besides. It drives nothing, but ingest takes it."""


@dataclass(frozen=True)
class Prices:
    """In US dollars."""

    gb_second: float = 0.0000133334
    invocation: float = 0.20e-6
    api_request: float = 1.00e-6
    read_unit: float = 0.125e-6
    write_unit: float = 0.625e-6
    log_gb: float = 0.50
    decryption: float = 0.03 / 10_000
    alarm: float = 0.10
    metric: float = 0.30


PRICES = Prices()
PARTS = ("Lambda", "HTTP API", "DynamoDB", "KMS", "logs")
SOURCES = "in public pages of 2025 and 2026; what counts is AWS's price lists"


@dataclass(frozen=True)
class Use:
    """What one invocation uses."""

    gb_seconds: float
    reads: float
    writes: float
    decryptions: int
    log_bytes: int
    api_requests: int = 0

    def dollars(self, times: float) -> dict[str, float]:
        """Return what so many of them cost, by what is billed."""
        return {
            "Lambda": times * (self.gb_seconds * PRICES.gb_second + PRICES.invocation),
            "HTTP API": times * self.api_requests * PRICES.api_request,
            "DynamoDB": times * (self.reads * PRICES.read_unit + self.writes * PRICES.write_unit),
            "KMS": times * self.decryptions * PRICES.decryption,
            "logs": times * self.log_bytes / 1e9 * PRICES.log_gb,
        }


def use_of(answer: Answered, memory_mb: int, *, over_http: bool = False) -> Use:
    """Return what an invocation that answered so has used."""
    seconds = waited(answer.cpu, answer.calls, memory_mb, P50)
    units = [units_of(one.call.operation, one.call.asked) for one in answer.calls if one.call.service == "dynamodb"]
    return Use(
        gb_seconds(seconds, memory_mb),
        sum(reads for reads, _ in units),
        sum(writes for _, writes in units),
        sum(one.call.service == "ssm" for one in answer.calls),
        len(answer.log.encode()) + PLATFORM_LOG_BYTES,
        int(over_http),
    )


def units_of(operation: str, asked: Mapping[str, Any]) -> tuple[float, float]:
    """Return the read and write units of a call of DynamoDB; items of at most 4 KB are read, as all of ours are.

    A write in a transaction counts twice, and each index that holds the item once more (DynamoDB Developer Guide,
    "Read and write operations").
    """
    match operation:
        case "GetItem" | "Query":
            return (1.0 if asked.get("ConsistentRead") else 0.5), 0.0
        case "BatchGetItem":
            keys = [key for one in asked["RequestItems"].values() for key in one["Keys"]]
            return len(keys) * 0.5, 0.0
        case "UpdateItem":
            return 0.0, 1.0
        case "TransactWriteItems":
            return 0.0, 2.0 * sum(_written(next(iter(part.values()))) for part in asked["TransactItems"])
    raise ValueError(f"not priced: {operation}")


def _written(part: Mapping[str, Any]) -> int:
    """Return the kilobytes of one part, times the table and each index that holds it."""
    item = part.get("Item", {})
    size = sum(len(name) + len(json.dumps(value)) for name, value in item.items())
    return max(ceil(size / 1024), 1) * (1 + ("gsi1pk" in item) + ("gsi2pk" in item))


def month_table(bench: Bench) -> list[str]:
    """Return what a month costs in which nobody does anything, with the schedule that keeps two functions warm."""
    beats = MONTH_MINUTES / WARM_EVERY_MINUTES
    rows = [
        ("the sweep, every minute", float(MONTH_MINUTES), use_of(bench.ours("sweep").middle(warm), memory_of("sweep")))
    ]
    for function in ("slack", "provision"):
        # The secrets are kept a little shorter than the schedule's pause, so that each beat reads them again.
        beat = bench.once(bench.stories[bench.packages[0].name][f"warm {function}"])
        use = use_of(replace(beat.warm, calls=beat.cold.calls), memory_of(function))
        rows.append((f"keeping `{function}` warm, every {WARM_EVERY_MINUTES} minutes", beats, use))
    metrics, alarms = len(metrics_in(bench.ours("sweep").runs[0].warm.log)), _alarms()
    watch = metrics * PRICES.metric + alarms * PRICES.alarm
    return [
        *_priced(rows),
        "",
        f"CloudWatch's {alarms} alarms and the {metrics} metrics that the sweep always writes cost ${watch:.2f} more.",
        f"Idle, all of it is ${sum(_sum(use.dollars(times)) for _, times, use in rows) + watch:.2f} a month; "
        f"keeping both functions warm is ${sum(_sum(use.dollars(times)) for _, times, use in rows[1:]):.2f} of it "
        "(`WARM=false` saves that).",
    ]


def onboarding_table(bench: Bench, number: int) -> list[str]:
    """Return what so many onboardings cost, from the invitation to the card, each function warm; and all of it cold."""
    begun = bench.once(bench.stories[bench.packages[0].name]["CREATE_IN_PROGRESS"])
    rows, cold_sum = [], 0.0
    taken = use_of(begun.warm, memory_of("ingest"), over_http=True)
    rows.append((f"{1 + RESOURCE_EVENTS} events that ask nobody (ingest)", (1 + RESOURCE_EVENTS) * number, taken))
    for path, function in MEASURED.items():
        if path in ("/clients", "sweep"):
            continue
        times = number * (2 if path == "Approve" else 1)
        name = "invite and Approve (slack)" if path == "Approve" else f"{path} ({function})"
        http = function in ("ingest", "slack")
        rows.append((name, times, use_of(bench.ours(path).middle(warm), memory_of(function), over_http=http)))
        cold_sum += _sum(use_of(bench.ours(path).middle(cold), memory_of(function), over_http=http).dollars(times))
    cold_sum += _sum(taken.dollars((1 + RESOURCE_EVENTS) * number))
    return [*_priced(rows), "", f"Were each of them answered by a cold container: ${cold_sum:.2f}."]


def _priced(rows: Iterable[tuple[str, float, Use]]) -> list[str]:
    heads = ["what runs", "times", "GB-s each", *PARTS, "sum"]
    cells, sums = [], dict.fromkeys(PARTS, 0.0)
    for name, times, use in rows:
        dollars = use.dollars(times)
        sums = {part: sums[part] + dollars[part] for part in PARTS}
        figures = [f"{dollars[part]:.3f}" for part in PARTS]
        cells.append([name, f"{times:,.0f}", f"{use.gb_seconds:.4f}", *figures, f"{_sum(dollars):.2f}"])
    cells.append(["together", "", "", *(f"{sums[part]:.2f}" for part in PARTS), f"{_sum(sums):.2f}"])
    return table(heads, cells)


def _sum(dollars: Mapping[str, float]) -> float:
    return sum(dollars.values())


def metrics_in(log: str) -> set[str]:
    """Return the metrics that these log lines hold (CloudWatch's embedded metric format)."""
    lines = [json.loads(one) for one in log.splitlines() if '"CloudWatchMetrics"' in one]
    said = [one for line in lines for one in line["_aws"]["CloudWatchMetrics"]]
    return {metric["Name"] for one in said for metric in one["Metrics"]}


def _alarms() -> int:
    return (PROJECT / "deploy" / "cloudformation" / "alarms.yml").read_text().count("AWS::CloudWatch::Alarm")
