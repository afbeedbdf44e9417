"""Slack on a bad day: make the next calls of a Web API method fail the way Slack's fail.

Rate limits (429 with Retry-After), server errors (500 with a body that is no JSON), answers that get lost after the
work was done, and errors by name (`fatal_error`, `internal_error`, …).
"""

import threading
from collections import defaultdict, deque
from dataclasses import dataclass
from enum import Enum


class Mishap(Enum):
    """What goes wrong with one call."""

    RATE_LIMITED = "rate limited"
    SERVER_ERROR = "server error"
    ANSWER_LOST = "answer lost"
    REFUSED = "refused"


@dataclass(frozen=True)
class Fault:
    """One call's misfortune; `retry_after` in seconds, `error` as Slack names it."""

    mishap: Mishap
    retry_after: int = 1
    error: str = ""


class Faults:
    """Planned misfortunes per method, used up first in, first out."""

    def __init__(self) -> None:
        self._planned: dict[str, deque[Fault]] = defaultdict(deque)
        self._lock = threading.Lock()

    def rate_limit(self, method: str, *, times: int = 1, retry_after: int = 1) -> None:
        """Answer 429 with Retry-After and do nothing."""
        self._plan(method, Fault(Mishap.RATE_LIMITED, retry_after=retry_after), times)

    def fail(self, method: str, *, times: int = 1) -> None:
        """Answer 500 with an HTML body and do nothing."""
        self._plan(method, Fault(Mishap.SERVER_ERROR), times)

    def lose_answer(self, method: str, *, times: int = 1) -> None:
        """Do the work (post the message, say), then drop the connection without an answer."""
        self._plan(method, Fault(Mishap.ANSWER_LOST), times)

    def refuse(self, method: str, error: str, *, times: int = 1) -> None:
        """Answer `{"ok": false, "error": error}` and do nothing."""
        self._plan(method, Fault(Mishap.REFUSED, error=error), times)

    def clear(self) -> None:
        """Forget everything planned."""
        with self._lock:
            self._planned.clear()

    def next(self, method: str) -> Fault | None:
        """Take the next planned fault of `method`, if any."""
        with self._lock:
            planned = self._planned[method]
            return planned.popleft() if planned else None

    def _plan(self, method: str, fault: Fault, times: int) -> None:
        with self._lock:
            self._planned[method].extend([fault] * times)
