"""Which alarms of deploy/cloudformation/alarms.yml would ring, from what the Lambdas really emit and answer.

Each alarm is judged as CloudWatch does it: its metric's points of one period, by its statistic, against its threshold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import ge, gt
from pathlib import Path
from typing import Any

import yaml

from bot.domain.vocabulary import Measure
from bot.ports import Clock

_PAGE = Path(__file__).parents[2] / "deploy" / "cloudformation" / "alarms.yml"
_STATISTICS: dict[str, Callable[[list[float]], float]] = {"Sum": sum, "Maximum": max}

_OVER: dict[str, Callable[[float, float], bool]] = {"GreaterThanThreshold": gt, "GreaterThanOrEqualToThreshold": ge}


class _Template(yaml.SafeLoader):
    """Reads what is behind CloudFormation's tags as plain text."""


_Template.add_multi_constructor("!", lambda loader, _, node: loader.construct_scalar(node))


def alarms() -> dict[str, dict[str, Any]]:
    """Every alarm's properties, by its name without the stage."""
    resources = yaml.load(_PAGE.read_text(), Loader=_Template)["Resources"].values()
    found = [one["Properties"] for one in resources if one["Type"] == "AWS::CloudWatch::Alarm"]
    return {one["AlarmName"].partition("}-")[2]: one for one in found}


@dataclass
class AlarmBell:
    """Keeps to `ports.Meter`; what AWS itself would count is told by the scene."""

    clock: Clock
    points: dict[tuple[str, str], dict[int, list[float]]] = field(default_factory=lambda: defaultdict(dict))

    def count(self, measure: Measure, kind: str = "") -> None:
        """Counts are for dashboards; no alarm reads them."""

    def seconds(self, measure: Measure, value: float) -> None:
        self.notice(measure.value, "prod", value)

    def percent(self, measure: Measure, value: float, kind: str) -> None:
        self.notice(measure.value, kind, value)

    def notice(self, metric: str, dimension: str, value: float = 1) -> None:
        """One point, now. `dimension`: the word by which the alarm's own dimension names what is measured."""
        period = int(self.clock.now().timestamp()) // 300
        self.points[metric, dimension].setdefault(period, []).append(value)

    def rung(self) -> set[str]:
        """The names of all alarms that have rung so far."""
        return {name for name, alarm in alarms().items() if self._rings(alarm)}

    def _rings(self, alarm: dict[str, Any]) -> bool:
        over = _OVER.get(alarm["ComparisonOperator"])
        if over is None:
            return False
        *_, dimension = alarm["Dimensions"]
        statistic = _STATISTICS[alarm["Statistic"]]
        return any(
            over(statistic(values), alarm["Threshold"])
            for (metric, of), periods in self.points.items()
            if metric == alarm["MetricName"] and _names(dimension, of)
            for values in periods.values()
        )


def _names(dimension: dict[str, str], of: str) -> bool:
    """Whether the alarm's dimension is this function, queue, API or stage."""
    named = dimension["Value"]
    return named == "${sls:stage}" if of == "prod" else named.startswith(of)
