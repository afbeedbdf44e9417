"""What the network is said to cost: a stated time for each call, and for each new connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Latency:
    """In seconds. `aws` holds for each service that `services` does not name."""

    aws: float
    slack: float
    connect: float
    services: Mapping[str, float] = field(default_factory=dict)

    def of(self, service: str) -> float:
        """Return how long one call of this service takes."""
        return self.slack if service == "slack" else self.services.get(service, self.aws)


P50 = Latency(aws=0.006, slack=0.180, connect=0.006)
P99 = Latency(aws=0.060, slack=0.900, connect=0.040, services={"dynamodb": 0.025, "ssm": 0.060, "lambda": 0.090})
"""For services that nobody has stated a figure for, as slow as SSM."""
