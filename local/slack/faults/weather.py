"""Slack as it is on any day: how fast it takes messages, and that a share of all calls fails.

Each rule is asked about every call, for `Faults.always`. Source: docs.slack.dev, "Rate limits" (one message a second to
a channel, 429 with Retry-After beyond that).
"""

import math
import random
import threading

from local.slack.faults.planned import Fault, Mishap, Rule
from local.slack.workspace.memory import Clock

POSTING = "chat.postMessage"


def one_post_a_second(clock: Clock) -> Rule:
    """One message a second, by this clock; what comes sooner is told how long to wait."""
    lock, free_at = threading.Lock(), -math.inf

    def limit(method: str) -> Fault | None:
        nonlocal free_at
        if method != POSTING:
            return None
        with lock:
            now = clock()
            if now < free_at:
                return Fault(Mishap.RATE_LIMITED, retry_after=math.ceil(free_at - now))
            free_at = now + 1
            return None

    return limit


def now_and_then(share: float, seed: int) -> Rule:
    """This share of all calls fails, each in one of the ways that Slack has; the same calls for the same seed."""
    chance, ways = (
        random.Random(seed),  # noqa: S311  a test's dice
        [Fault(Mishap.SERVER_ERROR), Fault(Mishap.ANSWER_LOST), Fault(Mishap.REFUSED, error="fatal_error")],
    )

    def fail(_: str) -> Fault | None:
        return chance.choice(ways) if chance.random() < share else None

    return fail
