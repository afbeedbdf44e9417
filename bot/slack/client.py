"""The Web API client. Its failures become `SlackUnavailable`, which never holds a token.

slack_sdk's own errors carry the request with its Authorization header, so they end here. Nothing is retried: after a
lost answer a retry would post twice, and the sweep tries again every minute.
"""

from __future__ import annotations

import logging
import math
import re
import socket
from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPException
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from bot.domain.errors import SlackUnavailable, SwitchyardError

TIMEOUT_SECONDS = 2
"""Of one call: a press may need two, and Slack waits 3 s for its answer."""
UNSAID_SECONDS = 30
"""How long to wait when Slack limits calls without saying for how long."""
MOST_SECONDS = 3600
"""Longest Retry-After to respect; beyond it, ask again."""
_TOO_MANY = {"ratelimited", "rate_limited"}
_TROUBLE = {"fatal_error", "internal_error", "service_unavailable", "request_timeout"}
"""Slack's own faults, after which the call may still have been carried out. An answer without a name is one too."""
log = logging.getLogger(__name__)


class SlackRefused(SlackUnavailable):
    """Slack answered, with an error; `code` is its name (docs.slack.dev, "Errors" of each method)."""

    def __init__(self, message: str, code: str, retry_after: int | None = None, *, down: bool = False) -> None:
        super().__init__(message, retry_after, down=down)
        self.code = code


class _ReadingClient(WebClient):
    """Reads its token, and how long it may wait, when it calls Slack: a request that needs no call reads no token."""

    def __init__(self, read: Callable[[], str], base_url: str, patience: Callable[[], float]) -> None:
        super().__init__(base_url=base_url, retry_handlers=[])
        self._read, self._patience = read, patience

    def api_call(self, api_method: str, **arguments: Any) -> SlackResponse:
        patience: Any = self._patience()  # an int to the SDK, which hands it to urllib
        self.token, self.timeout = self._read(), patience
        return super().api_call(api_method, **arguments)


def web_client(
    token: Callable[[], str],
    base_url: str,
    timeout_seconds: int = TIMEOUT_SECONDS,
    time_left: Callable[[], float] = lambda: math.inf,
) -> WebClient:
    """Return a client that tries once, and waits for no answer longer than so many seconds, nor than time is left."""
    return _ReadingClient(token, base_url, lambda: min(timeout_seconds, time_left()))


def ask(method: Callable[..., SlackResponse], **arguments: Any) -> SlackResponse:
    """Call a method of a WebClient.

    Raise SlackRefused for Slack's no, SlackUnavailable for no answer, and where the token can't be read.
    """
    name = method.__name__.replace("_", ".", 1)
    failure: SlackUnavailable
    try:
        return method(**arguments)
    except SlackApiError as error:
        failure = _refused(name, error)
    except (SlackClientError, OSError, HTTPException, ValueError) as error:  # the last for what is no text
        cause = error.reason if isinstance(error, URLError) else None
        sent = not isinstance(cause, ConnectionRefusedError | socket.gaierror)  # there was no connection to Slack
        failure = SlackUnavailable(f"Slack did not answer {name} ({type(error).__name__}).", sent=sent)
    except SwitchyardError as error:
        failure = SlackUnavailable(f"Slack was not asked for {name}: {error}", sent=False)
    raise failure  # outside the handler, so that the SDK's error does not come along as its context


def _refused(name: str, error: SlackApiError) -> SlackRefused:
    response: Any = error.response
    answer = response.data if isinstance(response.data, dict) else {}
    code = str(answer.get("error", "no name"))[:200]
    details = answer.get("response_metadata") or {}
    log.warning("Slack refused %s: %s %s", name, code, details.get("messages", ""))
    too_many = code in _TOO_MANY or response.status_code == HTTPStatus.TOO_MANY_REQUESTS
    return SlackRefused(
        f"Slack refused {name}: {code}.",
        code,
        _retry_after(response.headers) if too_many else None,
        down=code in _TROUBLE
        or not re.fullmatch(r"[a-z0-9_]+", code)
        or response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR,
    )


def _retry_after(headers: dict[str, str]) -> int:
    found = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    return min(max(int(found), 1), MOST_SECONDS) if re.fullmatch(r"[0-9]{1,9}", found) else UNSAID_SECONDS
