"""Asking Slack something before a deployment: one try, a few seconds at most, the token in no message.

A deployment must work while Slack is down, so "no answer" is told apart from "no". Redirects are not followed: the
token belongs to the configured address alone.
"""

from __future__ import annotations

import json
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any
from urllib.parse import urlencode

CALL_SECONDS = 4.0
"""Longest wait for one answer, name lookup included."""
ALL_SECONDS = 15.0
"""Longest wait for all answers together; then nothing more is asked."""
_LONGEST_ANSWER = 4_000_000
_OK = 200


class SlackSilent(Exception):
    """Slack did not answer: unreachable, too slow, rate-limited, broken. The message says which."""


class SlackRefused(Exception):
    """Slack answered no. `error` is Slack's own word, such as `invalid_auth`."""

    def __init__(self, error: str, needed: str) -> None:
        super().__init__(error)
        self.error = error
        self.needed = needed
        """The scope that is missing, where Slack names it."""


@dataclass(frozen=True)
class Answer:
    """What Slack said: the JSON object, and the scopes the token has (None when the header is missing)."""

    content: Mapping[str, Any]
    scopes: frozenset[str] | None


@dataclass
class Slack:
    """The Web API at `api_url`, asked with one token."""

    api_url: str
    token: str = field(repr=False)
    call_seconds: float = CALL_SECONDS
    all_seconds: float = ALL_SECONDS
    clock: Callable[[], float] = time.monotonic
    _deadline: float | None = None

    def ask(self, method: str, **arguments: str) -> Answer:
        """Return Slack's answer to a call. Raise SlackRefused when it is no, SlackSilent when there is none."""
        if self._deadline is None:
            self._deadline = self.clock() + self.all_seconds
        seconds = min(self.call_seconds, self._deadline - self.clock())
        if seconds <= 0:
            raise SlackSilent(f"Slack took more than {self.all_seconds:.0f} seconds for all questions")
        answer = _within(seconds, lambda: self._send(method, arguments, seconds))
        if answer.content.get("ok") is not True:
            error = self._word(answer.content.get("error")) or "no reason"
            if error in _OUT_OF_ORDER:
                raise SlackSilent(f"Slack is out of order ({error})")
            raise SlackRefused(error, self._word(answer.content.get("needed", "")))
        return answer

    def _word(self, said: Any) -> str:
        """Slack's word as it may be printed: whoever answers there could send anything, the token included."""
        plain = isinstance(said, str) and re.fullmatch(r"[\w:.,-]{0,80}", said, re.ASCII) and self.token not in said
        return said if plain else "an unknown error"

    def _send(self, method: str, arguments: Mapping[str, str], seconds: float) -> Answer:
        form, headers = urlencode(arguments).encode(), {"Authorization": f"Bearer {self.token}"}
        try:
            request = urllib.request.Request(self.api_url + method, form, headers)  # noqa: S310 - its form is checked
            with urllib.request.build_opener(_NoRedirect).open(request, timeout=seconds) as reply:
                status, body, scopes = reply.status, reply.read(_LONGEST_ANSWER), reply.headers.get("x-oauth-scopes")
        except urllib.error.HTTPError as error:
            error.close()
            raise SlackSilent(f"Slack answered with status code {error.code}") from None
        except (OSError, HTTPException, ValueError):
            raise SlackSilent("Slack can't be reached") from None
        if status != _OK:
            raise SlackSilent(f"Slack answered with status code {status}")
        return Answer(_json_object(body), None if scopes is None else _scopes(scopes))


_OUT_OF_ORDER = {
    "fatal_error",
    "internal_error",
    "ratelimited",
    "rate_limited",
    "request_timeout",
    "service_unavailable",
}


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow none: the answer's status code is then an error like any other."""


def _within(seconds: float, call: Callable[[], Answer]) -> Answer:
    """Return what `call` returns, or raise SlackSilent: a socket's timeout covers neither name lookups nor trickles."""
    outcome: list[Answer | Exception] = []

    def run() -> None:
        try:
            outcome.append(call())
        except Exception as error:
            outcome.append(error)

    thread = threading.Thread(target=run, name="asking-slack", daemon=True)
    thread.start()
    thread.join(seconds)
    if not outcome:
        raise SlackSilent(f"Slack did not answer within {seconds:.0f} seconds")
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return outcome[0]


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise SlackSilent("Slack's answer is no JSON") from None
    if not isinstance(content, dict) or "ok" not in content:
        raise SlackSilent("Slack's answer is not one of its Web API")
    return content


def _scopes(header: str) -> frozenset[str]:
    return frozenset(scope.strip() for scope in header.split(",") if scope.strip())
