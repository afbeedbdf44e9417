"""Slack on a bad day: make the next calls of a Web API method fail the way Slack's fail.

Rate limits (429 with Retry-After), server errors (500 with a body that is no JSON), answers that get lost after the
work was done, and errors by name (`fatal_error`, `internal_error`, …). Or an outage: every call of every method, and
every answer to a response URL, is turned away with 503 or not answered at all, in turn, until it is over. Or threads
that take no replies, while everything else works.
"""

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import cycle


class Mishap(Enum):
    """What goes wrong with one call."""

    RATE_LIMITED = "rate limited"
    SERVER_ERROR = "server error"
    ANSWER_LOST = "answer lost"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True)
class Fault:
    """One call's misfortune; `retry_after` in seconds, `error` as Slack names it."""

    mishap: Mishap
    retry_after: int = 1
    error: str = ""


RESPONSE_URL = "response_url"  # what answers to response URLs are planned under, beside the methods' names
UPLOAD = "upload"  # and the data of files
REPLY_REFUSALS = (
    "thread_not_found",
    "cannot_reply_to_message",
    "restricted_action_thread_locked",
    "restricted_action_non_threadable_channel",
    "invalid_thread_ts",
)
"""How Slack refuses a reply in a thread that takes none (docs.slack.dev, chat.postMessage, errors)."""
_POSTING = ("chat.postMessage", "chat.postEphemeral")


Rule = Callable[[str], Fault | None]
"""What happens to a call of this method now."""


class Faults:
    """Planned misfortunes per method, used up first in, first out; an outage goes before them and uses none up."""

    def __init__(self) -> None:
        self._outage = False
        self._in_an_outage = cycle([Fault(Mishap.UNAVAILABLE), Fault(Mishap.UNREACHABLE)])
        self._planned: dict[str, deque[Fault]] = defaultdict(deque)
        self._rules: tuple[Rule, ...] = ()
        self._reply_refusals: Iterator[str] | None = None
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

    def always(self, *rules: Rule) -> None:
        """Ask these rules about every call from now on; the first fault counts."""
        self._rules = rules

    def set_outage(self, on: bool) -> None:
        """Begin an outage, or end it."""
        with self._lock:
            self._outage = on

    def refuse_replies(self, *errors: str) -> None:
        """Refuse every reply in a thread with these errors in turn, by default with all that Slack has."""
        with self._lock:
            self._reply_refusals = cycle(errors or REPLY_REFUSALS)

    def accept_replies(self) -> None:
        """Let replies into threads again."""
        with self._lock:
            self._reply_refusals = None

    def clear(self) -> None:
        """Forget everything planned, end an outage, and accept replies."""
        with self._lock:
            self._planned.clear()
            self._outage = False
            self._reply_refusals = None

    def next(self, method: str, arguments: Mapping[str, object] | None = None) -> Fault | None:
        """Return what happens to a call of `method` now, if anything: an outage, or the next that was planned."""
        with self._lock:
            if self._outage:
                return next(self._in_an_outage)
            planned = self._planned[method]
            if planned:
                return planned.popleft()
            if self._reply_refusals and method in _POSTING and (arguments or {}).get("thread_ts"):
                return Fault(Mishap.REFUSED, error=next(self._reply_refusals))
            return next((fault for rule in self._rules if (fault := rule(method))), None)

    def _plan(self, method: str, fault: Fault, times: int) -> None:
        with self._lock:
            self._planned[method].extend([fault] * times)
