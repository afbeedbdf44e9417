"""What is billed for what `make bench` saw."""

from __future__ import annotations

from typing import Any

import pytest

from bench.container import Answered
from bench.costs import Use, metrics_in, units_of, use_of
from bench.figures import waited
from bench.latency import P50
from bench.server import Noted
from bench.wire import Call


def test_a_read_costs_half_a_unit_unless_it_must_be_the_newest() -> None:
    assert units_of("GetItem", {}) == (0.5, 0)
    assert units_of("Query", {"ConsistentRead": True}) == (1, 0)
    assert units_of("BatchGetItem", {"RequestItems": {"table": {"Keys": [{}, {}, {}]}}}) == (1.5, 0)


def test_a_write_in_a_transaction_costs_double_and_more_for_each_index_and_kilobyte() -> None:
    listed: dict[str, Any] = {"Put": {"Item": {"pk": {"S": "a"}, "gsi1pk": {"S": "clients"}}}}
    large: dict[str, Any] = {"Put": {"Item": {"pk": {"S": "a" * 1500}}}}
    checked: dict[str, Any] = {"ConditionCheck": {"Key": {}}}
    assert units_of("TransactWriteItems", {"TransactItems": [listed, large, checked]}) == (0, 2 * (2 + 2 + 1))


def test_a_call_without_a_price_is_no_free_call() -> None:
    with pytest.raises(ValueError, match="Scan"):
        units_of("Scan", {})


def test_an_invocation_is_billed_for_its_time_its_calls_and_its_log() -> None:
    calls = [Noted(Call("dynamodb", "GetItem", {}), True, 0.0), Noted(Call("ssm", "GetParameter", {}), True, 0.0)]
    use = use_of(Answered(0.1, 9.9, calls, None, "ten bytes\n"), 512, over_http=True)
    assert use == Use(waited(0.1, calls, 512, P50) / 2, 0.5, 0, 1, 460, 1)


def test_only_metrics_are_metrics() -> None:
    metric = '{"_aws": {"CloudWatchMetrics": [{"Metrics": [{"Name": "OldestUnposted"}]}]}}'
    assert metrics_in(f'{metric}\n{{"message": "a line of the log"}}\n{metric}\n') == {"OldestUnposted"}
