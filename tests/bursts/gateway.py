"""Models of what stands before ingest: API Gateway's throttle, and a forwarder that Lambda invokes three times.

Amazon API Gateway Developer Guide, "Throttle requests to your HTTP APIs" (a token bucket: a steady rate and a burst).
AWS Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous invocation" (again after 1 minute,
then after 2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, islice
from random import Random

from messenger import PATIENCE

RATE, BURST = 100, 200
"""Of serverless.yml: requests a second, and how many at once."""
INVOCATION_SECONDS = 900
"""The forwarder's timeout in client-templates."""
LAMBDAS_PAUSES = (60, 120)


@dataclass
class Gateway:
    """The throttle of one HTTP API."""

    rate: float = RATE
    burst: float = BURST
    throttled: int = 0
    _tokens: float = 0
    _at: float = 0

    def lets_in(self, at: float) -> bool:
        """Whether a request at this time (in seconds) is passed on; else it is answered with 429."""
        self._tokens = min(self.burst, self._tokens + (at - self._at) * self.rate)
        self._at = at
        if self._tokens < 1:
            self.throttled += 1
            return False
        self._tokens -= 1
        return True


def last_word(first: float) -> Iterator[float]:
    """When the gate tries its last word again, in seconds: as Messenger.retry does, in one invocation."""
    return islice(accumulate(PATIENCE.pauses, initial=first), 1, None)


def retries(first: float, random: Random) -> Iterator[float]:
    """When a forwarder tries again what was not taken, in seconds: as Messenger.persist does, in three invocations."""
    began = first
    for pause in (*LAMBDAS_PAUSES, None):
        at, (longest, limit) = began, PATIENCE.waits
        while True:
            wait = random.uniform(longest / 2, longest)
            if began + INVOCATION_SECONDS - at < wait + PATIENCE.spare:
                break
            at += wait
            yield at
            longest = min(2 * longest, limit)
        if pause is None:
            return
        began = at + pause
        yield began
